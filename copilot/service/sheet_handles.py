"""What the SDK hands out for sheets: where they are submitted, and one of them to look at."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import RunStatus
from copilot.domain.sheets import SheetLine, SheetPlan, SheetProgress
from copilot.errors import CopilotError, UserError
from copilot.service import runs, sheets
from copilot.service.handles import Template
from copilot.service.workspace import Workspace

WAIT_SECONDS = 0.5
WORKER_SECONDS = 15.0
"""Who waits for a sheet that nobody works on starts a worker again so often."""


class Sheet:
    """Rows that go through a template in the background. Everything is read from the database, so it is never stale."""

    def __init__(self, workspace: Workspace, sheet_id: str) -> None:
        self.id = sheet_id
        self._workspace = workspace

    @property
    def plan(self) -> SheetPlan:
        """The template, the model, the columns, and what was odd about the file."""
        return sheets.plan(self._workspace, self.id)

    @property
    def status(self) -> RunStatus:
        """Where it stands."""
        return self.progress().status

    def progress(self) -> SheetProgress:
        """Return how far it is: rows done, rows that failed, tokens, workers."""
        return sheets.progress(self._workspace, self.id)

    def cancel(self) -> None:
        """Ask it to stop, wherever it is worked on; rows that are done stay."""
        sheets.cancel(self._workspace, self.id)

    def resume(self) -> None:
        """Go on after it was cancelled, failed or lost its worker; rows that are done are not done again."""
        sheets.resume(self._workspace, self.id)

    def retry_failed(self) -> int:
        """Ask the rows that failed again, and go on with those that are left; return how many failed.

        Answers are kept, and what the failed rows have cost stays counted.

        Raises:
            UserError: it is being worked on.
        """
        return sheets.retry_failed(self._workspace, self.id)

    def rows(
        self, *, after: int = -1, limit: int = 100, failed: bool | None = None, offset: int = 0
    ) -> tuple[SheetLine, ...]:
        """Return rows with what came out, in the sheet's order.

        Args:
            after: only rows with a larger number; they count from 0.
            limit: at most so many.
            failed: only rows that failed, or only others that are done; None: all, those that wait, too.
            offset: pass over so many of them.
        """
        return sheets.lines(self._workspace, self.id, after=after, limit=limit, failed=failed, offset=offset)

    def result(self, path: str | Path, *, partial: bool = False) -> tuple[str, ...]:
        """Write rows and answers to a file, which appears when it is whole.

        Args:
            path: ends in .jsonl, .csv, .tsv or .xlsx; what is there is replaced.
            partial: write the rows that are done where the sheet is not finished.

        Returns:
            What the form could not hold, in sentences.

        Raises:
            UserError: there is no such form, or the sheet is not finished.
            StorageError: the file cannot be written.
        """
        return sheets.write_result(self._workspace, self.id, Path(path).expanduser(), partial=partial)

    def wait(self, *, timeout: float | None = None) -> "Sheet":
        """Wait until every row is done.

        Args:
            timeout: seconds; None: as long as it takes.

        Raises:
            TimeoutError: it is not finished in time; it goes on.
            CopilotError: it was cancelled, or failed.
        """
        begun = asked = time.monotonic()
        while (state := self.progress()).status is not RunStatus.FINISHED:
            if state.status in runs.OVER:
                raise CopilotError(state.error or f"The sheet {state.name} was cancelled; rows that are done are kept.")
            if timeout is not None and time.monotonic() - begun > timeout:
                raise TimeoutError(f"The sheet {state.name} is not finished after {timeout} s; it goes on.")
            if not state.workers and time.monotonic() - asked > WORKER_SECONDS:
                asked = time.monotonic()
                sheets.ensure_worker(self._workspace)
            time.sleep(WAIT_SECONDS)
        return self

    def delete(self) -> None:
        """Delete it with its rows and what came out.

        Raises:
            UserError: it is being worked on.
        """
        sheets.delete(self._workspace, self.id)


class Sheets:
    """The sheets of an installation; got as `Copilot.sheets`."""

    def __init__(
        self, workspace: Workspace, *, template: Callable[[str | Path], Template], made_in_code: Collection[str]
    ) -> None:
        self._workspace = workspace
        self._template = template
        self._made_in_code = made_in_code

    def submit(
        self,
        template: Template | str | Path,
        rows: str | Path | Iterable[Mapping[str, object]],
        *,
        model: str | None = None,
        sheet: str | None = None,
        columns: Mapping[str, str] | None = None,
        name: str = "rows",
    ) -> Sheet:
        """Run rows through a template in the background, on any machine that has a worker; return at once.

        Args:
            template: a template, or what `Copilot.template` takes.
            rows: a file in any format, or rows from a program.
            model: name or URL; None: the template's.
            sheet: name of the file's sheet; None: the first visible one with data.
            columns: which column holds an input of the template, where the names do not tell.
            name: what rows from a program are called.

        Raises:
            ImportRefused: the file cannot be taken, or lacks a column that the template needs.
            UserError: there are no rows, no such template or model, or the model was made in code.
        """
        used = template if isinstance(template, Template) else self._template(template)
        chosen = model or used.model
        if chosen in self._made_in_code:
            raise UserError(
                f"The model '{chosen}' was made in this program, so a process in the background cannot use it. "
                "Name a model by its URL, or use Template.map."
            )
        if isinstance(rows, str | Path):
            source = sheets.from_file(Path(rows).expanduser(), sheet=sheet)
        else:
            source = sheets.from_rows(rows, name=name)
        prompt: PromptTemplate = used.template
        return Sheet(
            self._workspace, sheets.submit(self._workspace, prompt, source, model=chosen, columns=columns or {})
        )

    def get(self, sheet_id: str) -> Sheet:
        """Return a sheet.

        Raises:
            UserError: there is no such sheet.
        """
        sheets.progress(self._workspace, sheet_id)
        return Sheet(self._workspace, sheet_id)

    def list(self, *, limit: int = 50) -> tuple[SheetProgress, ...]:
        """Return sheets and how far they are, newest first."""
        return sheets.list_all(self._workspace, limit=limit)
