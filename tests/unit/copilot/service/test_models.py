import pytest

from copilot.errors import ModelConfigError
from copilot.models.connection import ModelConnection
from copilot.service.models import connection_of


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("tgi:http://localhost:8080", "tgi:http://localhost:8080"),
        ("langchain:openai:gpt-4o-mini", "langchain:openai:gpt-4o-mini"),
        ("embedded", "embedded"),
        ("/models/small.gguf", "embedded:/models/small.gguf"),
        ("fake", "fake"),
    ],
)
def test_an_address_is_kept_as_it_is_reached(address: str, reached: str) -> None:
    assert ModelConnection.from_saved(connection_of("mine", address)).address == reached


@pytest.mark.parametrize("address", ["gpt-4", "localhost:8000/v1", "http://", "tgi:", "ftp://host/v1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ModelConfigError):
        connection_of("mine", address)


def test_a_key_is_never_taken_for_the_name_of_a_variable() -> None:
    with pytest.raises(ModelConfigError) as caught:
        connection_of("mine", "http://localhost/v1", key_variable="sk-abc123")
    assert "sk-abc123" not in str(caught.value)


def test_a_wrong_option_is_named() -> None:
    with pytest.raises(ModelConfigError, match="concurrency"):
        connection_of("mine", "http://localhost/v1", options={"concurrency": 0})
