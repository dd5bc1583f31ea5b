"""How a model server is reached and what it may be asked: the part of a connection that users set."""

from pydantic import Field

from tasks.model import Frozen


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
    timeout: float = Field(default=120.0, gt=0)
    """Seconds to wait for an answer."""
    prices: Prices | None = None
    """None: costs nothing."""
    prompt_format: str | None = None
    """TGI only: `chat` (the server's own template), `alfred-0723` or `alfred-1023`."""
