"""A prompt as it is scored, saved, exported and sent: the same bytes in all four places."""

import hashlib
import re
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.similarity import distinct, most_similar
from copilot.errors import TemplateError
from tasks.characters import WholeText
from tasks.model import Frozen, OutputContract, TaskKind

SLOT = re.compile(r"\{\{\s*([A-Za-z_][\w ]*?)\s*\}\}")
SCHEMA_VERSION = 1
MOST_BANKED = 40
"""Examples that a template carries to choose from."""
BANK_CHARACTERS = 60_000
"""Characters of their inputs and outputs together: a template stays a file that people open."""


class Demonstration(Frozen):
    """A worked example shown before the item."""

    inputs: dict[WholeText, WholeText]
    output: WholeText
    """The answer exactly as the assistant's message shows it."""
    example_id: str = ""


class Retrieval(Frozen):
    """Chooses demonstrations anew for every input: those of a frozen bank whose inputs are most like it.

    A bank example that repeats the input is never shown to it: a row does not demonstrate itself.
    Source: BM25 retrieval of in-context examples (arXiv 2112.08633, arXiv 2101.06804).
    """

    count: int = Field(ge=1)
    """Demonstrations shown with every input."""
    bank: tuple[Demonstration, ...] = Field(max_length=MOST_BANKED)
    """More different examples than `count`, so that leaving a repetition out leaves enough."""

    @model_validator(mode="after")
    def _has_a_choice(self) -> "Retrieval":
        if any(shown.inputs.keys() != self.bank[0].inputs.keys() for shown in self.bank):
            raise ValueError("all examples of the bank must have the same inputs")
        if distinct(self._texts) <= self.count:
            raise ValueError(f"the bank must hold more than {self.count} different examples, the number shown")
        size = sum(len(shown.output) + sum(map(len, shown.inputs.values())) for shown in self.bank)
        if size > BANK_CHARACTERS:
            raise ValueError(f"the bank has {size} characters; at most {BANK_CHARACTERS} are allowed")
        return self

    def choose(self, inputs: dict[str, str]) -> tuple[Demonstration, ...]:
        """Return the demonstrations for one input, the most similar last, next to the item."""
        query = "\n".join(inputs.get(name, "") for name in self.bank[0].inputs)
        best = most_similar(query, self._texts)[: self.count]
        return tuple(self.bank[position] for position in reversed(best))

    @property
    def _texts(self) -> tuple[str, ...]:
        names = self.bank[0].inputs if self.bank else ()
        return tuple("\n".join(shown.inputs[name] for name in names) for shown in self.bank)


class DecisionLayer(Frozen):
    """Turns the log-probabilities of the labels into calibrated probabilities: softmax(weights @ logp + biases).

    Sources: contextual calibration (arXiv 2102.09690), batch calibration (arXiv 2309.17249).
    """

    method: Literal["none", "prior", "logistic"]
    labels: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]
    """L x L, rows in the order of `labels`."""
    biases: tuple[float, ...]
    """L values."""

    def probabilities(self, label_logprobs: dict[str, float]) -> dict[str, float]:
        """Return the calibrated probability of each label; they sum to 1."""
        logp = np.array([label_logprobs[label] for label in self.labels])
        logp = logp - np.logaddexp.reduce(logp)
        logits = np.array(self.weights) @ logp + np.array(self.biases)
        shares = np.exp(logits - np.logaddexp.reduce(logits))
        return dict(zip(self.labels, (float(share) for share in shares), strict=True))


class PromptTemplate(Frozen):
    """A whole prompt: static text first (so that servers can reuse its prefill), the item last."""

    schema_version: int = SCHEMA_VERSION
    kind: TaskKind
    variables: tuple[str, ...]
    """Names of the slots that every item fills."""
    system: WholeText = ""
    instruction: WholeText = ""
    """Static text at the head of the first user message."""
    item: WholeText
    """One example as the model sees it, with `{{variable}}` slots."""
    demonstrations: tuple[Demonstration, ...] = ()
    """Shown with every input."""
    retrieval: Retrieval | None = Field(default=None, exclude_if=lambda value: value is None)
    """Demonstrations chosen per input, after the fixed ones. None is not written: older templates keep their hash."""
    contract: OutputContract
    decoding: Decoding
    label_scoring: bool = False
    label_samples: int = Field(default=0, ge=0, exclude_if=lambda count: count == 0)
    """Answers per row from which the labels' probabilities are estimated where the server shows none; below 2 the one
    answer counts."""
    decision: DecisionLayer | None = None

    @property
    def content_hash(self) -> str:
        """SHA-256 of the contents, 16 hex digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def render(self, inputs: dict[str, str]) -> tuple[Message, ...]:
        """Return the chat messages for one example.

        Raises:
            TemplateError: an input is missing.
        """
        messages = [Message(role="system", content=self.system)] if self.system else []
        head = self.instruction + "\n\n" if self.instruction else ""
        chosen = self.retrieval.choose(inputs) if self.retrieval else ()
        for demonstration in (*self.demonstrations, *chosen):
            messages.append(Message(role="user", content=head + self._fill(demonstration.inputs)))
            messages.append(Message(role="assistant", content=demonstration.output))
            head = ""
        messages.append(Message(role="user", content=head + self._fill(inputs)))
        return tuple(messages)

    @property
    def fixed(self) -> "PromptTemplate":
        """The template for places that cannot choose: the first examples of the bank stand for all inputs."""
        if self.retrieval is None:
            return self
        shown = (*self.demonstrations, *self.retrieval.bank[: self.retrieval.count])
        return self.model_copy(update={"demonstrations": shown, "retrieval": None})

    def request(self, inputs: dict[str, str], *, sample_index: int = 0) -> CompletionRequest:
        """Return the model call for one example."""
        return CompletionRequest(
            messages=self.render(inputs),
            decoding=self.decoding,
            constraint=None if self.label_scoring else self.contract.constraint,
            labels=self.contract.answers if self.label_scoring else (),
            sample_index=sample_index,
        )

    @property
    def slot_pattern(self) -> re.Pattern[str]:
        """Finds the slots of `item`: only the template's own variables; other braces belong to the user's text."""
        return _slot_pattern(self.variables)

    def _fill(self, inputs: dict[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in inputs:
                known = ", ".join(inputs) or "none"
                raise TemplateError(f"The prompt needs the input '{name}', but the row has: {known}.")
            return inputs[name]

        return self.slot_pattern.sub(value, self.item)


@lru_cache(maxsize=64)
def _slot_pattern(variables: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(variables, key=len, reverse=True))
    return re.compile(r"\{\{\s*(" + names + r")\s*\}\}" if names else r"(?!)()")


class Candidate(Frozen):
    """A prompt under consideration and where it comes from."""

    id: str
    """Short and stable within a run: `seed-3`, `child-7`."""
    template: PromptTemplate
    parents: tuple[str, ...] = ()
    operator: str
    """How it was made: `user`, `library`, `demonstrations`, `add_rule`, `compress`, ..."""
    rationale: str = ""
    """Why, in words for the user."""
    is_user_prompt: bool = Field(default=False)
