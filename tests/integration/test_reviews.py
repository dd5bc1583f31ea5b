"""Feedback and blind comparisons over a real run: what is said is kept, undone, exported, learned from."""

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from copilot import Budget, Copilot, Dataset, Example, FakeModel, Feedback, Run, Task, UserError
from copilot.domain.completion import CompletionRequest
from copilot.domain.reviews import Side
from copilot.storage.feedback import list_preferences
from copilot.types import SavedTask
from tasks.model import TaskKind

TASK = Task(
    name="tickets",
    kind=TaskKind.CLASSIFICATION,
    description="Sort the ticket by what the customer wants.",
    labels=("refund", "delivery"),
    prompt="What is it about? {text}",
)
EXAMPLES = Dataset(
    examples=tuple(
        Example(
            id=str(n),
            inputs={"text": f"ticket {n}: {'my money back' if n % 2 else 'where is my parcel'}"},
            expected=("refund" if n % 2 else "delivery",),
        )
        for n in range(60)
    )
)


def answer(request: CompletionRequest) -> str:
    last = request.messages[-1].content
    right = "refund" if "money" in last else "delivery"
    return right if len(request.messages) > 1 or "refund" in last else "delivery"


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    with Copilot(tmp_path / "home", model=FakeModel(answer)) as opened:
        yield opened


@pytest.fixture
def task(copilot: Copilot) -> SavedTask:
    return copilot.tasks.create(TASK, examples=EXAMPLES)


@pytest.fixture
def run(copilot: Copilot, task: SavedTask) -> Run:
    done = copilot.improve(TASK, EXAMPLES, budget=Budget(max_calls=150))
    copilot.tasks.link_run(task.id, done.id)
    return done


def said(run: Run, example_id: str, candidate_id: str = "user", **words: object) -> Feedback:
    return Feedback.model_validate({"run_id": run.id, "candidate_id": candidate_id, "example_id": example_id, **words})


def test_outputs_are_listed_failures_first_and_say_what_was_rated(copilot: Copilot, run: Run) -> None:
    reviews = copilot.reviews
    prompts = reviews.prompts(run.id)
    assert [prompt.role for prompt in prompts[:2]] == ["chosen", "own"]
    assert prompts[0].outputs > 10
    everything = reviews.ids(run.id, "user")
    page = reviews.page(run.id, "user", limit=5)
    assert page.total == len(everything) == prompts[1].outputs
    assert [line.example_id for line in page.lines] == list(everything[:5])
    assert not page.lines[0].passed
    assert page.lines[0].input.startswith("ticket ")
    saved = reviews.add(said(run, everything[2], flag="down"))
    assert reviews.page(run.id, "user", limit=5).lines[2].rating == saved
    assert reviews.ids(run.id, "user", show="rated") == (everything[2],)
    assert set(reviews.ids(run.id, "user", show="open")) == set(everything) - {everything[2]}
    assert 0 < len(reviews.ids(run.id, "user", show="failures")) < len(everything)
    assert {prompt.id: prompt.rated for prompt in reviews.prompts(run.id)}["user"] == 1
    item = reviews.item(run.id, "user", everything[2])
    assert (item.output, item.rating, item.example.expected) == (item.trial.output, saved, item.example.expected)
    with pytest.raises(UserError, match="no such answer"):
        reviews.item(run.id, "user", "nowhere")


def test_what_is_said_again_replaces_what_was_said_and_can_be_taken_back(copilot: Copilot, run: Run) -> None:
    reviews = copilot.reviews
    row = reviews.page(run.id, "user", show="failures").lines[0]
    reviews.add(said(run, row.example_id, flag="down"))
    edited = reviews.add(said(run, row.example_id, flag="down", edited_output="refund, please"))
    assert edited is not None
    assert [comment.saved for comment in reviews.list(run.id)] == [edited]
    with copilot.workspace.database.reading() as session:
        [preference] = list_preferences(session, run_id=run.id)
    assert (preference.preference.chosen, preference.preference.rejected) == ("refund, please", row.output)
    same = reviews.add(said(run, row.example_id, comment="fine", edited_output=row.output))
    assert same is not None and same.feedback.edited_output is None, "an unchanged answer is no edit"
    with copilot.workspace.database.reading() as session:
        assert list_preferences(session, run_id=run.id) == ()
    other = reviews.add(said(run, row.example_id, flag="up", author="Ida"))
    assert other is not None and len(reviews.list(run.id)) == 2, "two people may say two things"
    assert reviews.add(said(run, row.example_id)) is None
    assert [comment.saved for comment in reviews.list(run.id)] == [other]
    reviews.undo(other.id)
    assert reviews.list(run.id) == ()
    with pytest.raises(UserError, match="no feedback"):
        reviews.undo(other.id)


def test_all_comments_are_exported_and_formulas_are_not_run(copilot: Copilot, run: Run, tmp_path: Path) -> None:
    first, second = copilot.reviews.ids(run.id, "user")[:2]
    copilot.reviews.add(said(run, first, comment="=1+1", value=0.25, tag="wrong"))
    copilot.reviews.add(said(run, second, flag="up", comment="a,\nb"))
    copilot.reviews.export(run.id, tmp_path / "said.csv")
    with (tmp_path / "said.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["comment"] for row in rows] == ["'=1+1", "a,\nb"]
    assert (rows[0]["value"], rows[0]["tag"], rows[0]["prompt"]) == ("0.25", "wrong", "your own prompt")
    assert (rows[1]["thumb"], rows[1]["expected"]) == ("up", "refund" if int(second) % 2 else "delivery")
    copilot.reviews.export(run.id, tmp_path / "said.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "said.xlsx")["rows"]["I2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_corrected_answer_becomes_an_example_and_can_be_undone(copilot: Copilot, run: Run, task: SavedTask) -> None:
    reviews = copilot.reviews
    name = reviews.ids(run.id, "user")[0]
    bare = reviews.add(said(run, name, flag="down"))
    assert bare is not None
    with pytest.raises(UserError, match="as it should be"):
        reviews.to_example(bare.id)
    wrong = reviews.add(said(run, name, edited_output="holiday"))
    assert wrong is not None
    with pytest.raises(UserError, match="none of the labels"):
        reviews.to_example(wrong.id)
    right = reviews.add(said(run, name, edited_output=" Refund. "))
    assert right is not None
    before = copilot.tasks.examples(task.id)
    change = reviews.to_example(right.id)
    after = {row.example.id: row for row in copilot.tasks.examples(task.id)}
    assert (after[name].example.expected, after[name].origin, after[name].accepted) == (("refund",), "feedback", True)
    assert len(after) == len(before)
    reviews.undo_example(change)
    assert copilot.tasks.examples(task.id) == before
    copilot.tasks.remove_examples(task.id, [name])
    change = reviews.to_example(right.id)
    assert change.before is None and len(copilot.tasks.examples(task.id)) == len(before)
    reviews.undo_example(change)
    assert len(copilot.tasks.examples(task.id)) == len(before) - 1


def test_sides_are_drawn_stay_and_name_nobody(copilot: Copilot, run: Run) -> None:
    reviews = copilot.reviews
    chosen = reviews.prompts(run.id)[0].id
    lefts, seen = [], []
    while (pair := (queue := reviews.pairs(run.id, "user", chosen)).next) is not None:
        assert reviews.pairs(run.id, "user", chosen).next == pair
        assert reviews.pairs(run.id, chosen, "user").next == pair, "whoever is called first"
        item = reviews.item(run.id, chosen, pair.example.id)
        lefts.append(pair.left == item.output)
        seen.append(pair.example.id)
        side: Side = "left" if pair.left == item.output else "right"
        reviews.vote(run.id, "user", chosen, example_id=pair.example.id, side=side if len(seen) % 4 else "tie")
    assert 0 < sum(lefts) < len(lefts)
    assert len(set(seen)) == queue.total == queue.judged
    assert queue.total + queue.identical == reviews.prompts(run.id)[1].outputs or queue.identical > 0
    rate = reviews.win_rate(run.id, "user", chosen)
    ties = len(seen) // 4
    assert (rate.first, rate.second, rate.ties, rate.left) == (0, len(seen) - ties, ties, 0)
    assert rate.rate == (rate.second + ties / 2) / len(seen)
    assert rate.low is not None and rate.high is not None and rate.low < rate.rate < rate.high
    assert rate.p_value == pytest.approx(2 * 0.5**rate.second)
    turned = reviews.win_rate(run.id, chosen, "user")
    assert (turned.first, turned.second, turned.p_value) == (rate.second, 0, rate.p_value)


def test_votes_become_preferences_and_undo_takes_both_back(copilot: Copilot, run: Run) -> None:
    reviews = copilot.reviews
    chosen = reviews.prompts(run.id)[0].id
    pair = reviews.pairs(run.id, "user", chosen).next
    assert pair is not None
    reviews.vote(run.id, "user", chosen, example_id=pair.example.id, side="tie")
    vote = reviews.vote(run.id, "user", chosen, example_id=pair.example.id, side="left")
    assert reviews.win_rate(run.id, "user", chosen).n == 1, "a second vote replaces the first"
    with copilot.workspace.database.reading() as session:
        [preference] = list_preferences(session, source="comparison")
    assert (preference.preference.chosen, preference.preference.rejected) == (pair.left, pair.right)
    assert pair.example.inputs["text"] in preference.preference.prompt
    assert reviews.pairs(run.id, "user", chosen).last_vote == vote.id
    reviews.undo_vote(vote.id)
    assert reviews.win_rate(run.id, "user", chosen).n == 0
    assert reviews.win_rate(run.id, "user", chosen).p_value is None
    with copilot.workspace.database.reading() as session:
        assert list_preferences(session, source="comparison") == ()
    for wrong in ({"first_id": "user", "second_id": "user"}, {"first_id": "user", "second_id": "nobody"}):
        with pytest.raises(UserError, match="prompt"):
            reviews.pairs(run.id, **wrong)
    with pytest.raises(UserError, match="no such pair"):
        reviews.vote(run.id, "user", chosen, example_id="nowhere", side="left")


def test_the_next_improvement_hears_what_was_said(tmp_path: Path) -> None:
    with Copilot(tmp_path / "home", model="fake") as copilot:
        saved = copilot.tasks.create(TASK, examples=EXAMPLES)
        first = copilot.tasks.start_run(saved.id, max_calls=100).wait(timeout=120)
        with pytest.raises(UserError, match="no feedback yet"):
            copilot.reviews.refine(first.id)
        name = copilot.reviews.ids(first.id, "user")[0]
        copilot.reviews.add(said(first, name, flag="up"))
        assert copilot.reviews.counts(first.id).heard == 0, "praise alone teaches nothing"
        copilot.reviews.add(said(first, name, comment="never say maybe", edited_output="refund"))
        assert copilot.reviews.counts(first.id).model_dump() == {"rated": 1, "edited": 1, "heard": 1}
        copilot.tasks.rename(saved.id, "renamed")
        second = copilot.reviews.refine(first.id)
        assert second.id != first.id
        assert second.saved.plan.config.budget.max_calls == 100
        told = second.saved.plan.options["said"]
        assert isinstance(told, list) and "never say maybe" in str(told[0]) and "refund" in str(told[0])
        second.wait(timeout=120)
        assert [run.id for run in copilot.tasks.runs(saved.id)] == [second.id, first.id]
