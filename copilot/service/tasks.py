"""Task files: read, and every criterion resolved, before a token is spent."""

from collections.abc import Mapping
from pathlib import Path

from copilot.errors import CriterionError, ImportRefused, TaskError
from copilot.evaluation.rubric import Rubric
from copilot.export.rows import open_row_writer
from tasks import library, loading
from tasks.loading.examples import to_examples
from tasks.loading.report import ImportReport
from tasks.model import Dataset, Frozen, Task
from tasks.taskfile import TaskFileError
from tasks.taskfile import load_task as load_file


class Examples(Frozen):
    """The examples of a file, and what was odd about it."""

    dataset: Dataset
    report: ImportReport


def load_task(path: str | Path) -> Task:
    """Read a task file.

    Args:
        path: a YAML or JSON file, or the name of a sample task.

    Raises:
        TaskError: the file is missing or wrong; the message says where and what to do.
        CriterionError: a criterion is unknown or has a bad parameter.
    """
    file = Path(path).expanduser()
    if not file.exists() and str(path) in library.names():
        file = library.path(str(path)) / "task.yaml"
    try:
        task = load_file(file)
    except TaskFileError as error:
        raise TaskError(str(error)) from None
    try:
        Rubric.of(task.criteria)
    except CriterionError as error:
        raise CriterionError(f"{file}: {error}") from None
    return task


def load_examples(
    path: str | Path, task: Task, *, sheet: str | None = None, columns: Mapping[str, str] | None = None
) -> Examples:
    """Read the examples of a task from a file of any of the known formats.

    Args:
        path: the file, or the name of a sample task.
        task: its kind decides which columns are looked for.
        sheet: name of the sheet; None: the first visible one with data.
        columns: which column holds what, e.g. `{"text": "Message", "label": "Team"}`; None: told by their names.

    Raises:
        ImportRefused: the file cannot be taken, or lacks a column; the message says what to do.
    """
    file = Path(path).expanduser()
    if not file.exists() and str(path) in library.names():
        file = library.path(str(path)) / "examples.jsonl"
    try:
        table = loading.load_table(file, sheet=sheet)
    except loading.ImportRefused as error:
        raise ImportRefused(str(error)) from None
    try:
        dataset, report = to_examples(table, kind=task.kind, fields=task.fields, labels=task.labels, mapping=columns)
    except loading.ImportRefused as error:
        raise ImportRefused(f"{file}: {error}") from None
    return Examples(dataset=dataset, report=report)


def check_file(path: str | Path, *, sheet: str | None = None) -> ImportReport:
    """Say what an import of this file would give; raises nothing for what is wrong with it."""
    return loading.check_file(Path(path).expanduser(), sheet=sheet)


def convert_file(path: str | Path, target: Path, *, sheet: str | None = None) -> int:
    """Write the rows of a file in a plain format, which the target's extension decides; return their number.

    Raises:
        ImportRefused: the file cannot be taken.
        UserError: the target's extension names no format.
        StorageError: the target cannot be written.
    """
    count = 0
    try:
        with (
            loading.stream_rows(Path(path).expanduser(), sheet=sheet) as rows,
            open_row_writer(target, rows.columns) as writer,
        ):
            for row in rows:
                writer.write({name: cell if isinstance(cell, str) else list(cell) for name, cell in row.items()})
                count += 1
    except loading.ImportRefused as error:
        raise ImportRefused(str(error)) from None
    return count
