"""The types of a task: what is asked, of which examples, and what success means.

All types are frozen; `expected` is always a tuple of texts whose meaning depends on the task's kind:
classification one label; document QA every accepted answer (empty: not answerable); summarization every
reference; keyword extraction the keywords; custom one reference.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasks.characters import WholeText


class Frozen(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TaskKind(StrEnum):
    """The kinds of task the product knows."""

    SUMMARIZATION = "summarization"
    DOCUMENT_QA = "document_qa"
    CLASSIFICATION = "classification"
    KEYWORD_EXTRACTION = "keyword_extraction"
    CUSTOM = "custom"


class Requirement(StrEnum):
    """Whether an output that misses a criterion is worth nothing (must) or less (should)."""

    MUST = "must"
    SHOULD = "should"


class SuccessCriterion(Frozen):
    """One measure of success: an evaluator by name, with its parameters. Pure data."""

    evaluator: str
    """Name in the evaluator registry, e.g. `rouge_l`."""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """The evaluator's settings, e.g. `{"maximum": 40, "unit": "words"}`."""
    weight: float = Field(default=1.0, ge=0)
    """Share in the aggregate, relative to the other criteria."""
    threshold: float | None = Field(default=None, ge=0, le=1)
    """Score from which the criterion counts as passed; None: the evaluator's own."""
    requirement: Requirement = Requirement.SHOULD


class Task(Frozen):
    """What is asked and how success is measured."""

    name: WholeText = Field(min_length=1)
    kind: TaskKind
    description: WholeText = ""
    labels: tuple[WholeText, ...] = ()
    """The closed label set of a classification; empty: taken from the examples."""
    fields: tuple[str, ...] = ()
    """Names of the inputs, in the order they are shown to the model; empty: the kind's own."""
    prompt: WholeText | None = None
    """The user's own prompt, verbatim; it may hold `{field}` or `{{field}}` slots. None: made from the description."""
    criteria: tuple[SuccessCriterion, ...] = ()
    """Empty: the kind's defaults for these examples."""


class Example(Frozen):
    """One row: the inputs and, where known, what is expected of the output."""

    id: WholeText
    inputs: dict[WholeText, WholeText]
    expected: tuple[WholeText, ...] | None = None
    """None: no expected output is known. An empty tuple is a statement (see the module's docstring)."""
    group: WholeText | None = None
    """Examples of one group (e.g. one document) are never divided between splits."""


class Dataset(Frozen):
    """Examples in file order."""

    examples: tuple[Example, ...]

    @property
    def version(self) -> str:
        """SHA-256 of the contents, 16 hex digits: the same rows in the same order have the same version."""
        digest = hashlib.sha256()
        for example in self.examples:
            digest.update(example.model_dump_json().encode())
        return digest.hexdigest()[:16]


class Split(Frozen):
    """Which examples may be used for what; the parts are disjoint."""

    pool: tuple[Example, ...]
    """Shown to the copilot and used as demonstrations."""
    dev: tuple[Example, ...]
    """Scores on these choose between candidates."""
    holdout: tuple[Example, ...]
    """Looked at once, for the verdict."""
    cross_fitted: bool = False
    """True below 40 examples: the verdict then estimates the procedure rather than this prompt."""


class ChoiceConstraint(Frozen):
    """The output is one of these texts."""

    type: Literal["choice"] = "choice"
    choices: tuple[str, ...]


class RegexConstraint(Frozen):
    """The whole output matches this regular expression."""

    type: Literal["regex"] = "regex"
    pattern: str


class SchemaConstraint(Frozen):
    """The output is JSON that satisfies this schema; its root is an object with `properties`."""

    type: Literal["json_schema"] = "json_schema"
    json_schema: dict[str, JsonValue]

    @property
    def text(self) -> str:
        """The schema as canonical JSON."""
        return json.dumps(self.json_schema, sort_keys=True, ensure_ascii=False)


Constraint = Annotated[ChoiceConstraint | RegexConstraint | SchemaConstraint, Field(discriminator="type")]


class Refinement(Frozen):
    """What is taken off a parsed answer that the inputs show to be superfluous; no model is asked."""

    rule: Literal["occurring_items", "without_question", "copied_words"]
    """`occurring_items`: only list items whose words stand in the inputs. `without_question`: no words of the question
    and no function words at either end. `copied_words`: the longest run of words copied from the document."""
    language: str = "en"
    """Whose function words are known (ISO 639-1)."""


class OutputContract(Frozen):
    """The form in which a model is asked to answer, and how the answer is read back."""

    form: Literal["text", "label", "list", "json"]
    """`text`: the answer as it stands; `label`: one of `labels`; `list`: separated items; `json`: an object."""
    labels: tuple[str, ...] = ()
    constraint: Constraint | None = None
    """Enforced by the model server where it can; always validated again afterwards."""
    json_key: str | None = None
    """With form `json`: the key that holds the answer."""
    codes: tuple[str, ...] = ()
    """Short answers that stand for `labels`, in their order (`A`, `B`, ...); empty: the labels are written out."""
    refinement: Refinement | None = Field(default=None, exclude_if=lambda value: value is None)
    """Done to the answer after it was read. None is not written: older templates keep their hash."""

    @property
    def answers(self) -> tuple[str, ...]:
        """What the model may write for `labels`, in their order: the codes where there are any."""
        return self.codes or self.labels

    def by_label(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return numbers keyed by answer (e.g. log-probabilities) keyed by label instead."""
        return {label: values[answer] for label, answer in zip(self.labels, self.answers, strict=True)}


class ParsedOutput(Frozen):
    """What was read from a model's answer."""

    value: str | tuple[str, ...] | None
    """A text or label, or a list for keyword extraction; None where nothing could be read."""
    problem: str | None = None
    """Why nothing could be read, in words the copilot and the user can act on."""


class SeedPrompt(Frozen):
    """A prompt from the task library, before demonstrations are chosen. Pure data."""

    name: str
    system: str = ""
    instruction: str = ""
    """Static text placed before the item in the first user message."""
    item: str
    """How one example is shown: text with `{{field}}` slots."""
    contract: OutputContract
    max_output_tokens: int = Field(gt=0)
    label_scoring: bool = False
    """Classification only: read the label from the probabilities of each label's first token."""
