"""The product in Python, with the model that needs no server."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

import copilot as root
from copilot import Budget, Copilot, CopilotError, Dataset, Example, FakeModel, Feedback, RunStatus, Task, UserError
from copilot.domain.completion import Completion, CompletionRequest
from copilot.errors import StaleWorker
from copilot.service import runs
from copilot.service.results import document
from copilot.storage import runs as storage
from copilot.storage.claims import STALE_SECONDS
from copilot.storage.tables import RunRow
from tasks.model import TaskKind

TASK = Task(
    name="tickets",
    kind=TaskKind.CLASSIFICATION,
    description="Sort the ticket by what the customer wants.",
    labels=("refund", "delivery"),
    prompt="What is it about? {text}",
)
DATASET = Dataset(
    examples=tuple(
        Example(
            id=str(n),
            inputs={"text": f"ticket {n}: {'my money back' if n % 2 else 'where is my parcel'}"},
            expected=("refund" if n % 2 else "delivery",),
        )
        for n in range(60)
    )
)
SMALL = Budget(max_calls=80)


def answer(request: CompletionRequest) -> str:
    last = request.messages[-1].content
    label = "refund" if "money" in last else "delivery"
    return label if len(request.messages) > 1 or "refund" in last else f"about {label}, I think"


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    with Copilot(tmp_path / "home", model=FakeModel(answer)) as opened:
        yield opened


def test_the_root_hands_out_its_names_and_no_others() -> None:
    assert len(root.__all__) <= 40
    assert all(getattr(root, name) is not None for name in root.__all__)
    with pytest.raises(AttributeError, match="Pilot"):
        root.__getattr__("Pilot")


def test_a_run_can_be_looked_at_from_all_sides(copilot: Copilot) -> None:
    events: list[root.RunEvent] = []
    run = copilot.improve(TASK, DATASET, budget=SMALL, on_event=events.append)
    assert events[-1].type == "run_finished"
    assert run.status is RunStatus.FINISHED
    assert run.verdict.outcome in ("better", "no_evidence", "worse")
    assert sum(usage.calls for usage in run.usage.values()) <= SMALL.max_calls
    assert [saved.event.type for saved in run.events()] == [event.type for event in events]
    assert {trial.candidate_id for trial in run.trials()} <= {prompt.id for prompt in run.prompts()}
    assert "".join(piece.text for piece in run.diff() if piece.change != "new").strip()
    assert all(failure.reasons for failure in run.failures(limit=10))
    assert [summary.id for summary in copilot.runs()] == [run.id]
    assert copilot.improve(TASK, DATASET, budget=SMALL).id == run.id, "the same arguments are the same run"
    assert copilot.improve(TASK, DATASET, budget=SMALL, again=True).id != run.id


async def test_everything_works_inside_a_running_loop(copilot: Copilot) -> None:
    run = await copilot.improve_async(TASK, DATASET, budget=SMALL)
    template = run.template
    row = {"text": "ticket: my money back"}
    assert (await template.arun(row)).output == template.run(row).output
    rows = [{"text": f"ticket {n}: {'money' if n % 2 else 'parcel'}"} for n in range(20)]
    awaited = [result.output async for result in template.amap(rows)]
    assert awaited == [result.output for result in template.map(rows)]
    assert len(await asyncio.gather(*(template.arun(row) for _ in range(5)))) == 5


def test_templates_are_saved_labelled_and_found(copilot: Copilot, tmp_path: Path) -> None:
    run = copilot.improve(TASK, DATASET, budget=SMALL)
    saved = run.save_template("sort", labels=["production"])
    assert copilot.template("sort@production").template == run.template.template
    assert copilot.label_template("sort", "staging").after == saved.version
    copilot.export("sort", tmp_path / "sort.yaml")
    assert copilot.template(tmp_path / "sort.yaml").template.content_hash == saved.content_hash
    copilot.export("sort", tmp_path / "sort.py")
    assert "def answer" in (tmp_path / "sort.py").read_text()
    with pytest.raises(UserError, match=r"\.yaml"):
        copilot.export("sort", tmp_path / "sort.docx")


def test_a_template_is_a_langchain_runnable(copilot: Copilot) -> None:
    template = copilot.improve(TASK, DATASET, budget=SMALL).template
    runnable = template.as_runnable()
    rows = [{"text": "ticket: my money back"}, {"text": "ticket: parcel"}]
    assert runnable.batch(rows) == [template.run(row).output for row in rows]
    assert asyncio.run(runnable.ainvoke(rows[0])) == template.run(rows[0]).output


def test_feedback_starts_a_new_run_that_knows_of_it(copilot: Copilot) -> None:
    run = copilot.improve(TASK, DATASET, budget=SMALL)
    trial = run.trials(split="dev")[0]
    said = Feedback(
        run_id=run.id, candidate_id=trial.candidate_id, example_id=trial.example_id, flag="down", comment="too vague"
    )
    copilot.add_feedback(said)
    assert [saved.feedback.comment for saved in run.feedback()] == ["too vague"]
    again = copilot.improve(TASK, DATASET, budget=SMALL)
    assert again.id != run.id
    assert again.verdict.holdout_used_before
    assert copilot.improve(TASK, DATASET, budget=SMALL).id == again.id


def test_a_run_in_the_background_outlives_its_caller(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Copilot(home, model="fake") as copilot:
        run_id = copilot.start_run(TASK, DATASET, budget=SMALL).id
    with Copilot(home, model="fake") as copilot:
        run = copilot.get_run(run_id).wait(timeout=120)
        assert run.verdict.holdout.n > 0
        assert run.saved.summary.worker != ""
        assert copilot.start_run(TASK, DATASET, budget=SMALL).id == run_id


def test_a_stopped_run_keeps_what_it_did_and_goes_on(copilot: Copilot) -> None:
    def stop_soon(event: root.RunEvent) -> None:
        if event.type == "rung_finished":
            copilot.get_run(copilot.runs()[0].id).stop()

    slow = _Slow(answer)
    with Copilot(copilot.workspace.home, model=slow) as other:
        with pytest.raises(CopilotError, match="stopped"):
            other.improve(TASK, DATASET, budget=Budget(max_calls=150), on_event=stop_soon)
        stopped = other.runs()[0]
        assert stopped.status is RunStatus.STOPPED
        done = len(other.get_run(stopped.id).trials())
        assert done > 0
        slow.seconds = 0.0
        run = other.resume(stopped.id)
        assert run.status is RunStatus.FINISHED
        assert run.result.replayed_calls >= done


class _Slow(FakeModel):
    seconds = 0.15

    async def complete(self, request: CompletionRequest) -> Completion:
        await asyncio.sleep(self.seconds)
        return await super().complete(request)


def test_a_model_made_in_code_cannot_go_to_the_background(copilot: Copilot) -> None:
    with pytest.raises(UserError, match="background"):
        copilot.start_run(TASK, DATASET)


def test_no_examples_are_an_error_before_anything_is_asked(copilot: Copilot) -> None:
    with pytest.raises(UserError, match="no examples"):
        copilot.improve(TASK, Dataset(examples=()))
    assert copilot.runs() == ()


def test_another_process_is_followed(copilot: Copilot) -> None:
    assignment = copilot.assignment(TASK, DATASET, budget=SMALL)
    first = runs.start(copilot.workspace, assignment)
    second = runs.start(copilot.workspace, assignment)
    assert first.claim is not None
    assert second.claim is None

    async def both() -> tuple[root.Run, root.Run]:
        return await asyncio.gather(copilot.work(first), copilot.work(second))

    one, other = copilot.portal.call(both())
    assert one.id == other.id
    assert one.status is RunStatus.FINISHED


def test_a_run_whose_process_on_another_machine_is_lost_is_gone_on_with(copilot: Copilot) -> None:
    assignment = copilot.assignment(TASK, DATASET, budget=SMALL)
    first = runs.start(copilot.workspace, assignment, claim=False)
    with copilot.workspace.database.writing() as session:
        lost = storage.claim_run(session, run_id=first.run.plan.id, worker="elsewhere:1")
    second = runs.start(copilot.workspace, assignment)
    assert lost is not None
    assert second.claim is None, "it shows signs of life"

    async def fall_silent() -> None:
        with copilot.workspace.database.writing() as session:
            long_ago = datetime.now(UTC) - timedelta(seconds=2 * STALE_SECONDS)
            session.exec(update(RunRow).values(heartbeat_at=long_ago))

    async def both() -> root.Run:
        run, _ = await asyncio.gather(copilot.work(second), fall_silent())
        return run

    run = copilot.portal.call(both())
    assert run.status is RunStatus.FINISHED
    assert copilot.runs()[0].attempt == lost.attempt + 1
    with pytest.raises(StaleWorker), copilot.workspace.database.writing() as session:
        storage.heartbeat(session, claim=lost)


def test_both_prompts_of_a_result_document_can_be_run(copilot: Copilot, tmp_path: Path) -> None:
    run = copilot.improve(TASK, DATASET, budget=SMALL)
    saved = runs.get_run(copilot.workspace, run.id)
    assert saved.result is not None
    written = document(saved, saved.result)
    assert TASK.prompt is not None
    assert "What is it about?" in json.dumps(written["user_template"])
    for name, template in (("template", saved.result.template), ("user_template", saved.result.user_template)):
        file = tmp_path / f"{name}.yaml"
        file.write_text(json.dumps(written[name]))
        opened = copilot.template(file)
        assert opened.template == template
        assert opened.run({"text": "where is my parcel"}).output in ("delivery", None)
