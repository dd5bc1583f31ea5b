"""The catalogue of criteria by what people want to check, and values to begin with."""

import math
from functools import cache

from pydantic import JsonValue

from copilot.domain.criteria import CriterionEntry, CriterionParameter, Group
from copilot.errors import CriterionError
from copilot.evaluation.rubric import Rubric
from evaluators import registry
from tasks.fingerprint import Fingerprint
from tasks.languages import language_shares
from tasks.model import Dataset, SuccessCriterion, Task, TaskKind

_GROUPS: dict[Group, tuple[str, ...]] = {
    "answer": (
        *("exact_match", "squad_exact_match", "squad_f1", "keyword_f1", "keyword_recall", "keyword_precision"),
        *("rouge_l", "rouge_1", "rouge_2", "chrf", "semantic_similarity"),
    ),
    "faithful": ("facts_in_document", "keywords_in_document", "quote_in_document"),
    "form": ("length", "compression_ratio", "one_of", "json_schema", "regex"),
    "wording": ("contains_all", "contains_any", "contains_none", "language_is", "readability"),
    "safety": ("no_personal_data", "no_refusal"),
    "judged": ("judge", "pairwise_judge"),
}
_YES_OR_NO = frozenset(
    {
        *("exact_match", "squad_exact_match", "one_of", "contains_any", "contains_none", "regex", "json_schema"),
        *("no_personal_data", "no_refusal"),
    }
)
"""Their scores are 0 or 1."""


@cache
def entries() -> tuple[CriterionEntry, ...]:
    """Return every criterion, group by group."""
    known = {entry.name: entry for entry in registry.catalogue()}
    grouped = {name: group for group, names in _GROUPS.items() for name in names}
    # One that is new among the evaluators shows among the wordings until somebody puts it elsewhere.
    names = [*grouped, *(name for name in known if name not in grouped)]
    return tuple(_entry(known[name], grouped.get(name, "wording")) for name in names)


def entry(name: str) -> CriterionEntry:
    """Return one criterion of the catalogue.

    Raises:
        CriterionError: there is none of this name.
    """
    for found in entries():
        if found.name == name:
            return found
    raise CriterionError(f"There is no criterion called '{name}'.")


def fitting(kind: TaskKind | str) -> tuple[CriterionEntry, ...]:
    """Return the criteria that make sense for a kind of task."""
    kinds = {found.name: found.kinds for found in registry.catalogue()}
    return tuple(found for found in entries() if not kinds[found.name] or str(kind) in kinds[found.name])


def problem(criterion: SuccessCriterion) -> str:
    """Return why a criterion cannot be used, in a sentence; empty: it can."""
    try:
        Rubric.of((criterion,))
    except CriterionError as error:
        return str(error)
    return ""


def starting_point(name: str, *, task: Task, dataset: Dataset, facts: Fingerprint) -> SuccessCriterion:
    """Return a criterion with parameters that fit the examples, as far as they tell; texts may be left empty.

    Raises:
        CriterionError: there is none of this name.
    """
    entry(name)
    expected = expected_texts(dataset)
    parameters: dict[str, JsonValue] = {}
    if name == "length":
        parameters = {"maximum": generous(facts.expected_words.p95), "unit": "words"}
    elif name == "one_of":
        parameters = {"values": list(facts.labels or task.labels)}
    elif name == "language_is":
        parameters = {"language": next(iter(language_shares(expected) or facts.languages), "en")}
    elif name == "json_schema":
        parameters = {"json_schema": {"type": "object"}}
    elif name in ("contains_all", "contains_any", "contains_none"):
        parameters = {"values": []}
    elif name in ("regex", "judge"):
        parameters = {"pattern" if name == "regex" else "rubric": ""}
    return SuccessCriterion(evaluator=name, parameters=parameters)


def generous(words: float) -> int:
    """Return a maximum a little above what is usual, as a person would say it: 30 for 27."""
    if words <= 0:
        return 50
    step = 1 if words <= 10 else 5 if words <= 60 else 10
    return int(math.ceil(words / step) * step)


def expected_texts(dataset: Dataset) -> list[str]:
    """Return every text that some example expects."""
    return [text for example in dataset.examples for text in example.expected or ()]


def _entry(found: registry.Entry, group: Group) -> CriterionEntry:
    return CriterionEntry(
        name=found.name,
        title=found.title,
        description=found.description,
        group=group,
        parameters=tuple(
            CriterionParameter(
                name=parameter.name,
                type=parameter.type,
                description=parameter.description,
                required=parameter.required,
                default=parameter.default,
                choices=parameter.choices,
            )
            for parameter in found.parameters
        ),
        needs=frozenset(str(need) for need in found.needs),
        graded=found.name not in _YES_OR_NO,
        default_threshold=found.default_threshold,
    )
