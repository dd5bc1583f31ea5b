"""Labels in a model's answer: exact first, then forgiving, and a problem in words rather than a guess."""

import re
from functools import lru_cache

from pydantic import JsonValue

from tasks.kinds.parsing import clean, empty, json_text, unquote, without_head
from tasks.model import OutputContract, ParsedOutput

HEADS = ("Final answer", "Answer", "Label", "Category", "Class", "Classification", "Output")
_LONG = 25
"""In an answer of more words, a label may be named in passing."""
_SHOWN = 10
_BRIEF = 3
"""Labels of so few characters ("no", "in") are also everyday words: in running text they need a sign around them."""
_NEGATION = re.compile(r"(?:\b(?:not|no|never|neither|nor|without|nicht|keine?|non|pas)|n['’]t)\s+(?:an?\s|the\s)?\W?$")  # noqa: RUF001
_CODE = re.compile(r"^\W*(?:option\s+)?(\w+)(?:\W*$|[*_)\]]*[.):,\-]+\s(.*))", re.IGNORECASE | re.DOTALL)


def read_label(text: str, contract: OutputContract) -> ParsedOutput:
    """Read one of the contract's labels, or its code, from an answer."""
    cleaned = clean(text)
    if not cleaned:
        return empty(text)
    lines = [line for line in cleaned.splitlines() if line.strip()]
    for parts in ([cleaned], [lines[0], lines[-1]]):
        named = dict.fromkeys(label for part in parts for label in _exact(part, contract))
        if len(named) > 1:
            return _several(list(named))
        if named:
            return ParsedOutput(value=next(iter(named)))
    return _mentioned(cleaned, contract)


def label_from_json(value: JsonValue, contract: OutputContract) -> ParsedOutput:
    """Read a label from a JSON value."""
    text = json_text(value)
    if text is None:
        return ParsedOutput(value=None, problem="The answer's JSON holds no text for the label.")
    return read_label(text, contract)


def write_label(label: str, contract: OutputContract) -> str:
    """Write a label as the contract wants it: its code where there are codes."""
    if label in contract.labels:
        return contract.answers[contract.labels.index(label)]
    return label


def bare(text: str) -> str:
    """Return a text without case, punctuation and spacing."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _exact(text: str, contract: OutputContract) -> tuple[str, ...]:
    """Return the label if the text is nothing but it, give or take a head, case and punctuation.

    More than one is returned where a letter and the text beside it disagree.
    """
    body = without_head(text, HEADS).strip()
    for form in (text.strip(), body, unquote(body)):
        if form in contract.labels:
            return (form,)
    folded, stripped = _forms(contract.labels)
    for wanted, forms in ((body.casefold(), folded), (bare(body), stripped)):
        if wanted and forms.count(wanted) == 1:
            return (contract.labels[forms.index(wanted)],)
    return _coded(body, contract) if contract.codes else ()


@lru_cache(maxsize=64)
def _forms(labels: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(label.casefold() for label in labels), tuple(bare(label) for label in labels)


def _coded(body: str, contract: OutputContract) -> tuple[str, ...]:
    match, codes = _CODE.match(body), [code.casefold() for code in contract.codes]
    if not match or match[1].casefold() not in codes:
        return ()
    label = contract.labels[codes.index(match[1].casefold())]
    return tuple(dict.fromkeys((label, *_mentions(match[2] or "", contract.labels))))


def _mentioned(text: str, contract: OutputContract) -> ParsedOutput:
    found = _mentions(text, contract.labels)
    if not found:
        shown = ", ".join(contract.labels[:_SHOWN]) + (", ..." if len(contract.labels) > _SHOWN else "")
        return ParsedOutput(value=None, problem=f"The answer names none of the labels: {shown}.")
    if len(found) > 1:
        return _several(list(found))
    label, before = next(iter(found.items()))
    if _NEGATION.search(before):
        return ParsedOutput(value=None, problem=f"The answer says that '{label}' is not the label, but not which is.")
    if len(text.split()) > _LONG:
        return ParsedOutput(value=None, problem=f"The answer is a long text that names '{label}' in passing.")
    return ParsedOutput(value=label)


def _mentions(text: str, labels: tuple[str, ...]) -> dict[str, str]:
    """Return the labels named in a text, each with the text before its first mention (in lower case)."""
    rest = text.casefold()
    found: dict[str, str] = {}
    # Longest first, and each mention blotted out: "not relevant" does not name "relevant".
    for label in sorted(labels, key=len, reverse=True):
        name = label.casefold()
        match = _pattern(name).search(rest) if name in rest else None
        if match:
            found[label] = rest[: match.start()]
            rest = _pattern(name).sub(lambda hit: "\x00" * len(hit[0]), rest)
    return {label: found[label] for label in labels if label in found}


@lru_cache(maxsize=1024)
def _pattern(label: str) -> re.Pattern[str]:
    name = re.escape(label)
    if len(label) <= _BRIEF:
        name = rf"(?:^\W*{name}(?=\s*[.,;:!)\-—])|(?<=[\"'“*`]){name}(?=[\"'”*`])|(?<=\bis ){name}(?=\W*$))"
    return re.compile(rf"(?<!\w){name}(?!\w)")


def _several(named: list[str]) -> ParsedOutput:
    if len(named) == 2:
        return ParsedOutput(value=None, problem=f"The answer names two labels: {named[0]} and {named[1]}.")
    shown = ", ".join(named[:_SHOWN])
    return ParsedOutput(value=None, problem=f"The answer names {len(named)} labels: {shown}.")
