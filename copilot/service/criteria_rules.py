"""Criteria that follow from a task's description and examples by fixed rules; no model is asked."""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock

from pydantic import JsonValue

from copilot.domain.criteria import Suggestion
from copilot.service import criteria_catalogue as catalogue
from copilot.service import criteria_phrases as phrases
from evaluators.privacy import personal_data
from tasks import kinds
from tasks.fingerprint import Fingerprint, fingerprint
from tasks.languages import language_shares
from tasks.model import Dataset, Requirement, SuccessCriterion, Task, TaskKind

_WRITTEN = (TaskKind.SUMMARIZATION, TaskKind.CUSTOM)
_measured: OrderedDict[tuple[object, ...], Fingerprint] = OrderedDict()
_REMEMBER = 32
_lock = Lock()
_CLOSED = (TaskKind.CLASSIFICATION, TaskKind.KEYWORD_EXTRACTION)
_MOST_SHARE = 0.9
_FEWEST = 5
"""Expected answers below which they say nothing about others."""
_SAYS = "Your description says “{words}”."
_SEVERAL = frozenset({"contains_all", "contains_any", "contains_none", "regex", "judge", "length"})
"""Criteria of which a task may well have several, with different parameters."""
BULLETS = r"(?:[ \t]*(?:[-*•\u2013]|\d+[.)])[ \t]+\S[^\n]*\n*)+"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at."""

    task: Task
    dataset: Dataset
    fingerprint: Fingerprint

    @property
    def description(self) -> str:
        """What the user asks for, in the description or, without one, in the prompt."""
        return self.task.description or self.task.prompt or ""


def facts_of(task: Task, dataset: Dataset) -> Facts:
    """Return what the rules look at; the same examples are measured once."""
    key = (dataset.version, task.kind, task.labels, task.fields)
    with _lock:
        measured = _measured.get(key)
    if measured is None:
        measured = fingerprint(task.kind, dataset, labels=task.labels, fields=task.fields)
        with _lock:
            _measured[key] = measured
            while len(_measured) > _REMEMBER:
                _measured.popitem(last=False)
    return Facts(task=task, dataset=dataset, fingerprint=measured)


def suggest(facts: Facts) -> tuple[Suggestion, ...]:
    """Return what the rules find and the task does not have yet, most important first."""
    found: list[Suggestion] = []
    taken = list(facts.task.criteria)
    for rule in _RULES:
        for suggestion in rule(facts):
            if not is_there(suggestion.criterion, taken) and not catalogue.problem(suggestion.criterion):
                found.append(suggestion)
                taken.append(suggestion.criterion)
    return tuple(found)


def is_there(criterion: SuccessCriterion, criteria: list[SuccessCriterion] | tuple[SuccessCriterion, ...]) -> bool:
    """Tell whether a list has this criterion, or one that makes it superfluous."""
    same = [other for other in criteria if other.evaluator == criterion.evaluator]
    if criterion.evaluator == "length":
        return any(other.parameters.get("unit", "words") == criterion.parameters.get("unit", "words") for other in same)
    if criterion.evaluator in _SEVERAL:
        return any(other.parameters == criterion.parameters for other in same)
    return bool(same)


def defaults(task: Task, facts: Fingerprint) -> tuple[Suggestion, ...]:
    """Return the criteria of a task that names none, with the reason."""
    reasons = {
        "exact_match": "Each example has one right answer, so an answer can be compared with it.",
        "squad_f1": "Answers that share most words with the right one count as nearly right.",
        "keyword_f1": "Your examples list the right keywords: finding them and adding no others both count.",
        "rouge_l": "Your examples hold a good text each, and answers are compared with it word by word.",
    }
    return tuple(
        Suggestion(
            criterion=criterion,
            rule=f"default_{criterion.evaluator}",
            reason=reasons.get(criterion.evaluator, "It is the usual measure for this kind of task."),
        )
        for criterion in kinds.get(task.kind).default_criteria(task, facts)
    )


@dataclass(frozen=True)
class _Why:
    """The rule, its sentence, and what the sentence speaks of."""

    rule: str
    sentence: str
    values: dict[str, str] = field(default_factory=dict)


def _made(
    why: _Why, evaluator: str, parameters: dict[str, JsonValue] | None = None, *, must: bool = False
) -> Suggestion:
    requirement = Requirement.MUST if must else Requirement.SHOULD
    return Suggestion(
        criterion=SuccessCriterion(evaluator=evaluator, parameters=parameters or {}, requirement=requirement),
        rule=why.rule,
        values=why.values,
        reason=why.sentence.format(**why.values),
    )


def _answer(facts: Facts) -> Iterator[Suggestion]:
    if any(example.expected for example in facts.dataset.examples):
        yield from defaults(facts.task, facts.fingerprint)


def _labels(facts: Facts) -> Iterator[Suggestion]:
    labels = facts.task.labels or facts.fingerprint.labels
    if facts.task.kind is TaskKind.CLASSIFICATION and len(labels) > 1:
        why = _Why(
            "labels", "An answer is one of your {n} labels; anything else is of no use.", {"n": str(len(labels))}
        )
        yield _made(why, "one_of", {"values": list(labels)}, must=True)


def _length_asked(facts: Facts) -> Iterator[Suggestion]:
    for bound in phrases.lengths(facts.description):
        given = {"minimum": bound.minimum, "maximum": bound.maximum, "unit": bound.unit}
        limits: dict[str, JsonValue] = {name: value for name, value in given.items() if value is not None}
        yield _made(_Why("length_asked", _SAYS, {"words": bound.words}), "length", limits)


def _length_seen(facts: Facts) -> Iterator[Suggestion]:
    words = sorted(len(text.split()) for text in catalogue.expected_texts(facts.dataset))
    if facts.task.kind not in _WRITTEN or len(words) < _FEWEST or facts.fingerprint.expected_words.median <= 3:
        return
    maximum = catalogue.generous(facts.fingerprint.expected_words.p95)
    values = {"k": str(sum(count <= maximum for count in words)), "n": str(len(words)), "maximum": str(maximum)}
    why = _Why("length_seen", "{k} of your {n} expected answers have at most {maximum} words.", values)
    yield _made(why, "length", {"maximum": maximum, "unit": "words"})


def _language(facts: Facts) -> Iterator[Suggestion]:
    asked = phrases.language(facts.description)
    if asked:
        code, words = asked
        yield _made(_Why("language_asked", _SAYS, {"words": words}), "language_is", {"language": code})
        return
    texts = [text for text in catalogue.expected_texts(facts.dataset) if len(text) >= 40]
    shares = language_shares(texts)
    if facts.task.kind not in _WRITTEN or len(texts) < _FEWEST or not shares:
        return
    code, share = next(iter(shares.items()))
    # Texts in several languages, or in another one than the answers: only then may a model take the wrong one.
    mixed = [language for language, part in facts.fingerprint.languages.items() if language != code and part >= 0.1]
    if share >= _MOST_SHARE and mixed:
        values = {**_percent(share), "language": code}
        why = _Why("language_seen", "{share} of your expected answers are in one language, but not your texts.", values)
        yield _made(why, "language_is", {"language": code})


def _structure(facts: Facts) -> Iterator[Suggestion]:
    if facts.task.kind is not TaskKind.CUSTOM:
        return
    objects = _objects(facts.dataset)
    keys = [key for key in dict.fromkeys(k for found in objects for k in found) if all(key in one for one in objects)]
    asked = re.search(r"\bjson\b", facts.description, re.IGNORECASE)
    if objects and len(objects) >= 0.8 * len(catalogue.expected_texts(facts.dataset)):
        schema: dict[str, JsonValue] = {"type": "object", "required": list[JsonValue](keys)}
        sentence = "Your expected answers are data with the same fields: {fields}."
        why = _Why("structure_seen", sentence, {"fields": ", ".join(keys)})
        yield _made(why, "json_schema", {"json_schema": schema}, must=True)
    elif asked:
        why = _Why("structure_asked", _SAYS, {"words": asked.group()})
        yield _made(why, "json_schema", {"json_schema": {"type": "object"}})


def _objects(dataset: Dataset) -> list[dict[str, JsonValue]]:
    found = []
    for text in catalogue.expected_texts(dataset):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _bullets(facts: Facts) -> Iterator[Suggestion]:
    if facts.task.kind in _CLOSED:
        return
    if words := phrases.bullets(facts.description):
        sentence = "Your description says “{words}”: every line begins with a dash, a dot or a number."
        yield _made(_Why("bullets", sentence, {"words": words}), "regex", {"pattern": BULLETS, "match": "whole"})


def _quoted(facts: Facts) -> Iterator[Suggestion]:
    for evaluator in ("contains_all", "contains_none"):
        for words, texts in phrases.quoted(facts.description, never=evaluator == "contains_none"):
            yield _made(_Why("says", _SAYS, {"words": words}), evaluator, {"values": list(texts)})


def _personal(facts: Facts) -> Iterator[Suggestion]:
    if words := phrases.no_names(facts.description):
        why = _Why(
            "no_names",
            "Your description says “{words}”; only a model can tell names from other words.",
            {"words": words},
        )
        rubric = "The output names no person: no first name, no last name and no initials."
        yield _made(why, "judge", {"rubric": rubric})
    if words := phrases.personal_data(facts.description):
        yield _made(_Why("personal_asked", _SAYS, {"words": words}), "no_personal_data", must=True)
        return
    if facts.task.kind is TaskKind.CLASSIFICATION:
        return
    rows = facts.dataset.examples
    holding = sum(bool(personal_data("\n".join(example.inputs.values()))) for example in rows)
    answers = catalogue.expected_texts(facts.dataset)
    if holding and answers and not any(personal_data(text) for text in answers):
        sentence = "{k} of {n} texts hold e-mail addresses, phone or account numbers, and no expected answer does."
        why = _Why("personal_seen", sentence, {"k": str(holding), "n": str(len(rows))})
        yield _made(why, "no_personal_data")


def _faithful(facts: Facts) -> Iterator[Suggestion]:
    kind, seen = facts.task.kind, facts.fingerprint
    if kind is TaskKind.SUMMARIZATION:
        why = _Why("facts", "A summary must not hold numbers or names that its text does not have.")
        yield _made(why, "facts_in_document")
    if kind is TaskKind.KEYWORD_EXTRACTION and (seen.keywords_in_document or 0) >= _MOST_SHARE:
        sentence = "{share} of your expected keywords stand in their text, so others are probably made up."
        yield _made(_Why("keywords_stand", sentence, _percent(seen.keywords_in_document)), "keywords_in_document")
    if kind is TaskKind.DOCUMENT_QA and not seen.unanswerable and (seen.answers_in_document or 0) >= _MOST_SHARE:
        sentence = "{share} of your expected answers stand in their document word for word."
        yield _made(_Why("answers_stand", sentence, _percent(seen.answers_in_document)), "quote_in_document")


def _percent(share: float | None) -> dict[str, str]:
    return {"share": f"{share or 0:.0%}".replace("%", " %")}


def _style(facts: Facts) -> Iterator[Suggestion]:
    if facts.task.kind in _CLOSED:
        return
    if words := phrases.plain_language(facts.description):
        yield _made(_Why("plain", _SAYS, {"words": words}), "readability", {"maximum_grade": 8.0})
    if words := phrases.tone(facts.description):
        why = _Why("tone", "Your description says “{words}”, and only a model can judge that.", {"words": words})
        yield _made(why, "judge", {"rubric": f"The output keeps this tone throughout: {words}."})
    if facts.task.kind in _WRITTEN:
        yield _made(_Why("refusal", "It costs nothing and finds answers that decline the work."), "no_refusal")


_RULES: tuple[Callable[[Facts], Iterator[Suggestion]], ...] = (
    _answer,
    _labels,
    _structure,
    _length_asked,
    _bullets,
    _quoted,
    _language,
    _personal,
    _faithful,
    _length_seen,
    _style,
)
"""In the order in which suggestions are shown."""
