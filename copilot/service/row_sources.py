"""Where rows come from: what is read and checked before the first call."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from copilot.domain.prompt import PromptTemplate
from copilot.errors import ImportRefused
from tasks import loading
from tasks.loading.columns import match_columns
from tasks.loading.table import STREAM_LIMITS


def check_source(source: Path, *, sheet: str | None = None) -> loading.ImportReport:
    """Read a file of rows once, keeping none.

    Raises:
        ImportRefused: it cannot be taken; the message says what to do.
    """
    report = loading.check_file(source, sheet=sheet, limits=STREAM_LIMITS)
    if report.outcome == "refuse":
        raise ImportRefused(report.message)
    return report


def input_columns(
    template: PromptTemplate, columns: Sequence[str], *, mapping: Mapping[str, str], where: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return which column holds each variable of a template, and what is to be told about it.

    Args:
        template: its variables are looked for.
        columns: names of the columns there are.
        mapping: what the user said.
        where: the file, for messages.

    Raises:
        ImportRefused: a column that the template needs is not there.
    """
    try:
        match = match_columns(columns, wanted=template.variables, mapping=mapping)
    except loading.ImportRefused as error:
        raise ImportRefused(f"{where}: {error}") from None
    return match.columns, match.notes
