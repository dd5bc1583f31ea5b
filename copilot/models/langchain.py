"""Any chat model of LangChain: an object, or a name that `init_chat_model` knows, such as `openai:gpt-4.1-mini`.

The provider's package is the user's to install. A model made from its name is opened without retries of its own; an
object given by a developer keeps the retries that it was made with.
"""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from copilot.domain.completion import Completion, CompletionRequest, Usage
from copilot.errors import ConstraintRejected, ModelConfigError, ModelError, ModelRejected, ModelServerFault
from copilot.models import constraints, labels
from copilot.models.constraints import Means
from copilot.models.errors import tidy, translate
from copilot.models.steps import Steps
from copilot.settings import ANSWER_SECONDS
from tasks.model import ChoiceConstraint, Constraint

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

FIELDS = {
    "max_tokens": ("max_tokens", "max_output_tokens", "num_predict", "max_new_tokens"),
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "seed": ("seed", "random_seed"),
}
"""What providers call the decoding parameters; one that a model has no field for stays as the model was made."""
CUT = {"length", "max_tokens", "MAX_TOKENS"}
PROGRAMMING = (TypeError, AttributeError, KeyError, IndexError, AssertionError, NameError)


class LangChainModel:
    """A LangChain chat model behind our interface.

    Args:
        model: a `BaseChatModel`, or `provider:model`.
        key: handed to the provider when the model is made from its name; None: it looks into its own variable.
        timeout: seconds to wait for an answer, when the model is made from its name.
    """

    def __init__(
        self, model: "BaseChatModel | str", *, key: str | None = None, timeout: float = ANSWER_SECONDS
    ) -> None:
        self._chat: BaseChatModel | None = None if isinstance(model, str) else model
        self._name = f"langchain:{model if isinstance(model, str) else _model_id(model)}"
        self._key = key
        self._timeout = timeout
        self._steps = Steps()

    @property
    def name(self) -> str:
        """`langchain:` and the model's name."""
        return self._name

    @property
    def revision(self) -> str:
        """The model's id and the class that speaks to it."""
        return f"{_model_id(self._chat)} {type(self._chat).__name__}" if self._chat else self._name

    @property
    def context_length(self) -> int | None:
        """Tokens of the prompt, where LangChain knows them."""
        profile = getattr(self._chat, "profile", None)
        return profile.get("max_input_tokens") if isinstance(profile, dict) else None

    async def prepare(self) -> None:
        """Load the provider's package; nothing is sent.

        Raises:
            ModelConfigError: the name or the package is unknown, or the key is missing.
        """
        self._ready()

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """LangChain does not show tokens."""
        return None

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one request.

        Raises:
            ModelError: translated from the provider's error.
        """
        if request.decoding.repetition_penalty != 1:
            raise ModelRejected(f"{self.name} has no repetition penalty; leave it at 1.")
        chat = _with_decoding(self._ready(), request)
        if request.labels:
            if "top_logprobs" in type(chat).model_fields and self._steps.logprobs:
                return await self._score_labels(chat, request)
            return await self._constrained(chat, request, ChoiceConstraint(choices=request.labels))
        if request.constraint is not None:
            return await self._constrained(chat, request, request.constraint)
        answer, seconds = await self._ask(chat, request)
        return _completion(answer, seconds)

    async def aclose(self) -> None:
        """LangChain closes its connections itself."""

    def _ready(self) -> "BaseChatModel":
        if self._chat is None:
            self._chat = _load(self._name.removeprefix("langchain:"), self._key, self._timeout)
        return self._chat

    async def _score_labels(self, chat: "BaseChatModel", request: CompletionRequest) -> Completion:
        update = {"max_tokens": 1, "temperature": 1.0, "top_p": 1.0, "logprobs": True, "top_logprobs": 20}
        answer, seconds = await self._ask(chat.model_copy(update=update), request)
        content = (answer.response_metadata.get("logprobs") or {}).get("content") or []
        if not content:
            self._steps.logprobs = False
            raise ConstraintRejected(f"{self.name} shows no token probabilities; asking for a choice of labels.")
        shown = [(entry["token"], entry["logprob"]) for entry in content[0]["top_logprobs"]]
        completion = _completion(answer, seconds)
        found = labels.match_by_text(request.labels, shown)
        return labels.labelled(completion, found) if found else completion

    async def _constrained(self, chat: "BaseChatModel", request: CompletionRequest, kept: Constraint) -> Completion:
        constraints.check(kept)
        while True:
            means = self._steps.current(kept, ("schema", "tool", "parsing"))
            try:
                asked = _bound(chat, kept, means)
                break
            except (NotImplementedError, ValueError, TypeError):  # the class has no such means: nothing was sent
                self._steps.lacks(kept, means)
        try:
            answer, seconds = await self._ask(asked, request)
        except ModelRejected as error:
            if not self._steps.rejected(kept, means, error):
                raise
            raise ConstraintRejected(f"{self.name} does not take a constraint by {means}; asking without.") from error
        return self._steps.validated(kept, means, _completion(answer, seconds))

    async def _ask(self, chat: "Runnable[Any, Any]", request: CompletionRequest) -> "tuple[AIMessage, float]":
        messages = [(message.role, message.content) for message in request.messages]
        stop: dict[str, Any] = {"stop": list(request.decoding.stop)} if request.decoding.stop else {}
        started = time.perf_counter()
        try:
            answer = await chat.ainvoke(messages, **stop)
        except PROGRAMMING:
            raise
        except Exception as error:  # providers raise classes of their own, each its own
            raise self._said(error) from error
        raw: AIMessage = answer["raw"] if isinstance(answer, Mapping) else answer
        return raw, time.perf_counter() - started

    def _said(self, error: Exception) -> ModelError:
        if found := translate(error, server=self.name, secret=self._key):
            return found
        text = str(error).replace(self._key, "***") if self._key else str(error)
        return ModelServerFault(f"{self.name} failed: {tidy(text or type(error).__name__)}")


def _load(name: str, key: str | None, timeout: float) -> "BaseChatModel":
    from langchain.chat_models import init_chat_model
    from langchain_core.language_models import BaseChatModel

    options: dict[str, Any] = {"timeout": timeout, "max_retries": 0}
    if key:
        options["api_key"] = key
    try:
        chat = init_chat_model(name, **options)
    except Exception as error:  # unknown provider, package not installed, missing key: each has a class of its own
        said = tidy(str(error).split("\n")[0])
        raise ModelConfigError(f"LangChain cannot open the model '{name}': {said}") from error
    if not isinstance(chat, BaseChatModel):
        raise ModelConfigError(f"LangChain's '{name}' is not one chat model; name provider and model.")
    return chat


def _with_decoding(chat: "BaseChatModel", request: CompletionRequest) -> "BaseChatModel":
    decoding = request.decoding
    values = {
        "max_tokens": decoding.max_tokens,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "seed": decoding.seed + request.sample_index,
    }
    known = type(chat).model_fields
    update = {
        field: values[name] for name, fields in FIELDS.items() if (field := next((f for f in fields if f in known), ""))
    }
    return chat.model_copy(update=update)


def _bound(chat: "BaseChatModel", constraint: Constraint, means: Means) -> "Runnable[Any, Any]":
    schema = {"title": "answer", "description": "The answer.", **constraints.as_schema(constraint)}
    if means == "schema":
        return chat.with_structured_output(schema, method="json_schema", include_raw=True)
    return chat.bind_tools([schema], tool_choice="any") if means == "tool" else chat


def _completion(answer: "AIMessage", seconds: float) -> Completion:
    text = json.dumps(answer.tool_calls[0]["args"], ensure_ascii=False) if answer.tool_calls else str(answer.text)
    usage = answer.usage_metadata
    reason = answer.response_metadata.get("finish_reason") or answer.response_metadata.get("stop_reason")
    details = usage.get("input_token_details") if usage else None
    return Completion(
        text=text,
        usage=Usage(
            calls=1,
            prompt_tokens=usage["input_tokens"] if usage else 0,
            cached_tokens=(details.get("cache_read") or 0) if details else 0,
            completion_tokens=usage["output_tokens"] if usage else 0,
        ),
        finish_reason="length" if reason in CUT else "stop",
        latency_seconds=seconds,
    )


def _model_id(chat: object) -> str:
    found = getattr(chat, "model_name", None) or getattr(chat, "model", None)
    return found if isinstance(found, str) else type(chat).__name__
