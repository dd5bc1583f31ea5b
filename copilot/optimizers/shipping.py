"""The verdict: the frozen finalist against the user's prompt on rows nothing was tuned on, once.

Exact paired test (mid-p McNemar for right/wrong values, sign flips otherwise), BCa bootstrap interval, Holm over
finalists. Which prompt is used then is decided in `guarding`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import fmean, stdev
from typing import Literal

from copilot.domain.run import Comparison
from copilot.optimizers.crossfitting import CrossFit
from evaluators.statistics import (
    bootstrap_difference,
    holm,
    mcnemar_mid_p,
    minimum_detectable_effect,
    sign_flip_test,
)

ALPHA = 0.05
Outcome = Literal["better", "no_evidence", "worse"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finalist against the user's prompt."""

    comparison: Comparison
    outcome: Outcome


def compare(user: Mapping[str, float], best: Mapping[str, float], *, seed: int) -> Comparison:
    """Compare two prompts on the examples both were scored on.

    Args:
        user: values of the user's prompt in [0, 1] by example id.
        best: values of the other prompt.
        seed: of the bootstrap.
    """
    shared = sorted(key for key in user if key in best)  # not in the order in which answers came
    before, after = [user[key] for key in shared], [best[key] for key in shared]
    if not shared:
        return Comparison(
            n=0, seed_score=None, best_score=None, delta=None, ci_low=None, ci_high=None, p_value=None,
            minimum_detectable_effect=None,
        )  # fmt: skip
    differences = [b - a for a, b in zip(before, after, strict=True)]
    enough = len(shared) > 1
    interval = bootstrap_difference(before, after, seed=seed) if enough else None
    return Comparison(
        n=len(shared),
        seed_score=fmean(before),
        best_score=fmean(after),
        delta=fmean(differences),
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        p_value=paired_p_value(differences, seed=seed),
        minimum_detectable_effect=minimum_detectable_effect(stdev(differences), len(shared)) if enough else None,
    )


def paired_p_value(differences: Sequence[float], *, seed: int) -> float:
    """Return the two-sided p-value of paired differences."""
    if all(difference in (-1.0, 0.0, 1.0) for difference in differences):
        return mcnemar_mid_p(
            sum(difference > 0 for difference in differences), sum(difference < 0 for difference in differences)
        )
    return sign_flip_test(differences, seed=seed)


def judge(user: Mapping[str, float], finalists: Sequence[Mapping[str, float]], *, seed: int) -> tuple[Finding, ...]:
    """Return the finding for each finalist; p-values are corrected for their number (Holm)."""
    comparisons = [compare(user, finalist, seed=seed) for finalist in finalists]
    corrected = holm([1.0 if c.p_value is None else c.p_value for c in comparisons])
    findings = []
    for comparison, p_value in zip(comparisons, corrected, strict=True):
        adjusted = comparison.model_copy(update={"p_value": None if comparison.p_value is None else p_value})
        findings.append(Finding(comparison=adjusted, outcome=outcome(adjusted)))
    return tuple(findings)


def judge_cross_fitted(user: Mapping[str, float], rows: Sequence[str], *, fit: CrossFit, seed: int) -> Finding:
    """Return the finding on a procedure that chose each row's prompt without that row.

    The test is that of the shuffles: the interval's rows are not independent, so it alone is too sure.

    Args:
        user: values of the user's prompt by example id.
        rows: the ids of the columns of `fit`.
        fit: what the procedure got.
        seed: of the bootstrap.
    """
    values = dict(zip(rows, fit.values.tolist(), strict=True))
    procedure = {name: value for name, value in values.items() if not isnan(value)}
    comparison = compare(user, procedure, seed=seed).model_copy(update={"p_value": fit.p_value})
    return Finding(comparison=comparison, outcome=outcome(comparison))


def outcome(comparison: Comparison) -> Outcome:
    """Return *better* or *worse* only where test and interval agree."""
    low, high, p_value = comparison.ci_low, comparison.ci_high, comparison.p_value
    if low is None or high is None or p_value is None or p_value > ALPHA:
        return "no_evidence"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no_evidence"


def sentence(outcome: Outcome, comparison: Comparison, *, right_or_wrong: bool, kept: bool) -> str:
    """Return the verdict in words.

    Args:
        outcome: what the test says.
        comparison: on the holdout.
        right_or_wrong: every value is 0 or 1, so that rows can be counted.
        kept: the user's own prompt is the one to use.
    """
    noun = "examples"
    n, delta = comparison.n, comparison.delta
    if not n or delta is None or comparison.seed_score is None or comparison.best_score is None:
        return f"No evidence: no held-out {noun} could be scored for both prompts. Your prompt stays."
    scores = f"a score of {100 * comparison.best_score:.0f} instead of {100 * comparison.seed_score:.0f} out of 100"
    if right_or_wrong:
        scores = f"{n * comparison.best_score:.0f} of {n} right instead of {n * comparison.seed_score:.0f}"
    interval = ""
    if comparison.ci_low is not None and comparison.ci_high is not None:
        interval = f", 95 % interval {100 * comparison.ci_low:+.0f} to {100 * comparison.ci_high:+.0f}"
    body = f"{scores} on the {n} held-out {noun} ({100 * delta:+.0f} points{interval})"
    if outcome == "better":
        return f"Better: {body}."
    if outcome == "worse":
        return f"Worse: {body}. Your prompt stays."
    effect = comparison.minimum_detectable_effect
    shown = f" {n} {noun} could have shown a difference of {100 * effect:.0f} points or more." if effect else ""
    stays = " Your prompt stays." if kept else " The new prompt is the better guess."
    return f"No evidence of a difference: {body}.{shown}{stays}"
