"""Runs from queue to result on both databases: claims, fencing, adoption, events, trials."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from copilot.domain.completion import Decoding, Usage
from copilot.domain.events import CandidateProposed, Progress, RunEvent, RunFinished, StageStarted, TrialFinished
from copilot.domain.feedback import Feedback
from copilot.domain.prompt import Candidate, Demonstration, PromptTemplate
from copilot.domain.run import Budget, Comparison, Role, RunConfig, RunResult, RunStatus, Trial, Verdict
from copilot.domain.saved import ModelConnection, RunPlan
from copilot.errors import ModelConfigError, StaleWorker, UserError
from copilot.storage import connections, datasets, events, feedback, runs
from copilot.storage.columns import now
from copilot.storage.database import Database
from copilot.storage.tables import RunRow
from copilot.storage.workers import is_dead, worker_name
from evaluators.base import Score
from tasks.model import Dataset, Example, OutputContract, SchemaConstraint, Task, TaskKind

TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    system="Be brief. \U0001f985",
    item="Answer:\r\n{{text}} ",
    demonstrations=(Demonstration(inputs={"text": "z", "a": "b"}, output="y"),),
    contract=OutputContract(
        form="json",
        json_key="answer",
        constraint=SchemaConstraint(json_schema={"type": "object", "properties": {"answer": {"type": "string"}}}),
    ),
    decoding=Decoding(max_tokens=10),
)
DATASET = Dataset(
    examples=tuple(Example(id=f"row-{n}", inputs={"text": f"t\x00{n}"}, expected=("e",)) for n in range(5))
)
PLAN = RunPlan(
    id="run-1",
    task=Task(name="Tickets", kind=TaskKind.CUSTOM, description="caf\u00e9"),
    dataset_version=DATASET.version,
    config=RunConfig(seed=3, budget=Budget(max_calls=40)),
    task_model="embedded",
    options={"save": "out.yaml"},
)
NOTHING = Comparison(
    n=2,
    seed_score=0.5,
    best_score=0.75,
    delta=0.25,
    ci_low=0.1,
    ci_high=0.4,
    p_value=0.01,
    minimum_detectable_effect=0.2,
)
RESULT = RunResult(
    run_id="run-1",
    verdict=Verdict(outcome="better", sentence="It is better.", holdout=NOTHING, dev=NOTHING),
    template=TEMPLATE,
    user_template=TEMPLATE,
    candidates=(),
    usage={Role.TASK: Usage(calls=3)},
    seconds=1.5,
)


def _trial(example_id: str, *, output: str = "o", candidate_id: str = "seed-1") -> Trial:
    score = Score(evaluator="exact", value=0.5, explanation="half\x00", metadata={"b": 1, "a": [2.5]})
    return Trial(
        candidate_id=candidate_id,
        example_id=example_id,
        output=output,
        raw="raw\x00",
        scores=(score,),
        value=0.5,
        passed=False,
        usage=Usage(calls=1, prompt_tokens=9),
    )


@pytest.fixture
def queued(database: Database) -> Database:
    with database.writing() as session:
        datasets.save_dataset(session, dataset=DATASET)
        runs.create_run(session, plan=PLAN)
    return database


def test_a_queued_run_is_found_as_it_was_planned(queued: Database) -> None:
    same = PLAN.model_copy(update={"id": "other", "config": PLAN.config.model_copy(update={"concurrency": 1})})
    with queued.reading() as session:
        saved = runs.find_run(session, signature=same.signature)
        assert saved is not None
        assert saved.plan == PLAN
        assert saved.summary.status is RunStatus.QUEUED
        assert saved.result is None
        assert datasets.get_dataset(session, version=DATASET.version) == DATASET
        assert datasets.find_example(session, version=DATASET.version, example_id="row-3") == DATASET.examples[3]
        assert runs.find_run(session, signature="x") is None
        assert runs.list_runs(session, search="ticke") == (saved.summary,)
        assert runs.list_runs(session, search="%") == ()
        assert runs.list_runs(session, status=RunStatus.FAILED) == ()
        assert runs.unfinished_runs(session) == (saved.summary,)
        with pytest.raises(UserError, match="no run nowhere"):
            runs.get_run(session, run_id="nowhere")


def test_the_same_examples_are_kept_once(database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            assert datasets.save_dataset(session, dataset=DATASET) == DATASET.version
            first = datasets.save_task(session, task=PLAN.task)
            assert datasets.save_task(session, task=PLAN.task) == first
            assert datasets.get_task(session, task_id=first) == PLAN.task
    with database.reading() as session:
        assert len(datasets.get_dataset(session, version=DATASET.version).examples) == 5


def test_a_late_worker_is_refused_and_leaves_no_trace(queued: Database) -> None:
    with queued.writing() as session:
        first = runs.claim_run(session, run_id="run-1", worker="elsewhere:1")
    assert first is not None
    with queued.writing() as session:
        assert runs.claim_run(session, run_id="run-1") is None
        assert runs.unfinished_runs(session) == ()
    with queued.writing() as session:
        stale = update(RunRow).values(heartbeat_at=now() - timedelta(seconds=31)).where(col(RunRow.id) == "run-1")
        session.exec(stale)
    with queued.writing() as session:
        assert [run.id for run in runs.unfinished_runs(session)] == ["run-1"]
        second = runs.claim_run(session, run_id="run-1")
    assert second is not None
    assert second.attempt == 2
    assert second.worker == worker_name()
    stage = StageStarted(stage="seeds", message="m")
    with pytest.raises(StaleWorker), queued.writing() as session:
        events.append_events(session, claim=first, events=[stage])
    with pytest.raises(StaleWorker), queued.writing() as session:
        runs.heartbeat(session, claim=first)
    with pytest.raises(StaleWorker), queued.writing() as session:
        runs.finish_run(session, claim=first, result=RESULT)
    with queued.writing() as session:
        assert events.append_events(session, claim=second, events=[stage]) == 1
    with queued.reading() as session:
        assert [event.attempt for event in events.list_events(session, run_id="run-1")] == [2]


def test_the_run_of_a_dead_process_is_taken_at_once(queued: Database) -> None:
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    dead = f"{worker_name().rpartition(':')[0]}:{done.stdout.strip()}"
    assert is_dead(dead)
    assert not is_dead(worker_name())
    assert not is_dead("another-host:1")
    with queued.writing() as session:
        assert runs.claim_run(session, run_id="run-1", worker=dead) is not None
    with queued.writing() as session:
        again = runs.claim_run(session, run_id="run-1")
    assert again is not None
    assert again.attempt == 2


def test_events_come_back_in_order_and_finish_the_run(queued: Database) -> None:
    told: list[RunEvent] = [
        StageStarted(stage="seeds", message="Trying", planned_calls=4),
        CandidateProposed(candidate=Candidate(id="seed-1", template=TEMPLATE, operator="user")),
        TrialFinished(split="dev", trial=_trial("row-1")),
        TrialFinished(split="holdout", trial=_trial("row-1", output="other")),
        Progress(calls=2, tokens=30, max_calls=40),
        RunFinished(result=RESULT),
    ]
    with queued.writing() as session:
        claim = runs.claim_run(session, run_id="run-1")
        assert claim is not None
        assert events.append_events(session, claim=claim, events=told[:3]) == 3
        assert events.append_events(session, claim=claim, events=told[3:]) == 6
    with queued.reading() as session:
        saved = events.list_events(session, run_id="run-1")
        assert [one.event for one in saved] == told
        assert [one.sequence for one in saved] == [1, 2, 3, 4, 5, 6]
        assert [one.event for one in events.list_events(session, run_id="run-1", after=4)] == told[4:]
        assert [one.event for one in events.list_events(session, run_id="run-1", types=("progress",))] == [told[4]]
        assert events.list_events(session, run_id="run-1", attempt=2) == ()
        assert events.list_candidates(session, run_id="run-1")[0].template.content_hash == TEMPLATE.content_hash
        assert list(events.list_trials(session, run_id="run-1", split="holdout")) == [told[3]]
        assert events.list_trials(session, run_id="run-1", example_id="row-2") == ()
        run = runs.get_run(session, run_id="run-1")
        assert run.result == RESULT
        assert run.summary.outcome == "better"
        assert run.summary.status is RunStatus.FINISHED
        assert run.summary.finished_at is not None
        assert run.summary.finished_at.utcoffset() == timedelta(0)
        seen = runs.holdout_seen(session, dataset_version=DATASET.version, except_run="later")
        assert seen == {"row-1"}
        assert runs.holdout_seen(session, dataset_version=DATASET.version, except_run="run-1") == frozenset()
    with queued.writing() as session:
        assert runs.claim_run(session, run_id="run-1") is None


def test_a_resumed_run_replaces_its_trials_and_keeps_both_histories(queued: Database) -> None:
    for output in ("before", "after"):
        with queued.writing() as session:
            claim = runs.claim_run(session, run_id="run-1", stale_after=0)
            assert claim is not None
            trial = TrialFinished(split="dev", trial=_trial("row-1", output=output))
            events.append_events(session, claim=claim, events=[trial])
    with queued.reading() as session:
        assert [one.trial.output for one in events.list_trials(session, run_id="run-1")] == ["after"]
        assert [one.attempt for one in events.list_events(session, run_id="run-1")] == [1, 2]


def test_stop_fail_and_release_leave_the_run_to_be_claimed_again(queued: Database) -> None:
    with queued.writing() as session:
        claim = runs.claim_run(session, run_id="run-1")
        assert claim is not None
        assert runs.heartbeat(session, claim=claim) is False
        runs.request_stop(session, run_id="run-1")
        assert runs.heartbeat(session, claim=claim) is True
        runs.stop_run(session, claim=claim)
        assert runs.get_run(session, run_id="run-1").summary.status is RunStatus.STOPPED
        assert runs.unfinished_runs(session) == ()
        claim = runs.claim_run(session, run_id="run-1")
        assert claim is not None
        assert runs.heartbeat(session, claim=claim) is False
        runs.fail_run(session, claim=claim, error="The model is gone.\x00")
        assert runs.get_run(session, run_id="run-1").summary.error == "The model is gone.\ufffd"
        claim = runs.claim_run(session, run_id="run-1")
        assert claim is not None
        runs.release_run(session, claim=claim)
        [waiting] = runs.unfinished_runs(session)
        assert (waiting.status, waiting.error, waiting.attempt) == (RunStatus.QUEUED, "", 3)
        runs.request_stop(session, run_id="run-1")
        assert runs.get_run(session, run_id="run-1").summary.status is RunStatus.STOPPED


def test_deleting_a_run_deletes_what_hangs_on_it(queued: Database) -> None:
    with queued.writing() as session:
        claim = runs.claim_run(session, run_id="run-1")
        assert claim is not None
        events.append_events(session, claim=claim, events=[TrialFinished(split="dev", trial=_trial("row-1"))])
        with pytest.raises(UserError, match="Stop it first"):
            runs.delete_run(session, run_id="run-1")
        runs.stop_run(session, claim=claim)
        runs.delete_run(session, run_id="run-1")
    with queued.reading() as session:
        assert events.list_trials(session, run_id="run-1") == ()
        assert runs.list_runs(session) == ()


def test_an_edit_becomes_a_preference_and_is_taken_back_with_it(queued: Database) -> None:
    base = Feedback(run_id="run-1", candidate_id="seed-1", example_id="row-1", flag="down", comment="too long\x00")
    with queued.writing() as session:
        claim = runs.claim_run(session, run_id="run-1")
        assert claim is not None
        plain = TEMPLATE.model_copy(update={"system": "", "demonstrations": ()})
        told: list[RunEvent] = [
            CandidateProposed(candidate=Candidate(id="seed-1", template=plain, operator="user")),
            TrialFinished(split="dev", trial=_trial("row-1", output="bad")),
        ]
        events.append_events(session, claim=claim, events=told)
        feedback.add_feedback(session, feedback=base)
        feedback.add_feedback(session, feedback=base.model_copy(update={"edited_output": "bad"}))
        edited = feedback.add_feedback(session, feedback=base.model_copy(update={"edited_output": "good"}))
        with pytest.raises(UserError, match="no output of the prompt seed-9"):
            feedback.add_feedback(session, feedback=base.model_copy(update={"candidate_id": "seed-9"}))
    with queued.writing() as session:
        [saved] = feedback.list_preferences(session, run_id="run-1", source="edit")
        assert (saved.preference.chosen, saved.preference.rejected) == ("good", "bad")
        assert saved.preference.prompt == "Answer:\r\nt\x001 "
        assert len(feedback.list_feedback(session, task="Tickets")) == 3
        assert feedback.list_feedback(session, task="Other") == ()
        assert feedback.list_feedback(session, run_id="run-1", example_id="row-1")[2] == edited
        assert edited.feedback.created_at is not None
        feedback.delete_feedback(session, feedback_id=edited.id)
        assert feedback.list_preferences(session) == ()
        with pytest.raises(UserError, match="no feedback number 99"):
            feedback.delete_feedback(session, feedback_id=99)


def test_a_model_connection_is_replaced_and_forgotten(database: Database) -> None:
    one = ModelConnection(name="house", kind="tgi", url="http://host:8080", key_variable="HOUSE_KEY")
    with database.writing() as session:
        connections.save_connection(session, connection=one)
        connections.save_connection(session, connection=one.model_copy(update={"kind": "openai"}))
        found = connections.find_connection(session, name="house")
        assert found is not None
        assert found.kind == "openai"
        assert connections.list_connections(session) == (found,)
        connections.delete_connection(session, name="house")
        assert connections.find_connection(session, name="house") is None
        with pytest.raises(ModelConfigError, match="no model 'house'"):
            connections.delete_connection(session, name="house")
