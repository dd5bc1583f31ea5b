"""What a proposed prompt must keep before a single call is spent on it."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from copilot.domain.prompt import PromptTemplate
from copilot.optimizers.selection import static_characters
from tasks.model import Example

MAXIMUM_GROWTH = 3.0
"""A rewritten instruction may be this many times as long as its parent's."""
ROOM = 400
"""Characters an instruction may always have."""
LEAK_WORDS = 8
"""A run of this many words copied from an example is a leak."""
_UNWANTED = re.compile(r"</?(think|thinking|reasoning|scratchpad)>|<\|[^|]*\|>|\[/?INST\]", re.IGNORECASE)


def problem(
    child: PromptTemplate, parent: PromptTemplate, *, examples: Sequence[Example], known: Collection[str]
) -> str | None:
    """Return why a child is not worth trying, in words its author can act on; None where it is.

    Args:
        child: the proposal.
        parent: what it was made from.
        examples: whose texts may not be copied into the instruction.
        known: content hashes of the candidates tried or rejected before.
    """
    text = f"{child.system}\n{child.instruction}"
    if not text.strip() and (parent.system or parent.instruction):
        return "The proposal is empty."
    if child.content_hash in known:
        return "The same prompt was tried before."
    if _UNWANTED.search(text):
        return "The proposal holds reasoning or chat tags."
    if child.item != parent.item or child.contract != parent.contract:
        return "The proposal changes how the input is shown or how the answer is read; both must stay."
    allowed = max(ROOM, MAXIMUM_GROWTH * len(parent.system + parent.instruction))
    if len(text) > allowed:
        return f"The instruction has {len(text)} characters; at most {allowed:.0f} are allowed."
    if leak := leaked(text, examples):
        return f'The proposal copies from an example: "{leak}".'
    if static_characters(child) == 0:
        return "The proposal is empty."
    return None


def leaked(text: str, examples: Sequence[Example]) -> str | None:
    """Return the first run of 8 words that stands in the text and in an example's input or expected output."""
    sources = (source for example in examples for source in (*example.inputs.values(), *(example.expected or ())))
    return copied(text, sources, words=LEAK_WORDS)


def copied(text: str, sources: Iterable[str], *, words: int) -> str | None:
    """Return the first run of so many words that stands in the text and in one of the sources; None without one."""
    ours = set(_runs(text, words))
    theirs = (run for source in sources for run in _runs(source, words)) if ours else iter(())
    return next((" ".join(run) for run in theirs if run in ours), None)


def _runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[i : i + length]) for i in range(len(words) - length + 1))
