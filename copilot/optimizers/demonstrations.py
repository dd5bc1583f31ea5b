"""Which worked examples to show: balanced over the labels, diverse, short; several different sets by draw.

Evidence: exemplar search beats instruction search for small models (arXiv 2406.15708).
"""

import random
from collections.abc import Sequence

from copilot.domain.prompt import Demonstration
from tasks.kinds.base import Kind
from tasks.model import Example, OutputContract

SHORT_SHARE = 0.6
"""Demonstrations are drawn from this shortest share of the pool: they are paid for on every call."""


def choose(
    pool: Sequence[Example],
    *,
    count: int,
    draw: int,
    kind: Kind,
    contract: OutputContract,
) -> tuple[Demonstration, ...]:
    """Return `count` demonstrations (fewer where the pool is small), the same for the same arguments.

    Args:
        pool: examples that no score is taken on.
        count: how many.
        draw: number of the draw; different draws give different sets.
        kind: writes the expected output as the assistant would.
        contract: the form of the answer.
    """
    known = [example for example in pool if example.expected is not None]
    if not known or count < 1:
        return ()
    rng = random.Random(f"{draw}")
    by_length = sorted(known, key=lambda example: (_length(example), example.id))
    least = min(len(known), max(2 * count, round(SHORT_SHARE * len(known))))
    short = by_length[:least]
    missing = {_label(example) for example in known} - {_label(example) for example in short}
    short += [next(example for example in by_length if _label(example) == label) for label in sorted(missing)]
    chosen = _balanced(short, count, rng)
    return tuple(
        Demonstration(
            inputs=example.inputs,
            output=kind.demonstrate(example.expected or (), contract),
            example_id=example.id,
        )
        for example in chosen
    )


def _balanced(examples: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    """Deal from the labels in turn, each time the example least like those already chosen."""
    decks: dict[str, list[Example]] = {}
    for example in examples:
        decks.setdefault(_label(example), []).append(example)
    names = sorted(decks)
    rng.shuffle(names)
    for name in names:
        rng.shuffle(decks[name])
    chosen: list[Example] = []
    while len(chosen) < count and any(decks.values()):
        for name in names:
            if decks[name] and len(chosen) < count:
                candidates = decks[name][:4]
                pick = min(candidates, key=lambda example: _likeness(example, chosen))
                decks[name].remove(pick)
                chosen.append(pick)
    rng.shuffle(chosen)
    return chosen


def _label(example: Example) -> str:
    expected = example.expected
    if not expected:
        return "" if expected is None else "(none)"
    return expected[0] if len(expected) == 1 and len(expected[0].split()) <= 3 else "text"


def _length(example: Example) -> int:
    return sum(map(len, example.inputs.values())) + sum(map(len, example.expected or ()))


def _likeness(example: Example, chosen: Sequence[Example]) -> float:
    """Return the largest share of common words with any chosen example."""
    words = _words(example)
    return max((len(words & other) / max(1, len(words | other)) for other in map(_words, chosen)), default=0.0)


def _words(example: Example) -> set[str]:
    return set(" ".join(example.inputs.values()).lower().split())
