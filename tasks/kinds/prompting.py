"""What the kinds share in making prompts: slots, items, token budgets, the user's own prompt."""

import math
import re

from tasks.fingerprint import QUESTION, Fingerprint
from tasks.model import OutputContract, SchemaConstraint, SeedPrompt, Task

_REASONING = re.compile(r"step[ -]by[ -]step|\breason(?:ing)?\b|\bexplain\b|\bthink\b|\bjustify\b", re.IGNORECASE)
_LANGUAGES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_REASONING_TOKENS = 512
_USER_TOKENS = 128
_LONG_DESCRIPTION = 25


def input_fields(task: Task, fingerprint: Fingerprint, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the task's input fields: its own, else the kind's, else those of the examples."""
    measured = fingerprint.fields
    return task.fields or (measured if measured and not set(default) <= set(measured) else default) or measured


def slot(name: str) -> str:
    """Return the placeholder of a field."""
    return "{{" + name + "}}"


def plain_item(fields: tuple[str, ...], *, named: bool = False) -> str:
    """Return the text that shows one example: the question last; several fields go by their names.

    Args:
        fields: names of the inputs, in order.
        named: write the name even of a single field.
    """
    ordered = [name for name in fields if name != QUESTION]
    parts = [f"{_title(name)}: {slot(name)}" if named or len(ordered) > 1 else slot(name) for name in ordered]
    if QUESTION in fields:
        parts.append(f"Question: {slot(QUESTION)}")
    return "\n\n".join(parts)


def fill_slots(prompt: str, fields: tuple[str, ...]) -> str | None:
    """Return a user's prompt with its `{field}` slots in our form, or None where it has none.

    Only the names of known fields are slots, in any case of letters; all other braces are the user's text.
    """
    known = {name.casefold(): name for name in fields}
    names = "|".join(re.escape(name) for name in sorted(fields, key=len, reverse=True))
    if not names:
        return None
    pattern = re.compile(rf"\{{\{{\s*({names})\s*\}}\}}|\{{({names})\}}", re.IGNORECASE)
    filled, count = pattern.subn(lambda match: slot(known[(match[1] or match[2]).casefold()]), prompt)
    return filled if count else None


def from_user(task: Task, fields: tuple[str, ...], contract: OutputContract, expected_tokens: int) -> SeedPrompt:
    """Return the user's own prompt verbatim; without slots, the item follows it.

    Args:
        task: its `prompt` is set.
        fields: the input fields.
        contract: how the answer is read.
        expected_tokens: tokens that a long expected output has.
    """
    prompt = task.prompt or ""
    floor = _REASONING_TOKENS if _REASONING.search(prompt) else _USER_TOKENS
    item = fill_slots(prompt, fields)
    return SeedPrompt(
        name="user",
        instruction="" if item else prompt,
        item=item or plain_item(fields),
        contract=contract,
        max_output_tokens=max(floor, 3 * expected_tokens),
    )


def sentence(text: str) -> str:
    """Return a description as a sentence: stripped, ending in a full stop."""
    text = text.strip()
    return text if not text or text[-1] in ".!?:;" else text + "."


def is_long(description: str) -> bool:
    """Say whether a description is too long to be repeated behind every item, or for the smallest models."""
    return len(description.split()) > _LONG_DESCRIPTION


def join(*parts: str) -> str:
    """Join the sentences that are not empty."""
    return " ".join(part for part in parts if part)


def bullets(what: str, *rules: str) -> str:
    """Return a sentence and below it the rules that are not empty, one a line."""
    return "\n".join((what, *(f"- {rule}" for rule in rules if rule)))


def output_tokens(fingerprint: Fingerprint, *, at_least: int, slack: float = 1.5, default: int) -> int:
    """Return the most tokens an answer may have: a long reference's and some slack.

    Args:
        fingerprint: measures the expected outputs.
        at_least: lower bound.
        slack: factor on the 95th percentile of the references.
        default: where there are no references.
    """
    p95 = fingerprint.expected_tokens.p95
    return max(at_least, math.ceil(slack * p95) + 8) if p95 else default


def json_contract(key: str, value: dict[str, object], *, labels: tuple[str, ...] = ()) -> OutputContract:
    """Return a contract for a JSON object with one key."""
    schema = {"type": "object", "properties": {key: value}, "required": [key], "additionalProperties": False}
    constraint = SchemaConstraint.model_validate({"json_schema": schema})
    return OutputContract(form="json", labels=labels, json_key=key, constraint=constraint)


def in_language(fingerprint: Fingerprint) -> str:
    """Return a sentence that names the examples' main language, where it is not English."""
    main = next(iter(fingerprint.languages), "en")
    return f"Answer in {_LANGUAGES[main]}." if main in _LANGUAGES else ""


def plural(number: float, noun: str) -> str:
    """Return a rounded number with its noun: "one sentence", "3 sentences"."""
    whole = max(1, round(number))
    return f"one {noun}" if whole == 1 else f"{whole} {noun}s"


def _title(name: str) -> str:
    return name.replace("_", " ").strip().capitalize() if name.islower() else name
