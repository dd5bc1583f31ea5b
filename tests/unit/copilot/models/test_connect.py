import asyncio
import time
from pathlib import Path

import pytest

from copilot.domain.completion import Completion, CompletionRequest, Decoding, Message
from copilot.domain.saved import ModelConnection as SavedConnection
from copilot.errors import ModelConfigError
from copilot.models.connect import connect
from copilot.models.connection import ModelConnection, Prices
from copilot.models.embedded import EmbeddedModel
from copilot.models.fake import FakeModel
from copilot.models.langchain import LangChainModel
from copilot.models.limits import LimitedModel
from copilot.models.openai_compatible import OpenAICompatibleModel
from copilot.models.tgi import TgiModel

REQUEST = CompletionRequest(messages=(Message(role="user", content="a b c"),), decoding=Decoding(max_tokens=4))


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("fake", FakeModel, "fake"),
        ("embedded", EmbeddedModel, "embedded"),
        ("http://host/v1", OpenAICompatibleModel, "http://host/v1"),
        ("http://host/v1/#big", OpenAICompatibleModel, "http://host/v1#big"),
        ("tgi:http://host:8080", TgiModel, "tgi:http://host:8080"),
        ("langchain:openai:gpt-x", LangChainModel, "langchain:openai:gpt-x"),
    ],
)
async def test_an_address_finds_its_adapter(address: str, kind: type, name: str, tmp_path: Path) -> None:
    model = connect(address, home=tmp_path)
    assert isinstance(model.inner, kind)
    assert model.name == name
    await model.aclose()


def test_other_weights_are_named_by_their_path(tmp_path: Path) -> None:
    weights = tmp_path / "my.gguf"
    weights.write_bytes(b"GGUF....")
    assert connect(str(weights), home=tmp_path).name == f"embedded:{weights}"
    assert connect(f"embedded:{weights}", home=tmp_path).name == f"embedded:{weights}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("gpt-4", "No model is called 'gpt-4'; possible are 'embedded'"),
        ("", "No model is called"),
        ("tgi:host", "No model is called 'tgi:host'"),
        ("http://host:8080", "does not end in /v1.*tgi:http://host:8080"),
        ("http://me:pw@host/v1", "Take the key out of the model's URL"),
        ("missing.gguf", "missing.gguf' cannot be read: No such file"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(address: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelConfigError, match=words) as caught:
        connect(address, home=tmp_path)
    assert "pw" not in str(caught.value)


def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_text("hello")
    with pytest.raises(ModelConfigError, match="no model weights"):
        connect(str(tmp_path / "x.gguf"), home=tmp_path)


async def test_an_unknown_provider_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelConfigError, match="LangChain cannot open the model 'nobody:x'"):
        await connect("langchain:nobody:x", home=tmp_path).prepare()


def test_a_missing_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ModelConfigError, match=r"'MY_KEY'.*is empty"):
        connect(ModelConnection(address="http://host/v1", key_variable="MY_KEY"), home=tmp_path)


def test_a_key_of_another_service_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert ModelConnection(address="http://host/v1").read_key() is None
    assert ModelConnection(address="https://api.openai.com/v1").read_key() == "secret"


def test_saved_connections_are_known_by_name(tmp_path: Path) -> None:
    saved = SavedConnection(name="big", kind="tgi", url="http://host", options={"concurrency": 3})
    model = connect("big", home=tmp_path, known={"big": ModelConnection.from_saved(saved)})
    assert (model.name, model.concurrency) == ("tgi:http://host", 3)


def test_a_wrong_option_of_a_saved_connection_is_named() -> None:
    saved = SavedConnection(name="big", kind="fake", options={"concurency": 3})
    with pytest.raises(ModelConfigError, match="'big' has a wrong option 'concurency'"):
        ModelConnection.from_saved(saved)


class Crowd(FakeModel):
    """Notes how many are inside at once."""

    inside = most = 0

    async def complete(self, request: CompletionRequest) -> Completion:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.001)
        self.inside -= 1
        return await super().complete(request)


async def test_no_more_at_once_than_allowed() -> None:
    crowd = Crowd()
    model = LimitedModel(crowd, concurrency=3)
    await asyncio.gather(*(model.complete(REQUEST) for _ in range(12)))
    assert crowd.most == 3


async def test_requests_per_minute() -> None:
    model = LimitedModel(FakeModel(), requests_per_minute=1200)
    started = time.perf_counter()
    await asyncio.gather(*(model.complete(REQUEST) for _ in range(4)))
    assert time.perf_counter() - started >= 0.15


def test_prices() -> None:
    prices = Prices(prompt=2.0, cached=0.5, completion=8.0)
    assert prices.cost(prompt_tokens=1_000_000, cached_tokens=500_000, completion_tokens=100_000) == pytest.approx(2.05)
