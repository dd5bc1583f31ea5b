"""Hugging Face text-generation-inference (TGI): its own dialect of chat, and native `/generate_stream`.

Where it differs from OpenAI's API: `response_format` holds its schema under `value`; `temperature` 0 is refused by the
native endpoint, `top_p` 1 by both; a chat without a temperature samples at 1.0; a model other than `tgi` is a LoRA
adapter and an unknown one silently the base; the stop text is part of the output; errors in a stream come under
status 200.
"""

import time
from collections.abc import Sequence
from typing import Any

import httpx2
from huggingface_hub import AsyncInferenceClient

from copilot.domain.completion import Completion, CompletionRequest, Usage
from copilot.errors import ConstraintRejected, ModelConfigError, ModelRejected, ModelServerFault
from copilot.models import constraints
from copilot.models.alfred import FORMATS
from copilot.models.connection import ModelConnection
from copilot.models.constraints import Means
from copilot.models.errors import BROKEN, translated, url_without_secrets
from copilot.models.labels import labelled, match_by_text, require_distinct
from copilot.models.steps import Steps
from tasks.model import ChoiceConstraint, Constraint, SchemaConstraint

CONNECT_SECONDS = 10.0
NO_KEY = "none"
"""Sent where there is no key, so that the client never takes the user's Hugging Face token for another server."""
BASE_MODEL = "tgi"
MAX_STOPS = 4
MAX_SHOWN = 5
"""Alternatives that a server shows unless it was started with a higher `--max-top-n-tokens`."""
MAX_SLOTS = 16


class TgiModel:
    """One TGI server.

    Args:
        connection: the server's address, LoRA adapter (`model`), key variable, timeout and prompt format.
    """

    def __init__(self, connection: ModelConnection) -> None:
        self._root = url_without_secrets(connection.address.removeprefix("tgi:").rstrip("/")).removesuffix("/v1")
        self._adapter = connection.model
        name = connection.prompt_format or "chat"
        if name != "chat" and name not in FORMATS:
            known = ", ".join(("chat", *FORMATS))
            raise ModelConfigError(f"TGI's prompt format '{name}' is not known; possible are {known}.")
        self._format = FORMATS.get(name)
        self._format_name = name
        self._key = connection.read_key()
        self._client = AsyncInferenceClient(
            base_url=self._root, api_key=self._key or NO_KEY, timeout=connection.timeout
        )
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(connection.timeout, connect=CONNECT_SECONDS),
            headers={"authorization": f"Bearer {self._key}"} if self._key else {},
        )
        self._info: dict[str, Any] = {}
        self._steps = Steps()

    @property
    def name(self) -> str:
        """`tgi:` and the address, with adapter and prompt format where set."""
        adapter = f"#{self._adapter}" if self._adapter else ""
        return f"tgi:{self._root}{adapter}" + (f" ({self._format_name})" if self._format else "")

    @property
    def revision(self) -> str:
        """The served model's id and commit, and the adapter."""
        parts = [self._info.get("model_id"), self._info.get("model_sha"), self._adapter]
        return " ".join(str(part) for part in parts if part)

    @property
    def context_length(self) -> int | None:
        """Tokens of prompt and answer together."""
        length = self._info.get("max_total_tokens")
        return length if isinstance(length, int) else None

    @property
    def slots(self) -> int | None:
        """Requests worth sending at once."""
        limit = self._info.get("max_concurrent_requests")
        return min(MAX_SLOTS, limit) if isinstance(limit, int) else None

    async def prepare(self) -> None:
        """Read `/info`, which generates nothing.

        Raises:
            ModelError: the server cannot be used.
        """
        if self._info:
            return
        with translated(server=self.name, secret=self._key):
            answer = await self._http.get(f"{self._root}/info")
            answer.raise_for_status()
            found = answer.json()
        if not isinstance(found, dict) or "model_id" not in found:
            raise ModelServerFault(
                f"{self.name} does not answer like a text-generation-inference server; check the URL."
            )
        self._info = found

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """Return each label's first token, without a generating request.

        Raises:
            ModelRejected: two labels begin with the same token.
        """
        found = {label: await self._first_token(label) for label in labels}
        if any(token is None for token in found.values()):
            return None
        known = {label: token for label, token in found.items() if token is not None}
        require_distinct(known)
        return known

    async def complete(self, request: CompletionRequest) -> Completion:
        """Send one generating request.

        Raises:
            ModelError: translated from the client's errors.
        """
        await self.prepare()
        if request.labels:
            return await self._score_labels(request)
        if request.constraint is None:
            return await self._send(request, None)
        constraint = request.constraint
        constraints.check(constraint)
        strongest: Means = "schema" if isinstance(constraint, SchemaConstraint) else "grammar"
        means = self._steps.current(constraint, (strongest, "parsing"))
        try:
            completion = await self._send(request, None if means == "parsing" else constraint)
        except ModelRejected as error:
            if not self._steps.rejected(constraint, means, error):
                raise
            raise ConstraintRejected(f"{self.name} does not take a constraint by {means}; asking without.") from error
        return self._steps.validated(constraint, means, completion)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        async with self._client:  # leaving the block is the client's typed way to close
            pass

    async def _score_labels(self, request: CompletionRequest) -> Completion:
        """One token under a grammar of the labels: what is shown is then the labels' own tokens."""
        one = request.decoding.model_copy(update={"max_tokens": 1, "temperature": 0.0, "top_p": 1.0, "stop": ()})
        asked = request.model_copy(update={"decoding": one})
        choice = ChoiceConstraint(choices=request.labels)
        means = self._steps.current(choice, ("grammar", "parsing"))
        try:
            completion = await self._send(asked, choice if means == "grammar" else None, shown=MAX_SHOWN)
        except ModelRejected as error:
            if not self._steps.rejected(choice, means, error):
                raise
            raise ConstraintRejected(f"{self.name} does not take a constraint by {means}; asking without.") from error
        found = match_by_text(request.labels, list((completion.label_logprobs or {}).items()))
        if found is None:
            return completion.model_copy(update={"label_logprobs": None})
        return labelled(completion, found)

    async def _send(self, request: CompletionRequest, constraint: Constraint | None, shown: int = 0) -> Completion:
        """Ask once; with `shown`, `label_logprobs` holds the alternatives of the first token by their text."""
        started = time.perf_counter()
        with translated(server=self.name, secret=self._key):
            answer = await (self._generate if self._format else self._chat)(request, constraint, shown)
        return answer.model_copy(update={"latency_seconds": time.perf_counter() - started})

    async def _chat(self, request: CompletionRequest, constraint: Constraint | None, shown: int) -> Completion:
        decoding = request.decoding
        body: dict[str, Any] = {"model": self._adapter or BASE_MODEL}
        if constraint:
            body["response_format"] = _grammar(constraint, "")
        if shown:
            body |= {"logprobs": True, "top_logprobs": shown}
        if decoding.top_p < 1:
            body["top_p"] = decoding.top_p
        if decoding.repetition_penalty != 1:
            body["presence_penalty"] = decoding.repetition_penalty - 2.0  # TGI adds 2.0 and penalises repetition by it
        answer = await self._client.chat_completion(
            [message.model_dump() for message in request.messages],
            max_tokens=decoding.max_tokens,
            temperature=decoding.temperature,
            seed=decoding.seed + request.sample_index,
            stop=list(decoding.stop) or None,
            extra_body=body,
        )
        choice = answer.choices[0]
        content = choice.logprobs.content if choice.logprobs else []
        top = [(entry.token, entry.logprob) for entry in content[0].top_logprobs] if content else []
        return Completion(
            text=without_stop(choice.message.content or "", decoding.stop),
            usage=Usage(
                calls=1, prompt_tokens=answer.usage.prompt_tokens, completion_tokens=answer.usage.completion_tokens
            ),
            finish_reason=_reason(choice.finish_reason),
            label_logprobs=dict(top) or None,
        )

    async def _generate(self, request: CompletionRequest, constraint: Constraint | None, shown: int) -> Completion:
        """The native endpoint, streamed: only there the prompt's tokens are counted, and a cancelled request ends."""
        assert self._format is not None
        decoding = request.decoding
        stops = tuple(dict.fromkeys((*decoding.stop, self._format.stop)))
        if len(stops) > MAX_STOPS:
            raise ModelRejected(
                f"{self.name} takes {MAX_STOPS} stop texts and '{self._format.stop}' is one of them; use at most "
                f"{MAX_STOPS - 1} of your own."
            )
        stream = await self._client.text_generation(
            self._format.render(request.messages),
            model=f"{self._root}/generate_stream",
            details=True,
            stream=True,
            return_full_text=False,
            adapter_id=self._adapter,
            max_new_tokens=decoding.max_tokens,
            do_sample=decoding.temperature > 0,
            temperature=decoding.temperature or None,
            top_p=decoding.top_p if decoding.top_p < 1 else None,
            repetition_penalty=decoding.repetition_penalty,
            seed=decoding.seed + request.sample_index,
            stop=list(stops),
            grammar=_grammar(constraint, self._format.lead) if constraint else None,
            top_n_tokens=shown or None,
        )
        top: dict[str, float] = {}
        async for event in stream:
            if not top and event.top_tokens:
                top = {token.text: token.logprob for token in event.top_tokens}
            if event.generated_text is not None and event.details is not None:
                return Completion(
                    text=without_stop(event.generated_text, stops).strip(),
                    usage=Usage(
                        calls=1,
                        prompt_tokens=event.details.input_length,
                        completion_tokens=event.details.generated_tokens,
                    ),
                    finish_reason=_reason(event.details.finish_reason),
                    label_logprobs=top or None,
                )
        raise ModelServerFault(f"{self.name} {BROKEN}.")

    async def _first_token(self, text: str) -> str | None:
        with translated(server=self.name, secret=self._key):
            body = {"inputs": text, "add_special_tokens": False}
            answer = await self._http.post(f"{self._root}/tokenize", json=body)
            answer.raise_for_status()
            tokens = answer.json()
        return next((str(token["text"]) for token in tokens if token["stop"] > token["start"]), None)


def without_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text without a stop text at its end, which TGI leaves in."""
    ending = next((stop for stop in stops if stop and text.endswith(stop)), "")
    return text.removesuffix(ending)


def _grammar(constraint: Constraint, lead: str) -> Any:
    if isinstance(constraint, SchemaConstraint):
        return {"type": "json", "value": constraint.json_schema}
    return {"type": "regex", "value": lead + constraints.as_regex(constraint)}


def _reason(reason: str | None) -> Any:
    return {"length": "length", "stop_sequence": "stop_sequence"}.get(reason or "", "stop")
