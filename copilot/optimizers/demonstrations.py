"""Which worked examples to show: balanced over the labels, diverse, short; several different sets by draw.

Evidence: exemplar search beats instruction search for small models (arXiv 2406.15708).
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from copilot.domain.prompt import BANK_CHARACTERS, MOST_BANKED, Demonstration, Retrieval
from copilot.domain.run import Trial
from tasks.duplicates import families
from tasks.kinds.base import Kind
from tasks.model import Example, OutputContract

SHORT_SHARE = 0.6
"""Demonstrations are drawn from this shortest share of the pool: they are paid for on every call."""
PASSING = 0.7
"""Value from which an output is good enough to be shown as an example, besides passing each criterion."""
LONG = 2.0
"""Examples longer than so many times the median are not retrieved: several of them would fill the context."""


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
    # Of each label the shortest: the last one written stays.
    shortest = {_label(example): example for example in reversed(by_length)}
    short += [shortest[label] for label in sorted(missing)]
    chosen = _dealt(short, count, rng)
    rng.shuffle(chosen)
    return tuple(_shown(example, kind, contract) for example in chosen)


def passing(examples: Sequence[Example], trials: Mapping[str, Trial]) -> tuple[Example, ...]:
    """Return those examples whose output passed every criterion and is good on the whole, with it as the expected one.

    Args:
        examples: rows that no score is taken on.
        trials: what was tried on them, by example.
    """
    found = []
    for example in examples:
        trial = trials.get(example.id)
        good = trial is not None and trial.passed is True and trial.value is not None and trial.value >= PASSING
        if good and trial is not None and trial.output:
            output = (trial.output,) if isinstance(trial.output, str) else trial.output
            found.append(example.model_copy(update={"expected": output}))
    return tuple(found)


def distinct(pool: Sequence[Example]) -> tuple[Example, ...]:
    """Return the first of each group of examples with the same inputs."""
    firsts = families(["\n".join(example.inputs.values()) for example in pool], near=False)
    return tuple(example for position, example in enumerate(pool) if firsts[position] == position)


def unlike(pool: Sequence[Example]) -> tuple[Example, ...]:
    """Return the examples that no other one of the pool repeats, exactly or nearly."""
    firsts = families(["\n".join(example.inputs.values()) for example in pool])
    sizes = Counter(firsts)
    return tuple(example for example, first in zip(pool, firsts, strict=True) if sizes[first] == 1)


def bank(pool: Sequence[Example], *, count: int, kind: Kind, contract: OutputContract) -> Retrieval | None:
    """Return a bank from which `count` demonstrations are chosen per input; None where there is no choice.

    Its beginning is balanced over the labels: that is what is shown where nothing is similar, or nothing can choose.

    Args:
        pool: examples that no score is taken on.
        count: demonstrations shown with every input.
        kind: writes the expected output as the assistant would.
        contract: the form of the answer.
    """
    known = distinct([example for example in pool if example.expected is not None])
    known = tuple(example for example in known if example.inputs.keys() == known[0].inputs.keys())
    if count < 1 or len(known) <= count:
        return None
    longest = LONG * median(map(_length, known))
    dealt = _dealt([example for example in known if _length(example) <= longest], MOST_BANKED, random.Random("bank"))
    shown: list[Demonstration] = []
    room = BANK_CHARACTERS
    for example in dealt:
        demonstration = _shown(example, kind, contract)
        room -= len(demonstration.output) + sum(map(len, demonstration.inputs.values()))
        if room >= 0:
            shown.append(demonstration)
    return Retrieval(count=count, bank=tuple(shown)) if len(shown) > count else None


def _shown(example: Example, kind: Kind, contract: OutputContract) -> Demonstration:
    return Demonstration(
        inputs=example.inputs,
        output=kind.demonstrate(example.expected or (), contract),
        example_id=example.id,
    )


def _dealt(examples: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    """Deal from the labels in turn, each time the example least like those already chosen."""
    decks: dict[str, list[Example]] = {}
    for example in examples:
        decks.setdefault(_label(example), []).append(example)
    names = sorted(decks)
    rng.shuffle(names)
    for name in names:
        rng.shuffle(decks[name])
    words = {id(example): _words(example) for example in examples}
    shown: list[set[str]] = []
    chosen: list[Example] = []
    while len(chosen) < count and any(decks.values()):
        for name in names:
            if decks[name] and len(chosen) < count:
                candidates = decks[name][:4]
                pick = min(candidates, key=lambda example: _likeness(words[id(example)], shown))
                decks[name].remove(pick)
                shown.append(words[id(pick)])
                chosen.append(pick)
    return chosen


def _label(example: Example) -> str:
    expected = example.expected
    if not expected:
        return "" if expected is None else "(none)"
    return expected[0] if len(expected) == 1 and len(expected[0].split()) <= 3 else "text"


def _length(example: Example) -> int:
    return sum(map(len, example.inputs.values())) + sum(map(len, example.expected or ()))


def _likeness(words: set[str], chosen: Sequence[set[str]]) -> float:
    """Return the largest share of common words with any chosen example."""
    return max((len(words & other) / max(1, len(words | other)) for other in chosen), default=0.0)


def _words(example: Example) -> set[str]:
    return set(" ".join(example.inputs.values()).lower().split())
