"""Sheets: rows that go through a template in the background, on whichever machine has a worker."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from copilot.domain.apps import AppForm
from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import RunStatus
from copilot.domain.sheets import Cell, SheetLine, SheetPlan, SheetProgress, beside, kept_names, result_row
from copilot.errors import StorageError, UserError
from copilot.export.rows import rows_at_once
from copilot.service import runs
from copilot.service.row_sources import check_source, input_columns
from copilot.service.workspace import Workspace
from copilot.storage import sheets as storage
from tasks import loading

SHARD_ROWS = 100
"""Small enough that many workers share a sheet evenly, and that a sheet waits only so long behind another."""
SHARD_CHARACTERS = 1_000_000
"""A worker holds its shards in memory."""
SHARDS_AT_ONCE = 20
"""Stored in one transaction: others who write need not wait long."""
PAGE = 500


@dataclass(frozen=True)
class Source:
    """Rows, read but for the rows themselves."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[dict[str, Cell]]
    warnings: tuple[str, ...] = ()


def from_file(path: Path, *, sheet: str | None = None, checked: loading.ImportReport | None = None) -> Source:
    """Check a file of rows in any format.

    Args:
        path: the file.
        sheet: name of its sheet; None: the first visible one with data.
        checked: what a check has told already; None: it is read once for that.

    Raises:
        ImportRefused: it cannot be taken.
    """
    report = checked or check_source(path, sheet=sheet)

    def rows() -> Iterator[dict[str, Cell]]:
        with loading.stream_rows(path, sheet=sheet) as stream:
            yield from stream

    return Source(
        name=path.name,
        columns=report.columns,
        rows=rows(),
        warnings=tuple(oddity.message for oddity in report.warnings),
    )


def from_rows(rows: Iterable[Mapping[str, object]], *, name: str) -> Source:
    """Take rows from a program; a cell that a row lacks is empty."""
    held = [dict(row) for row in rows]
    columns = tuple(dict.fromkeys(column for row in held for column in row))
    cells = [{column: _cell(row.get(column)) for column in columns} for row in held]
    return Source(name=name, columns=columns, rows=cells)


def submit(
    workspace: Workspace,
    template: PromptTemplate,
    source: Source,
    *,
    model: str,
    columns: Mapping[str, str],
    app: AppForm | None = None,
) -> str:
    """Store a sheet and let workers take it; return its id.

    Args:
        workspace: the installation.
        template: what every row goes through.
        source: the rows.
        model: name, URL or file, as the user gave it.
        columns: which column holds an input of the template, where the names do not tell.
        app: the app whose sheet this is.

    Raises:
        ImportRefused: a column that the template needs is not there, or there are no rows.
        ModelConfigError: no model is called so.
    """
    if not source.columns:
        raise UserError(f"There are no rows in {source.name}.")
    workspace.models.find(model)
    inputs, notes = input_columns(template, source.columns, mapping=columns, where=source.name)
    plan = SheetPlan(
        name=source.name,
        template=template,
        model=model,
        columns=kept_names(source.columns),
        inputs=inputs,
        warnings=(*notes, *source.warnings),
        app=app.slug if app else "",
        form=app.row_form if app else None,
    )
    with workspace.database.writing() as session:
        storage.create_sheet(session, plan=plan)
    try:
        if not _store_rows(workspace, plan.id, source.rows):
            raise UserError(f"There are no rows in {source.name}.")
        with workspace.database.writing() as session:
            storage.open_sheet(session, sheet_id=plan.id)
    except BaseException:
        with suppress(StorageError), workspace.database.writing() as session:
            storage.discard_sheet(session, sheet_id=plan.id)
        raise
    ensure_worker(workspace)
    return plan.id


def ensure_worker(workspace: Workspace) -> None:
    """Start the worker of this home unless an operator keeps workers elsewhere; one that runs goes on alone."""
    if workspace.settings.start_worker:
        runs.start_worker(workspace)


def plan(workspace: Workspace, sheet_id: str) -> SheetPlan:
    """Return how a sheet is worked on.

    Raises:
        UserError: there is no such sheet.
    """
    with workspace.database.reading() as session:
        return storage.get_plan(session, sheet_id=sheet_id)


def progress(workspace: Workspace, sheet_id: str) -> SheetProgress:
    """Return how far a sheet is.

    Raises:
        UserError: there is no such sheet.
    """
    with workspace.database.reading() as session:
        return storage.get_progress(session, sheet_id=sheet_id)


def list_all(workspace: Workspace, *, limit: int = 50) -> tuple[SheetProgress, ...]:
    """Return sheets and how far they are, newest first."""
    with workspace.database.reading() as session:
        return storage.list_sheets(session, limit=limit)


def cancel(workspace: Workspace, sheet_id: str) -> None:
    """Ask a sheet to stop, wherever it is worked on; rows that are done stay.

    Raises:
        UserError: there is no such sheet.
    """
    with workspace.database.writing() as session:
        storage.request_stop(session, sheet_id=sheet_id)


def resume(workspace: Workspace, sheet_id: str) -> None:
    """Go on with a sheet that was cancelled, that failed, or whose worker is gone.

    Raises:
        UserError: there is no such sheet.
    """
    with workspace.database.writing() as session:
        storage.resume(session, sheet_id=sheet_id)
    ensure_worker(workspace)


def retry_failed(workspace: Workspace, sheet_id: str) -> int:
    """Ask the rows that failed again, and go on with those that are left; return how many failed.

    Raises:
        UserError: there is no such sheet, or it is being worked on.
    """
    with workspace.database.writing() as session:
        failed = storage.retry_failed(session, sheet_id=sheet_id)
    ensure_worker(workspace)
    return failed


def delete(workspace: Workspace, sheet_id: str) -> None:
    """Delete a sheet with its rows and what came out.

    Raises:
        UserError: there is no such sheet, or it is being worked on.
    """
    with workspace.database.writing() as session:
        storage.delete_sheet(session, sheet_id=sheet_id)


def lines(
    workspace: Workspace,
    sheet_id: str,
    *,
    after: int = -1,
    limit: int = 100,
    failed: bool | None = None,
    offset: int = 0,
) -> tuple[SheetLine, ...]:
    """Return rows with what came out; the arguments are those of `copilot.storage.sheets.list_lines`."""
    with workspace.database.reading() as session:
        return storage.list_lines(session, sheet_id=sheet_id, after=after, limit=limit, failed=failed, offset=offset)


def write_result(workspace: Workspace, sheet_id: str, path: Path, *, partial: bool = False) -> tuple[str, ...]:
    """Write rows and answers in the sheet's order to a file, which appears when it is whole.

    Args:
        workspace: the installation.
        sheet_id: the sheet.
        path: ends in .jsonl, .csv, .tsv or .xlsx; what is there is replaced.
        partial: write the rows that are done where the sheet is not finished.

    Returns:
        What the form could not hold, in sentences.

    Raises:
        UserError: there is no such sheet, no such form, or the sheet is not finished.
        StorageError: the file cannot be written.
    """
    state = progress(workspace, sheet_id)
    if state.status is not RunStatus.FINISHED and not partial:
        raise UserError(
            f"The sheet {state.name} is {state.status}: {state.done:,} of {state.total:,} rows are done. Wait for the "
            "rest, or ask for the rows that are done (partial=True)."
        )
    how = plan(workspace, sheet_id)
    with rows_at_once(path, how.result_columns) as writer:
        for line in _all_lines(workspace, sheet_id):
            if line.result is not None:
                kept: dict[str, JsonValue] = {how.columns[name]: _json(cell) for name, cell in line.inputs.items()}
                writer.write(kept | result_row(line.result, beside(how.template)))
    return writer.warnings


def _store_rows(workspace: Workspace, sheet_id: str, rows: Iterable[dict[str, Cell]]) -> int:
    shards = _shards(rows)
    stored, position = 0, 0
    while batch := list(itertools.islice(shards, SHARDS_AT_ONCE)):
        with workspace.database.writing() as session:
            for shard in batch:
                storage.add_shard(session, sheet_id=sheet_id, position=position, first_row=stored, rows=shard)
                position += 1
                stored += len(shard)
    return stored


def _shards(rows: Iterable[dict[str, Cell]]) -> Iterator[list[dict[str, Cell]]]:
    shard: list[dict[str, Cell]] = []
    characters = 0
    for row in rows:
        shard.append(row)
        characters += sum(len(cell) if isinstance(cell, str) else sum(map(len, cell)) for cell in row.values())
        if len(shard) >= SHARD_ROWS or characters >= SHARD_CHARACTERS:
            yield shard
            shard, characters = [], 0
    if shard:
        yield shard


def _all_lines(workspace: Workspace, sheet_id: str) -> Iterator[SheetLine]:
    after = -1
    while page := lines(workspace, sheet_id, after=after, limit=PAGE):
        yield from page
        after = page[-1].row


def _cell(value: object) -> Cell:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return "" if value is None else str(value)


def _json(cell: Cell) -> JsonValue:
    return cell if isinstance(cell, str) else list(cell)
