"""Requests in TGI's dialect: read, checked with TGI's own messages, turned into ours."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.models.alfred import parse
from tasks.model import ChoiceConstraint, Constraint, RegexConstraint, SchemaConstraint

MAX_STOPS = 4
MAX_TOP_TOKENS = 5
DEFAULT_TOKENS = 1024


class TgiError(Exception):
    """An error as TGI tells it."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class Grammar(_Body):
    """A constraint; TGI's chat knows one more name for JSON than its native endpoint."""

    type: Literal["json", "json_object", "json_schema", "regex"]
    value: JsonValue


class Parameters(_Body):
    """`parameters` of `/generate`; those that TGI has and this lacks (top_k, truncate ...) have no effect."""

    adapter_id: str | None = None
    best_of: int | None = None
    decoder_input_details: bool = False
    details: bool = False
    do_sample: bool = False
    grammar: Grammar | None = None
    max_new_tokens: int | None = None
    repetition_penalty: float | None = None
    return_full_text: bool | None = None
    seed: int | None = None
    stop: list[str] = Field(default_factory=list)
    temperature: float | None = None
    top_n_tokens: int | None = None
    top_p: float | None = None

    def checked(self, *, stream: bool) -> None:
        """Refuse what TGI refuses.

        Raises:
            TgiError: 422, with TGI's message.
        """
        rules = (
            (self.best_of not in {None, 1}, f"`best_of` must be > 0 and <= 1. Given: {self.best_of}"),
            (not _within(self.temperature, 0), "`temperature` must be strictly positive"),
            (not _within(self.repetition_penalty, 0), "`repetition_penalty` must be strictly positive"),
            (not _within(self.top_p, 0, 1), "`top_p` must be > 0.0 and < 1.0"),
            (not _within(self.max_new_tokens, 0), "`max_new_tokens` must be strictly positive"),
            (len(self.stop) > MAX_STOPS, f"`stop` supports up to {MAX_STOPS} stop sequences. Given: {len(self.stop)}"),
            (
                (self.top_n_tokens or 0) > MAX_TOP_TOKENS,
                f"`top_n_tokens` must be >= 0 and <= {MAX_TOP_TOKENS}. Given: {self.top_n_tokens}",
            ),
            (
                stream and self.decoder_input_details,
                "`decoder_input_details` == true is not supported when streaming tokens",
            ),
        )
        for broken, message in rules:
            if broken:
                raise invalid(message)


class GenerateBody(_Body):
    """Body of `/generate`, `/generate_stream` and `/`."""

    inputs: str
    parameters: Parameters = Field(default_factory=Parameters)
    stream: bool = False

    def request(self) -> CompletionRequest:
        """Return our request. A text in one of the Alfred formats is taken apart, any other is one user message.

        Raises:
            TgiError: 422.
        """
        if not self.inputs:
            raise invalid("`inputs` cannot be empty")
        given = self.parameters
        messages, frame = parse(self.inputs)
        grammar = constraint_of(given.grammar)
        return _request(
            messages,
            Decoding(
                max_tokens=given.max_new_tokens or DEFAULT_TOKENS,
                temperature=(given.temperature or 1.0) if given.do_sample or given.temperature else 0.0,
                top_p=given.top_p or 1.0,
                stop=tuple(stop for stop in given.stop if frame is None or stop != frame.stop),
                seed=given.seed or 0,
                repetition_penalty=given.repetition_penalty or 1.0,
            ),
            grammar,
            scored=bool(given.top_n_tokens) and given.max_new_tokens == 1,
        )


class ChatMessage(_Body):
    """One chat message; its content is a text or parts of text."""

    role: Literal["system", "user", "assistant"]
    content: str | list[dict[str, str]]

    def message(self) -> Message:
        """Return our message."""
        content = self.content
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        return Message(role=self.role, content=text)


class StreamOptions(_Body):
    """Whether the last chunk of a stream carries the usage."""

    include_usage: bool = False


class ChatBody(_Body):
    """Body of `/v1/chat/completions`; `n`, `logit_bias` and an unknown `model` have no effect, as on TGI."""

    messages: list[ChatMessage]
    model: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: list[str] | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    response_format: Grammar | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    presence_penalty: float | None = None
    tools: list[JsonValue] | None = None

    def request(self) -> CompletionRequest:
        """Return our request.

        Raises:
            TgiError: 422.
        """
        if self.tools:
            raise TgiError(422, "tool_error", "Tool error: Tools are not supported")
        if not self.messages:
            raise TgiError(422, "template_error", "Template error: `messages` cannot be empty")
        sampled = self.temperature is None or self.temperature > 0
        penalty = 1.0 if self.presence_penalty is None else self.presence_penalty + 2.0
        Parameters(
            top_p=self.top_p,
            stop=self.stop or [],
            max_new_tokens=self.max_tokens,
            repetition_penalty=penalty,
            top_n_tokens=self.top_logprobs,
        ).checked(stream=False)
        decoding = Decoding(
            max_tokens=self.max_tokens or DEFAULT_TOKENS,
            temperature=(1.0 if self.temperature is None else self.temperature) if sampled else 0.0,
            top_p=self.top_p or 1.0,
            stop=tuple(self.stop or ()),
            seed=self.seed or 0,
            repetition_penalty=penalty,
        )
        scored = bool(self.logprobs and self.top_logprobs and self.max_tokens == 1)
        messages = tuple(message.message() for message in self.messages)
        return _request(messages, decoding, constraint_of(self.response_format), scored=scored)


def invalid(message: str) -> TgiError:
    """Return TGI's validation error."""
    return TgiError(422, "validation", f"Input validation error: {message}")


def constraint_of(grammar: Grammar | None) -> Constraint | None:
    """Return our constraint; a regex of plain alternatives is a choice.

    Raises:
        TgiError: 422, with TGI's messages.
    """
    if grammar is None:
        return None
    if grammar.type != "regex":
        if not isinstance(grammar.value, dict) or "properties" not in grammar.value:
            raise invalid("grammar is not valid: Grammar must have a 'properties' field")
        return SchemaConstraint(json_schema=grammar.value)
    pattern = str(grammar.value)
    try:
        re.compile(pattern)
    except re.error as error:
        raise invalid(f"grammar is not valid: {error}") from error
    choices = _alternatives(pattern)
    return ChoiceConstraint(choices=choices) if choices else RegexConstraint(pattern=pattern)


def _request(
    messages: tuple[Message, ...], decoding: Decoding, constraint: Constraint | None, *, scored: bool
) -> CompletionRequest:
    if scored and isinstance(constraint, ChoiceConstraint):
        return CompletionRequest(messages=messages, decoding=decoding, labels=constraint.choices)
    return CompletionRequest(messages=messages, decoding=decoding, constraint=constraint)


def _alternatives(pattern: str) -> tuple[str, ...]:
    """Return the texts of `(one|two)`; empty where anything in it is more than a letter or an escaped mark."""
    if not re.fullmatch(r"\s*\((?:[^\\.^$*+?{}\[\]()]|\\[^A-Za-z0-9])+\)", pattern):
        return ()
    return tuple(re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)\|", pattern.strip()[1:-1]))


def _within(value: float | None, low: float, high: float = float("inf")) -> bool:
    return value is None or low < value < high
