"""Worked examples where no expected output is known: outputs that passed, on rows that no score is taken on."""

from collections.abc import AsyncIterator
from dataclasses import replace

from copilot.domain.events import RunEvent, StageStarted
from copilot.engine.search import Search
from copilot.optimizers import demonstrations
from tasks.fingerprint import estimate_tokens
from tasks.model import Example
from tasks.plan import ASSUMED_CONTEXT

ROWS = 12
"""Pool rows tried, at most."""
SHARE = 0.1
"""Of the calls that are left, at most this share goes into them."""
COUNTS = (1, 2, 4)
INSTRUCTION_TOKENS = 200
MESSAGE_TOKENS = 12


async def gather_passing(search: Search) -> AsyncIterator[RunEvent]:
    """Try the leader on pool rows and make demonstrations of what passed; with known outputs there is no need."""
    ground = search.ground
    switches = ground.switches
    if not (switches.demonstrations and switches.passing) or any(e.expected is not None for e in ground.pool):
        return
    finished = [name for name in search.candidates if search.complete(name)]
    each = 1 + sum("judge" in evaluator.needs for evaluator in search.evaluation.rubric.evaluators)
    allowed = int(SHARE * max(0, search.meter.calls_left - search.meter.held_calls)) // each
    rows = sorted(demonstrations.distinct(ground.pool), key=_size)[: min(ROWS, allowed)]
    if not finished or not rows:
        return
    leader = search.ranked(finished, search.items)[0]
    yield StageStarted(
        stage="reflect", message="Looking for good outputs to show as worked examples", planned_calls=len(rows)
    )
    async for event in search.try_on_pool(leader, rows):
        yield event
    passed = demonstrations.passing(rows, search.pool_trials.get(leader, {}))
    if passed:
        search.ground = replace(ground, passing=passed, demonstration_counts=_fitting(search, leader, passed))


def _fitting(search: Search, leader: str, passed: tuple[Example, ...]) -> tuple[int, ...]:
    """Return how many of these may be shown beside a long item."""
    context = search.evaluation.gateway.model.context_length or ASSUMED_CONTEXT
    answer = search.candidates[leader].template.decoding.max_tokens
    room = context - INSTRUCTION_TOKENS - search.ground.fingerprint.input_tokens.p95 - answer
    longest = max(map(_size, passed)) + MESSAGE_TOKENS
    return (0, *(count for count in COUNTS if count <= len(passed) and count * longest <= room))


def _size(example: Example) -> int:
    return estimate_tokens("\n".join((*example.inputs.values(), *(example.expected or ()))))
