"""Success criteria in a task file: a name, a name with parameters, or all keys written out."""

import math

import yaml
from pydantic import JsonValue, TypeAdapter, ValidationError

from tasks.model import Requirement, SuccessCriterion
from tasks.yamlnodes import close_match, describe, entries, fail, is_null, text_of, value_of

_OPTIONS = ("parameters", "weight", "threshold", "requirement", "must")
_PARAMETERS = TypeAdapter(dict[str, JsonValue])


def criteria_of(node: yaml.Node, source: str) -> tuple[SuccessCriterion, ...]:
    """Read the list of criteria.

    Raises:
        TaskFileError: an entry is wrong.
    """
    if not isinstance(node, yaml.SequenceNode):
        raise fail(source, f"'criteria' must be a list, one `- name` a line, but it is {describe(node)}.", node)
    return tuple(_criterion(item, source) for item in node.value)


def criterion_entry(criterion: SuccessCriterion) -> str | dict[str, object]:
    """Return a criterion as it is written in a task file, without what is usual anyway."""
    entry: dict[str, object] = {"evaluator": criterion.evaluator}
    if criterion.parameters:
        entry["parameters"] = dict(criterion.parameters)
    if criterion.weight != 1:
        entry["weight"] = criterion.weight
    if criterion.threshold is not None:
        entry["threshold"] = criterion.threshold
    if criterion.requirement is Requirement.MUST:
        entry["requirement"] = criterion.requirement.value
    return criterion.evaluator if len(entry) == 1 else entry


def _criterion(node: yaml.Node, source: str) -> SuccessCriterion:
    if isinstance(node, yaml.ScalarNode):
        return SuccessCriterion(evaluator=_name(node, source))
    found = entries(node, source, "A criterion")
    if "evaluator" in found:
        name = _name(found.pop("evaluator"), source)
    else:
        names = [key for key in found if key not in _OPTIONS]
        if len(names) != 1:
            raise fail(source, "A criterion needs a name: write `evaluator: name`, e.g. `evaluator: rouge_l`.", node)
        name = names[0]
        if "parameters" in found:
            raise fail(source, f"The criterion '{name}' has parameters twice; keep one.", node)
        found["parameters"] = found.pop(name)
    for key in found:
        if key not in _OPTIONS:
            hint = close_match(key, _OPTIONS) or "Settings of the evaluator go under `parameters`."
            raise fail(source, f"The criterion '{name}' has no key '{key}'. {hint}", found[key])
    return SuccessCriterion(
        evaluator=name,
        parameters=_parameters(found.get("parameters"), source, name),
        weight=_number(found.get("weight"), source, "weight", default=1.0),
        threshold=_threshold(found.get("threshold"), source),
        requirement=_requirement(found, source, name),
    )


def _name(node: yaml.Node, source: str) -> str:
    name = text_of(node, source, "evaluator").strip()
    if not name:
        raise fail(source, "A criterion has an empty name; write e.g. `- rouge_l`.", node)
    return name


def _parameters(node: yaml.Node | None, source: str, name: str) -> dict[str, JsonValue]:
    if node is None or is_null(node):
        return {}
    if not isinstance(node, yaml.MappingNode):
        message = f"The parameters of '{name}' must be `key: value` pairs, but they are {describe(node)}."
        raise fail(source, message, node)
    entries(node, source, f"The parameters of '{name}'")
    try:
        return _PARAMETERS.validate_python(value_of(node))
    except (ValidationError, yaml.YAMLError, ValueError):
        raise fail(
            source, f"The parameters of '{name}' must be texts, numbers, yes/no, or lists of them.", node
        ) from None


def _number(node: yaml.Node | None, source: str, key: str, *, default: float) -> float:
    if node is None or is_null(node):
        return default
    try:
        value = float(text_of(node, source, key))
    except ValueError:
        raise fail(source, f"'{key}' must be a number, but it is {describe(node)}.", node) from None
    if not (math.isfinite(value) and value >= 0):
        raise fail(source, f"'{key}' must be a number from 0 up, but it is {value:g}.", node)
    return value


def _threshold(node: yaml.Node | None, source: str) -> float | None:
    if node is None or is_null(node):
        return None
    value = _number(node, source, "threshold", default=0.0)
    if value > 1:
        raise fail(source, f"'threshold' must be between 0 and 1, but it is {value:g}.", node)
    return value


def _requirement(found: dict[str, yaml.Node], source: str, name: str) -> Requirement:
    if "must" in found:
        if "requirement" in found:
            raise fail(source, f"The criterion '{name}' has both `must` and `requirement`; keep one.", found["must"])
        value = value_of(found["must"])
        if not isinstance(value, bool):
            raise fail(source, f"'must' is either true or false, but it is {describe(found['must'])}.", found["must"])
        return Requirement.MUST if value else Requirement.SHOULD
    if "requirement" not in found or is_null(found["requirement"]):
        return Requirement.SHOULD
    node = found["requirement"]
    written = text_of(node, source, "requirement").strip().casefold()
    if written not in {requirement.value for requirement in Requirement}:
        raise fail(source, f"'requirement' is either must or should, but it is '{written}'.", node)
    return Requirement(written)
