"""A run's table: which prompt is shown, against which, page by page, and its numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from copilot.domain.prompt import Candidate
from copilot.domain.run import Trial
from copilot.domain.saved import SavedRun
from copilot.domain.snapshot import CriterionScore, PromptFacts, ResultRow, RowPage, RowQuery, RowState, Show
from copilot.errors import UserError
from copilot.service import runs
from copilot.service.results import USER, chosen, finalist
from copilot.service.workspace import Workspace
from copilot.storage import events as stored
from copilot.storage import trial_rows
from copilot.storage.trial_rows import Selection, StoredRow
from evaluators import registry
from evaluators.statistics.proportion import wilson

PAGE = 500
_STATES: tuple[RowState, ...] = ("error", "failed", "unscored", "passed")


def page(workspace: Workspace, run_id: str, query: RowQuery, *, counts: Mapping[Show, int] | None = None) -> RowPage:
    """Return one page of rows, failures first; the database filters, searches and sorts.

    Args:
        workspace: the installation.
        run_id: the run.
        query: which rows.
        counts: those of an earlier page of the same rows, which most of the work goes into; None: count.

    Raises:
        UserError: there is no such run or prompt.
    """
    saved = runs.get_run(workspace, run_id)
    chosen = selection(workspace, saved, query)
    with workspace.database.reading() as session:
        counted = trial_rows.count_rows(session, chosen) if counts is None else dict(counts)
        keys = trial_rows.keys(session, chosen, show=query.show, offset=query.offset, limit=query.limit)
        found = trial_rows.load_rows(session, chosen, keys)
    return RowPage(
        candidate_id=chosen.candidate_id,
        against=_named(run_id, chosen.against),
        rows=tuple(map(_row, found)),
        total=counted[query.show],
        counts=counted,
    )


def all_rows(workspace: Workspace, run_id: str, query: RowQuery) -> Iterator[ResultRow]:
    """Yield every row that the query leaves, a few at a time."""
    saved = runs.get_run(workspace, run_id)
    chosen = selection(workspace, saved, query)
    with workspace.database.reading() as session:
        keys = trial_rows.keys(session, chosen, show=query.show)
    for start in range(0, len(keys), PAGE):
        batch = keys[start : start + PAGE]
        with workspace.database.reading() as session:
            found = trial_rows.load_rows(session, chosen, batch)
        yield from map(_row, found)


def facts(workspace: Workspace, run_id: str, query: RowQuery) -> PromptFacts:
    """Return the numbers of one prompt over the rows of the table, criterion by criterion.

    Raises:
        UserError: there is no such run or prompt.
    """
    saved = runs.get_run(workspace, run_id)
    chosen = selection(workspace, saved, query)
    with workspace.database.reading() as session:
        found = trial_rows.facts(session, chosen)
        names = trial_rows.criteria(session, chosen, thresholds=())
        thresholds = _thresholds(saved, [row["evaluator"] for row in names])
        scored = trial_rows.criteria(session, chosen, thresholds=thresholds)
    criteria = []
    for row in scored:
        n, mean = row["n"], row["mean"]
        interval = wilson(mean * n, n) if n else None
        criteria.append(
            CriterionScore(
                title=_title(row["evaluator"]),
                evaluator=row["evaluator"],
                n=n,
                unscored=row["rows"] - n,
                mean=mean,
                low=interval.low if interval else None,
                high=interval.high if interval else None,
                passed=row["passed"],
            )
        )
    return PromptFacts(
        candidate_id=chosen.candidate_id,
        n=found["n"],
        passed=found["passed"],
        failed=found["failed"],
        errors=found["error"],
        unscored=found["unscored"],
        mean=found["mean"],
        right_or_wrong=not found["between"],
        prompt_tokens=found["prompt_tokens"],
        completion_tokens=found["completion_tokens"],
        latency_seconds=found["latency_seconds"],
        criteria=tuple(criteria),
    )


def chosen_id(workspace: Workspace, run_id: str) -> str:
    """Return the id of the prompt to use; while there is no verdict, of the one that leads."""
    saved = runs.get_run(workspace, run_id)
    with workspace.database.reading() as session:
        return chosen(saved, trial_rows.split_counts(session, run_id=run_id))


def finalist_id(workspace: Workspace, run_id: str) -> str:
    """Return the id of the prompt that was compared with the user's, whether or not it is the one to use."""
    saved = runs.get_run(workspace, run_id)
    with workspace.database.reading() as session:
        return finalist(saved, trial_rows.split_counts(session, run_id=run_id))


def prompt(workspace: Workspace, run_id: str, candidate_id: str) -> Candidate:
    """Return a prompt of a run; the one to use as it was fitted in the end.

    Raises:
        UserError: there is no such run or prompt.
    """
    saved = runs.get_run(workspace, run_id)
    with workspace.database.reading() as session:
        found = stored.find_candidate(session, run_id=run_id, candidate_id=candidate_id)
        shown = chosen(saved, trial_rows.split_counts(session, run_id=run_id))
    if found is None:
        raise UserError("This run has no such prompt. Choose another one from its list.")
    if saved.result is not None and shown == candidate_id:
        return found.model_copy(update={"template": saved.result.template})
    return found


def table_columns(workspace: Workspace, run_id: str, query: RowQuery) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all inputs and of all criteria that the rows have."""
    saved = runs.get_run(workspace, run_id)
    chosen = selection(workspace, saved, query)
    with workspace.database.reading() as session:
        scored = trial_rows.criteria(session, chosen, thresholds=())
        inputs = trial_rows.input_names(session, dataset_version=chosen.dataset_version)
    return inputs, tuple(_title(row["evaluator"]) for row in scored)


def selection(workspace: Workspace, saved: SavedRun, query: RowQuery) -> Selection:
    """Return which trials a query asks for.

    Raises:
        UserError: there is no such run or prompt.
    """
    run_id = saved.plan.id
    with workspace.database.reading() as session:
        counts = trial_rows.split_counts(session, run_id=run_id)
        candidate = query.candidate_id or chosen(saved, counts)
        known = stored.find_candidate(session, run_id=run_id, candidate_id=candidate)
    if known is None and candidate != USER and not any(name == candidate for _, name in counts):
        raise UserError("This run has no such prompt. Choose another one from its list.")
    splits: tuple[str, ...] = ("dev", "holdout", "pool")
    if query.part == "kept_aside":
        splits = ("holdout",) if ("holdout", candidate) in counts else ("dev",)
    against = _against(query.against, saved, candidate, counts)
    other = saved if against[0] == run_id else runs.get_run(workspace, against[0])
    return Selection(
        run_id=run_id,
        candidate_id=candidate,
        dataset_version=saved.plan.dataset_version,
        splits=splits,
        against=against,
        against_version=other.plan.dataset_version,
        shared=query.part in ("shared", "shared_aside"),
        aside=query.part == "shared_aside",
        search=query.search,
        example_id=query.example_id,
    )


def _against(given: str | None, saved: SavedRun, candidate: str, counts: dict[tuple[str, str], int]) -> tuple[str, str]:
    run_id = saved.plan.id
    if given:
        return reference(given, run_id)
    return run_id, USER if candidate != USER else finalist(saved, counts)


def reference(text: str, run_id: str) -> tuple[str, str]:
    """Return run and prompt of `RUN/PROMPT`, or of `PROMPT` alone: one of this run."""
    other, _, name = text.rpartition("/")
    return other or run_id, name


def _named(run_id: str, against: tuple[str, str]) -> str:
    return against[1] if against[0] == run_id else "/".join(against)


def _row(found: StoredRow) -> ResultRow:
    # The database's check allows no other word for the part; validating turns its text into the literal type.
    return ResultRow.model_validate(
        {
            "example": found.example,
            "split": found.split,
            "state": _STATES[found.state],
            "trial": found.trial,
            "other": found.other,
            "reasons": _reasons(found.trial),
        }
    )


def _reasons(trial: Trial) -> tuple[str, ...]:
    if trial.problem:
        return (trial.problem,)
    return tuple(score.explanation for score in trial.scores if score.value is None or score.value < 1.0)


def _thresholds(saved: SavedRun, evaluators: list[str]) -> tuple[float, ...]:
    """Return from which score each criterion counts as met."""
    given = saved.plan.task.criteria
    usual = {entry.name: entry.default_threshold for entry in registry.catalogue()}
    found = [usual.get(name, 1.0) for name in evaluators]
    if len(given) == len(evaluators):
        found = [usual_ if c.threshold is None else c.threshold for c, usual_ in zip(given, found, strict=True)]
    return tuple(found)


def _title(evaluator: str) -> str:
    return next((entry.title for entry in registry.catalogue() if entry.name == evaluator), evaluator)


def one(workspace: Workspace, run_id: str, query: RowQuery, example_id: str) -> ResultRow:
    """Return one row of the table.

    Raises:
        UserError: there is no such run, prompt or row.
    """
    saved = runs.get_run(workspace, run_id)
    asked = query.model_copy(update={"example_id": example_id, "part": "all"})
    chosen = replace(selection(workspace, saved, asked), search="")
    with workspace.database.reading() as session:
        found = trial_rows.load_rows(session, chosen, trial_rows.keys(session, chosen, show="all", limit=1))
    if not found:
        raise UserError("This prompt has not met that example. Choose another row, or another prompt.")
    return _row(found[0])
