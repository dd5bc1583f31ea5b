"""From a finished search to a verdict: on the holdout once, or cross-fitted where there are too few examples."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from copilot.domain.events import RunEvent, StageStarted, TrialFinished
from copilot.domain.prompt import Candidate
from copilot.domain.run import Baseline, Comparison, Verdict
from copilot.engine.search import Search
from copilot.evaluation.trials import Evaluation
from copilot.optimizers import crossfitting, guarding, shipping
from copilot.optimizers.seeds import USER_ID
from copilot.optimizers.selection import comparable_values, length_costs
from evaluators.baselines import baselines_for
from tasks.model import Example

BLOCK = 16
"""Holdout rows on which one prompt is asked before the other's turn: long enough for a server's prefix cache."""
TAPER = 8
"""A block has at most one row for so many calls that are left: what retries may cut unevenly is small at the cap."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to ship and why."""

    verdict: Verdict
    winner: Candidate
    """The finalist, whether or not it is to be used."""
    use_winner: bool


async def on_holdout(
    search: Search, best: Candidate, holdout: Sequence[Example], trials: dict[str, dict[str, float]]
) -> AsyncIterator[RunEvent]:
    """Try the finalist and the user's prompt on the holdout; values are put into `trials` by candidate and example.

    Where the cap cuts the rows, both prompts lose the same ones; where retries use it up on the way, all but the last
    few rows are whole, since blocks grow smaller towards the cap. Answers that turn out short leave tokens for more.
    """
    pair = [search.candidates[USER_ID], best] if best.id != USER_ID else [best]
    rows, sure = holdout, len(_affordable(search, pair, holdout))
    number = f"{sure}" if sure == len(rows) else f"at least {sure}"
    yield StageStarted(
        stage="holdout",
        message=f"Comparing with your prompt on {number} examples that nothing was tuned on",
        planned_calls=sure * len(pair),
    )
    while block := _affordable(search, pair, rows[: min(BLOCK, max(1, search.meter.calls_left // TAPER))]):
        async for trial in search.evaluation.run(_pairs(pair, block)):
            search.holdout_trials.setdefault(trial.candidate_id, {})[trial.example_id] = trial
            if trial.value is not None:
                trials.setdefault(trial.candidate_id, {})[trial.example_id] = trial.value
            yield TrialFinished(split="holdout", trial=trial)
        rows = rows[len(block) :]
    yield search.progress()


def _affordable(search: Search, pair: Sequence[Candidate], rows: Sequence[Example]) -> Sequence[Example]:
    """Return the rows, from the first, on which the caps allow to ask every prompt."""
    by_row = [(candidate, row) for row in rows for candidate in pair]
    return rows[: search.evaluation.affordable(by_row) // len(pair)]


def decide(
    search: Search, best: Candidate, values: Mapping[str, Mapping[str, float]], *, baselines: tuple[Baseline, ...]
) -> Decision:
    """Return the verdict of a holdout comparison."""
    user, winner = values.get(USER_ID, {}), values.get(best.id, {})
    finding = shipping.judge(user, [winner], seed=search.config.seed)[0]
    use = best.id != USER_ID and finding.outcome != "worse"
    use = use and (not search.config.switches.guard or _guarded(search, best, user, winner))
    dev = dev_comparison(search, best)
    holdout = finding.comparison
    optimism = None
    if dev.best_score is not None and holdout.best_score is not None:
        optimism = dev.best_score - holdout.best_score
    verdict = Verdict(
        outcome=finding.outcome,
        sentence=_sentence(finding.outcome, holdout, best, [*user.values(), *winner.values()], use=use),
        holdout=holdout,
        dev=dev,
        optimism=optimism,
        baselines=baselines,
    )
    return Decision(verdict=verdict, winner=best, use_winner=use)


def cross_fitted(search: Search, best: Candidate, *, baselines: tuple[Baseline, ...]) -> Decision:
    """Return the verdict on the procedure: for each row, the prompt that would be chosen without that row.

    Repeated 5-fold cross-fitting over rows that every remaining candidate met; needs no further call.
    """
    complete = [name for name in search.candidates if name != USER_ID and search.complete(name)]
    standings = search.comparable((USER_ID, *complete), search.items)
    user, rows = standings[0].values, [item.id for item in search.items]
    values, signs = (
        np.array([[known.get(row, np.nan) for row in rows] for known in found])
        for found in ([standing.values for standing in standings], comparable_values(standings))
    )
    costs = np.array(length_costs(standings))
    fit = crossfitting.cross_fit(values, signs=signs, costs=costs, seed=search.config.seed)
    finding = shipping.judge_cross_fitted(user, rows, fit=fit, seed=search.config.seed)
    guard = not search.config.switches.guard or guarding.passes_cross_fitted(values[0], fit, seed=search.config.seed)
    use = best.id != USER_ID and guard and finding.outcome != "worse"
    verdict = Verdict(
        outcome=finding.outcome,
        sentence=_sentence(finding.outcome, finding.comparison, best, [0.5], use=use),
        holdout=finding.comparison,
        dev=dev_comparison(search, best),
        baselines=baselines,
        cross_fitted=True,
        notes=(
            "There are too few examples to keep some aside, so each was judged by the prompt chosen without it: "
            "the figures say how well improving works on this task, not how good exactly this prompt is.",
        ),
    )
    return Decision(verdict=verdict, winner=best, use_winner=use)


def dev_comparison(search: Search, best: Candidate) -> Comparison:
    """Return the finalist against the user's prompt on the dev rows: optimistic, since these chose the finalist."""
    user, winner = search.standing(USER_ID).values, search.standing(best.id).values
    return shipping.compare(user, winner, seed=search.config.seed)


def _guarded(search: Search, best: Candidate, user: Mapping[str, float], winner: Mapping[str, float]) -> bool:
    """Tell whether dev rows and holdout together speak for the finalist."""
    standings = {name: search.standing(name).values for name in search.candidates}
    rows = [item.id for item in search.items if all(item.id in standings[name] for name in (USER_ID, best.id))]
    others = [name for name in standings if name not in (USER_ID, best.id)]
    met = [name for name in others if all(row in standings[name] for row in rows)]
    held = sorted(user.keys() & winner.keys())  # not in the order in which answers came
    return guarding.passes(
        dev=np.array([[standings[name][row] for row in rows] for name in (USER_ID, best.id, *met)]),
        holdout=np.array([[values[row] for row in held] for values in (user, winner)]),
        tried=sum(1 for name in others if standings[name]) + 1,
        seed=search.config.seed,
    )


async def score_baselines(
    evaluation: Evaluation, *, kind: str, train: Sequence[Example], test: Sequence[Example]
) -> tuple[Baseline, ...]:
    """Return what methods without a language model score on the test rows; empty where criteria need a judge."""
    known = [example for example in train if example.expected is not None]
    if not known or not test or evaluation.rubric.needs_judge:
        return ()
    found = []
    for method in baselines_for(kind):
        # In a thread: a method may take seconds, in which others want to stop the run or see that it lives.
        outputs = await asyncio.to_thread(
            method.predict,
            [example.inputs for example in known],
            [example.expected or () for example in known],
            [example.inputs for example in test],
        )
        values = []
        for example, output in zip(test, outputs, strict=True):
            text = output if isinstance(output, str) else ", ".join(output)
            context = evaluation.helpers.context(example, output, raw=text, output_tokens=None)
            _, total = await evaluation.rubric.score(context)
            values.append(total.value)
        scored = [value for value in values if value is not None]
        if scored:
            found.append(Baseline(name=method.name, score=fmean(scored), description=method.description))
    return tuple(found)


def _sentence(
    outcome: shipping.Outcome, comparison: Comparison, best: Candidate, values: Sequence[float], *, use: bool
) -> str:
    if best.id == USER_ID:
        return "No improvement found: none of the prompts tried beat yours on your examples. Your prompt stays."
    right_or_wrong = all(value in (0.0, 1.0) for value in values)
    return shipping.sentence(outcome, comparison, right_or_wrong=right_or_wrong, kept=not use)


def _pairs(candidates: Sequence[Candidate], rows: Sequence[Example]) -> list[tuple[Candidate, Example]]:
    return [(candidate, example) for candidate in candidates for example in rows]
