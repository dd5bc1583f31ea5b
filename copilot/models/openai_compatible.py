"""Any server with OpenAI's chat API: llama.cpp, vLLM, SGLang, cloud services. Never TGI, whose dialect differs.

One call of `complete` is one generating request: the client's own retries are off. Every parameter is sent, because
servers differ in their defaults; what a server is not known to understand is not sent.
"""

import re
import time
from collections.abc import Mapping
from typing import Any, Literal

import httpx2
import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from copilot.domain.completion import Completion, CompletionRequest
from copilot.errors import (
    ConstraintRejected,
    ModelConfigError,
    ModelError,
    ModelNotFound,
    ModelRejected,
    ModelServerFault,
)
from copilot.models import answers, constraints, labels, llamacpp, steps
from copilot.models.base import OnText
from copilot.models.connection import ModelConnection
from copilot.models.errors import BROKEN, translated, url_without_secrets
from copilot.models.llamacpp import LlamaCpp
from tasks.model import ChoiceConstraint, Constraint

Dialect = Literal["llama.cpp", "vllm", "ollama", "plain"]
CONNECT_SECONDS = 10.0
REUSE_BRIEFLY = httpx2.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=2.0)
"""Many servers close an idle connection after five seconds; a request sent at that moment is lost."""
REUSE_NOTHING = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
"""llama.cpp closes some connections after a streamed answer without saying so beforehand."""
WITHOUT_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}
"""Models that can think aloud do so unless they are told not to; their thoughts would use up an answer's tokens, and a
label's probability would be that of a first thought. Chat formats without the switch do not read it."""
WITHOUT_EFFORT = {"reasoning_effort": "none"}
"""The same for Ollama, which knows no other switch at this address."""
DISPENSABLE = {
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "chat_template_kwargs": "chat_template",
    "reasoning_effort": "thinking",
}
"""Parameters that some models refuse, with the word that a refusal names; without one the question is the same."""
_UNSUPPORTED = re.compile(r"unsupported|not support|isn't supported|not allowed|unrecognized|unknown", re.IGNORECASE)
NO_KEY = "none"
"""Sent where there is no key, so that the client never takes one of another service from the environment."""


class OpenAICompatibleModel:
    """One model on one server.

    Args:
        connection: address (ending in /v1), model id, key variable, timeout.
        key: the key itself, for servers started by us; else it is read from the connection's variable.
        label: what the user calls the server; None: its address.
        local: our own server on the loopback interface: answers are streamed, no proxy is asked.
    """

    def __init__(
        self, connection: ModelConnection, *, key: str | None = None, label: str | None = None, local: bool = False
    ) -> None:
        self._base, _, fragment = url_without_secrets(connection.address.rstrip("/")).partition("#")
        self._base = self._base.rstrip("/")
        self._wanted = connection.model or fragment or None
        self._label = label
        self._stream = local
        self._key = key or connection.read_key()
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(connection.timeout, connect=CONNECT_SECONDS),
            limits=REUSE_NOTHING if local else REUSE_BRIEFLY,
            headers={"authorization": f"Bearer {self._key}"} if self._key else {},
            trust_env=not local,
        )
        self._client = openai.AsyncOpenAI(
            base_url=self._base, api_key=self._key or NO_KEY, max_retries=0, http_client=self._http
        )
        # The client reads these from the environment; they belong to one service and are no other server's business.
        self._client.organization = self._client.project = None
        self._llamacpp = LlamaCpp(self._http, root=self._base.removesuffix("/v1"), server=self.name)
        self._dialect: Dialect = "plain"
        self._model = self._wanted or ""
        self._details = ""
        self._context_length: int | None = None
        self._limit_name = "max_tokens"
        self._refused: set[str] = set()
        self._steps = steps.Steps()
        self._prepared = False

    @property
    def name(self) -> str:
        """The address, with the model's id where one was chosen."""
        if self._label:
            return self._label
        return f"{self._base}#{self._wanted}" if self._wanted else self._base

    @property
    def revision(self) -> str:
        """The served model's id and what the server says of its weights."""
        return f"{self._model}{self._details}"

    @property
    def context_length(self) -> int | None:
        """Tokens of prompt and answer together, where the server says it."""
        return self._context_length

    @property
    def slots(self) -> int | None:
        """Requests that the server answers at once, where it says it."""
        return self._llamacpp.slots if self._dialect == "llama.cpp" else None

    async def prepare(self) -> None:
        """Learn the model's id and the server's dialect by GET requests that generate nothing.

        Raises:
            ModelError: the server cannot be used.
            ModelConfigError: it has several models and none was chosen.
        """
        if self._prepared:
            return
        served = await self._served()
        entry = self._choose(served)
        self._model = str(entry.get("id") or self._wanted)
        owner = str(entry.get("owned_by", "")).lower()
        if owner in {"vllm", "sglang"}:
            self._dialect = "vllm"
        elif await self._llamacpp.detect():
            self._dialect = "llama.cpp"
            self._context_length = self._llamacpp.context_length
        elif await self._is_ollama():
            self._dialect = "ollama"
        if isinstance(length := entry.get("max_model_len"), int):
            self._context_length = length
        if isinstance(meta := entry.get("meta"), dict):
            self._details = f" {meta.get('n_params')} {meta.get('size')} {meta.get('ftype')}"
        self._prepared = True

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """Return each label's first token where the server tells it, without a generating request.

        Raises:
            ModelRejected: two labels begin with the same token.
        """
        await self.prepare()
        if self._dialect != "llama.cpp":
            return None
        return {name: piece for name, (_id, piece) in (await self._llamacpp.first_tokens(labels)).items()}

    async def tokenize(self, text: str) -> list[tuple[int, str]] | None:
        """Return id and text of each token, without a generating request; None: the server does not tell."""
        await self.prepare()
        return await self._llamacpp.tokenize(text) if self._dialect == "llama.cpp" else None

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one generating request.

        Raises:
            ModelError: translated from the client's errors.
        """
        await self.prepare()
        if request.labels:
            return await self._score_labels(request)
        if request.constraint is None:
            answer, seconds = await self._ask(self._parameters(request))
            return answers.completion(answer, seconds)
        return await self._constrained(request, request.constraint)

    async def stream(self, request: CompletionRequest, on_text: OnText) -> Completion:
        """As `complete` for a request without labels and constraint, telling of the text as it arrives.

        Raises:
            ModelError: translated from the client's errors.
        """
        await self.prepare()
        answer, seconds = await self._ask(self._parameters(request), on_text)
        return answers.completion(answer, seconds)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _constrained(self, request: CompletionRequest, constraint: Constraint) -> Completion:
        constraints.check(constraint)
        if self._dialect == "llama.cpp":
            means = self._steps.current(constraint, llamacpp.LADDERS[constraint.type])
            options = llamacpp.constraint_options(constraint, means)
        else:
            means = self._steps.current(constraint, ("schema", "tool", "parsing"))
            options = steps.openai_options(constraint, means)
        try:
            answer, seconds = await self._ask(self._parameters(request) | options)
        except ModelRejected as error:
            if not self._steps.rejected(constraint, means, error):
                raise
            raise ConstraintRejected(f"{self.name} does not take a constraint by {means}; asking without.") from error
        return self._steps.validated(constraint, means, answers.completion(answer, seconds))

    async def _score_labels(self, request: CompletionRequest) -> Completion:
        """One token with its alternatives; where a server shows none, a choice between the labels."""
        if self._dialect == "llama.cpp":
            tokens = await self._llamacpp.first_tokens(request.labels)
            answer, seconds = await self._ask(self._parameters(request, max_tokens=1) | llamacpp.label_options(tokens))
            if alternatives := answers.alternatives(answer):
                return labels.labelled(answers.completion(answer, seconds), llamacpp.read_labels(alternatives, tokens))
            raise ModelRejected(f"{self.name} shows no token probabilities; choose a prompt that answers in text.")
        if not self._steps.logprobs:
            return await self._constrained(request, ChoiceConstraint(choices=request.labels))
        wish = {"temperature": 1.0, "top_p": 1.0, "logprobs": True, "top_logprobs": 20}
        try:
            answer, seconds = await self._ask(self._parameters(request, max_tokens=1) | wish)
        except ModelRejected as error:
            if "logprob" not in str(error):
                raise
            self._steps.logprobs = False
            raise ConstraintRejected(f"{self.name} refuses to show token probabilities; asking without.") from error
        shown = [(entry["token"], entry["logprob"]) for entry in answers.alternatives(answer)]
        if not shown:
            self._steps.logprobs = False
            spent = answers.completion(answer, seconds).usage
            raise ConstraintRejected(
                f"{self.name} shows no token probabilities; asking for a choice of labels.",
                prompt_tokens=spent.prompt_tokens,
                completion_tokens=spent.completion_tokens,
            )
        found = labels.match_by_text(request.labels, shown)
        return (
            labels.labelled(answers.completion(answer, seconds), found)
            if found
            else answers.completion(answer, seconds)
        )

    def _parameters(self, request: CompletionRequest, max_tokens: int | None = None) -> dict[str, Any]:
        decoding = request.decoding
        found: dict[str, Any] = {
            "model": self._model,
            "messages": [message.model_dump() for message in request.messages],
            self._limit_name: max_tokens or decoding.max_tokens,
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "seed": decoding.seed + request.sample_index,
        }
        if decoding.stop:
            found["stop"] = list(decoding.stop)
        if self._dialect == "llama.cpp":
            return found | WITHOUT_THINKING | llamacpp.sampling(request)
        if self._dialect == "vllm":
            sampling = {"top_k": -1, "min_p": 0.0, "repetition_penalty": decoding.repetition_penalty}
            return found | WITHOUT_THINKING | sampling
        if self._dialect == "ollama":
            found |= WITHOUT_EFFORT
        if decoding.repetition_penalty != 1:
            raise ModelRejected(f"{self.name} has no repetition penalty; leave it at 1.")
        return found

    async def _ask(self, body: dict[str, Any], on_text: OnText | None = None) -> tuple[ChatCompletion, float]:
        started = time.perf_counter()
        body = {name: value for name, value in body.items() if name not in self._refused}
        try:
            with translated(server=self.name, secret=self._key):
                answer = await self._post(body, on_text)
        except ModelRejected as error:
            if "max_tokens" in body and "max_completion_tokens" in str(error):
                self._limit_name = "max_completion_tokens"
                raise ConstraintRejected(f"{self.name} calls the output length otherwise; asking again.") from error
            if refused := _dispensable(str(error), body):
                self._refused.add(refused)
                raise ConstraintRejected(f"{self.name} does not take '{refused}'; asking without.") from error
            raise
        if not isinstance(answer, ChatCompletion) or not getattr(answer, "choices", None):
            raise ModelServerFault(f"{self.name} {BROKEN}.")
        return answer, time.perf_counter() - started

    async def _post(self, body: dict[str, Any], on_text: OnText | None) -> object:
        if not self._stream and on_text is None:
            return await self._client.post("/chat/completions", cast_to=ChatCompletion, body=body | {"stream": False})
        stream = await self._client.post(
            "/chat/completions",
            cast_to=ChatCompletionChunk,
            body=body | {"stream": True, "stream_options": {"include_usage": True}},
            stream=True,
            stream_cls=openai.AsyncStream[ChatCompletionChunk],
        )
        chunks: list[ChatCompletionChunk] = []
        text = ""
        async with stream:
            async for chunk in stream:
                chunks.append(chunk)
                said = "".join(choice.delta.content or "" for choice in chunk.choices)
                if on_text and said:
                    on_text(text := text + said)
        return answers.assembled(chunks)

    async def _is_ollama(self) -> bool:
        try:
            answer = await self._http.get(f"{self._base.removesuffix('/v1')}/api/version")
            return answer.status_code == 200 and "version" in answer.json()
        except (httpx2.HTTPError, ValueError, TypeError):
            return False

    async def _served(self) -> list[dict[str, Any]]:
        try:
            with translated(server=self.name, secret=self._key):
                answer = await self._http.get(f"{self._base}/models")
                answer.raise_for_status()
                found = answer.json()
        except ModelNotFound:
            if self._wanted is None:
                raise
            return []  # gateways without a list of models take the id on trust
        entries = found.get("data") if isinstance(found, dict) else None
        if not isinstance(entries, list):
            raise _unreadable(self.name)
        return [entry for entry in entries if isinstance(entry, dict)]

    def _choose(self, served: list[dict[str, Any]]) -> dict[str, Any]:
        if self._wanted:
            return next((entry for entry in served if entry.get("id") == self._wanted), {"id": self._wanted})
        if len(served) == 1:
            return served[0]
        names = ", ".join(str(entry.get("id")) for entry in served[:8])
        if not served:
            raise ModelConfigError(f"{self.name} serves no model; load one there, or check the URL.")
        raise ModelConfigError(f"{self.name} serves several models; add one to the URL after a '#': {names}.")


def _dispensable(told: str, body: Mapping[str, object]) -> str | None:
    """Return the parameter that a server says it does not support, if the request can do without it."""
    if not _UNSUPPORTED.search(told):
        return None
    return next((name for name, word in DISPENSABLE.items() if name in body and word in told), None)


def _unreadable(server: str) -> ModelError:
    return ModelNotFound(f"{server} does not answer like an OpenAI-compatible server; its URL usually ends in /v1.")
