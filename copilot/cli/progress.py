"""What a run is doing, while it does it: one line that moves in a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn

from copilot.cli.output import clean
from copilot.domain.events import (
    CandidateProposed,
    ProposalRejected,
    RunEvent,
    RungFinished,
    SearchStopped,
    StageStarted,
    TrialFinished,
)
from copilot.domain.events import Progress as Spent
from copilot.service.row_files import RowProgress

QUIET_SECONDS = 10.0
"""Without a terminal, at most one line in so many seconds."""


class _Line:
    """A line that moves in a terminal; elsewhere there is no bar, and lines are said now and then."""

    def __init__(self, console: Console, *columns: ProgressColumn) -> None:
        self._console = console
        self._started = time.monotonic()
        self._shown = 0.0
        self._bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class ProgressLine(_Line):
    """Shows the stage in words, the calls done and the cap, and how long it may still take."""

    def __init__(self, console: Console, *, max_calls: int) -> None:
        super().__init__(
            console,
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:.0f}/{task.total:.0f} calls"),
            TextColumn("{task.fields[left]}"),
        )
        self._max_calls = max_calls
        self._stage = "Starting"
        self._calls = 0
        self._tried = 0
        if self._bar is not None:
            self._task = self._bar.add_task(self._stage, total=max_calls, left="")

    def __call__(self, event: RunEvent) -> None:
        """Take in one event."""
        if isinstance(event, StageStarted):
            self._stage = clean(event.message)
            self._show(force=True)
        elif isinstance(event, Spent):
            self._calls = event.calls
            if event.message:
                self._stage = clean(event.message)
            self._show()
        elif isinstance(event, TrialFinished):
            self._calls = max(self._calls, self._calls + event.trial.usage.calls)
            self._tried += 1
            self._show()
        elif isinstance(event, CandidateProposed) and event.candidate.parents:
            self._note(f"new prompt {event.candidate.id}: {clean(event.candidate.rationale)}")
        elif isinstance(event, ProposalRejected):
            self._note(f"proposal set aside: {clean(event.reason)}")
        elif isinstance(event, SearchStopped):
            self._note(clean(event.message))
        elif isinstance(event, RungFinished) and event.leaderboard:
            best = event.leaderboard[0]
            score = "-" if best.score is None else f"{best.score:.3f}"
            self._note(f"after {event.n} examples {best.id} leads with {score}")

    def _note(self, text: str) -> None:
        self._console.print(f"  {text}", markup=False)

    def _show(self, *, force: bool = False) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                description=self._stage,
                completed=min(self._calls, self._max_calls),
                left=self._left(),
            )
        elif force or time.monotonic() - self._shown > QUIET_SECONDS:
            self._shown = time.monotonic()
            left = self._left()
            line = f"{self._stage} ({self._calls}/{self._max_calls} calls{', ' + left if left else ''})"
            self._console.print(line, markup=False)

    def _left(self) -> str:
        elapsed = time.monotonic() - self._started
        if self._calls < 5 or elapsed < 1:
            return ""
        return f"at most {duration(elapsed / self._calls * max(0, self._max_calls - self._calls))} left"


class RowLine(_Line):
    """Shows how many rows are done, of how many, and how long it may still take."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, BarColumn(bar_width=20), TextColumn("{task.fields[line]}"))
        if self._bar is not None:
            self._task = self._bar.add_task("rows", total=None, line="")

    def __call__(self, state: RowProgress) -> None:
        """Take in how far it is; most calls show nothing."""
        now = time.monotonic()
        if now - self._shown < (0.1 if self._bar is not None else QUIET_SECONDS):
            return
        self._shown = now
        fresh = state.done - state.before
        left = ""
        if fresh >= 3:
            left = f", about {duration((now - self._started) / fresh * (state.total - state.done))} left"
        failed = f", {state.errors:,} failed" if state.errors else ""
        line = f"{state.done:,} of {state.total:,} rows{failed}{left}"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=state.total, completed=state.done, line=line)
        elif fresh:
            self._console.print(line, markup=False)


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
