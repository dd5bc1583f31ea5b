"""A split is complete, disjoint, near its shares, blind to the order of rows, and never divides a group."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.duplicates import families
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task, TaskKind
from tasks.plan import Plan, plan
from tasks.split import folds, split

WORDS = [f"w{number}" for number in range(400)]
TASK = Task(name="t", kind=TaskKind.CLASSIFICATION)


@st.composite
def datasets(draw: st.DrawFn, *, groups: bool = True) -> Dataset:
    """Rows of random words; some copied, some copied with a few words changed, some grouped."""
    n = draw(st.integers(1, 120))
    labels = draw(st.integers(1, 6))
    copies = draw(st.sampled_from([0.0, 0.1, 0.3]))
    grouped = draw(st.sampled_from([0.0, 0.5])) if groups else 0.0
    source = random.Random(draw(st.integers(0, 10_000)))
    texts: list[list[str]] = []
    for _ in range(n):
        if texts and source.random() < copies:
            words = list(source.choice(texts))
            if source.random() < 0.5:
                words[source.randrange(len(words))] = "changed"
        else:
            words = source.choices(WORDS, k=source.randint(8, 30))
        texts.append(words)
    return Dataset(
        examples=tuple(
            Example(
                id=str(number),
                inputs={"text": " ".join(words)},
                expected=(f"label{source.randrange(labels)}",),
                group=f"g{source.randrange(n // 3 + 1)}" if source.random() < grouped else None,
            )
            for number, words in enumerate(texts)
        )
    )


def planned(dataset: Dataset) -> Plan:
    return plan(TASK, fingerprint(TASK.kind, dataset))


@settings(deadline=None)
@given(datasets(), st.integers(0, 5))
def test_parts_are_disjoint_and_complete(dataset: Dataset, seed: int) -> None:
    parts = split(dataset, planned(dataset), seed=seed)

    ids = [example.id for part in (parts.pool, parts.dev, parts.holdout) for example in part]
    assert sorted(ids) == sorted(example.id for example in dataset.examples)


@settings(deadline=None)
@given(datasets(), st.integers(0, 5))
def test_groups_and_copies_stay_in_one_part(dataset: Dataset, seed: int) -> None:
    chosen = planned(dataset)
    parts = split(dataset, chosen, seed=seed)

    home = {e.id: number for number, part in enumerate((parts.pool, parts.dev, parts.holdout)) for e in part}
    family = families([e.inputs["text"] for e in dataset.examples], near=chosen.link_near_duplicates)
    by_group: dict[str, set[int]] = {}
    for position, example in enumerate(dataset.examples):
        assert home[example.id] == home[dataset.examples[family[position]].id]
        if example.group is not None:
            by_group.setdefault(example.group, set()).add(home[example.id])
    assert all(len(parts_of_group) == 1 for parts_of_group in by_group.values())


@settings(deadline=None)
@given(datasets(groups=False), st.integers(0, 5))
def test_sizes_are_near_the_shares(dataset: Dataset, seed: int) -> None:
    chosen = planned(dataset)
    parts = split(dataset, chosen, seed=seed)

    largest = max(Counter(families([e.inputs["text"] for e in dataset.examples])).values())
    for part, share in (
        (parts.pool, chosen.shares.pool),
        (parts.dev, chosen.shares.dev),
        (parts.holdout, chosen.shares.holdout),
    ):
        assert abs(len(part) - share * len(dataset.examples)) <= largest + 1


@settings(deadline=None)
@given(datasets(), st.integers(0, 5), st.randoms(use_true_random=False))
def test_order_of_rows_plays_no_part(dataset: Dataset, seed: int, source: random.Random) -> None:
    chosen = planned(dataset)
    shuffled = list(dataset.examples)
    source.shuffle(shuffled)

    assert split(dataset, chosen, seed=seed) == split(Dataset(examples=tuple(shuffled)), chosen, seed=seed)


@settings(deadline=None, max_examples=30)
@given(datasets(), st.integers(0, 5), st.integers(2, 5), st.integers(1, 2))
def test_every_example_is_held_out_once_per_repeat(dataset: Dataset, seed: int, k: int, repeats: int) -> None:
    rounds = folds(dataset, planned(dataset), seed=seed, k=k, repeats=repeats)

    assert len(rounds) == k * repeats
    held = Counter(example.id for one in rounds for example in one.holdout)
    assert held == dict.fromkeys((example.id for example in dataset.examples), repeats)
    for one in rounds:
        assert one.cross_fitted
        assert len({e.id for e in (*one.pool, *one.dev, *one.holdout)}) == len(dataset.examples)
