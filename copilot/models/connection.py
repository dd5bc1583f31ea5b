"""How a model server is reached and what it may be asked: the part of a connection that users set."""

import os
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from copilot.domain.saved import ModelConnection as SavedConnection
from copilot.errors import ModelConfigError
from copilot.settings import ANSWER_SECONDS
from tasks.model import Frozen

DEFAULT_KEYS = {"api.openai.com": "OPENAI_API_KEY"}
"""Environment variables that users already have for a host; elsewhere the connection names one."""


class Prices(Frozen):
    """Money per million tokens; cached prompt tokens often cost less."""

    currency: str = "USD"
    prompt: float = Field(default=0.0, ge=0)
    cached: float | None = Field(default=None, ge=0)
    """None: as `prompt`."""
    completion: float = Field(default=0.0, ge=0)

    def cost(self, *, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
        """Return the price of so many tokens, in `currency`; `cached_tokens` are part of `prompt_tokens`."""
        cached = self.prompt if self.cached is None else self.cached
        fresh = prompt_tokens - cached_tokens
        return (fresh * self.prompt + cached_tokens * cached + completion_tokens * self.completion) / 1e6


class ModelConnection(Frozen):
    """One model server with its limits."""

    address: str
    """`embedded`, `fake`, a path ending in .gguf, `http(s)://.../v1`, `tgi:http(s)://...` or `langchain:...`."""
    model: str | None = None
    """The model's id on a server that has several; None: the only one."""
    key_variable: str | None = None
    """Name of the environment variable that holds the key; the key itself is stored nowhere."""
    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at once; None: what the server says it can take, else 4."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=ANSWER_SECONDS, gt=0)
    """Seconds to wait for an answer."""
    prices: Prices | None = None
    """None: costs nothing."""
    prompt_format: str | None = None
    """TGI only: `chat` (the server's own template), `alfred-0723` or `alfred-1023`."""

    @classmethod
    def from_saved(cls, saved: SavedConnection) -> "ModelConnection":
        """Return the connection that a user has saved under a name.

        Raises:
            ModelConfigError: one of its options is unknown or out of range.
        """
        address = {
            "embedded": f"embedded:{saved.model}" if saved.model else "embedded",
            "tgi": f"tgi:{saved.url}",
            "openai": saved.url,
            "langchain": f"langchain:{saved.model}",
            "fake": "fake",
        }[saved.kind]
        model = saved.model if saved.kind in {"tgi", "openai"} else ""
        fields = {"address": address, "model": model or None, "key_variable": saved.key_variable or None}
        try:
            return cls.model_validate({**saved.options, **fields})
        except ValidationError as error:
            first = error.errors()[0]
            option = ".".join(str(part) for part in first["loc"])
            raise ModelConfigError(
                f"The model connection '{saved.name}' has a wrong option '{option}': {first['msg']}."
            ) from error

    def read_key(self) -> str | None:
        """Return the key from the environment; None: the server needs none.

        Raises:
            ModelConfigError: the variable that is to hold it is empty.
        """
        if self.key_variable is None:
            return os.environ.get(DEFAULT_KEYS.get(urlsplit(self.address).hostname or "", ""))
        if not (key := os.environ.get(self.key_variable)):
            raise ModelConfigError(
                f"The environment variable '{self.key_variable}' with the key for '{self.address}' is empty; set it."
            )
        return key
