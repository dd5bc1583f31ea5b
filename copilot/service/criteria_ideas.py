"""Criteria that the copilot model suggests: kept only where its words can be read as valid ones."""

import json
import re

from pydantic import JsonValue, ValidationError

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.criteria import CriterionEntry, Suggestion, SuggestionsByModel
from copilot.domain.run import Budget, Role
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.service import criteria_catalogue as catalogue
from copilot.service import criteria_checks as checks
from copilot.service.criteria_rules import Facts, is_there
from copilot.service.workspace import Workspace
from tasks.model import SchemaConstraint, SuccessCriterion

MOST = 3
_SHOWN_EXAMPLES, _SHOWN_CHARACTERS = 2, 300
_MOST_TOKENS = 240
"""A person waits for the answer: a small model on a busy machine reads and writes slowly."""
_LEAST_PASSING = 0.5
"""Of the expected answers: an idea that most of them contradict is a wrong one."""
_ATTEMPTS = 3


async def ask(workspace: Workspace, facts: Facts, *, model: str) -> SuggestionsByModel:
    """Ask the copilot model once.

    Raises:
        ModelError: its server failed.
    """
    taken = list(facts.task.criteria)
    offered = [
        entry
        for entry in catalogue.fitting(facts.task.kind)
        if "embedder" not in entry.needs and not is_there(SuccessCriterion(evaluator=entry.name), taken)
    ]
    meter = Meter(Budget(max_calls=_ATTEMPTS))
    gateway = Gateway(await workspace.model(model), Role.COPILOT, ledger=workspace.ledger, meter=meter)
    try:
        completion = await gateway.complete(request(facts, offered))
    finally:
        await gateway.aclose()
    found = read(completion.text, {entry.name for entry in offered})
    kept: list[Suggestion] = []
    for suggestion in found:
        if is_there(suggestion.criterion, taken) or await _contradicts(suggestion.criterion, facts):
            continue
        kept.append(suggestion)
        taken.append(suggestion.criterion)
    return SuggestionsByModel(
        suggestions=tuple(kept), calls=meter.calls, turned_down=len(_items(completion.text)) - len(kept)
    )


def request(facts: Facts, offered: list[CriterionEntry]) -> CompletionRequest:
    """Return the question."""
    text = "\n\n".join(
        [
            "You help a person to say what a good answer to their task is.",
            f"Their task: {facts.description or facts.task.name}",
            *_examples(facts),
            "These checks can be chosen:\n" + "\n".join(_offer(entry) for entry in offered),
            f"Name at most {MOST} checks that matter most for this task. Answer with JSON alone, like this:\n"
            '{"checks": [{"check": "length", "parameters": {"maximum": 40, "unit": "words"}, '
            '"reason": "one sentence for the person"}]}',
        ]
    )
    return CompletionRequest(
        messages=(Message(role="user", content=text),),
        decoding=Decoding(max_tokens=_MOST_TOKENS),
        constraint=SchemaConstraint(json_schema=_schema([entry.name for entry in offered])),
    )


def read(text: str, names: set[str]) -> list[Suggestion]:
    """Return the valid criteria that an answer names; whatever else it holds is left out."""
    found = []
    for item in _items(text)[:MOST]:
        name, parameters, reason = item.get("check"), item.get("parameters") or {}, item.get("reason")
        if not isinstance(name, str) or name not in names or not isinstance(parameters, dict):
            continue
        if not isinstance(reason, str) or len(reason.split()) < 3:
            continue
        try:
            criterion = SuccessCriterion(evaluator=name, parameters=parameters)
        except ValidationError:
            continue
        if not catalogue.problem(criterion):
            sentence = " ".join(reason.split())[:300]
            found.append(Suggestion(criterion=criterion, rule="model", reason=sentence))
    return found


def _items(text: str) -> list[dict[str, JsonValue]]:
    match = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        value = json.loads(match.group() if match else text)
    except (ValueError, RecursionError):
        return []
    items = value.get("checks") if isinstance(value, dict) else value
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


async def _contradicts(criterion: SuccessCriterion, facts: Facts) -> bool:
    (found,) = await checks.check_all((criterion,), facts.dataset, kind=facts.task.kind)
    return not found.obstacle and bool(found.scored) and found.passed < _LEAST_PASSING * found.scored


def _examples(facts: Facts) -> list[str]:
    rows = [row for row in facts.dataset.examples if row.expected][:_SHOWN_EXAMPLES]
    return [
        f"Example {number}:\n"
        + "\n".join(f"{name}: {text[:_SHOWN_CHARACTERS]}" for name, text in row.inputs.items())
        + f"\nA good answer: {', '.join(row.expected or ())[:_SHOWN_CHARACTERS]}"
        for number, row in enumerate(rows, start=1)
    ]


def _offer(entry: CriterionEntry) -> str:
    parameters = ", ".join(
        parameter.name + (f" ({'|'.join(parameter.choices)})" if parameter.choices else f" ({parameter.type})")
        for parameter in entry.parameters
    )
    return f"- {entry.name}: {entry.description}" + (f" Parameters: {parameters}." if parameters else "")


def _schema(names: list[str]) -> dict[str, JsonValue]:
    check: dict[str, JsonValue] = {
        "type": "object",
        "properties": {
            "check": {"type": "string", "enum": list[JsonValue](names)},
            "parameters": {"type": "object"},
            "reason": {"type": "string"},
        },
        "required": ["check", "parameters", "reason"],
    }
    return {
        "type": "object",
        "properties": {"checks": {"type": "array", "items": check, "maxItems": MOST}},
        "required": ["checks"],
    }
