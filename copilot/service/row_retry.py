"""The rows of an output that failed, asked again; the others stay, and the file is replaced when all are answered."""

import hashlib
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path

from pydantic import JsonValue

from copilot.domain.sheets import ERROR, Cell, beside, kept_names, result_row
from copilot.evaluation.rows import Runner
from copilot.export.rows import existing_rows, open_row_writer, rows_at_once
from copilot.service.row_files import RowJob, RowProgress, alone, note_of, origin_of
from copilot.service.row_sources import input_columns
from copilot.service.workspace import Workspace
from tasks import loading

ROW = "row"
"""Column of the answers that wait beside the output: the row's number, from 0."""


async def retry_file(workspace: Workspace, job: RowJob) -> AsyncGenerator[RowProgress, None]:
    """Ask the rows that failed again; yield the progress after each, and once at the beginning and the end.

    Interrupted and called again, it asks only those that have no answer yet.

    Args:
        workspace: the installation.
        job: done to its end by `run_file`.

    Raises:
        ModelError: the server failed for every row; what was answered is kept.
        StorageError: the disk is full; what was answered is kept.
    """
    with alone(workspace, job.target):
        found = [bool(row.get(ERROR)) for row in existing_rows(job.target)]
        failed = {number for number, error in enumerate(found) if error}
        answered = len(found) - len(failed)
        state = RowProgress(done=answered, total=len(found), errors=0, before=answered)
        yield state
        if not failed:
            return
        side = _side(workspace, job)
        waiting = failed - {number for number, row in _answers(side).items() if not row[ERROR]}
        state = state.model_copy(update={"done": len(found) - len(waiting)})
        with (
            loading.stream_rows(job.source, sheet=job.sheet) as rows,
            open_row_writer(side, [ROW, *beside(job.template)], resume=True) as writer,
        ):
            names = kept_names(rows.columns)
            columns, _ = input_columns(job.template, rows.columns, mapping=job.columns, where=str(job.source))
            runner = Runner(job.template, await workspace.model(job.model))
            try:
                asked = _chosen(rows, waiting, columns)
                async with aclosing(runner.each(asked, proven=answered > 0)) as results:
                    async for number, result in results:
                        writer.write({ROW: number} | result_row(result, beside(job.template)))
                        state = state.model_copy(
                            update={
                                "done": state.done + 1,
                                "errors": state.errors + (result.error is not None),
                                "usage": state.usage + result.usage,
                            }
                        )
                        yield state
            finally:
                await runner.aclose()
        answers = _answers(side)
        with rows_at_once(job.target, [*names.values(), *beside(job.template)]) as output:
            for number, row in enumerate(existing_rows(job.target)):
                output.write(row | answers[number] if number in failed else row)
        side.unlink()
        yield state.model_copy(update={"warnings": output.warnings})


def _side(workspace: Workspace, job: RowJob) -> Path:
    """Return where answers wait; another prompt, model or source has another place."""
    digest = hashlib.sha256(origin_of(job).model_dump_json().encode()).hexdigest()[:12]
    return note_of(workspace, job.target).with_suffix(f".{digest}.retried.jsonl")


def _answers(side: Path) -> dict[int, dict[str, JsonValue]]:
    """Return what came out by the row's number; of a row that was asked twice, the newest."""
    found: dict[int, dict[str, JsonValue]] = {}
    for row in existing_rows(side):
        number = row.pop(ROW)
        assert isinstance(number, int)
        found[number] = row
    return found


def _chosen(
    rows: Iterable[dict[str, Cell]], numbers: set[int], columns: dict[str, str]
) -> Iterator[tuple[int, dict[str, Cell]]]:
    for number, row in enumerate(rows):
        if number in numbers:
            yield number, {variable: row[column] for variable, column in columns.items()}
