"""What the SDK hands out: a run to look at, a template to run."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from copilot.domain.completion import Usage
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import CandidateSummary, Role, RunResult, RunStatus, Trial, Verdict
from copilot.domain.saved import SavedEvent, SavedFeedback, SavedRun, TemplateVersion
from copilot.domain.sheets import Cell, RowOutput
from copilot.domain.snapshot import PromptFacts, ResultRow, RowPage, RowQuery, RunSnapshot, Show
from copilot.errors import CopilotError, UserError
from copilot.evaluation.rows import Runner
from copilot.export.report_words import ReportWords, as_told
from copilot.export.runnable import to_runnable
from copilot.models.base import OnText
from copilot.service import feedback as feedbacks
from copilot.service import results, run_exports, run_rows, run_snapshot, runs, templates
from copilot.service.portal import Portal
from copilot.service.workspace import Workspace
from copilot.storage import events as stored

if TYPE_CHECKING:
    from copilot.export.runnable import RowRunnable

WAIT_SECONDS = 0.5


class Run:
    """One improvement, finished or not. Every property is read from the database, so it is never out of date."""

    def __init__(self, workspace: Workspace, portal: Portal, run_id: str) -> None:
        self.id = run_id
        self._workspace = workspace
        self._portal = portal

    @property
    def saved(self) -> SavedRun:
        """Plan, state and result."""
        return runs.get_run(self._workspace, self.id)

    @property
    def status(self) -> RunStatus:
        """Where it stands."""
        return self.saved.summary.status

    @property
    def result(self) -> RunResult:
        """Everything that a finished run leaves.

        Raises:
            UserError: it has no result yet.
        """
        saved = self.saved
        if saved.result is None:
            raise UserError(f"The run {self.id} has no verdict yet: it is {saved.summary.status}.")
        return saved.result

    @property
    def verdict(self) -> Verdict:
        """Better, no evidence or worse, with interval and numbers of examples.

        Raises:
            UserError: it is not finished.
        """
        return self.result.verdict

    @property
    def template(self) -> "Template":
        """The prompt to use: the winner, or the user's own where nothing better was proven.

        Raises:
            UserError: it is not finished.
        """
        return Template(self._workspace, self._portal, self.result.template, self.saved.plan.task_model)

    @property
    def usage(self) -> dict[Role, Usage]:
        """Calls and tokens by what the model was called for.

        Raises:
            UserError: it is not finished.
        """
        return self.result.usage

    @property
    def candidates(self) -> tuple[CandidateSummary, ...]:
        """The leaderboard, best first.

        Raises:
            UserError: it is not finished.
        """
        return self.result.candidates

    def prompts(self) -> tuple[Candidate, ...]:
        """Return every prompt that was considered, with its parents and why it was made."""
        with self._workspace.database.reading() as session:
            return stored.list_candidates(session, run_id=self.id)

    def trials(self, *, split: str | None = None, candidate_id: str | None = None) -> tuple[Trial, ...]:
        """Return what each prompt answered to each example, with its scores and reasons.

        Args:
            split: `pool`, `dev` or `holdout`; None: all.
            candidate_id: of one prompt only.
        """
        with self._workspace.database.reading() as session:
            found = stored.list_trials(session, run_id=self.id, split=split, candidate_id=candidate_id)
        return tuple(event.trial for event in found)

    def failures(self, *, limit: int = 3) -> tuple[results.Failure, ...]:
        """Return examples for which the prompt to use failed, the worst first; before a verdict, the one that leads."""
        return results.failures(self._workspace, self.saved, limit=limit)

    def diff(self) -> tuple[results.Piece, ...]:
        """Return what changed from the user's prompt to the one to use, word by word.

        Raises:
            UserError: it is not finished.
        """
        result = self.result
        return templates.diff(result.user_template, result.template)

    def document(self) -> dict[str, JsonValue]:
        """Return everything as RESULT.json holds it.

        Raises:
            UserError: it is not finished.
        """
        return results.document(self.saved, self.result)

    def events(self, *, after: int = 0, limit: int = 1000) -> tuple[SavedEvent, ...]:
        """Return what the run told, in order: what is new since the sequence number `after`."""
        with self._workspace.database.reading() as session:
            return stored.list_events(session, run_id=self.id, after=after, limit=limit)

    def feedback(self) -> tuple[SavedFeedback, ...]:
        """Return what people have said about its outputs."""
        return feedbacks.list_all(self._workspace, run_id=self.id)

    def snapshot(self) -> RunSnapshot:
        """Return where it stands, for a page that asks every second."""
        return run_snapshot.snapshot(self._workspace, self.id)

    def rows(
        self,
        candidate_id: str | None = None,
        *,
        against: str | None = None,
        show: Show = "all",
        search: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> RowPage:
        """Return a page of what a prompt made of the examples kept aside, failures first.

        Args:
            candidate_id: the prompt; None: the one to use.
            against: another prompt beside it, of another run as `RUN/PROMPT`; None: the user's own.
            show: `all`, `failures`, `passes`, `errors` or `different`.
            search: part of an input, an expected output or an answer.
            offset: after leaving out so many rows.
            limit: at most so many.

        Raises:
            UserError: the run has no such prompt.
        """
        wanted = RowQuery(candidate_id=candidate_id, against=against, show=show, search=search)
        return self.find_rows(wanted.model_copy(update={"offset": offset, "limit": limit}))

    def find_rows(self, query: RowQuery, *, counts: Mapping[Show, int] | None = None) -> RowPage:
        """As `rows`, of the examples tuned on, too, where the query says so.

        `counts` of an earlier page of a finished run spare counting its rows again.

        Raises:
            UserError: the run has no such prompt.
        """
        return run_rows.page(self._workspace, self.id, query, counts=counts)

    def row(self, example_id: str, query: RowQuery | None = None) -> ResultRow:
        """Return one row, whatever the query's filter leaves out.

        Raises:
            UserError: the run has no such prompt, or the prompt has not met this example.
        """
        return run_rows.one(self._workspace, self.id, query or RowQuery(), example_id)

    def facts(self, query: RowQuery | None = None) -> PromptFacts:
        """Return a prompt's numbers over the rows, criterion by criterion; filter and search do not count.

        Raises:
            UserError: the run has no such prompt.
        """
        return run_rows.facts(self._workspace, self.id, query or RowQuery())

    @property
    def chosen_id(self) -> str:
        """The id of the prompt to use, among `prompts()`."""
        return run_rows.chosen_id(self._workspace, self.id)

    @property
    def finalist_id(self) -> str:
        """The id of the prompt that the verdict compares with the user's."""
        return run_rows.finalist_id(self._workspace, self.id)

    def prompt(self, candidate_id: str) -> Candidate:
        """Return one of its prompts; the one to use as it was fitted in the end.

        Raises:
            UserError: the run has no such prompt.
        """
        return run_rows.prompt(self._workspace, self.id, candidate_id)

    def compare(self, before: str, after: str) -> tuple[results.Piece, ...]:
        """Return what changed from one prompt to another, word by word; one of another run is named `RUN/PROMPT`.

        Raises:
            UserError: there is no such run or prompt.
        """
        asked = [run_rows.reference(name, self.id) for name in (before, after)]
        old, new = (run_rows.prompt(self._workspace, run_id, name).template for run_id, name in asked)
        return templates.diff(old, new)

    def export(self, path: str | Path, query: RowQuery | None = None) -> tuple[str, ...]:
        """Write rows with all scores and all feedback to a file; what a spreadsheet would run is neutralised.

        Args:
            path: ends in .jsonl, .csv, .tsv or .xlsx; what is there is replaced.
            query: which rows; its page does not count. None: every row of the prompt to use.

        Returns:
            What the form could not hold, in sentences.

        Raises:
            UserError: there is no such form, or the run has no such prompt.
            StorageError: the file cannot be written.
        """
        return run_exports.export(self._workspace, self.id, Path(path).expanduser(), query or RowQuery(part="all"))

    def report(self, path: str | Path, *, language: str = "en", told: Callable[[str], str] = as_told) -> None:
        """Write a report for people to a .docx file: verdict, numbers, prompts, criteria, worst rows.

        Args:
            path: ends in .docx.
            language: `en`, `de`, `fr` or `es`.
            told: turns notes and reasons, which are English, into that language.

        Raises:
            UserError: the run is not finished, or there is no such language.
            StorageError: the file cannot be written.
        """
        run_exports.report(self._workspace, self.id, Path(path).expanduser(), ReportWords(language, told))

    def go_on(self) -> None:
        """Let a worker in the background take it: after it was stopped, failed, or lost its worker."""
        run_snapshot.go_on(self._workspace, self.id)

    def stop(self) -> None:
        """Ask it to stop, wherever it is worked on; what it did is kept."""
        runs.stop(self._workspace, self.id)

    def wait(self, *, timeout: float | None = None) -> "Run":
        """Wait until it is finished.

        Args:
            timeout: seconds; None: as long as it takes.

        Raises:
            TimeoutError: it is not finished in time; it goes on.
            CopilotError: it was stopped, or failed.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (saved := self.saved).summary.status is not RunStatus.FINISHED:
            if saved.summary.status in runs.OVER:
                raise CopilotError(saved.summary.error or f"The run {self.id} was stopped; what it has done is kept.")
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"The run {self.id} is not finished after {timeout} s; it goes on.")
            time.sleep(WAIT_SECONDS)
        return self

    def save_template(self, name: str, *, labels: Iterable[str] = (), note: str = "") -> TemplateVersion:
        """Save the prompt to use as the next version of a name, and point labels at it.

        Raises:
            TemplateError: name or label cannot be used.
            UserError: the run is not finished.
        """
        saved = self.saved
        note = note or self.verdict.sentence
        origin = templates.Origin(task=saved.plan.task.name, run_id=self.id, note=note)
        version = templates.save(self._workspace, name, self.result.template, origin=origin)
        for label in labels:
            templates.label(self._workspace, name, label, version=version.version)
        return templates.get(self._workspace, f"{name}@{version.version}")


class Template:
    """A prompt with the model it runs on; sends byte for byte what was scored."""

    def __init__(self, workspace: Workspace, portal: Portal, template: PromptTemplate, model: str) -> None:
        self.template = template
        self.model = model
        self._workspace = workspace
        self._portal = portal

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the inputs that every row needs."""
        return self.template.variables

    def text(self) -> str:
        """Return the whole prompt as a person reads it."""
        return results.prompt_text(self.template)

    def run(self, inputs: Mapping[str, Cell], *, on_text: OnText | None = None) -> RowOutput:
        """Run one row.

        Args:
            inputs: a text for each of `variables`.
            on_text: told of the answer so far while a free text is written, where the server streams it; in another
                thread. Where a request is sent again, the answer begins anew.

        Returns:
            The output, or an `error` where the answer could not be read.

        Raises:
            TemplateError: an input is missing.
            ModelError: the server failed.
        """
        return self._portal.call(self._run(inputs, on_text))

    async def arun(self, inputs: Mapping[str, Cell], *, on_text: OnText | None = None) -> RowOutput:
        """As `run`, awaited."""
        return await self._portal.wait(self._run(inputs, on_text))

    def map(self, rows: Iterable[Mapping[str, Cell]]) -> Iterator[RowOutput]:
        """Run rows, several at once, and yield what comes out in their order; memory stays flat.

        Args:
            rows: read one after the other, a few ahead; in another thread.

        Yields:
            One output for each row; where a row failed, with its `error`.

        Raises:
            TemplateError: a row lacks an input.
            ModelError: the server failed for every row.
        """
        yield from self._portal.iterate(self._map(rows))

    async def amap(self, rows: Iterable[Mapping[str, Cell]]) -> AsyncIterator[RowOutput]:
        """As `map`, awaited."""
        async for output in self._portal.aiterate(self._map(rows)):
            yield output

    def as_runnable(self) -> "RowRunnable":
        """Return a LangChain `Runnable` that takes a row's inputs and gives the text, label or list.

        Its `invoke`, `batch` and their awaited forms go the same way as `run`, so that decoding, label scoring and
        the reading of the answer stay what was scored. A row that fails raises `CopilotError`.
        """

        def invoke(inputs: dict[str, Any]) -> str | list[str]:
            return _value(self.run(inputs))

        async def ainvoke(inputs: dict[str, Any]) -> str | list[str]:
            return _value(await self.arun(inputs))

        return to_runnable(invoke, ainvoke, name="falconer_template")

    async def _run(self, inputs: Mapping[str, Cell], on_text: OnText | None) -> RowOutput:
        return await Runner(self.template, await self._workspace.model(self.model)).run(inputs, on_text=on_text)

    async def _map(self, rows: Iterable[Mapping[str, Cell]]) -> AsyncGenerator[RowOutput, None]:
        runner = Runner(self.template, await self._workspace.model(self.model))
        try:
            async with aclosing(runner.map(rows)) as outputs:
                async for output in outputs:
                    yield output
        finally:
            await runner.aclose()


def _value(row: RowOutput) -> str | list[str]:
    if row.output is None:
        raise CopilotError(row.error or "The answer could not be read.")
    return row.output if isinstance(row.output, str) else list(row.output)
