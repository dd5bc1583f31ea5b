"""What is sent to a model and what comes back."""

import hashlib
import json
from typing import Literal

from pydantic import Field

from tasks.characters import WholeText
from tasks.model import Constraint, Frozen


class Message(Frozen):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: WholeText


class Decoding(Frozen):
    """How an answer is drawn. Every value is sent explicitly: servers differ in their defaults."""

    max_tokens: int = Field(gt=0)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    stop: tuple[str, ...] = Field(default=(), max_length=4)
    seed: int = 0
    repetition_penalty: float = Field(default=1.0, gt=0)
    """Above 1 discourages repetition; 1.0: not sent to servers that lack it."""


class CompletionRequest(Frozen):
    """One call of a model."""

    messages: tuple[Message, ...]
    decoding: Decoding
    constraint: Constraint | None = None
    labels: tuple[str, ...] = ()
    """Not empty: one token is asked for and the log-probability of each label's first token is returned."""
    sample_index: int = 0
    """Tells repeated draws of the same request apart."""

    def key(self, model: str, revision: str) -> str:
        """The ledger's key: SHA-256 over model, revision, parameters, rendered messages and sample index."""
        content = [model, revision, self.model_dump(mode="json")]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Usage(Frozen):
    """Tokens and calls, as the server counted them."""

    calls: int = 0
    """Requests sent, retries included."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Share of `prompt_tokens` that the server had in its prefix cache."""
    completion_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens


class Completion(Frozen):
    """A model's answer."""

    text: WholeText
    usage: Usage
    finish_reason: Literal["stop", "length", "stop_sequence"] = "stop"
    latency_seconds: float = 0.0
    label_logprobs: dict[str, float] | None = None
    """With `labels` asked: natural-log probability of each label, as comparable numbers (not normalised where the
    server shows only its top tokens; labels it did not show get its lowest shown value minus 1)."""
    constraint_used: Literal["none", "grammar", "schema", "tool", "parsing"] = "none"
    """By what means a constraint was enforced; `parsing`: only by asking and validating afterwards."""
