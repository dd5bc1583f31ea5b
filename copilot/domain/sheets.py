"""Rows that go through one template: what came out for each, and a whole sheet of them in the background."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import Field, JsonValue

from copilot.domain.completion import Usage
from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import RunStatus
from tasks.model import Frozen

Cell = str | list[str]
OUTPUT, ERROR, CONFIDENCE = "output", "error", "confidence"
LONGEST_SAID = 60


class RowOutput(Frozen):
    """What came out for one row."""

    output: str | tuple[str, ...] | None
    """Text, label or list; None where the row failed."""
    error: str | None = None
    """Why it failed, in a sentence."""
    confidence: float | None = None
    """Calibrated probability of the label, where labels are scored."""
    usage: Usage = Usage()
    seconds: float = 0.0


def new_sheet_id() -> str:
    """Return a short id that sorts by time."""
    return f"sheet-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class RowForm(Frozen):
    """What the form of an app asks of a row of its sheets."""

    labels: dict[str, str]
    """What people call each variable of the template."""
    choices: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What may stand in those variables that are chosen."""
    optional: tuple[str, ...] = ()
    """Choices that may be left empty."""

    def fitted(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Return a row with its choices spelled as the form spells them; blanks around them and case do not matter."""
        spelled = {name: {_bare(option): option for option in options} for name, options in self.choices.items()}
        return {name: spelled.get(name, {}).get(_bare(text), text) for name, text in texts.items()}

    def problem(self, texts: Mapping[str, str], *, row: int) -> str | None:
        """Return what is wrong with the choices of a row, in a sentence; None for a row that is empty altogether, too.

        Args:
            texts: the row, by variable, as `fitted` returns it.
            row: its number, from 1.
        """
        if not any(text.strip() for text in texts.values()):
            return None
        for name, options in self.choices.items():
            said = texts.get(name, "").strip()
            if said in options or (not said and name in self.optional):
                continue
            wanted = ", ".join(options)
            if not said:
                return f"{self.labels[name]} must be one of: {wanted}; row {row} says nothing."
            shown = said if len(said) <= LONGEST_SAID else said[: LONGEST_SAID - 1] + "…"
            return f"{self.labels[name]} must be one of: {wanted}; row {row} says '{shown}'."
        return None


class SheetPlan(Frozen):
    """Which template and model a sheet goes through; with its rows, enough for any machine to do it."""

    id: str = Field(default_factory=new_sheet_id)
    name: str
    """The file's, or what the user calls it."""
    template: PromptTemplate
    model: str
    """Name or URL, as the user gave it."""
    columns: dict[str, str]
    """The sheet's columns in order, with the name that each has in the result."""
    inputs: dict[str, str]
    """Which column holds each variable of the template."""
    warnings: tuple[str, ...] = ()
    """What was odd about the file."""
    app: str = Field(default="", exclude_if=lambda value: value == "")
    """The app that it was started from. Empty is not written: older programs without apps read the plan, too."""
    form: RowForm | None = Field(default=None, exclude_if=lambda value: value is None)
    """What that app's form asks of every row."""

    @property
    def result_columns(self) -> tuple[str, ...]:
        """The columns of the result, in order."""
        return (*self.columns.values(), *beside(self.template))


class SheetProgress(Frozen):
    """How far a sheet is."""

    id: str
    name: str
    status: RunStatus
    total: int
    """Rows."""
    done: int
    """Rows that were answered, or failed."""
    errors: int
    """Rows that failed."""
    usage: Usage = Usage()
    workers: int = 0
    """Worker processes that are at it now."""
    error: str = ""
    """Why the whole sheet failed."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class SheetLine(Frozen):
    """One row of a sheet with what came out."""

    row: int
    """Counts from 0."""
    inputs: dict[str, Cell]
    result: RowOutput | None
    """None: it was not answered yet."""


class Shard(Frozen):
    """What a worker does at a time: some rows of a sheet, without those that an earlier worker has done."""

    sheet_id: str
    plan: SheetPlan
    rows: dict[int, dict[str, Cell]]
    """Inputs of the template by the row's number in the sheet."""
    proven: bool
    """The model has answered a row of this sheet before."""


def as_text(cell: Cell) -> str:
    """Return a cell as the model sees it."""
    return cell if isinstance(cell, str) else "\n".join(cell)


def _bare(text: str) -> str:
    return text.strip().casefold()


def beside(template: PromptTemplate) -> tuple[str, ...]:
    """Return the columns that stand beside a row's own in a result."""
    return (OUTPUT, CONFIDENCE, ERROR) if template.decision is not None else (OUTPUT, ERROR)


def result_row(result: RowOutput, columns: tuple[str, ...]) -> dict[str, JsonValue]:
    """Return the cells of `columns` (from `beside`)."""
    output: JsonValue = list(result.output) if isinstance(result.output, tuple) else result.output
    values: dict[str, JsonValue] = {OUTPUT: output, ERROR: result.error, CONFIDENCE: result.confidence}
    return {name: values[name] for name in columns}


def kept_names(columns: tuple[str, ...]) -> dict[str, str]:
    """Return the names of a sheet's columns in the result; a column that is called like ours is renamed."""
    names: dict[str, str] = {}
    for name in columns:
        kept = name
        while kept in (OUTPUT, ERROR, CONFIDENCE) or kept in names.values():
            kept += " (input)"
        names[name] = kept
    return names
