"""Turns the exceptions of HTTP clients and provider libraries into `copilot.errors`, in one place.

Classes are recognised by name along their inheritance, so that no provider library is imported to say that it failed;
a test walks every error class of those libraries and checks that it is mapped. Anything else is a programming error
and passes through.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from copilot.errors import (
    ContextOverflow,
    ModelAuthFailed,
    ModelConfigError,
    ModelError,
    ModelNotFound,
    ModelOverloaded,
    ModelRejected,
    ModelServerFault,
    ModelUnreachable,
)

DETAIL_LENGTH = 300
OVERFLOW = re.compile(
    r"exceed\w*[_ -]context|context[_ -](length|size|window)|maximum context|too many tokens|prompt is too long"
    r"|`inputs` must have less than|`inputs` tokens \+ `max_new_tokens`|input is too long",
    re.IGNORECASE,
)

TIMEOUT = "did not answer in time; check that it is running, or raise the connection's timeout"
UNREACHED = "cannot be reached; check the URL and that the server is running"
BROKEN_OFF = "closed the connection before the answer was complete"
BROKEN = "sent an answer that cannot be read; check that the URL leads to a model server"

BY_NAME: dict[str, tuple[type[ModelError], str] | int] = {
    # httpx, from the particular to the general
    "httpx.TimeoutException": (ModelUnreachable, f"{{server}} {TIMEOUT}."),
    "httpx.DecodingError": (ModelServerFault, f"{{server}} {BROKEN}."),
    "httpx.TooManyRedirects": (ModelNotFound, "{server} redirects in a circle; check the URL."),
    "httpx.RemoteProtocolError": (ModelUnreachable, f"{{server}} {BROKEN_OFF}."),
    "httpx.ReadError": (ModelUnreachable, f"{{server}} {BROKEN_OFF}."),
    "httpx.WriteError": (ModelUnreachable, f"{{server}} {BROKEN_OFF}."),
    "httpx.UnsupportedProtocol": (ModelNotFound, "{server} has a URL that does not start with http:// or https://."),
    "httpx.InvalidURL": (ModelNotFound, "{server} has a URL that cannot be right."),
    "httpx.CookieConflict": (ModelServerFault, f"{{server}} {BROKEN}."),
    "httpx.StreamError": (ModelUnreachable, "{server} broke off its answer."),
    "httpx.HTTPError": (ModelUnreachable, f"{{server}} {UNREACHED}."),
    # openai
    "openai.APITimeoutError": (ModelUnreachable, f"{{server}} {TIMEOUT}."),
    "openai.APIConnectionError": (ModelUnreachable, f"{{server}} {UNREACHED}."),
    "openai.LengthFinishReasonError": (
        ModelRejected,
        "{server} stopped before its answer was complete; raise the output length.",
    ),
    "openai.ContentFilterFinishReasonError": (ModelRejected, "{server} withheld its answer by its content filter."),
    "openai.OpenAIError": (ModelServerFault, f"{{server}} {BROKEN}."),
    # huggingface_hub
    "huggingface_hub.errors.InferenceTimeoutError": (ModelUnreachable, f"{{server}} {TIMEOUT}."),
    "huggingface_hub.errors.OverloadedError": 429,
    "huggingface_hub.errors.ValidationError": 422,
    "huggingface_hub.errors.GenerationError": 424,
    "huggingface_hub.errors.TextGenerationError": 500,
    "huggingface_hub.errors.InferenceEndpointError": (ModelServerFault, "{server} failed."),
    "huggingface_hub.errors.HfHubHTTPError": (ModelServerFault, f"{{server}} {BROKEN}."),
    # the standard library
    "json.decoder.JSONDecodeError": (ModelServerFault, f"{{server}} {BROKEN}."),
    "builtins.TimeoutError": (ModelUnreachable, f"{{server}} {TIMEOUT}."),
    "builtins.ConnectionResetError": (ModelUnreachable, f"{{server}} {BROKEN_OFF}."),
    "builtins.ConnectionAbortedError": (ModelUnreachable, f"{{server}} {BROKEN_OFF}."),
    "builtins.BrokenPipeError": (ModelUnreachable, f"{{server}} {BROKEN_OFF}."),
    "builtins.ConnectionError": (ModelUnreachable, f"{{server}} {UNREACHED}."),
    "socket.gaierror": (ModelUnreachable, f"{{server}} {UNREACHED}."),
}
"""Error classes that carry no HTTP status: what they become and the sentence with a place for the server's name, or
the status that they stand for (TGI reports errors inside a stream, under status 200)."""


def from_status(status: int, detail: str, *, server: str, retry_after: float | None = None) -> ModelError:
    """Return the error for an HTTP status; `detail` is the server's own text."""
    said = f": {tidy(detail)}" if detail.strip() else "."
    if status in {400, 413, 422} and OVERFLOW.search(detail):
        return ContextOverflow(
            f"The prompt and the answer do not fit into the context of {server}; shorten the document, show fewer "
            f"demonstrations or allow a shorter answer{said}"
        )
    if status in {401, 403}:
        return ModelAuthFailed(f"{server} refused the key ({status}); set the right key in the environment{said}")
    if status == 404:
        return ModelNotFound(f"{server} has no such address or model (404); check the URL and the model's name{said}")
    if status in {429, 503, 529}:
        return ModelOverloaded(f"{server} is at its limit ({status}); it is asked again{said}", retry_after=retry_after)
    if status in {408, 504}:
        return ModelUnreachable(f"{server} {TIMEOUT} ({status}){said}", retry_after=retry_after)
    if status == 424 or status >= 500:
        return ModelServerFault(f"{server} failed ({status}); see its log{said}", retry_after=retry_after)
    return ModelRejected(f"{server} refused the request ({status}){said}")


def translate(error: Exception, *, server: str, secret: str | None = None) -> ModelError | None:
    """Return the `ModelError` that stands for a client's exception, or None for a programming error.

    Args:
        error: what the client library raised.
        server: the server's name for the user, without credentials.
        secret: the key; wherever the server repeats it, it is blotted out.
    """
    if isinstance(error, ModelError):
        return error
    status, detail, retry_after = _http_answer(error)
    if secret:
        detail = detail.replace(secret, "***")
    if status is not None and status >= 300:
        return from_status(status, detail, server=server, retry_after=retry_after)
    for name in _names(error):
        if name in BY_NAME:
            meaning = BY_NAME[name]
            if isinstance(meaning, int):
                return from_status(meaning, str(error), server=server)
            kind, sentence = meaning
            return kind(sentence.replace("{server}", server))
    return None


@contextmanager
def translated(*, server: str, secret: str | None = None) -> Iterator[None]:
    """Raise `ModelError` in place of the exceptions of client libraries."""
    try:
        yield
    except Exception as error:
        found = translate(error, server=server, secret=secret)
        if found is None or found is error:
            raise
        raise found from error


def tidy(text: str) -> str:
    """Return a server's text on one line, cut to a length fit for a message, ending with a full stop."""
    line = " ".join(text.split())
    line = line[:DETAIL_LENGTH] + "..." if len(line) > DETAIL_LENGTH else line
    return line if line.endswith((".", "!", "?")) else line + "."


def detail_of(body: str) -> str:
    """Return the message inside an error body: OpenAI's, TGI's and FastAPI's JSON shapes, or plain text."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "" if body.lstrip().startswith("<") else body
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and key in found:
            found = found[key]
            if key == "error" and isinstance(found, dict):
                found = found.get("message", found)
            return found if isinstance(found, str) else json.dumps(found)
    return body


def url_without_secrets(url: str) -> str:
    """Return the URL as it was given.

    Raises:
        ModelConfigError: it carries a user name, a password or a key.
    """
    authority = url.split("://", 1)[-1].split("/", 1)[0]
    if "@" in authority or re.search(r"[?&](api[_-]?)?(key|token)=", url, re.IGNORECASE):
        raise ModelConfigError("Take the key out of the model's URL and name an environment variable that holds it.")
    return url


def _http_answer(error: Exception) -> tuple[int | None, str, float | None]:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(error, "status_code", None)
    if not isinstance(status, int):
        return None, "", None
    return status, _body(error, response), _retry_after(getattr(response, "headers", None) or {})


def _body(error: Exception, response: object) -> str:
    try:
        return detail_of(str(getattr(response, "text", "") or ""))
    except Exception:  # a streamed body that nobody has read: httpx raises a class of its own
        return detail_of(str(error))


def _retry_after(headers: object) -> float | None:
    """Seconds from the headers `retry-after-ms` and `retry-after` (seconds or an HTTP date)."""
    get = getattr(headers, "get", lambda _name: None)
    milliseconds, value = get("retry-after-ms"), get("retry-after")
    try:
        if milliseconds:
            return max(0.0, float(milliseconds) / 1000)
        if value:
            return max(0.0, float(value))
    except ValueError:
        pass  # not a number: a date
    if not value:
        return None
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _names(error: BaseException) -> Iterator[str]:
    """Names of the classes of the error and its causes, under the packages that export them.

    The innermost cause comes first: a client's "connection error" stands for the transport's more telling one.
    """
    if error.__cause__ is not None:
        yield from _names(error.__cause__)
    for cls in type(error).__mro__:
        package = cls.__module__.split(".")[0]
        yield f"{cls.__module__}.{cls.__qualname__}"
        if package in {"httpx", "httpx2", "openai"}:  # httpx2 goes on with httpx and its error classes
            yield f"{package.removesuffix('2')}.{cls.__qualname__}"
