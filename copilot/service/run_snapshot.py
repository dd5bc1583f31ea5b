"""A run at one moment, put together from what it told: cheap enough to be asked for every second."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from copilot.domain.events import Progress, ProposalRejected, SearchStopped, StageStarted
from copilot.domain.prompt import Candidate
from copilot.domain.run import RunStatus
from copilot.domain.saved import RunSummary, SavedEvent, SavedRun
from copilot.domain.snapshot import Leader, RunSnapshot, ScorePoint
from copilot.service import runs, sheets
from copilot.service.workspace import Workspace
from copilot.storage import events as stored
from copilot.storage import run_progress
from copilot.storage import runs as run_rows
from evaluators.statistics.proportion import wilson

RATE_SECONDS = 30.0
"""The time left follows from the answers of the last so many seconds."""
MOST_EVENTS = 10_000


def snapshot(workspace: Workspace, run_id: str) -> RunSnapshot:
    """Return where a run stands.

    Raises:
        UserError: there is no such run.
    """
    saved = runs.get_run(workspace, run_id)
    summary = saved.summary
    with workspace.database.reading() as session:
        told = stored.list_events(
            session,
            run_id=run_id,
            types=("stage_started", "progress", "proposal_rejected", "search_stopped"),
            attempt=summary.attempt,
            limit=MOST_EVENTS,
        )
        answers = run_progress.told_answers(session, run_id=run_id, attempt=summary.attempt)
        candidates = stored.list_candidates(session, run_id=run_id)
        means = run_progress.candidate_means(session, run_id=run_id, split="dev")
        errors = run_progress.count_errors(session, run_id=run_id)
        last = run_progress.last_told(session, run_id=run_id)
        sent = run_progress.calls_sent(session, run_id=run_id)
        since, window = _window(summary)
        lately = run_progress.told_since(session, run_id=run_id, attempt=summary.attempt, moment=since)
        free = {waiting.id for waiting in run_rows.unfinished_runs(session)}
    if saved.result is not None:
        # As the engine scored them in the end, with labels read by the layers that were fitted.
        final = saved.result.candidates
        means = {line.id: (line.n, line.score) for line in final if line.score is not None}
    leaderboard = _leaderboard(candidates, means)
    running = summary.status is RunStatus.RUNNING
    rate = lately / window if running and lately >= 3 and window > 1 else None
    stage, begun = _stage(told)
    done = sum(sequence > begun for sequence, _, _ in answers)
    calls, tokens = _spent(told, [sequence for sequence, _, _ in answers])
    most = saved.plan.config.budget.max_calls
    # One that was gone on with tells again, for free, what it had told before.
    calls = min(most, max(calls, sent))
    total = stage.planned_calls if stage else 0
    return RunSnapshot(
        run_id=run_id,
        status=summary.status,
        stage=stage.stage if stage else "",
        message=stage.message if stage else "",
        prompts=len(candidates),
        stage_done=min(done, total) if total else done,
        stage_total=total,
        calls=_paid(saved, calls),
        max_calls=most,
        tokens=tokens,
        eta_seconds=max(0, total - done) / rate if rate and total else None,
        longest_seconds=max(0, most - calls) / rate if rate else None,
        errors=errors,
        rejected=sum(isinstance(saved.event, ProposalRejected) for saved in told),
        silent_seconds=_silence(summary, last) if stage else None,
        waits_for_worker=run_id in free,
        was_lost=run_id in free and summary.status is RunStatus.RUNNING,
        stop_requested=summary.stop_requested,
        attempt=summary.attempt,
        stop_reason=next((saved.event.reason for saved in told if isinstance(saved.event, SearchStopped)), None),
        leaderboard=leaderboard,
        points=_points(told, answers, {leader.candidate_id: leader for leader in leaderboard}, calls=calls),
        started_at=summary.started_at,
        error=summary.error,
    )


def go_on(workspace: Workspace, run_id: str) -> None:
    """Let a worker take the run: after it was stopped, failed, or lost its worker. One that is finished stays so.

    Raises:
        UserError: there is no such run.
    """
    status = runs.get_run(workspace, run_id).summary.status
    if status is RunStatus.FINISHED:
        return
    if status in (RunStatus.STOPPED, RunStatus.FAILED):
        runs.queue_again(workspace, run_id)
    sheets.ensure_worker(workspace)


def _stage(told: Sequence[SavedEvent]) -> tuple[StageStarted | None, int]:
    for saved in reversed(told):
        if isinstance(saved.event, StageStarted):
            return saved.event, saved.sequence
    return None, 0


def _spent(told: Sequence[SavedEvent], answers: Sequence[int]) -> tuple[int, int]:
    """Return calls and tokens: as the engine counted them last, and the answers since."""
    for saved in reversed(told):
        if isinstance(saved.event, Progress):
            since = sum(sequence > saved.sequence for sequence in answers)
            return min(saved.event.calls + since, saved.event.max_calls), saved.event.tokens
    return len(answers), 0


def _paid(saved: SavedRun, calls: int) -> int:
    if saved.result is None:
        return calls
    return max(calls, sum(usage.calls for usage in saved.result.usage.values()))


def _window(summary: RunSummary) -> tuple[datetime, float]:
    """Return since when answers are counted to tell the speed, and how many seconds that is."""
    moment = datetime.now(UTC)
    since = moment - timedelta(seconds=RATE_SECONDS)
    if summary.attempt == 1 and summary.started_at is not None and summary.started_at > since:
        since = summary.started_at
    return since, (moment - since).total_seconds()


def _silence(summary: RunSummary, last: datetime | None) -> float | None:
    if summary.status is not RunStatus.RUNNING or (last or summary.started_at) is None:
        return None
    heard = max(moment for moment in (last, summary.started_at) if moment is not None)
    return max(0.0, (datetime.now(UTC) - heard).total_seconds())


def _leaderboard(candidates: Sequence[Candidate], means: Mapping[str, tuple[int, float]]) -> tuple[Leader, ...]:
    leaders = []
    for candidate in candidates:
        n, mean = means.get(candidate.id, (0, None))
        interval = wilson(mean * n, n) if n and mean is not None else None
        leaders.append(
            Leader(
                candidate_id=candidate.id,
                is_user_prompt=candidate.operator == "user",
                operator=candidate.operator,
                rationale=candidate.rationale,
                parents=candidate.parents,
                score=mean,
                low=interval.low if interval else None,
                high=interval.high if interval else None,
                n=n,
            )
        )
    return tuple(sorted(leaders, key=lambda leader: (-leader.n, -(leader.score or 0.0))))


def _points(
    told: Sequence[SavedEvent], answers: Sequence[tuple[int, str, str]], leaders: Mapping[str, Leader], *, calls: int
) -> tuple[ScorePoint, ...]:
    """Return who led after each batch of answers, and who leads now.

    Each is shown with the score that is known of it today: what led by luck on few examples would else seem to fall.
    """
    points: list[ScorePoint] = []
    met: dict[str, int] = {}
    position = 0
    batches = [(saved.sequence, saved.event.calls) for saved in told if isinstance(saved.event, Progress)]
    if answers and (not batches or answers[-1][0] > batches[-1][0]):
        batches.append((answers[-1][0] + 1, max(calls, batches[-1][1] if batches else 0)))
    for end, spent in batches:
        while position < len(answers) and answers[position][0] < end:
            _, split, name = answers[position]
            met[name] = met.get(name, 0) + (split == "dev")
            position += 1
        # Only those on the most examples are comparable: the same by which the engine chooses.
        most = max(met.values(), default=0)
        level = [leaders[name] for name, n in met.items() if n >= most and name in leaders and leaders[name].n]
        if not level:
            continue
        best = max(level, key=lambda leader: (leader.score or 0.0, leader.n))
        if points and points[-1].calls == spent:
            points.pop()
        points.append(
            ScorePoint(
                calls=spent,
                candidate_id=best.candidate_id,
                score=best.score or 0.0,
                low=best.low or 0.0,
                high=best.high or 0.0,
            )
        )
    return tuple(points)
