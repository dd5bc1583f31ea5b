"""Every error class of the client libraries becomes one of ours; programming errors pass through."""

import inspect
import socket
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import httpx2
import huggingface_hub.errors
import openai
import pytest

from copilot.errors import ModelConfigError, ModelError, ModelOverloaded
from copilot.models.errors import BY_NAME, detail_of, from_status, tidy, translate, translated, url_without_secrets

HUB_MODEL_ERRORS = (
    huggingface_hub.errors.InferenceTimeoutError,
    huggingface_hub.errors.InferenceEndpointError,
    huggingface_hub.errors.TextGenerationError,
    huggingface_hub.errors.HfHubHTTPError,
)


def error_classes() -> Iterator[type[Exception]]:
    libraries: tuple[tuple[ModuleType, tuple[type[Exception], ...]], ...] = (
        (openai, (openai.OpenAIError,)),
        (httpx2, (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)),
        (httpx, (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)),
        (huggingface_hub.errors, HUB_MODEL_ERRORS),
    )
    for module, roots in libraries:
        for _name, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, roots):
                yield found


def bare(cls: type[Exception]) -> Exception:
    """An instance without running constructors, which all differ."""
    error = cls.__new__(cls)
    error.args = ("something",)
    return error


@pytest.mark.parametrize("cls", sorted(set(error_classes()), key=repr))
def test_every_client_error_is_mapped(cls: type[Exception]) -> None:
    found = translate(bare(cls), server="the server")
    assert isinstance(found, ModelError)
    assert str(found).startswith(("the server ", "The prompt"))
    assert str(found).endswith(".")


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), socket.gaierror(), BrokenPipeError()])
def test_errors_of_the_operating_system_are_mapped(error: Exception) -> None:
    assert isinstance(translate(error, server="s"), ModelError)


@pytest.mark.parametrize("error", [TypeError("x"), KeyError("x"), AttributeError("x"), ZeroDivisionError()])
def test_programming_errors_pass_through(error: Exception) -> None:
    assert translate(error, server="s") is None
    with pytest.raises(type(error)), translated(server="s"):
        raise error


def test_every_name_in_the_table_exists() -> None:
    modules: dict[str, Any] = {"httpx": httpx2, "openai": openai, "huggingface_hub": huggingface_hub.errors}
    for name in BY_NAME:
        package, cls = name.split(".")[0], name.split(".")[-1]
        if package in modules:
            assert hasattr(modules[package], cls), name


@pytest.mark.parametrize("status", [*range(300, 430), *range(500, 530)])
def test_every_status_has_a_sentence(status: int) -> None:
    error = from_status(status, "", server="s")
    assert str(error).endswith(".")
    assert str(status) in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    request = httpx2.Request("POST", "http://x")
    response = httpx2.Response(429, headers=headers, request=request, text="slow")
    error = translate(httpx2.HTTPStatusError("x", request=request, response=response), server="s")
    assert isinstance(error, ModelOverloaded)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ('{"error": {"message": "no"}}', "no"),
        ('{"error": "no", "error_type": "validation"}', "no"),
        ('{"detail": "no"}', "no"),
        ('{"detail": [{"loc": ["a"]}]}', '[{"loc": ["a"]}]'),
        ("plain words", "plain words"),
        ("<html>big page</html>", ""),
        ("", ""),
        pytest.param("[" * 50_000, "[" * 50_000, id="brackets only"),
    ],
)
def test_the_servers_own_words_are_found(body: str, detail: str) -> None:
    assert detail_of(body) == detail


def test_long_words_of_servers_are_cut_and_put_on_one_line() -> None:
    assert tidy("a\n b") == "a b."
    assert len(tidy("x" * 1000)) < 310


@pytest.mark.parametrize("url", ["http://me:secret@host/v1", "http://host/v1?api_key=secret"])
def test_a_url_with_a_secret_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ModelConfigError) as caught:
        url_without_secrets(url)
    assert "secret" not in str(caught.value)
