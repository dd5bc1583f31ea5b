"""Success criteria of saved tasks: catalogue, checks, suggestions, a judge beside a person."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import Budget, Copilot, Dataset, Example, FakeModel, Feedback, SuccessCriterion, Task, TaskKind
from copilot.domain.completion import CompletionRequest
from copilot.errors import CriterionError, UserError
from copilot.service import criteria_catalogue, criteria_ideas, criteria_judges
from copilot.storage.saved_tasks import link_run
from copilot.types import CheckedRow, Suggestion
from evaluators.registry import EVALUATORS

IDEAS = {
    "checks": [
        {"check": "length", "parameters": {"maximum": 12}, "reason": "Notes have to be short."},
        {"check": "length", "parameters": {"maximum": 1, "unit": "characters"}, "reason": "This contradicts all rows."},
        {"check": "language_is", "parameters": {"language": "xx"}, "reason": "There is no such language."},
        {"check": "nothing", "parameters": {}, "reason": "There is no such check."},
    ]
}


def _answer(request: CompletionRequest) -> str:
    return json.dumps(IDEAS) if "You help a person" in request.messages[-1].content else "5"


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    with Copilot(tmp_path, model=FakeModel(script=_answer)) as opened:
        yield opened


def _rows(n: int = 10) -> Dataset:
    return Dataset(
        examples=tuple(
            Example(id=str(i), inputs={"text": f"Text {i}."}, expected=(" ".join(["word"] * (i + 1)),))
            for i in range(n)
        )
    )


def _task(copilot: Copilot, description: str = "", rows: Dataset | None = None, **given: object) -> str:
    fields = {"name": "Notes", "kind": TaskKind.CUSTOM, "description": description, **given}
    return copilot.tasks.create(Task.model_validate(fields), examples=_rows() if rows is None else rows).id


def _suggested(copilot: Copilot, task: str) -> dict[str, Suggestion]:
    return {suggestion.criterion.evaluator: suggestion for suggestion in copilot.criteria.suggest(task)}


def test_every_evaluator_stands_in_one_group_of_the_catalogue() -> None:
    names = [entry.name for entry in criteria_catalogue.entries()]
    assert sorted(names) == sorted(EVALUATORS)
    grouped = [name for names in criteria_catalogue._GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(EVALUATORS)


def test_the_catalogue_keeps_to_the_kind(copilot: Copilot) -> None:
    names = {entry.name for entry in copilot.criteria.catalogue(TaskKind.CLASSIFICATION)}
    assert "one_of" in names
    assert "rouge_l" not in names


def test_expected_answers_go_through_a_criterion(copilot: Copilot) -> None:
    task = _task(copilot)
    found = copilot.criteria.check(task, SuccessCriterion(evaluator="length", parameters={"maximum": 7}))
    assert (found.passed, found.scored, found.total) == (7, 10, 10)
    assert found.failures[0].reason == "Has 10 words; at most 7 allowed."
    lenient = SuccessCriterion(evaluator="length", parameters={"maximum": 7}, threshold=0.7)
    assert copilot.criteria.check(task, lenient).passed == 10


def test_rows_without_an_expected_answer_are_counted_apart(copilot: Copilot) -> None:
    rows = Dataset(examples=(*_rows(2).examples, Example(id="x", inputs={"text": "Alone."})))
    found = copilot.criteria.check(_task(copilot, rows=rows), SuccessCriterion(evaluator="no_refusal"))
    assert (found.passed, found.scored, found.without_expected, found.total) == (2, 2, 1, 3)


@pytest.mark.parametrize(
    ("criterion", "rows", "obstacle"),
    [
        (SuccessCriterion(evaluator="length"), None, "bad_parameter"),
        (SuccessCriterion(evaluator="no_refusal"), Dataset(examples=()), "no_examples"),
        (
            SuccessCriterion(evaluator="no_refusal"),
            Dataset(examples=(Example(id="1", inputs={"text": "x"}),)),
            "no_expected",
        ),
        (SuccessCriterion(evaluator="judge", parameters={"rubric": "Good."}), None, "asks_model"),
    ],
)
def test_what_cannot_be_checked_says_why(
    copilot: Copilot, criterion: SuccessCriterion, rows: Dataset | None, obstacle: str
) -> None:
    found = copilot.criteria.check(_task(copilot, rows=rows), criterion)
    assert found.obstacle == obstacle
    assert found.problem.endswith(".")
    assert found.calls == (10 if obstacle == "asks_model" else 0)


def test_of_many_examples_some_are_looked_at(copilot: Copilot) -> None:
    found = copilot.criteria.check(_task(copilot, rows=_rows(450)), SuccessCriterion(evaluator="no_refusal"))
    assert (found.looked_at, found.total) == (200, 450)


def test_no_answer_is_an_answer_in_document_questions(copilot: Copilot) -> None:
    rows = Dataset(examples=(Example(id="1", inputs={"document": "A.", "question": "B?"}, expected=()),))
    task = _task(copilot, kind=TaskKind.DOCUMENT_QA, rows=rows)
    assert copilot.criteria.check(task, SuccessCriterion(evaluator="squad_f1")).passed == 1


def test_a_description_in_so_many_words_is_taken_at_its_word(copilot: Copilot) -> None:
    task = _task(copilot, 'Reply in French in at most 30 words, with bullet points and no names. Never say "sorry".')
    found = _suggested(copilot, task)
    assert found["length"].criterion.parameters == {"maximum": 30, "unit": "words"}
    assert found["length"].reason == "Your description says “at most 30 words”."
    assert found["language_is"].criterion.parameters == {"language": "fr"}
    assert found["contains_none"].criterion.parameters == {"values": ["sorry"]}
    assert "no person" in str(found["judge"].criterion.parameters["rubric"])
    bullets = found["regex"].criterion
    rows = Dataset(
        examples=(
            Example(id="1", inputs={"text": "a"}, expected=("- one\n- two",)),
            Example(id="2", inputs={"text": "b"}, expected=("one\n- two",)),
        )
    )
    assert copilot.criteria.check(_task(copilot, rows=rows), bullets).passed == 1


def test_the_examples_suggest_what_they_have_in_common(copilot: Copilot) -> None:
    rows = Dataset(
        examples=tuple(
            Example(id=str(i), inputs={"text": f"Write to a{i}@example.org"}, expected=('{"city": "Oslo", "n": 1}',))
            for i in range(6)
        )
    )
    found = _suggested(copilot, _task(copilot, rows=rows))
    assert found["json_schema"].criterion.parameters == {"json_schema": {"type": "object", "required": ["city", "n"]}}
    assert found["no_personal_data"].reason.startswith("6 of 6 texts hold")


def test_expected_outputs_of_brackets_only_suggest_no_structure(copilot: Copilot) -> None:
    deep = Dataset(examples=tuple(Example(id=str(i), inputs={"text": "a"}, expected=("[" * 9_000,)) for i in range(6)))
    assert "json_schema" not in _suggested(copilot, _task(copilot, rows=deep))


def test_labels_are_a_must(copilot: Copilot) -> None:
    task = _task(copilot, kind=TaskKind.CLASSIFICATION, labels=("a", "b"))
    suggested = _suggested(copilot, task)["one_of"].criterion
    assert suggested.parameters == {"values": ["a", "b"]}
    assert suggested.requirement == "must"


def test_what_is_there_is_not_suggested_again(copilot: Copilot) -> None:
    task = _task(copilot, "At most 30 words.")
    for suggestion in copilot.criteria.suggest(task):
        copilot.criteria.add(task, suggestion.criterion)
    assert copilot.criteria.suggest(task) == ()


def test_the_copilot_adds_what_can_be_read_and_fits_the_examples(copilot: Copilot) -> None:
    found = copilot.criteria.ask_for_suggestions(_task(copilot))
    assert [idea.criterion.parameters for idea in found.suggestions] == [{"maximum": 12}]
    assert (found.calls, found.turned_down) == (1, 3)


@pytest.mark.parametrize(
    "text", ["", "no", "[1, 2]", '{"checks": "length"}', "{" * 5000, '{"checks": [{"check": {}}]}']
)
def test_unreadable_ideas_are_none(text: str) -> None:
    assert criteria_ideas.read(text, {"length"}) == []


def test_adding_keeps_what_counted_by_default(copilot: Copilot) -> None:
    task = _task(copilot)
    saved = copilot.criteria.add(task, SuccessCriterion(evaluator="no_refusal"))
    assert [known.evaluator for known in saved.task.criteria] == ["rouge_l", "no_refusal"]
    gone = copilot.criteria.remove(task, 0)
    assert gone.evaluator == "rouge_l"
    assert copilot.criteria.add(task, gone, at=0).task.criteria == saved.task.criteria


def test_what_cannot_be_used_is_not_saved(copilot: Copilot) -> None:
    task = _task(copilot)
    with pytest.raises(CriterionError):
        copilot.criteria.add(task, SuccessCriterion(evaluator="length"))
    with pytest.raises(UserError, match="another window"):
        copilot.criteria.replace(task, 0, SuccessCriterion(evaluator="no_refusal"))
    with pytest.raises(UserError, match="another window"):
        copilot.criteria.remove(task, 7)
    assert copilot.tasks.get(task).task.criteria == ()


@pytest.mark.parametrize("name", list(EVALUATORS))
def test_every_criterion_has_a_starting_point(copilot: Copilot, name: str) -> None:
    start = copilot.criteria.starting_point(_task(copilot), name)
    left_open = {"regex", "judge", "contains_all", "contains_any", "contains_none", "one_of"}
    assert bool(copilot.criteria.problem(start)) == (name in left_open)


def test_a_judge_is_tried_on_a_few_rows(copilot: Copilot) -> None:
    judge = SuccessCriterion(evaluator="judge", parameters={"rubric": "Good."})
    task = _task(copilot)
    rows = list(copilot.criteria.judge_rows(task, judge, rows=4))
    assert len(rows) == 4
    assert all(row.passed for row in rows)
    assert [row.example_id for row in copilot.criteria.judge_rows(task, judge, example_id="3")] == ["3"]


def _pairs(same: int, different: int, *, good: int) -> list[tuple[bool, CheckedRow]]:
    def row(passed: bool) -> CheckedRow:
        return CheckedRow(example_id="1", text="", output="", value=float(passed), passed=passed, reason="")

    pairs = [(number < good, row(number < good)) for number in range(same)]
    return [*pairs, *((False, row(True)) for _ in range(different))]


@pytest.mark.parametrize(
    ("pairs", "trust"),
    [
        (_pairs(10, 0, good=5), "too_few"),
        (_pairs(30, 0, good=30), "one_sided"),
        (_pairs(30, 1, good=15), "good"),
        (_pairs(20, 8, good=10), "partial"),
        (_pairs(12, 12, good=10), "low"),
    ],
)
def test_trust_follows_from_agreement_beyond_chance(pairs: list[tuple[bool, CheckedRow]], trust: str) -> None:
    found = criteria_judges.compared(pairs, rated=len(pairs), calls=0)
    assert found.trust == trust
    assert found.n == len(pairs)
    assert found.wanted == max(0, 20 - len(pairs))
    if trust == "good":
        assert found.kappa is not None and found.low is not None and found.high is not None
        assert found.low <= found.kappa <= found.high


def test_a_judge_stands_beside_its_users_ratings(copilot: Copilot) -> None:
    judge = SuccessCriterion(evaluator="judge", parameters={"rubric": "Good."})
    task = _task(copilot, rows=_rows(12))
    saved = copilot.criteria.save(task, [SuccessCriterion(evaluator="exact_match")])
    run = copilot.improve(saved.task, copilot.tasks.dataset(task), budget=Budget(max_calls=30))
    with copilot.workspace.database.writing() as session:
        link_run(session, task_id=task, run_id=run.id)
    waiting = copilot.criteria.outputs_to_rate(task, most=3)
    assert len(waiting) == 3
    for output, flag in zip(waiting, ("up", "down", "up"), strict=True):
        copilot.add_feedback(
            Feedback(
                run_id=output.run_id,
                candidate_id=output.candidate_id,
                example_id=output.example_id,
                flag="up" if flag == "up" else "down",
            )
        )
    rated = {(output.candidate_id, output.example_id) for output in waiting}
    left = copilot.criteria.outputs_to_rate(task, most=50)
    assert not rated & {(output.candidate_id, output.example_id) for output in left}
    # The run did not ask this judge, so it has to be asked now, and its answers are kept.
    before = copilot.criteria.agreement(task, judge)
    assert (before.n, before.rated, before.calls, before.trust) == (0, 3, 3, "too_few")
    after = copilot.criteria.agreement(task, judge, ask=True)
    assert (after.n, after.calls, after.wanted) == (3, 0, 17)
    assert after.share == pytest.approx(2 / 3)
    # What the run has scored by itself needs no call.
    assert copilot.criteria.agreement(task, SuccessCriterion(evaluator="exact_match")).n == 3
