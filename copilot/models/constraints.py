"""Constraints on an answer: checked before the call, put into servers' forms, checked again on the answer.

Servers lose constraints silently (an unknown key is ignored, an invalid regex dropped), so an answer counts as
constrained only after it was validated here.
"""

import json
import re
from functools import lru_cache
from typing import Any, Literal

from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from copilot.errors import ModelRejected
from tasks.model import ChoiceConstraint, Constraint, RegexConstraint, SchemaConstraint

Means = Literal["none", "grammar", "schema", "tool", "parsing"]
"""By what means a constraint is enforced, as `Completion.constraint_used` says it."""
WRAPPED = "answer"
"""Key under which a text is wrapped where a server takes only JSON objects."""

SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")


def check(constraint: Constraint) -> None:
    """Refuse a constraint that no server could keep, before a call is spent.

    Raises:
        ModelRejected: no choices, an invalid regular expression or an invalid schema.
    """
    if isinstance(constraint, ChoiceConstraint):
        if not constraint.choices:
            raise ModelRejected("The answer is to be one of a list, but the list is empty; give it at least one entry.")
    elif isinstance(constraint, RegexConstraint):
        _compiled(constraint.pattern)
    else:
        if "properties" not in constraint.json_schema:
            raise ModelRejected("The answer's JSON schema has no 'properties' at its root; add them.")
        _validator(constraint.text)


@lru_cache(maxsize=64)
def _validator(text: str) -> Validator:
    """Every request with this schema and every answer to it is checked, and to prepare that takes milliseconds."""
    schema = json.loads(text)
    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise ModelRejected(f"The answer's JSON schema is not valid: {error.message}.") from error
    return kind(schema)


def satisfied(constraint: Constraint, text: str) -> bool:
    """Whether an answer keeps the constraint."""
    if isinstance(constraint, ChoiceConstraint):
        return text.strip() in constraint.choices
    if isinstance(constraint, RegexConstraint):
        return _compiled(constraint.pattern).fullmatch(text) is not None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return bool(_validator(constraint.text).is_valid(value))


def as_schema(constraint: Constraint) -> dict[str, Any]:
    """Return a JSON schema with an object at its root; texts are wrapped as `{"answer": ...}`."""
    if isinstance(constraint, SchemaConstraint):
        return dict(constraint.json_schema)
    return {
        "type": "object",
        "properties": {WRAPPED: text_schema(constraint)},
        "required": [WRAPPED],
        "additionalProperties": False,
    }


def text_schema(constraint: ChoiceConstraint | RegexConstraint) -> dict[str, Any]:
    """Return the JSON schema of a bare string."""
    if isinstance(constraint, ChoiceConstraint):
        return {"type": "string", "enum": list(constraint.choices)}
    return {"type": "string", "pattern": anchored(constraint.pattern)}


def unwrapped(constraint: Constraint, text: str) -> str:
    """Take the text out of `{"answer": ...}`; what is not wrapped is returned as it came."""
    if isinstance(constraint, SchemaConstraint):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    found = value.get(WRAPPED) if isinstance(value, dict) else value
    return found if isinstance(found, str) else text


def anchored(pattern: str) -> str:
    """Return the pattern so that it must match the whole text, in the small dialect that servers' converters know."""
    return f"^({without_anchors(pattern).replace('(?:', '(')})$"


def without_anchors(pattern: str) -> str:
    """Return the pattern without `^` at its start and `$` at its end: servers match whole texts anyway."""
    bare = pattern.removeprefix("^")
    return bare[:-1] if bare.endswith("$") and not bare.endswith("\\$") else bare


def as_regex(constraint: ChoiceConstraint | RegexConstraint) -> str:
    """Return one regular expression that the whole text must match."""
    if isinstance(constraint, ChoiceConstraint):
        return "(" + "|".join(SPECIAL.sub(r"\\\g<0>", choice) for choice in constraint.choices) + ")"
    return f"({without_anchors(constraint.pattern)})"


def as_gbnf(constraint: ChoiceConstraint) -> str:
    """Return llama.cpp's grammar for one of several texts."""
    return "root ::= " + " | ".join(json.dumps(choice, ensure_ascii=False) for choice in constraint.choices)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ModelRejected(f"The pattern '{pattern}' is not a valid regular expression: {error}.") from error
