"""Dividing examples: once, by seed, stratified, and never a document or a copy on two sides.

A split depends on the seed and on the contents of the examples, not on the order of the rows.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Sequence

from tasks.duplicates import families
from tasks.fingerprint import estimate_tokens
from tasks.model import Dataset, Example, Split
from tasks.plan import Plan

_TERCILES = 3
_ROUNDS = 5
"""Times every block may move to a better part."""
_TIE = 1e-9
Block = tuple[int, ...]
"""Positions of examples that must stay together."""


def split(dataset: Dataset, plan: Plan, *, seed: int) -> Split:
    """Divide the examples into pool, dev and holdout.

    Examples without an expected output go to the pool, where nothing is scored, unless none has one. Each part is
    in an order whose every beginning is stratified like the whole.

    Args:
        dataset: the examples; ids need not be unique.
        plan: the shares, and what counts as a copy.
        seed: other seeds give other splits.
    """
    shares = plan.shares
    pool, dev, holdout = _divide(dataset.examples, plan, (shares.pool, shares.dev, shares.holdout), seed=seed)
    return Split(pool=pool, dev=dev, holdout=holdout, cross_fitted=plan.cross_fitted)


def kept_from_holdout(parts: Split, plan: Plan, known: Collection[str], *, seed: int) -> Split:
    """Exchange what is known of the holdout for as many other dev examples, so that it stays unseen and as large.

    Copies and documents stay together. Where nothing of the holdout is known, the split is returned as it is.

    Args:
        parts: the split.
        plan: what counts as a copy.
        known: ids of examples that somebody has spoken of to the copilot.
        seed: of the order within the parts.
    """
    if not any(example.id in known for example in parts.holdout):
        return parts
    examples = (*parts.dev, *parts.holdout)
    strata, border = _strata(examples), len(parts.dev)
    told = {position for position, example in enumerate(examples) if example.id in known}
    blocks = _blocks(examples, plan)
    out = [block for block in blocks if block[0] >= border and told & set(block)]
    free = [block for block in blocks if block[0] < border and not told & set(block)]
    moved: dict[int, bool] = {}
    for block in out:
        moved |= dict.fromkeys(block, True)
        wanted = [other for other in free if len(other) == len(block)]
        alike = [other for other in wanted if strata[other[0]] == strata[block[0]]]
        if replacement := next(iter(alike or wanted), None):
            free.remove(replacement)
            moved |= dict.fromkeys(replacement, False)
    dev = [example for place, example in enumerate(examples) if moved.get(place, place < border)]
    holdout = [example for place, example in enumerate(examples) if not moved.get(place, place < border)]
    return parts.model_copy(update={"dev": stratified(dev, seed=seed), "holdout": stratified(holdout, seed=seed)})


def stratified(examples: Sequence[Example], *, seed: int) -> tuple[Example, ...]:
    """Return the examples in an order whose every beginning is stratified like the whole.

    Args:
        examples: in any order, which does not matter.
        seed: other seeds give other orders.
    """
    ranks = [_rank(example, seed) for example in examples]
    return tuple(examples[position] for position in _interleaved(range(len(examples)), _strata(examples), ranks))


def folds(dataset: Dataset, plan: Plan, *, seed: int, k: int | None = None, repeats: int = 1) -> tuple[Split, ...]:
    """Divide the examples `repeats` times into k splits each, so that every one is held out once per repeat.

    Args:
        dataset: the examples.
        plan: the shares of pool and dev within what is not held out.
        seed: the first repeat's seed; the next ones count up from it.
        k: folds per repeat; None: the plan's.
        repeats: how often the whole is done, each time with other folds.

    Returns:
        k * repeats splits; a fold is empty where there are fewer documents than folds.
    """
    k = k or plan.folds
    result: list[Split] = []
    for turn in range(seed, seed + repeats):
        parts = _divide(dataset.examples, plan, (1 / k,) * k, seed=turn)
        for held, holdout in enumerate(parts):
            rest = tuple(example for number, part in enumerate(parts) if number != held for example in part)
            inner = plan.shares.pool / (plan.shares.pool + plan.shares.dev)
            pool, dev = _divide(rest, plan, (inner, 1 - inner), seed=turn)
            result.append(Split(pool=pool, dev=dev, holdout=holdout, cross_fitted=True))
    return tuple(result)


def _divide(
    examples: Sequence[Example], plan: Plan, shares: tuple[float, ...], *, seed: int
) -> tuple[tuple[Example, ...], ...]:
    ranks = [_rank(example, seed) for example in examples]
    strata = _strata(examples)
    blocks = _blocks(examples, plan)
    turns = {position: turn for turn, position in enumerate(_interleaved(range(len(examples)), strata, ranks))}
    # The largest first: small ones then even out what these leave uneven.
    blocks.sort(key=lambda block: (-len(block), min(turns[position] for position in block)))
    known = [example.expected is not None for example in examples]
    scored = [block for block in blocks if not any(known) or any(known[position] for position in block)]
    parts = _assign(scored, strata, shares)
    kept = set(scored)
    parts[0].extend(position for block in blocks if block not in kept for position in block)
    return tuple(tuple(examples[position] for position in _interleaved(part, strata, ranks)) for part in parts)


def _rank(example: Example, seed: int) -> str:
    """A pseudo-random number from the contents; the id only parts examples that are equal otherwise."""
    content = json.dumps([seed, sorted(example.inputs.items()), example.expected, example.group], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest() + example.id


def _strata(examples: Sequence[Example]) -> list[Hashable]:
    """Label where outputs repeat, else the third into which the expected output's length falls, else the input's."""
    firsts = [example.expected[0] if example.expected else None for example in examples]
    distinct = {first for first in firsts if first is not None}
    present = sum(first is not None for first in firsts)
    if present and len(distinct) <= present / 2 and all(len(example.expected or ()) <= 1 for example in examples):
        return [(example.expected is None, first) for example, first in zip(examples, firsts, strict=True)]
    if present:
        sizes = [estimate_tokens(" ".join(example.expected or ())) for example in examples]
    else:
        sizes = [estimate_tokens(" ".join(example.inputs.values())) for example in examples]
    ordered = sorted(size for size, example in zip(sizes, examples, strict=True) if example.expected or not present)
    bounds = [ordered[len(ordered) * third // _TERCILES] for third in range(1, _TERCILES)] if ordered else []
    return [
        (example.expected is None, bool(example.expected), sum(size >= bound for bound in bounds))
        for example, size in zip(examples, sizes, strict=True)
    ]


def _blocks(examples: Sequence[Example], plan: Plan) -> list[Block]:
    """Join examples by group, by repeated input, and by (nearly) repeated document."""
    documents = ["\n".join(example.inputs.get(name, "") for name in plan.document_fields) for example in examples]
    whole = ["\n".join(example.inputs.values()) for example in examples]
    parents = families(documents, near=plan.link_near_duplicates)
    by_group: dict[str, int] = {}
    grouped = [
        position if example.group is None else by_group.setdefault(example.group, position)
        for position, example in enumerate(examples)
    ]
    for links in (families(whole, near=False), grouped):
        for position, first in enumerate(links):
            one, other = sorted((_root(parents, position), _root(parents, first)))
            parents[other] = one
    members: dict[int, list[int]] = defaultdict(list)
    for position in range(len(examples)):
        members[_root(parents, position)].append(position)
    return [tuple(positions) for positions in members.values()]


def _root(parents: list[int], position: int) -> int:
    while parents[position] != position:
        parents[position] = parents[parents[position]]
        position = parents[position]
    return position


def _assign(blocks: Sequence[Block], strata: Sequence[Hashable], shares: tuple[float, ...]) -> list[list[int]]:
    """Give each block to the part that it brings nearest to its share of every stratum and of the total.

    Then blocks move as long as that brings the parts nearer still.
    """
    holdings = [Counter(strata[position] for position in block) for block in blocks]
    totals: Counter[Hashable] = Counter()
    for holding in holdings:
        totals.update(holding)
    counts: list[Counter[Hashable]] = [Counter() for _ in shares]

    def cost(part: int, holding: Counter[Hashable]) -> float:
        share, have = shares[part], counts[part]
        by_stratum = sum(_growth(have[stratum] - share * totals[stratum], more) for stratum, more in holding.items())
        return by_stratum + _growth(have.total() - share * totals.total(), holding.total())

    homes = []
    for holding in holdings:
        homes.append(min(range(len(shares)), key=lambda part: cost(part, holding)))
        counts[homes[-1]].update(holding)
    for _ in range(_ROUNDS):
        before = list(homes)
        for number, holding in enumerate(holdings):
            counts[homes[number]].subtract(holding)
            stay = cost(homes[number], holding) - _TIE
            best = min(range(len(shares)), key=lambda part: cost(part, holding))
            homes[number] = best if cost(best, holding) < stay else homes[number]
            counts[homes[number]].update(holding)
        if homes == before:
            break
    return [
        [position for block, home in zip(blocks, homes, strict=True) if home == part for position in block]
        for part in range(len(shares))
    ]


def _growth(excess: float, added: int) -> float:
    """How much the squared distance from the target grows when `added` more join."""
    return (excess + added) ** 2 - excess**2


def _interleaved(part: Sequence[int], strata: Sequence[Hashable], ranks: Sequence[str]) -> list[int]:
    """Order a part so that every beginning of it holds each stratum in proportion."""
    by_stratum: dict[Hashable, list[int]] = defaultdict(list)
    for position in sorted(part, key=lambda position: ranks[position]):
        by_stratum[strata[position]].append(position)
    placed = [
        ((place + 0.5) / len(positions), ranks[position], position)
        for positions in by_stratum.values()
        for place, position in enumerate(positions)
    ]
    return [position for _, _, position in sorted(placed)]
