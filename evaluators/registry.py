"""Evaluators by name: criteria are plain data, and here they become objects."""

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from evaluators.answers import SquadExactMatch, SquadF1
from evaluators.base import Evaluator, Need
from evaluators.content import ContainsAll, ContainsAny, ContainsNone, RegexMatch
from evaluators.grounding import FactsInDocument, KeywordsInDocument, QuoteInDocument
from evaluators.judge import Judge, PairwiseJudge
from evaluators.keywords import KeywordF1, KeywordPrecision, KeywordRecall
from evaluators.length import CompressionRatio, Length
from evaluators.matching import ExactMatch, OneOf
from evaluators.overlap import ChrF, Rouge1, Rouge2, RougeL
from evaluators.privacy import NoPersonalData
from evaluators.semantic import SemanticSimilarity
from evaluators.structure import JsonSchema
from evaluators.style import LanguageIs, NoRefusal, Readability

_CLASSES: tuple[type[Evaluator], ...] = (
    ExactMatch,
    OneOf,
    SquadF1,
    SquadExactMatch,
    RougeL,
    Rouge1,
    Rouge2,
    ChrF,
    KeywordF1,
    KeywordPrecision,
    KeywordRecall,
    KeywordsInDocument,
    QuoteInDocument,
    FactsInDocument,
    SemanticSimilarity,
    Judge,
    PairwiseJudge,
    ContainsAll,
    ContainsAny,
    ContainsNone,
    RegexMatch,
    JsonSchema,
    Length,
    CompressionRatio,
    Readability,
    LanguageIs,
    NoPersonalData,
    NoRefusal,
)
EVALUATORS: Mapping[str, type[Evaluator]] = {cls.name: cls for cls in _CLASSES}
"""Every evaluator, in the order of the catalogue."""


class UnknownEvaluator(ValueError):
    """No evaluator has this name."""


class BadParameter(ValueError):
    """An evaluator does not take this parameter or this value."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One setting of an evaluator."""

    name: str
    type: str
    """`text`, `number`, `whole number`, `yes or no`, `choice`, `list of texts`, `list of choices` or `object`."""
    description: str
    required: bool
    default: JsonValue = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One evaluator as the catalogue shows it."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    kinds: tuple[str, ...]
    """Kinds of task it makes sense for; empty: every kind."""
    needs: frozenset[Need]
    default_threshold: float
    version: int


def create(evaluator: str, parameters: Mapping[str, JsonValue] | None = None) -> Evaluator:
    """Make the evaluator of a criterion.

    Raises:
        UnknownEvaluator: the name is not in the catalogue; the message names the nearest ones.
        BadParameter: an unknown, missing or unfit parameter; the message says which and why.
    """
    cls = _find(evaluator)
    given = dict(parameters or {})
    known = [field.name for field in fields(cls)]
    for name in given:
        if name not in known:
            raise BadParameter(_unknown_parameter(evaluator, name, known))
    try:
        return _adapter(cls).validate_python(given)
    except ValidationError as error:
        raise BadParameter(_first_problem(evaluator, error)) from None


@cache
def catalogue() -> tuple[Entry, ...]:
    """Return every evaluator with its parameters, for a screen or a manual."""
    return tuple(_entry(cls) for cls in EVALUATORS.values())


def _find(name: str) -> type[Evaluator]:
    if name in EVALUATORS:
        return EVALUATORS[name]
    simple = {key.replace("_", ""): key for key in EVALUATORS}
    wanted = "".join(letter for letter in name.lower() if letter.isalnum())
    if wanted in simple:
        raise UnknownEvaluator(f"There is no criterion called '{name}'; did you mean {simple[wanted]}?")
    near = [simple[match] for match in difflib.get_close_matches(wanted, simple, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are: {', '.join(EVALUATORS)}."
    raise UnknownEvaluator(f"There is no criterion called '{name}'; {hint}")


@cache
def _adapter(cls: type[Evaluator]) -> TypeAdapter[Evaluator]:
    return TypeAdapter(cls)


def _unknown_parameter(evaluator: str, name: str, known: list[str]) -> str:
    if not known:
        return f"The criterion '{evaluator}' takes no parameters, so remove '{name}'."
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"it takes: {', '.join(known)}."
    return f"The criterion '{evaluator}' has no parameter '{name}'; {hint}"


def _first_problem(evaluator: str, error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return f"The criterion '{evaluator}' needs the parameter '{where}'."
    reason = _plain_reason(problem["type"], problem.get("ctx", {}), problem["msg"])
    if not where:
        return f"The criterion '{evaluator}' cannot be set up like this: {reason}."
    return f"The parameter '{where}' of the criterion '{evaluator}' cannot be {problem['input']!r}: {reason}."


def _plain_reason(kind: str, details: dict[str, Any], message: str) -> str:
    """Say in plain words what pydantic found."""
    known = {
        "tuple_type": "it must be a list",
        "string_type": "it must be a text",
        "bool_parsing": "it must be true or false",
        "bool_type": "it must be true or false",
        "int_parsing": "it must be a whole number",
        "int_type": "it must be a whole number",
        "int_from_float": "it must be a whole number",
        "float_parsing": "it must be a number",
        "float_type": "it must be a number",
        "dict_type": "it must be an object",
        "too_short": f"it needs at least {details.get('min_length')} entry",
        "string_too_short": "it must not be empty",
        "literal_error": f"it must be {details.get('expected')}",
        "greater_than_equal": f"it must be at least {details.get('ge')}",
        "greater_than": f"it must be above {details.get('gt')}",
        "less_than_equal": f"it must be at most {details.get('le')}",
    }
    return str(known.get(kind, details.get("error", message))).rstrip(".")


def _entry(cls: type[Evaluator]) -> Entry:
    schema = _adapter(cls).json_schema()
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    required = {field.name for field in fields(cls) if field.default is MISSING and field.default_factory is MISSING}
    return Entry(
        name=cls.name,
        title=cls.title,
        description=cls.description,
        parameters=tuple(_parameter(name, spec, required=name in required) for name, spec in properties.items()),
        kinds=cls.kinds,
        needs=cls.needs,
        default_threshold=cls.default_threshold,
        version=cls.version,
    )


def _parameter(name: str, spec: dict[str, Any], *, required: bool) -> Parameter:
    options = [option for option in spec.get("anyOf", [spec]) if option.get("type") != "null"]
    option = options[0]
    items = option.get("items", {})
    return Parameter(
        name=name,
        type=_plain_type(option, items),
        description=str(spec.get("description", "")),
        required=required,
        default=spec.get("default"),
        choices=tuple(str(choice) for choice in option.get("enum", items.get("enum", ()))),
    )


def _plain_type(option: dict[str, Any], items: dict[str, Any]) -> str:
    if option.get("type") == "array":
        return "list of choices" if "enum" in items else "list of texts"
    if "enum" in option:
        return "choice"
    plain = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no"}
    return plain.get(str(option.get("type")), "object")
