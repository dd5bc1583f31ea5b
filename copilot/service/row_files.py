"""A template over a file of rows: the answers beside the inputs, in the same order, gone on with where it stopped."""

import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import Field, JsonValue, ValidationError

from copilot.domain.completion import Usage
from copilot.domain.prompt import PromptTemplate
from copilot.domain.sheets import OUTPUT, Cell, beside, kept_names, result_row
from copilot.errors import UserError
from copilot.evaluation.rows import ROWS_PER_SLOT, Runner
from copilot.export.rows import existing_rows, open_row_writer
from copilot.export.rows_cells import cell_text, plain
from copilot.service.row_answers import AnswersAhead
from copilot.service.row_sources import check_source, input_columns
from copilot.service.workspace import Workspace
from tasks import loading
from tasks.model import Frozen


class RowJob(Frozen):
    """Which rows go through which template to where."""

    template: PromptTemplate
    model: str
    source: Path
    target: Path
    """Ends in .jsonl, .csv, .tsv or .xlsx."""
    sheet: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    """Which column holds an input of the template, where the names do not tell."""
    overwrite: bool = False
    """Begin anew where the target is there already."""


class RowProgress(Frozen):
    """How far a job is."""

    done: int
    """Rows in the output."""
    total: int
    errors: int
    """Rows of this session that failed."""
    before: int
    """Rows that were there when the session began."""
    usage: Usage = Usage()
    warnings: tuple[str, ...] = ()
    """About the source file, and about what the target could not hold."""


class Origin(Frozen):
    """What an output was made with, kept in the home while and after it is written."""

    template: str
    model: str
    source: str
    """Hash of the source file's contents."""
    complete: bool = False


async def run_file(workspace: Workspace, job: RowJob) -> AsyncGenerator[RowProgress, None]:
    """Run every row of a file; yield the progress after each row, and once at the beginning and the end.

    Raises:
        ImportRefused: the source cannot be read, or lacks a column that the template needs.
        UserError: the target holds other rows, or was made with another template or model.
        ModelError: the server failed for every row; what was written is kept.
        StorageError: the disk is full; what was written is kept.
    """
    if job.source.exists() and job.target.exists() and job.source.samefile(job.target):
        raise UserError(f"The file {job.target} is to be read and written at once. Name another output file.")
    # The whole source is read once before the first call: what is wrong with it is told before anything is spent.
    report = check_source(job.source, sheet=job.sheet)
    columns, notes = input_columns(job.template, report.columns, mapping=job.columns, where=str(job.source))
    warnings = (*notes, *(oddity.message for oddity in report.warnings))
    with alone(workspace, job.target):
        origin = origin_of(job)
        note = note_of(workspace, job.target)
        answers = note.with_suffix(".ahead")
        if job.overwrite:
            answers.unlink(missing_ok=True)
        resume = not job.overwrite and _may_resume(job, origin, note)
        before = _matching_rows(job) if resume else 0
        state = RowProgress(done=before, total=report.rows, errors=0, before=before, warnings=warnings)
        yield state
        if before < report.rows:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(origin.model_dump_json())
            model = await workspace.model(job.model)
            ahead = AnswersAhead(answers, keep=4 * ROWS_PER_SLOT * model.concurrency)
            done = False
            try:
                runner = Runner(job.template, model, ledger=ahead)
                async with aclosing(_written(job, runner, columns, state)) as written:
                    async for state in written:
                        yield state
                done = True
            finally:
                ahead.close(done=done)
            note.write_text(origin.model_copy(update={"complete": True}).model_dump_json())


async def _written(
    job: RowJob, runner: Runner, columns: dict[str, str], state: RowProgress
) -> AsyncGenerator[RowProgress, None]:
    """Answer the rows that are left and write each as it comes."""
    with loading.stream_rows(job.source, sheet=job.sheet) as rows:
        names = kept_names(rows.columns)
        extra = beside(job.template)
        writer = open_row_writer(job.target, [*names.values(), *extra], resume=state.before > 0)
        pending: deque[dict[str, Cell]] = deque()

        def inputs() -> Iterator[dict[str, Cell]]:
            for row in islice(rows, state.before, None):
                pending.append(row)
                yield {variable: row[column] for variable, column in columns.items()}

        try:
            with writer:
                async with aclosing(runner.map(inputs())) as results:
                    async for result in results:
                        row = pending.popleft()
                        writer.write(
                            {names[name]: _plain(cell) for name, cell in row.items()} | result_row(result, extra)
                        )
                        failed = state.errors + (result.error is not None)
                        state = state.model_copy(
                            update={"done": state.done + 1, "errors": failed, "usage": state.usage + result.usage}
                        )
                        yield state
            yield state.model_copy(update={"warnings": (*state.warnings, *writer.warnings)})
        finally:
            await runner.aclose()


def _plain(cell: Cell) -> JsonValue:
    return cell if isinstance(cell, str) else list(cell)


def origin_of(job: RowJob) -> Origin:
    """Return what the output of a job is made with."""
    return Origin(template=job.template.content_hash, model=job.model, source=_digest(job.source))


@contextmanager
def alone(workspace: Workspace, target: Path) -> Iterator[None]:
    """Keep other processes from writing the same output.

    Raises:
        UserError: one is at it.
    """
    lock = note_of(workspace, target).with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        raise UserError(f"Another process is writing the file {target}. Wait for it, or name another file.") from None


def note_of(workspace: Workspace, target: Path) -> Path:
    """Return the file beside which everything is kept that an output needs while and after it is written."""
    digest = hashlib.sha256(str(target.expanduser().absolute()).encode()).hexdigest()[:24]
    return workspace.home / "outputs" / f"{digest}.json"


def _may_resume(job: RowJob, origin: Origin, note: Path) -> bool:
    """Say whether what the target holds was made in the same way.

    Raises:
        UserError: it was not; it is the user's to throw away.
    """
    if next(existing_rows(job.target), None) is None:
        if not note.exists() and job.target.exists() and job.target.stat().st_size:
            raise UserError(
                f"The file {job.target} is there already and holds no rows of ours. "
                "Name another output file, delete this one, or use --overwrite."
            )
        return False
    try:
        past = Origin.model_validate_json(note.read_text())
    except (OSError, ValidationError):
        # Made in another home: that its rows are the source's rows is checked next.
        return True
    differing = [
        word
        for word, same in (("prompt", past.template == origin.template), ("model", past.model == origin.model))
        if not same
    ]
    if differing:
        raise UserError(
            f"The file {job.target} was made with another {' and '.join(differing)}. "
            "Name another output file, delete this one, or use --overwrite."
        )
    return True


def _matching_rows(job: RowJob) -> int:
    """Return how many rows of the target are the first rows of the source.

    Raises:
        UserError: they are others.
    """
    count = 0
    with loading.stream_rows(job.source, sheet=job.sheet) as rows:
        names = kept_names(rows.columns)
        source = iter(rows)
        for written in existing_rows(job.target):
            row = next(source, None)
            if row is None or OUTPUT not in written or not _same(row, written, names):
                raise UserError(
                    f"The file {job.target} is there already, and its row {count + 1} is not that of {job.source}. "
                    "Name another output file, delete this one, or use --overwrite."
                )
            count += 1
    return count


def _same(row: dict[str, Cell], written: dict[str, JsonValue], names: dict[str, str]) -> bool:
    return all(_bare(_plain(cell)) == _bare(written.get(names[name])) for name, cell in row.items())


def _bare(value: JsonValue) -> str:
    """Return a value as every format keeps it: line ends and lists are written in one way only."""
    return plain(cell_text(value)).replace("\r\n", "\n")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:24]
