import pytest

from tasks.fingerprint import Fingerprint, Lengths
from tasks.model import SuccessCriterion, Task, TaskKind
from tasks.plan import plan

TASK = Task(name="t", kind=TaskKind.SUMMARIZATION)


def measured(kind: TaskKind = TaskKind.SUMMARIZATION, **facts: object) -> Fingerprint:
    usual: dict[str, object] = {
        "kind": kind,
        "n": 100,
        "fields": ("document",),
        "documents": 100,
        "largest_family": 1,
        "input_tokens": Lengths(median=200, p95=300, maximum=400),
        "expected_tokens": Lengths(median=30, p95=50, maximum=60),
        "expected_words": Lengths(median=20, p95=40, maximum=50),
    }
    return Fingerprint.model_validate({**usual, **facts})


@pytest.mark.parametrize(
    ("context", "counts"),
    [(8192, (0, 1, 2, 4, 8)), (1000, (0, 1)), (1200, (0, 1, 2)), (300, (0,)), (None, (0, 1, 2, 4, 8))],
)
def test_demonstrations_fit_into_the_context(context: int | None, counts: tuple[int, ...]) -> None:
    assert plan(TASK, measured(), context_length=context).demonstration_counts == counts


def test_demonstrations_are_no_more_than_the_pool_holds() -> None:
    assert plan(TASK, measured(n=12, documents=12)).demonstration_counts == (0, 1, 2)


def test_no_demonstrations_without_expected_outputs() -> None:
    chosen = plan(TASK, measured(without_expected=1.0))

    assert chosen.demonstration_counts == (0,)
    assert chosen.warnings[0].startswith("No example has an expected output")


def test_answers_have_room_for_a_long_reference() -> None:
    assert plan(TASK, measured()).max_output_tokens == 73
    assert plan(TASK, measured(expected_tokens=Lengths())).max_output_tokens == 96


@pytest.mark.parametrize(
    ("kind", "words", "evaluator"),
    [
        (TaskKind.SUMMARIZATION, 20, "rouge_l"),
        (TaskKind.DOCUMENT_QA, 2, "squad_f1"),
        (TaskKind.CLASSIFICATION, 1, "exact_match"),
        (TaskKind.KEYWORD_EXTRACTION, 9, "keyword_f1"),
        (TaskKind.CUSTOM, 3, "exact_match"),
        (TaskKind.CUSTOM, 4, "rouge_l"),
    ],
)
def test_default_criteria(kind: TaskKind, words: int, evaluator: str) -> None:
    facts = measured(kind, expected_words=Lengths(median=words, p95=words, maximum=words))

    assert plan(Task(name="t", kind=kind), facts).criteria == (SuccessCriterion(evaluator=evaluator),)


def test_own_criteria_are_kept() -> None:
    own = (SuccessCriterion(evaluator="length", parameters={"maximum": 3}),)

    chosen = plan(TASK.model_copy(update={"criteria": own}), measured())

    assert chosen.criteria == own
    assert not any("criterion" in note for note in chosen.notes)


def test_first_rung_grows_with_the_labels_and_is_at_most_half_of_dev() -> None:
    task = Task(name="t", kind=TaskKind.CLASSIFICATION)
    labels = tuple("abcdef")
    facts = measured(TaskKind.CLASSIFICATION, labels=labels, label_counts=dict.fromkeys(labels, 16))

    assert plan(task, facts).first_rung == 12
    assert plan(TASK, measured()).first_rung == 8
    assert plan(TASK, measured(n=20)).first_rung == 4


def test_texts_that_share_their_wording_are_linked_by_exact_copies_only() -> None:
    chosen = plan(TASK, measured(documents=10, largest_family=60))

    assert not chosen.link_near_duplicates
    assert any("share their wording" in note for note in chosen.notes)


def test_every_decision_has_a_note() -> None:
    chosen = plan(TASK, measured())

    assert len(chosen.notes) == 5
    assert all(note.endswith(".") for note in chosen.notes)
    assert chosen.warnings == ()


@pytest.mark.parametrize(
    ("facts", "warning"),
    [
        ({"n": 10}, "There are only 10 examples"),
        ({"without_expected": 0.1}, "10 of 100 examples have no expected output"),
        ({"conflicting": 1}, "One example repeats an earlier input with a different"),
        ({"duplicates": 3}, "3 examples repeat an earlier input"),
        ({"near_duplicates": 2}, "2 examples are nearly the same"),
        ({"groups": 1}, "belong to one group"),
        ({"input_tokens": Lengths(median=1, p95=1, maximum=5000)}, "too long for the model's 4096 tokens"),
        ({"input_tokens": Lengths(median=1, p95=2000, maximum=2000)}, "Some inputs are long"),
        ({"languages": {"en": 0.6, "de": 0.4}}, "several languages (en 60%, de 40%)"),
        ({"labels": ("a", "b"), "label_counts": {"a": 96, "b": 4}}, "Fewer than 5 examples have the label b (4)"),
        ({"labels": ("a", "b"), "label_counts": {"a": 96, "b": 4}, "balance": 0.24}, "right for 96% of the examples"),
        ({"labels": ("a", "b"), "label_counts": {"a": 90, "b": 0}}, "No example has the label b"),
        ({"labels": ("a", "b"), "label_counts": {"a": 9, "b": 9, "c": 9}}, "that the task does not list: c"),
        ({"labels": ("a", "A"), "label_counts": {"a": 9, "A": 9}}, "differ in spelling only"),
        ({"labels": ("a",), "label_counts": {"a": 9}}, "fewer than two labels"),
    ],
)
def test_warnings_are_in_a_users_words(facts: dict[str, object], warning: str) -> None:
    kind = TaskKind.CLASSIFICATION if "labels" in facts else TaskKind.SUMMARIZATION

    chosen = plan(Task(name="t", kind=kind), measured(kind, **facts))

    assert any(warning in text for text in chosen.warnings), chosen.warnings


def test_misspelt_slots_and_inputs_left_out_are_pointed_at() -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA, prompt="Answer {qestion} as {'json': 1} {name}")

    warnings = plan(task, measured(TaskKind.DOCUMENT_QA, fields=("document", "question"))).warnings

    assert warnings == ("The prompt holds {qestion}, which is no input and stays as it is: did you mean {question}?",)
    assert plan(
        task.model_copy(update={"prompt": "Answer {question}"}),
        measured(TaskKind.DOCUMENT_QA, fields=("document", "question")),
    ).warnings == ("The prompt never shows the input document to the model.",)
