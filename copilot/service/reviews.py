"""Reviewing a run's outputs: what is shown, what is said of it, and what follows for examples and files."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from copilot.domain.feedback import Feedback
from copilot.domain.reviews import (
    ExampleChange,
    ReviewCounts,
    ReviewedPrompt,
    ReviewItem,
    ReviewLine,
    ReviewPage,
    ReviewShow,
    SavedComment,
)
from copilot.domain.run import Trial
from copilot.domain.saved import SavedFeedback
from copilot.domain.saved_tasks import SavedExample
from copilot.errors import UserError
from copilot.export.rows import open_row_writer
from copilot.service import results, runs
from copilot.service.workspace import Workspace
from copilot.storage import feedback as opinions
from copilot.storage import reviews as storage
from copilot.storage import runs as stored_runs
from copilot.storage import saved_tasks as stored_tasks
from copilot.storage import saved_tasks_examples as stored_examples
from copilot.storage.datasets import find_example
from copilot.storage.events import list_candidates
from copilot.storage.trial_rows import split_counts
from tasks.kinds.labels import bare
from tasks.kinds.lists import read_list
from tasks.model import Example, Task, TaskKind

EXCERPT = 160
"""Characters of an input and of an answer in a list."""


def prompts(workspace: Workspace, run_id: str) -> tuple[ReviewedPrompt, ...]:
    """Return the run's prompts that have outputs: the one to use, the user's own, then by the number of outputs.

    Raises:
        UserError: there is no such run.
    """
    run = runs.get_run(workspace, run_id)
    with workspace.database.reading() as session:
        counts = split_counts(session, run_id=run_id)
        chosen = None if run.result is None else results.chosen(run, counts)
        outputs, rated = (count(session, run_id=run_id) for count in (storage.count_outputs, storage.count_rated))
        candidates = list_candidates(session, run_id=run_id)
    found = [
        ReviewedPrompt(
            id=candidate.id,
            role="own" if candidate.id == results.USER else "chosen" if candidate.id == chosen else "other",
            number=number,
            rationale=candidate.rationale,
            outputs=outputs[candidate.id],
            rated=rated.get(candidate.id, 0),
        )
        for number, candidate in enumerate(candidates, start=1)
        if outputs.get(candidate.id)
    ]
    places = {"chosen": 0, "own": 1, "other": 2}
    return tuple(sorted(found, key=lambda prompt: (places[prompt.role], -prompt.outputs, prompt.number)))


def page(
    workspace: Workspace, run_id: str, candidate_id: str, *, show: ReviewShow, offset: int = 0, limit: int = 50
) -> ReviewPage:
    """Return a part of a prompt's outputs: failures first, and rows that nothing was tuned on before others.

    Raises:
        UserError: there is no such run.
    """
    with workspace.database.reading() as session:
        version = stored_runs.get_run(session, run_id=run_id).plan.dataset_version
        total = len(storage.output_ids(session, run_id=run_id, candidate_id=candidate_id, show=show))
        trials = storage.list_outputs(
            session, run_id=run_id, candidate_id=candidate_id, show=show, offset=offset, limit=limit
        )
        ids = [trial.example_id for trial in trials]
        examples = storage.examples_of(session, version=version, example_ids=ids)
        said = opinions.list_feedback(session, run_id=run_id, candidate_id=candidate_id)
    rated = {saved.feedback.example_id: saved for saved in said}
    return ReviewPage(
        total=total, lines=tuple(_line(trial, examples, rated) for trial in trials if trial.example_id in examples)
    )


def _line(trial: Trial, examples: Mapping[str, Example], rated: Mapping[str, SavedFeedback]) -> ReviewLine:
    return ReviewLine(
        example_id=trial.example_id,
        passed=trial.passed,
        value=trial.value,
        input=_input(examples[trial.example_id])[:EXCERPT],
        output=storage.output_text(trial)[:EXCERPT],
        rating=rated.get(trial.example_id),
    )


def ids(workspace: Workspace, run_id: str, candidate_id: str, *, show: ReviewShow) -> tuple[str, ...]:
    """Return the examples of a prompt's outputs, in the order of `page`."""
    with workspace.database.reading() as session:
        return storage.output_ids(session, run_id=run_id, candidate_id=candidate_id, show=show)


def item(workspace: Workspace, run_id: str, candidate_id: str, example_id: str) -> ReviewItem:
    """Return one output with all that helps to judge it.

    Raises:
        UserError: there is no such run, or it has no such output.
    """
    with workspace.database.reading() as session:
        run = stored_runs.get_run(session, run_id=run_id)
        trial = storage.find_output(session, run_id=run_id, candidate_id=candidate_id, example_id=example_id)
        found = storage.examples_of(session, version=run.plan.dataset_version, example_ids=[example_id])
        said = opinions.list_feedback(session, run_id=run_id, candidate_id=candidate_id, example_id=example_id)
    if trial is None or example_id not in found:
        raise UserError("There is no such answer in this run. The link may be old.")
    return ReviewItem(
        example=found[example_id], trial=trial, output=storage.output_text(trial), rating=said[-1] if said else None
    )


def say(workspace: Workspace, feedback: Feedback) -> SavedFeedback | None:
    """Store what somebody says of an output, in the place of what the same person said of it before.

    Returns:
        What was stored; None where nothing is said any more.

    Raises:
        UserError: the run has no such output.
    """
    with workspace.database.writing() as session:
        trial = storage.find_output(
            session, run_id=feedback.run_id, candidate_id=feedback.candidate_id, example_id=feedback.example_id
        )
        if trial is not None and feedback.edited_output == storage.output_text(trial):
            feedback = feedback.model_copy(update={"edited_output": None})
        earlier = storage.find_feedback(session, feedback=feedback)
        empty = not (feedback.flag or feedback.tag or feedback.comment)
        saved = None
        if not empty or feedback.value is not None or feedback.edited_output is not None:
            saved = opinions.add_feedback(session, feedback=feedback)
        if earlier is not None:
            # After the new one came, so that its number is not given again: a page may still hold it.
            opinions.delete_feedback(session, feedback_id=earlier)
        return saved


def comments(workspace: Workspace, run_id: str) -> tuple[SavedComment, ...]:
    """Return what was said of a run's outputs, the newest first, with the texts that it is about.

    Raises:
        UserError: there is no such run.
    """
    with workspace.database.reading() as session:
        run = stored_runs.get_run(session, run_id=run_id)
        said = opinions.list_feedback(session, run_id=run_id)
        names = list({saved.feedback.example_id for saved in said})
        examples = storage.examples_of(session, version=run.plan.dataset_version, example_ids=names)
        outputs = storage.outputs_of(session, run_id=run_id, example_ids=names)
    return tuple(_comment(saved, examples, outputs) for saved in reversed(said))


def _comment(
    saved: SavedFeedback, examples: Mapping[str, Example], outputs: Mapping[tuple[str, str], str]
) -> SavedComment:
    said = saved.feedback
    example = examples.get(said.example_id)
    expected = None if example is None or example.expected is None else "; ".join(example.expected)
    return SavedComment(
        saved=saved,
        input="" if example is None else _input(example),
        expected=expected,
        output=outputs.get((said.candidate_id, said.example_id), ""),
    )


def counts(workspace: Workspace, run_id: str) -> ReviewCounts:
    """Return how much was said of a run's outputs, and how much of its task the next improvement hears.

    Raises:
        UserError: there is no such run.
    """
    run = runs.get_run(workspace, run_id)
    with workspace.database.reading() as session:
        said = [saved.feedback for saved in opinions.list_feedback(session, run_id=run_id)]
        saved_task = stored_tasks.task_of_run(session, run_id=run_id)
        name = run.plan.task.name if saved_task is None else saved_task.task.name
        heard = len(storage.instructive(session, task=name))
    return ReviewCounts(rated=len(said), edited=sum(one.edited_output is not None for one in said), heard=heard)


def export(workspace: Workspace, run_id: str, path: Path) -> tuple[str, ...]:
    """Write everything that was said of a run's outputs to .csv, .xlsx, .tsv or .jsonl.

    Returns:
        What the form could not hold, in sentences.

    Raises:
        UserError: there is no such run, or no such form.
        StorageError: the file cannot be written.
    """
    names = {prompt.id: prompt for prompt in prompts(workspace, run_id)}
    rows = [_row(comment, names) for comment in reversed(comments(workspace, run_id))]
    with open_row_writer(path, COLUMNS) as writer:
        for row in rows:
            writer.write(row)
    return writer.warnings


COLUMNS = (
    "example", "input", "expected", "answer", "prompt", "thumb", "value", "tag", "comment", "edited answer",
    "said by", "said at",
)  # fmt: skip


def _row(comment: SavedComment, names: Mapping[str, ReviewedPrompt]) -> dict[str, JsonValue]:
    said = comment.saved.feedback
    prompt = names.get(said.candidate_id)
    roles = {"own": "your own prompt", "chosen": "the prompt to use"}
    return {
        "example": said.example_id,
        "input": comment.input,
        "expected": comment.expected,
        "answer": comment.output,
        "prompt": "" if prompt is None else roles.get(prompt.role, f"prompt {prompt.number}"),
        "thumb": said.flag,
        "value": said.value,
        "tag": said.tag,
        "comment": said.comment,
        "edited answer": said.edited_output,
        "said by": said.author,
        "said at": said.created_at.isoformat(timespec="seconds") if said.created_at else "",
    }


def to_example(workspace: Workspace, feedback_id: int) -> ExampleChange:
    """Make an edited answer, or one that was liked, the expected output of the saved task's example.

    The example is corrected where the task has it, and else added; both count at once.

    Raises:
        UserError: there is no such feedback or saved task, or no answer that could be expected.
    """
    with workspace.database.writing() as session:
        said = storage.get_feedback(session, feedback_id=feedback_id).feedback
        run = stored_runs.get_run(session, run_id=said.run_id)
        saved_task = stored_tasks.task_of_run(session, run_id=said.run_id)
        example = find_example(session, version=run.plan.dataset_version, example_id=said.example_id)
        trial = storage.find_output(
            session, run_id=said.run_id, candidate_id=said.candidate_id, example_id=said.example_id
        )
        if saved_task is None or example is None or trial is None:
            raise UserError("This run belongs to no task that could take the example: its task was deleted.")
        if said.edited_output is None and said.flag != "up":
            raise UserError("Write the answer as it should be first; then it can become the expected one.")
        text = storage.output_text(trial) if said.edited_output is None else said.edited_output
        expected = _expected(saved_task.task, text)
        there = [
            row
            for row in stored_examples.list_examples(session, task_id=saved_task.id)
            if row.example.inputs == example.inputs
        ]
        before = next((row for row in there if row.example.id == example.id), there[0] if there else None)
        stored_tasks.update_task(session, task_id=saved_task.id)
        if before is None:
            rows = [example.model_copy(update={"expected": expected})]
            [added] = stored_examples.add_examples(session, task_id=saved_task.id, rows=rows, origin="feedback")
            return ExampleChange(task_id=saved_task.id, example=added.example, before=None)
        changed = before.example.model_copy(update={"expected": expected})
        row = SavedExample(example=changed, origin="feedback", position=before.position)
        stored_examples.replace_example(session, task_id=saved_task.id, row=row)
        return ExampleChange(task_id=saved_task.id, example=changed, before=before)


def undo_example(workspace: Workspace, change: ExampleChange) -> None:
    """Bring back what `to_example` changed."""
    with workspace.database.writing() as session:
        stored_tasks.update_task(session, task_id=change.task_id)
        if change.before is None:
            stored_examples.remove_examples(session, task_id=change.task_id, example_ids=[change.example.id])
        else:
            stored_examples.replace_example(session, task_id=change.task_id, row=change.before)


def _expected(task: Task, text: str) -> tuple[str, ...]:
    text = text.strip()
    if not text and task.kind is TaskKind.DOCUMENT_QA:
        return ()
    if not text:
        raise UserError("The answer is empty; write what is expected.")
    if task.kind is TaskKind.KEYWORD_EXTRACTION:
        items = read_list(text, ()).value
        return items if isinstance(items, tuple) else (text,)
    if task.kind is TaskKind.CLASSIFICATION and task.labels:
        known = {bare(label): label for label in task.labels}
        if bare(text) not in known:
            raise UserError(f"'{text[:80]}' is none of the labels of this task: {', '.join(task.labels)}.")
        return (known[bare(text)],)
    return (text,)


def _input(example: Example) -> str:
    """Return all inputs as one text, the shortest first: a question tells rows apart, a shared document does not."""
    return "\n\n".join(sorted(example.inputs.values(), key=len))
