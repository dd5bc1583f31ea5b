"""From a file or typed rows to the examples of a task: first a look, then, once the columns are told, the examples."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from copilot.errors import ImportRefused
from copilot.service.tasks import Examples
from tasks import loading
from tasks.loading.cells import Cell
from tasks.loading.examples import EXPECTED, INPUTS, to_examples
from tasks.loading.names import normal
from tasks.loading.report import ImportLimits, ImportReport
from tasks.model import Frozen, Task

Result = TypeVar("Result")

ROWS_SHOWN = 5
LIMITS = ImportLimits(max_bytes=250_000_000, max_rows=100_000, max_whole_bytes=100_000_000)
"""What a page takes: the server serves others meanwhile, and nobody learns more from more examples."""
_IDS = frozenset({"id", "uid", "uuid", "example id"})


class FilePreview(Frozen):
    """A look at a file before its examples are taken."""

    report: ImportReport
    """With `outcome` "refuse", `message` says why the file cannot be taken, and there is nothing else."""
    columns: tuple[str, ...] = ()
    rows: tuple[dict[str, str], ...] = ()
    """The first rows."""
    inputs: tuple[str, ...] = ()
    """What the task needs of every row."""
    expected: str = ""
    """What the task calls the expected answer."""
    mapping: dict[str, str] = Field(default_factory=dict)
    """Which column seems to hold what; what was not found is missing."""
    generated_names: bool = False
    """Whether the file has no header and names of columns were made up."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """Every visible sheet that holds data."""
        return self.report.sheets

    @property
    def is_document(self) -> bool:
        """Whether the file is one text rather than a table."""
        return self.columns == ("document",) and len(self.rows) == 1


def preview(
    path: Path, *, task: Task, sheet: str | None = None, header: bool | None = None, titles: bool = True
) -> FilePreview:
    """Look at a file; raises nothing for what is wrong with it.

    Args:
        path: the file; its format is told from its content.
        task: decides what is looked for.
        sheet: name of the sheet; None: the first visible one with data.
        header: whether the first row names the columns; None: judged by its looks.
        titles: whether rows above the table may be taken for its title and left out.
    """
    try:
        table = loading.load_table(path, sheet=sheet, header=header, titles=titles, limits=LIMITS)
    except loading.ImportRefused as error:
        told = _bare(str(error), path)
        return FilePreview(report=error.report.model_copy(update={"outcome": "refuse", "message": told}))
    inputs, expected = needed(task, table.columns)
    return FilePreview(
        report=table.report,
        columns=table.columns,
        rows=tuple({name: _text(row[name]) for name in table.columns} for row in table.rows[:ROWS_SHOWN]),
        inputs=inputs,
        expected=expected,
        mapping=_guess(table, inputs, expected),
        generated_names=table.generated_names,
    )


def needed(task: Task, columns: Sequence[str] = ()) -> tuple[tuple[str, ...], str]:
    """Return the inputs of a task and what it calls the expected answer; `columns` serve where it names no inputs."""
    expected = EXPECTED[task.kind]
    inputs = tuple(task.fields) or INPUTS[task.kind]
    if not inputs:
        told = loading.match_columns(columns, wanted=(), optional=(expected,)).columns.values()
        inputs = tuple(name for name in columns if name not in told and normal(name) not in _IDS)
    return inputs, expected


def _guess(table: loading.Table, inputs: Sequence[str], expected: str) -> dict[str, str]:
    names = (*inputs, expected)
    in_order = table.generated_names and len(table.columns) == len(names)
    found = loading.match_columns(
        table.columns,
        wanted=names if in_order else (),
        optional=() if in_order else names,
        generated_names=table.generated_names,
    ).columns
    free = [name for name in table.columns if name not in found.values()]
    left = [name for name in inputs if name not in found]
    if len(left) == 1 and len(free) == 1:
        found[left[0]] = free[0]
    return found


def read_file(
    path: Path,
    *,
    task: Task,
    columns: Mapping[str, str],
    sheet: str | None = None,
    header: bool | None = None,
    titles: bool = True,
) -> Examples:
    """Read the examples of a file.

    Args:
        path: the file.
        task: decides how cells are read.
        columns: which column holds what; where none holds the expected answer, none is looked for.
        sheet: name of the sheet; None: the first visible one with data.
        header: whether the first row names the columns; None: judged by its looks.
        titles: whether rows above the table may be taken for its title and left out.

    Raises:
        ImportRefused: it cannot be taken; one sentence says why and what to do.
    """

    def read() -> Examples:
        table = loading.load_table(path, sheet=sheet, header=header, titles=titles, limits=LIMITS)
        return _examples(table, task, columns, bool(columns.get(EXPECTED[task.kind])))

    return _told(path, read)


def read_rows(rows: Iterable[Mapping[str, Cell]], *, task: Task, expected: bool = True) -> Examples:
    """Read examples from rows as they were typed, under the names that the task needs.

    Raises:
        ImportRefused: there are none, or none can be used.
    """
    inputs, wanted = needed(task)
    names = (*inputs, wanted)
    kept = [{name: row.get(name) or "" for name in names} for row in rows]
    kept = [row for row in kept if any(cell.strip() if isinstance(cell, str) else cell for cell in row.values())]
    if not kept:
        raise ImportRefused("There is no row with text in it; type at least one.")
    report = ImportReport(outcome="import", rows=len(kept), columns=names)
    table = loading.Table(name="typed", columns=names, rows=tuple(kept), report=report)
    return _told(Path("typed"), lambda: _examples(table, task, {name: name for name in names}, expected))


def _examples(table: loading.Table, task: Task, columns: Mapping[str, str], expected: bool) -> Examples:
    inputs, wanted = needed(task, table.columns)
    mapping = {name: column for name, column in columns.items() if column}
    if not expected:
        # Else a column that merely looks like the expected answer would be taken for it.
        mapping.pop(wanted, None)
        kept = tuple(name for name in table.columns if name in mapping.values() or normal(name) in _IDS)
        table = table.model_copy(update={"columns": kept})
    dataset, report = to_examples(
        table, kind=task.kind, fields=inputs, labels=task.labels, mapping=mapping, expected_required=expected
    )
    return Examples(dataset=dataset, report=report)


def _told(path: Path, read: Callable[[], Result]) -> Result:
    try:
        return read()
    except loading.ImportRefused as error:
        raise ImportRefused(_bare(str(error), path)) from None


def _bare(message: str, path: Path) -> str:
    """An upload's folder is ours and tells the user nothing."""
    return message.replace(f"{path.parent}/", "")


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else "; ".join(cell)
