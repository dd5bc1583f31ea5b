from collections import Counter

import pytest

from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task, TaskKind
from tasks.plan import plan
from tasks.split import folds, kept_from_holdout, split, stratified

TASK = Task(name="t", kind=TaskKind.CLASSIFICATION)


def rows(n: int, *, labels: int = 4, known: int | None = None) -> Dataset:
    """Rows that share no words, with their labels in turn; the first `known` have one."""
    return Dataset(
        examples=tuple(
            Example(
                id=str(number),
                inputs={"text": " ".join(f"word{number}x{place}" for place in range(9))},
                expected=(f"label{number % labels}",) if known is None or number < known else None,
            )
            for number in range(n)
        )
    )


@pytest.mark.parametrize(("n", "sizes"), [(80, (20, 32, 28)), (200, (50, 80, 70)), (40, (8, 18, 14))])
def test_shares_follow_the_number_of_examples(n: int, sizes: tuple[int, int, int]) -> None:
    data = rows(n)
    parts = split(data, plan(TASK, fingerprint(TASK.kind, data)), seed=3)

    assert (len(parts.pool), len(parts.dev), len(parts.holdout)) == sizes
    assert not parts.cross_fitted


def test_every_beginning_of_a_part_is_stratified() -> None:
    data = rows(80)
    parts = split(data, plan(TASK, fingerprint(TASK.kind, data)), seed=1)

    for part in (parts.pool, parts.dev, parts.holdout):
        for end in range(4, len(part) + 1, 4):
            counts = Counter(example.expected[0] for example in part[:end] if example.expected)
            assert set(counts.values()) == {end // 4}


def test_what_people_have_spoken_of_leaves_the_holdout_which_stays_as_large() -> None:
    data = rows(80)
    facts = plan(TASK, fingerprint(TASK.kind, data))
    parts = split(data, facts, seed=1)
    known = [example.id for example in (*parts.holdout[:6], *parts.dev[:4])]
    moved = kept_from_holdout(parts, facts, known, seed=1)

    assert not {example.id for example in moved.holdout} & set(known)
    assert (len(moved.dev), len(moved.holdout), moved.pool) == (len(parts.dev), len(parts.holdout), parts.pool)
    assert {example.id for example in (*moved.dev, *moved.holdout)} == {e.id for e in (*parts.dev, *parts.holdout)}
    assert Counter(example.expected for example in moved.holdout) == Counter(e.expected for e in parts.holdout)
    assert kept_from_holdout(parts, facts, [e.id for e in parts.dev], seed=1) == parts, "nothing of it is known"
    everything = kept_from_holdout(parts, facts, [e.id for e in (*parts.dev, *parts.holdout)], seed=1)
    assert everything.holdout == (), "nothing is left to exchange it for"


def test_a_document_that_somebody_spoke_of_leaves_the_holdout_as_a_whole() -> None:
    data = Dataset(examples=tuple(e.model_copy(update={"group": str(int(e.id) // 2)}) for e in rows(80).examples))
    facts = plan(TASK, fingerprint(TASK.kind, data))
    parts = split(data, facts, seed=1)
    group = parts.holdout[0].group
    moved = kept_from_holdout(parts, facts, [parts.holdout[0].id], seed=1)
    assert group not in {example.group for example in moved.holdout}
    assert len(moved.holdout) == len(parts.holdout)
    assert not {example.group for example in moved.holdout} & {example.group for example in moved.dev}


def test_parts_that_are_joined_again_are_stratified_anew() -> None:
    data = rows(30)
    parts = split(data, plan(TASK, fingerprint(TASK.kind, data)), seed=1)
    joined = stratified((*parts.dev, *parts.holdout), seed=1)

    assert {example.id for example in joined} == {example.id for example in (*parts.dev, *parts.holdout)}
    whole = Counter(example.expected for example in joined)
    for end in (4, 8, 16):
        counts = Counter(example.expected for example in joined[:end])
        assert all(abs(counts[label] - end * whole[label] / len(joined)) <= 1 for label in whole)


def test_beginnings_hold_frequent_labels_more_often() -> None:
    rare, frequent = ([e for e in rows(40).examples if e.expected == (label,)] for label in ("label0", "label1"))
    counts = Counter(example.expected for example in stratified([*rare[:2], *frequent], seed=1)[:6])

    assert counts == {("label0",): 1, ("label1",): 5}


def test_the_order_depends_on_the_seed_and_not_on_the_rows_order() -> None:
    examples = rows(40).examples

    assert stratified(examples, seed=1) == stratified(examples[::-1], seed=1)
    assert stratified(examples, seed=1) != stratified(examples, seed=2)


def test_other_seeds_give_other_splits() -> None:
    data = rows(80)
    chosen = plan(TASK, fingerprint(TASK.kind, data))

    assert split(data, chosen, seed=1) == split(data, chosen, seed=1)
    assert split(data, chosen, seed=1).holdout != split(data, chosen, seed=2).holdout


def test_examples_without_expected_output_are_not_scored() -> None:
    data = rows(100, known=80)
    parts = split(data, plan(TASK, fingerprint(TASK.kind, data)), seed=1)

    assert all(example.expected for example in (*parts.dev, *parts.holdout))
    assert (len(parts.pool), len(parts.dev), len(parts.holdout)) == (40, 32, 28)


def test_below_forty_examples_are_cross_fitted() -> None:
    data = rows(30)
    chosen = plan(TASK, fingerprint(TASK.kind, data))
    rounds = folds(data, chosen, seed=1, repeats=2)

    assert split(data, chosen, seed=1).cross_fitted
    assert [len(one.holdout) for one in rounds] == [6] * 10
    assert rounds[0].holdout != rounds[5].holdout


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_examples_are_no_error(n: int) -> None:
    data = rows(n)
    parts = split(data, plan(TASK, fingerprint(TASK.kind, data)), seed=1)

    assert len(parts.pool) + len(parts.dev) + len(parts.holdout) == n


def test_rare_labels_do_not_all_fall_into_one_part() -> None:
    data = rows(80, labels=80)
    parts = split(data, plan(TASK, fingerprint(TASK.kind, data)), seed=1)

    assert (len(parts.pool), len(parts.dev), len(parts.holdout)) == (20, 32, 28)


def test_questions_about_one_document_stay_together() -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA)
    examples = tuple(
        Example(
            id=str(number),
            inputs={"document": rows(20).examples[number % 20].inputs["text"], "question": f"what is {number}?"},
            expected=("this",) if number % 4 else (),
        )
        for number in range(80)
    )
    data = Dataset(examples=examples)
    parts = split(data, plan(task, fingerprint(task.kind, data)), seed=1)

    documents = [{e.inputs["document"] for e in part} for part in (parts.pool, parts.dev, parts.holdout)]
    assert not documents[0] & documents[1] and not documents[0] & documents[2] and not documents[1] & documents[2]


def test_questions_about_a_single_document_are_divided_all_the_same() -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA)
    data = Dataset(
        examples=tuple(
            Example(id=str(n), inputs={"document": "The one manual.", "question": f"q{n}?"}, expected=(f"a{n}",))
            for n in range(80)
        )
    )
    chosen = plan(task, fingerprint(task.kind, data))
    parts = split(data, chosen, seed=1)

    assert (len(parts.pool), len(parts.dev), len(parts.holdout)) == (20, 32, 28)
    assert any("one document" in note for note in chosen.notes)
    assert any("holds for these" in warning for warning in chosen.warnings)
