"""How many trials the cap on tokens allows, and with how many worked examples the first candidates may begin."""

from statistics import fmean

from copilot.domain.prompt import Candidate
from copilot.engine.search import Search
from copilot.optimizers.seeds import FIRST_COUNTS, USER_ID, first_candidates
from tasks.model import Example

FEWER = ((2, 1), (1,))
"""Numbers of worked examples where those of the first candidates are too dear."""
SAMPLE = 12
"""First candidates, and dev rows, whose mean tokens stand for those of all trials."""
ENOUGH = 0.75
"""Share of the trials that calls allow below which fewer worked examples are better than fewer trials."""


def within_tokens(search: Search, trials: int) -> tuple[int, tuple[int, ...]]:
    """Return how many of the trials the tokens that are not held allow, and the numbers of worked examples to try.

    Worked examples make a prompt several times as long. Under a tight cap the first candidates have fewer of them, so
    that there are trials enough to tell prompts apart; children of the best may have more.
    """
    budget, meter = search.config.budget, search.meter
    if budget.max_tokens is None:
        return trials, FIRST_COUNTS
    left = max(0, budget.max_tokens - meter.tokens - meter.held_tokens)
    allowed, counts = 0, FIRST_COUNTS
    for counts in (FIRST_COUNTS, *FEWER):
        allowed = min(trials, int(left / _tokens(search, counts)))
        if allowed >= ENOUGH * trials:
            break
    return allowed, counts


def _tokens(search: Search, counts: tuple[int, ...]) -> float:
    """Return what a trial takes on average: the estimate, corrected by what the user's prompt has taken so far."""
    candidates = first_candidates(search.ground, SAMPLE, counts=counts)
    expected = fmean(_estimate(search, candidate, row) for candidate in candidates for row in search.items[:SAMPLE])
    user, met = search.candidates[USER_ID], search.trials[USER_ID]
    known = [(met[row.id].usage.tokens, _estimate(search, user, row)) for row in search.items if row.id in met]
    taken, estimated = (sum(column) for column in zip(*known, strict=True)) if known else (1, 1)
    return max(1.0, expected * taken / estimated)


def _estimate(search: Search, candidate: Candidate, row: Example) -> int:
    return search.meter.estimate(candidate.template.request(row.inputs))
