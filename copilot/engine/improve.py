"""One improvement from start to verdict: an async generator of events, without I/O of its own.

Everything decided here depends only on the arguments and on what the models answer. Called again with the same
arguments and the same ledger it takes the same decisions and pays nothing twice.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace

from copilot.domain.events import CandidateProposed, RunEvent, RunFinished, StageStarted
from copilot.domain.ledger import CallLog, Ledger
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.reviews import Said
from copilot.domain.run import Role, RunConfig, RunResult
from copilot.engine import verdict as verdicts
from copilot.engine.passing import gather_passing
from copilot.engine.planning import within_tokens
from copilot.engine.search import Search
from copilot.engine.stages import PREFLIGHT_CALLS, Copilot, halve, labels_alike, learn_tier, preflight, reflect
from copilot.engine.trim import trim, trim_all
from copilot.evaluation.gateway import Gateway, ModelJudge
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.evaluation.trials import Evaluation
from copilot.models.base import ChatModel
from copilot.optimizers import halving
from copilot.optimizers.reflection import Tier
from copilot.optimizers.seeds import LABEL_SAMPLES, USER_ID, Ground, first_candidates, user_candidate
from copilot.optimizers.selection import ranking
from evaluators.base import Embedder
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Split, Task
from tasks.plan import Plan, plan
from tasks.split import kept_from_holdout, split, stratified

MOST_CANDIDATES = 24
LEAST_RUNG = 4
REFLECTION_SHARE = 0.3
"""Share of the search's calls that is kept for refining."""
CALLS_PER_ROW = 6
"""Search calls for which one dev row is used: few calls are better spent on more prompts than on more rows."""
HOLDOUT_SHARE = 0.4
"""At most this share of all calls goes to the holdout."""


@dataclass(frozen=True, kw_only=True)
class Models:
    """The models of a run."""

    task: ChatModel
    copilot: ChatModel
    judge: ChatModel | None = None
    """None: the copilot judges."""
    embedder: Embedder | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """What is known before the run."""

    ledger: Ledger
    calls: CallLog | None = None
    """Notes every call of the run, so that the cap holds over all its sessions; None: it has one session only."""
    said: tuple[Said, ...] = ()
    """What people said of this task's outputs so far, the newest last."""
    holdout_used_before: bool = False
    """Rows of the holdout decided an earlier verdict."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What follows from the arguments before the first call."""

    task: Task
    plan: Plan
    ground: Ground
    dev: tuple[Example, ...]
    holdout: tuple[Example, ...]
    rubric: Rubric


def prepare(
    task: Task, dataset: Dataset, *, config: RunConfig, context_length: int | None, known: Collection[str] = ()
) -> Setup:
    """Measure the examples, choose the plan, divide the rows and resolve the criteria.

    Args:
        task: what is asked.
        dataset: the examples.
        config: the seed decides how they are divided.
        context_length: of the model that does the task.
        known: ids of examples whose answers the copilot is told about; they decide no verdict.

    Raises:
        CriterionError: a criterion is unknown or has a bad parameter.
    """
    kind = kinds.get(task.kind)
    facts = fingerprint(task.kind, dataset, labels=task.labels, fields=task.fields or _known(kind.fields, dataset))
    chosen = plan(task, facts, context_length=context_length)
    rubric = Rubric.of(chosen.criteria)
    parts: Split = kept_from_holdout(split(dataset, chosen, seed=config.seed), chosen, known, seed=config.seed)
    dev, holdout = parts.dev, parts.holdout
    if chosen.cross_fitted:
        dev, holdout = stratified((*parts.dev, *parts.holdout), seed=config.seed), ()
    ground = Ground(
        task=task,
        kind=kind,
        fingerprint=facts,
        pool=parts.pool,
        demonstration_counts=chosen.demonstration_counts,
        switches=config.switches,
        seed=config.seed,
    )
    return Setup(task=task, plan=chosen, ground=ground, dev=dev, holdout=holdout, rubric=rubric)


async def improve(
    task: Task,
    dataset: Dataset,
    *,
    config: RunConfig,
    models: Models,
    history: History,
    run_id: str,
) -> AsyncGenerator[RunEvent, None]:
    """Yield the events of one improvement; the last is `RunFinished`.

    Raises:
        CriterionError: before the first call.
        ModelError: a server failed for good; what was answered is in the ledger.
    """
    started = time.monotonic()
    known = _known_examples(dataset, history.said)
    setup = prepare(task, dataset, config=config, context_length=models.task.context_length, known=known)
    meter = Meter(config.budget, log=history.calls)

    def gateway(model: ChatModel, role: Role) -> Gateway:
        return Gateway(model, role, ledger=history.ledger, meter=meter, concurrency=config.concurrency)

    asking, proposing = gateway(models.task, Role.TASK), gateway(models.copilot, Role.COPILOT)
    judging = gateway(models.judge or models.copilot, Role.JUDGE)
    helpers = Helpers(judge=ModelJudge(judging), embedder=models.embedder)
    evaluation = Evaluation(gateway=asking, rubric=setup.rubric, helpers=helpers)
    search = Search(ground=setup.ground, evaluation=evaluation, items=setup.dev, config=config)
    try:
        yield StageStarted(stage="preflight", message="Getting to know the models", planned_calls=PREFLIGHT_CALLS)
        search.ground = replace(setup.ground, alike=await labels_alike(models.task, setup.ground.prompts))
        copilot = None
        if config.switches.reflect and config.budget.max_calls >= 60:
            copilot = Copilot(gateway=proposing, tier=await learn_tier(proposing), said=history.said)
        async for event in _search(search, setup, copilot):
            yield event
        best = search.fitted(_finalist(search))
        values: dict[str, dict[str, float]] = {}
        meter.held_calls = meter.held_tokens = 0
        if not setup.plan.cross_fitted:
            async for event in verdicts.on_holdout(search, best, setup.holdout, values):
                yield event
        decision = await _decide(search, setup, best, values)
        shipped = _shipped(search, setup, decision)
    finally:
        for opened in (asking, proposing, judging):
            await opened.aclose()
    said = (*search.notes, *_unheard(search, history), *_limited(search, copilot))
    notes = (*decision.verdict.notes, *said, *setup.plan.warnings)
    yield RunFinished(
        result=RunResult(
            run_id=run_id,
            verdict=decision.verdict.model_copy(
                update={"holdout_used_before": history.holdout_used_before, "notes": notes}
            ),
            template=shipped,
            user_template=search.candidates[USER_ID].template,
            candidates=search.leaderboard(),
            usage=meter.total(),
            stop_reason=search.stop_reason,
            replayed_calls=meter.replayed_calls,
            seconds=time.monotonic() - started,
        )
    )


def _known_examples(dataset: Dataset, said: Sequence[Said]) -> frozenset[str]:
    """Return the examples that were spoken of: an id alone does not tell, since a new upload counts from 1 again."""
    told = {tuple(sorted(one.inputs.items())) for one in said}
    return frozenset(example.id for example in dataset.examples if tuple(sorted(example.inputs.items())) in told)


def _unheard(search: Search, history: History) -> tuple[str, ...]:
    """Say why what people said had no effect, where it had none."""
    if search.asked or not history.said:
        return ()
    if search.stop_reason in ("perfect", "settled"):
        return (
            "Your feedback had no effect: by these criteria the prompt that was found could hardly be better. Add "
            "your corrections to the examples, or a criterion that measures what you missed.",
        )
    return ("There were too few calls to learn from your feedback; allow more of them.",)


def _limited(search: Search, copilot: Copilot | None) -> tuple[str, ...]:
    """Say that the copilot was not trusted with more than a rule, where it was asked."""
    if copilot is None or not search.asked or copilot.tier is not Tier.FILLS_SLOTS:
        return ()
    return (
        "The copilot model did not pass the test of rewriting an instruction, so it could only add single rules to a "
        "prompt. You can choose a stronger copilot model in the settings.",
    )


def _known(fields: tuple[str, ...], dataset: Dataset) -> tuple[str, ...]:
    """Return the kind's fields that the examples have: a spreadsheet's further columns are no inputs."""
    present = {name for example in dataset.examples for name in example.inputs}
    return tuple(name for name in fields if name in present)


async def _search(search: Search, setup: Setup, copilot: Copilot | None) -> AsyncIterator[RunEvent]:
    """Seeds, halving, reflection, free trims, and the rows that the decision layer is fitted on."""
    meter, config = search.meter, search.config
    per_trial = 1 + setup.rubric.judges
    if search.ground.samples_labels and _scores_labels(search):
        per_trial += LABEL_SAMPLES - 1
    held = _hold_for_verdict(search, setup, per_trial)
    fitting = min(len(search.ground.pool), config.budget.max_calls // 10) if _scores_labels(search) else 0
    meter.held_calls = held + fitting
    calls = meter.plannable_calls // per_trial
    user = user_candidate(search.ground)
    search.add([user])
    yield CandidateProposed(candidate=user)
    async for event in preflight(search):
        yield event
    calls, shots = within_tokens(search, calls)
    share = 1.0 - (REFLECTION_SHARE if config.switches.reflect and not setup.plan.cross_fitted else 0.0)
    whole = setup.plan.cross_fitted or not config.switches.halving
    first_rung = len(setup.dev) if whole else min(setup.plan.first_rung, max(LEAST_RUNG, calls // 16))
    if not whole:
        search.items = setup.dev[: max(2 * first_rung, calls // CALLS_PER_ROW)]
    rows = len(search.items)
    count = halving.population(int(calls * share), rows, first_rung=first_rung, most=MOST_CANDIDATES)
    if whole:
        count = max(2, min(MOST_CANDIDATES, int(calls * share) // max(1, rows)))
    candidates = first_candidates(search.ground, count, counts=shots)
    search.add(candidates)
    yield StageStarted(stage="seeds", message=f"Starting from {len(candidates)} prompts, yours among them")
    for candidate in candidates[1:]:
        yield CandidateProposed(candidate=candidate)
    async for event in halve(search, [candidate.id for candidate in candidates], first_rung=first_rung):
        yield event
    if config.switches.reflect and not setup.plan.cross_fitted:
        async for event in gather_passing(search):
            yield event
        async for event in reflect(search, copilot, first_rung=first_rung):
            yield event
    else:
        yield search.stop("no_refining" if any(map(search.complete, search.candidates)) else "cap")
    if config.switches.trimming:
        async for event in trim_all(search) if setup.plan.cross_fitted else trim(search, _most_met(search)):
            yield event
    meter.held_calls = held
    name = _finalist(search)
    if search.candidates[name].template.label_scoring and config.switches.calibration:
        async for event in search.try_on_pool(name):
            yield event


def _hold_for_verdict(search: Search, setup: Setup, per_trial: int) -> int:
    """Keep calls and tokens for the holdout; return the calls."""
    if setup.plan.cross_fitted:
        return 0
    budget = search.config.budget
    calls = min(2 * len(setup.holdout) * per_trial, int(HOLDOUT_SHARE * budget.max_calls))
    if budget.max_tokens is not None:
        search.meter.held_tokens = int(HOLDOUT_SHARE * budget.max_tokens)
    return calls


def _scores_labels(search: Search) -> bool:
    switches = search.config.switches
    if not (switches.label_scoring and switches.calibration):
        return False
    return any(prompt.label_scoring for prompt in search.ground.prompts)


def _finalist(search: Search) -> str:
    """Return the best of the candidates that met the most dev rows, on these rows; the user's prompt where none did."""
    most = _most_met(search)
    rows = search.items[:most]
    met = [name for name in search.candidates if most and search.leading(name) >= most]
    level = search.comparable(met, rows)
    level = [standing for standing in level if standing.values]
    return ranking(level)[0] if level else USER_ID


def _most_met(search: Search) -> int:
    """Return how many dev rows, from the first, the furthest candidate besides the user's prompt has met."""
    return max((search.leading(name) for name in search.candidates if name != USER_ID), default=0)


def _shipped(search: Search, setup: Setup, decision: verdicts.Decision) -> PromptTemplate:
    """Return what is used from now on: its decision layer learns from the holdout, too, now that the verdict stands."""
    if not decision.use_winner:
        return search.candidates[USER_ID].template
    if setup.holdout and decision.winner.template.decision:
        search.notes.append(
            "After the verdict, the prompt's label probabilities were calibrated once more, now on the held-out "
            "examples, too."
        )
        return search.fitted(decision.winner.id, holdout=setup.holdout).template
    return decision.winner.template


async def _decide(
    search: Search, setup: Setup, best: Candidate, values: dict[str, dict[str, float]]
) -> verdicts.Decision:
    test = setup.holdout or setup.dev
    train = (*setup.ground.pool, *(setup.dev if setup.holdout else ()))
    kind = setup.task.kind.value
    baselines = await verdicts.score_baselines(search.evaluation, kind=kind, train=train, test=test)
    if setup.plan.cross_fitted:
        return verdicts.cross_fitted(search, best, baselines=baselines)
    return verdicts.decide(search, best, values, baselines=baselines)
