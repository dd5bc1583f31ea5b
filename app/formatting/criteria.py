"""Success criteria in plain words: what each checks, how it is set, and what a check found."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.formatting import locale
from app.formatting.criteria_names import (
    choice_label,
    explanation,
    group_title,
    languages,
    parameter_label,
    title,
)
from app.formatting.told import told
from app.wording import t, tn
from copilot import SuccessCriterion
from copilot.types import Agreement, CheckedRow, CriterionCheck, CriterionEntry

BULLETS = r"(?:[ \t]*(?:[-*•\u2013]|\d+[.)])[ \t]+\S[^\n]*\n*)+"
"""The pattern that is suggested where a description asks for a list."""
LIGHT, NORMAL, HEAVY = 0.5, 1.0, 2.0
LEVELS = ("5", "3", "1")
"""Ratings of a judge that may be described one by one."""
_LEVEL = re.compile(r"^(?P<rating>[531]): (?P<text>.*)$")


def summary(criterion: SuccessCriterion) -> str:
    """Return what matters of a criterion's settings in a few words; empty: nothing does."""
    given = criterion.parameters
    match criterion.evaluator:
        case "length":
            return _bounds(given)
        case "contains_all" | "contains_any" | "contains_none" | "one_of":
            return _listed(_texts(given.get("values")))
        case "language_is":
            code = str(given.get("language", ""))
            return languages().get(code, code)
        case "regex":
            pattern = str(given.get("pattern", ""))
            return t("a list, each line with a dash, a dot or a number") if pattern == BULLETS else pattern
        case "judge":
            return shortened(split_rubric(str(given.get("rubric", "")))[0], 120)
        case "readability":
            return t("up to school year {n}", n=locale.plain_number(_number(given.get("maximum_grade"), 10)))
        case "json_schema":
            return _listed(fields_of(given.get("json_schema")))
        case "compression_ratio":
            return t("at most {share} of its words", share=locale.percent(_number(given.get("maximum"), 0.3)))
    return ""


def shortened(text: str, most: int) -> str:
    """Return a text on one line, cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def weight_word(weight: float) -> str | None:
    """Return which of the plain choices a weight is; None: a number of its own."""
    return {LIGHT: "light", NORMAL: "normal", HEAVY: "heavy"}.get(weight)


def weight_label(word: str) -> str:
    """Return what a plain choice of weight is called."""
    return {"light": t("a little"), "normal": t("normally"), "heavy": t("a lot")}[word]


def weight_of(word: str) -> float:
    """Return the weight of a plain choice."""
    return {"light": LIGHT, "normal": NORMAL, "heavy": HEAVY}[word]


def standing(criterion: SuccessCriterion) -> str:
    """Return whether a criterion must or should be met, and how much it counts."""
    if criterion.requirement == "must":
        return t("Must: an answer that misses it is worth nothing.")
    word = weight_word(criterion.weight)
    if word is None:
        return t("Should; counts {n} times.", n=criterion.weight)
    return {
        "light": t("Should; counts a little."),
        "normal": t("Should; counts normally."),
        "heavy": t("Should; counts a lot."),
    }[word]


def check_sentence(check: CriterionCheck) -> str:
    """Return what a check found, or why there was none."""
    match check.obstacle:
        case "bad_parameter":
            return problem_sentence(check.problem)
        case "no_examples":
            return t("This task has no examples yet, so there is nothing to check it on.")
        case "no_expected":
            return t("None of your examples has an expected answer, so there is nothing to check it on.")
        case "no_embedder":
            return t("This installation lacks the small model that compares meanings, so it cannot be checked.")
        case "asks_model":
            return t("A model has to read each answer for this, so it is tried only when you ask.")
    if not check.scored:
        return t("Not one of your {n} expected answers could be scored.", n=len(check.unscored))
    if check.compares:
        return tn(
            "{n} of {total} examples has an expected answer to compare with.",
            "{n} of {total} examples have an expected answer to compare with.",
            check.scored,
            total=check.looked_at,
        )
    return tn(
        "{passed} of {n} expected answer passes this.",
        "{passed} of {n} expected answers pass this.",
        check.scored,
        passed=check.passed,
    )


def check_notes(check: CriterionCheck) -> list[str]:
    """Return what else is to be said about a check, a sentence each."""
    if check.obstacle:
        return []
    notes = []
    if check.total > check.looked_at:
        notes.append(t("Looked at {n} of {total} examples, evenly drawn.", n=check.looked_at, total=check.total))
    if check.without_expected:
        notes.append(
            tn(
                "{n} example has no expected answer.",
                "{n} examples have no expected answer.",
                check.without_expected,
            )
        )
    unscored = check.looked_at - check.without_expected - check.scored
    if check.scored and unscored > 0:
        notes.append(
            tn("{n} expected answer could not be scored.", "{n} expected answers could not be scored.", unscored)
        )
    return notes


def check_tone(check: CriterionCheck) -> str:
    """Return how a check looks: `good`, `mixed` (half of the rows contradict it), or `none`."""
    if check.obstacle == "bad_parameter":
        return "mixed"
    if check.obstacle or not check.scored or check.compares:
        return "none"
    return "good" if check.passed >= 0.5 * check.scored else "mixed"


def problem_sentence(problem: str) -> str:
    """Return why settings cannot be used, without names of the programming interface."""
    needed = re.match(r"The criterion '(\w+)' needs the parameter '(\w+)'", problem)
    if needed:
        label = parameter_label(needed[1], needed[2], needed[2])
        return t("Fill in “{label}” first.", label=label)
    named = re.match(
        r"The parameter '(\w+)[.\d]*' of the criterion '(\w+)' cannot be .*: (?P<why>[^:]+?)\.?$", problem, re.S
    )
    if named:
        label = parameter_label(named[2], named[1], named[1])
        return t("“{label}” does not work like this: {why}.", label=label, why=told(named["why"]))
    general = re.match(r"The criterion '\w+' cannot be set up like this: (?P<why>.+?)\.?$", problem, re.S)
    if general:
        return t("This does not work yet: {why}.", why=told(general["why"]))
    return told(problem)


def missing(entry: CriterionEntry, criterion: SuccessCriterion) -> str:
    """Return the label of the first setting that has to be filled in and is empty; empty: none."""
    for parameter in entry.parameters:
        if parameter.required and criterion.parameters.get(parameter.name) in (None, "", []):
            return parameter_label(entry.name, parameter.name, parameter.description)
    return ""


def found(entries: Sequence[CriterionEntry], search: str) -> list[CriterionEntry]:
    """Return the criteria whose words hold every word of a search, in their order."""
    words = search.casefold().split()
    return [
        entry
        for entry in entries
        if all(
            word in f"{title(entry.name)} {explanation(entry.name)} {entry.title} {group_title(entry.group)}".casefold()
            for word in words
        )
    ]


def trust_sentence(agreement: Agreement) -> str:
    """Return how far the model's ratings may be trusted."""
    match agreement.trust:
        case "good":
            return t("It agrees well with you: you can rely on it.")
        case "partial":
            return t("It agrees partly with you: make the rules clearer, or let it count only a little.")
        case "low":
            return t("It agrees too little with you: do not rely on it as it is.")
        case "one_sided":
            return t("Your ratings are all the same, which any model could match: rate outputs of the other sort, too.")
    if agreement.wanted:
        return tn(
            "Too few ratings to tell: rate {n} more output.",
            "Too few ratings to tell: rate {n} more outputs.",
            agreement.wanted,
        )
    return t("You have rated enough; now let the model rate the same outputs.")


def trust_numbers(agreement: Agreement) -> str:
    """Return the figures behind the trust, with their interval; empty: there are none."""
    if not agreement.n:
        return ""
    share = t("Same opinion on {same} of {n} outputs", same=round((agreement.share or 0) * agreement.n), n=agreement.n)
    if agreement.kappa is None or agreement.trust == "too_few":
        return f"{share}."
    return t(
        "{share}; agreement beyond chance (kappa) {kappa}, 95% interval {low} to {high}.",
        share=share,
        kappa=locale.number(agreement.kappa, 2),
        low=locale.number(agreement.low or 0, 2),
        high=locale.number(agreement.high or 0, 2),
    )


def rating(row: CheckedRow) -> str:
    """Return what a model rated, on its own scale."""
    return t("none") if row.value is None else t("{n} of 5", n=locale.number(1 + 4 * row.value, 1))


def split_rubric(text: str) -> tuple[str, dict[str, str]]:
    """Return the rules of a judge, and what its ratings 5, 3 and 1 mean where the text says so at its end."""
    lines = text.rstrip().splitlines()
    levels: dict[str, str] = {}
    while lines and (match := _LEVEL.match(lines[-1])):
        levels[match["rating"]] = match["text"]
        lines.pop()
    return "\n".join(lines).strip(), levels


def joined_rubric(text: str, levels: Mapping[str, str]) -> str:
    """Return the rules with the meanings of the ratings at their end; empty ones are left out."""
    said = [f"{rating}: {' '.join(levels[rating].split())}" for rating in LEVELS if levels.get(rating, "").strip()]
    return "\n".join([text.strip(), *said]) if text.strip() else ""


def fields_of(schema: object) -> list[str]:
    """Return the names of the fields that data must have."""
    required = schema.get("required") if isinstance(schema, Mapping) else None
    return _texts(required)


def with_fields(schema: object, names: Sequence[str]) -> dict[str, Any]:
    """Return a form of data that asks for these fields and keeps what else it says."""
    kept = {str(key): value for key, value in schema.items()} if isinstance(schema, Mapping) else {}
    return {**kept, "type": "object", "required": list(names)}


def lines(text: str) -> list[str]:
    """Return the texts that were typed one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def read_object(text: str) -> dict[str, Any] | None:
    """Return the object that was typed, or None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _bounds(given: Mapping[str, object]) -> str:
    low, high = given.get("minimum"), given.get("maximum")
    unit = str(given.get("unit", "words"))
    if low is not None and high is not None:
        return t("{low} to {counted}", low=low, counted=_counted(high, unit))
    if high is not None:
        return t("at most {counted}", counted=_counted(high, unit))
    return t("at least {counted}", counted=_counted(low, unit)) if low is not None else ""


def _counted(number: object, unit: str) -> str:
    n = int(_number(number, 0))
    match unit:
        case "words":
            return tn("{n} word", "{n} words", n)
        case "sentences":
            return tn("{n} sentence", "{n} sentences", n)
        case "characters":
            return tn("{n} character", "{n} characters", n)
    return f"{n} {choice_label(unit)}"


def _listed(texts: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(shortened(text, 40) for text in texts[:most])
    return t("{shown} and {n} more", shown=shown, n=len(texts) - most) if len(texts) > most else shown


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default
