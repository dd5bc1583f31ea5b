"""A model that needs no server: scripted, or drawn from a seed. For demos, tests and measuring our own overhead."""

import hashlib
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from copilot.domain.completion import Completion, CompletionRequest, Usage
from copilot.errors import ModelError, ModelRejected
from copilot.models import constraints
from copilot.models.base import OnText
from copilot.models.constraints import Means
from tasks.model import ChoiceConstraint, Constraint, SchemaConstraint

Script = Callable[[CompletionRequest], str] | Mapping[str, str]


class FakeModel:
    """Answers at once and always the same.

    Args:
        script: a function from request to answer, or answers by the content of the last message (an unknown one is
            refused); None: words of the last message, drawn by seed, in the form that the constraint asks for.
        seed: what the drawn answers and label probabilities depend on.
        failures: per request, in the order they arrive, an error to raise or None; after its end all requests succeed.
        name: what the user calls it.
        context_length: tokens (here: words) of prompt and answer together.
        shows_labels: False answers like a server without log-probabilities.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        seed: int = 0,
        failures: Iterable[ModelError | None] = (),
        name: str = "fake",
        context_length: int | None = None,
        shows_labels: bool = True,
    ) -> None:
        self._shows_labels = shows_labels
        self._script = script
        self._seed = seed
        self._failures: Iterator[ModelError | None] = iter(failures)
        self._name = name
        self._context_length = context_length

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self._name

    @property
    def revision(self) -> str:
        """The seed, and whether answers are scripted."""
        return f"fake-{self._seed}" if self._script is None else f"fake-scripted-{self._seed}"

    @property
    def context_length(self) -> int | None:
        """Words of prompt and answer together."""
        return self._context_length

    async def prepare(self) -> None:
        """Nothing to connect to."""

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """Each label is one token of its own."""
        return {label: label for label in labels}

    async def tokenize(self, text: str) -> list[tuple[int, str]] | None:
        """Each word is a token, with the blanks before it."""
        words = re.findall(r"\s*\S+|\s+$", text)
        return [(int.from_bytes(hashlib.blake2b(word.encode(), digest_size=3).digest()), word) for word in words]

    async def complete(self, request: CompletionRequest) -> Completion:
        """Answer one request.

        Raises:
            ModelError: the next of the failures, or a last message that the script does not hold.
        """
        started = time.perf_counter()
        if (failure := next(self._failures, None)) is not None:
            raise failure
        if request.constraint is not None:
            constraints.check(request.constraint)
        text = self._answer(request)
        logprobs = self._label_logprobs(request, text) if request.labels and self._shows_labels else None
        if logprobs and self._script is None:
            text = max(logprobs, key=lambda label: logprobs[label])
        words = text.split()
        cut = not request.labels and len(words) > request.decoding.max_tokens
        return Completion(
            text=" ".join(words[: request.decoding.max_tokens]) if cut else text,
            usage=Usage(
                calls=1,
                prompt_tokens=sum(len(message.content.split()) for message in request.messages),
                completion_tokens=min(len(words), 1 if request.labels else request.decoding.max_tokens),
            ),
            finish_reason="length" if cut else "stop",
            latency_seconds=time.perf_counter() - started,
            label_logprobs=logprobs,
            constraint_used=_means(request.constraint, text),
        )

    async def stream(self, request: CompletionRequest, on_text: OnText) -> Completion:
        """As `complete`, telling of the text word by word.

        Raises:
            ModelError: as `complete`.
        """
        completion = await self.complete(request)
        for word in re.finditer(r"\S+", completion.text):
            on_text(completion.text[: word.end()])
        return completion

    async def aclose(self) -> None:
        """Nothing to release."""

    def _answer(self, request: CompletionRequest) -> str:
        last = request.messages[-1].content
        if self._script is None:
            return self._drawn(request)
        if isinstance(self._script, Mapping):
            if last not in self._script:
                raise ModelRejected(f"The fake model's script has no answer to: {last[:80]!r}.")
            return self._script[last]
        return self._script(request)

    def _drawn(self, request: CompletionRequest) -> str:
        number = self._number(request, "")
        constraint = request.constraint
        if isinstance(constraint, ChoiceConstraint):
            return constraint.choices[number % len(constraint.choices)]
        words = request.messages[-1].content.split() or ["nothing"]
        length = min(12, len(words))
        start = number % (len(words) - length + 1)
        drawn = " ".join(words[start : start + length])
        if isinstance(constraint, SchemaConstraint):
            return json.dumps(_instance(constraint.json_schema, drawn), ensure_ascii=False)
        return drawn

    def _label_logprobs(self, request: CompletionRequest, text: str) -> dict[str, float]:
        logits = {label: (self._number(request, label) % 1000) / 500 for label in request.labels}
        if self._script is not None and text in logits:
            logits[text] += 4
        total = math.log(sum(math.exp(value) for value in logits.values()))
        return {label: value - total for label, value in logits.items()}

    def _number(self, request: CompletionRequest, salt: str) -> int:
        parts = [str(self._seed), str(request.decoding.seed), str(request.sample_index), salt]
        parts += [message.content for message in request.messages]
        return int.from_bytes(hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest())


def _means(constraint: Constraint | None, text: str) -> Means:
    if constraint is None:
        return "none"
    return "grammar" if constraints.satisfied(constraint, text) else "parsing"


def _instance(schema: Mapping[str, object], text: str) -> object:
    """Return a small value of the schema, for the keywords that output contracts use."""
    if isinstance(choices := schema.get("enum"), list) and choices:
        return choices[0]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties")
        found = properties if isinstance(properties, dict) else {}
        return {key: _instance(value, text) for key, value in found.items()}
    if kind == "array":
        items = schema.get("items")
        return [_instance(items if isinstance(items, dict) else {}, word) for word in text.split()[:3]]
    return {"number": 0.5, "integer": 1, "boolean": True, "null": None}.get(str(kind), text)
