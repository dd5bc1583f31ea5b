"""What a run will cost, before it starts: calls, tokens, seconds, money, as ranges below the hard cap."""

from collections.abc import Sequence

from copilot.domain.run import RunStatus
from copilot.models.connection import Prices
from copilot.service.runs import Assignment, get_run, list_runs
from copilot.service.workspace import Workspace
from copilot.worker.models import known_connections
from tasks import kinds
from tasks.fingerprint import Fingerprint, fingerprint
from tasks.model import Frozen
from tasks.plan import plan

DEMONSTRATIONS_AT_MOST = 8
LEAST_SHARE = 0.6
"""A run that stops early, since nothing is left to win, has used about so much of its calls."""
EMBEDDED_PROMPT_TOKENS_A_SECOND = (250.0, 1500.0)
"""Slow laptop without a warm prefix; two free cores with one. A rough guess, until a run of this model was timed."""
EMBEDDED_ANSWER_TOKENS_A_SECOND = (25.0, 120.0)


class Range(Frozen):
    """From the least to the most that is to be expected."""

    low: float
    high: float


class Estimate(Frozen):
    """What a run will cost. `max_calls` and `max_tokens` are hard caps; the ranges are expectations."""

    examples: int
    max_calls: int
    max_tokens: int | None
    calls: Range
    tokens: Range
    """Prompt and completion tokens together."""
    seconds: Range | None
    """None: nothing is known about the speed of this model yet."""
    money: Range | None
    """None: no prices are set for this model."""
    currency: str = ""
    basis: str
    """Where the seconds come from, in words."""
    notes: tuple[str, ...] = ()
    """What the plan decided and warns of, a sentence each."""


def estimate(workspace: Workspace, assignment: Assignment) -> Estimate:
    """Return what a run will cost; no model is asked."""
    task, budget = assignment.task, assignment.config.budget
    facts = fingerprint(task.kind, assignment.dataset, labels=task.labels, fields=task.fields)
    chosen = plan(task, facts)
    calls = Range(low=round(LEAST_SHARE * budget.max_calls), high=budget.max_calls)
    prompt, answer = _tokens_a_call(assignment, facts, chosen.max_output_tokens)
    high = calls.high * (prompt.high + answer.high)
    if budget.max_tokens is not None:
        high = min(high, budget.max_tokens)
    tokens = Range(low=round(min(calls.low * (prompt.low + answer.low), high)), high=round(high))
    seconds, basis = _seconds(workspace, assignment, calls, (prompt, answer))
    prices = _prices(workspace, assignment.model)
    money = None
    if prices is not None:
        low, most = (
            prices.cost(prompt_tokens=int(side[0] * side[1]), cached_tokens=0, completion_tokens=int(side[0] * side[2]))
            for side in ((calls.low, prompt.low, answer.low), (calls.high, prompt.high, answer.high))
        )
        money = Range(low=low, high=most)
    return Estimate(
        examples=len(assignment.dataset.examples),
        max_calls=budget.max_calls,
        max_tokens=budget.max_tokens,
        calls=calls,
        tokens=tokens,
        seconds=seconds,
        money=money,
        currency=prices.currency if prices else "",
        basis=basis,
        notes=(*chosen.warnings, *chosen.notes),
    )


def _tokens_a_call(assignment: Assignment, facts: Fingerprint, longest_answer: int) -> tuple[Range, Range]:
    """Return prompt and answer tokens of one call: of a bare prompt, and of one full of demonstrations."""
    seeds: Sequence[int] = [
        len(seed.system + seed.instruction + seed.item) // 4
        for seed in kinds.get(assignment.task.kind).seeds(assignment.task, facts)
    ]
    item, answer = facts.input_tokens.median, facts.expected_tokens.median or longest_answer / 4
    shown = DEMONSTRATIONS_AT_MOST / 2 * (item + answer)
    prompt = Range(low=min(seeds) + item, high=max(seeds) + item + shown)
    scored = any(seed.label_scoring for seed in kinds.get(assignment.task.kind).seeds(assignment.task, facts))
    return prompt, Range(low=1.0 if scored else answer, high=float(longest_answer))


def _seconds(
    workspace: Workspace, assignment: Assignment, calls: Range, tokens: tuple[Range, Range]
) -> tuple[Range | None, str]:
    past = _past_rate(workspace, assignment.model)
    if past is not None:
        rate, run_id = past
        return Range(low=0.7 * calls.low * rate, high=1.5 * calls.high * rate), f"as fast as in the run {run_id}"
    if not (assignment.model == "embedded" or assignment.model.endswith(".gguf")):
        return None, "nothing has run on this model yet"
    prompt, answer = tokens
    slow, fast = (
        [prompt_rate, answer_rate]
        for prompt_rate, answer_rate in zip(
            EMBEDDED_PROMPT_TOKENS_A_SECOND, EMBEDDED_ANSWER_TOKENS_A_SECOND, strict=True
        )
    )
    low = calls.low * (prompt.low / fast[0] + answer.low / fast[1])
    high = calls.high * (prompt.high / slow[0] + answer.high / slow[1])
    return Range(low=low, high=high), "from usual speeds of a small model without a graphics card"


def _past_rate(workspace: Workspace, model: str) -> tuple[float, str] | None:
    """Return seconds a paid call of the newest finished run on this model, and the run's id."""
    for summary in list_runs(workspace, status=RunStatus.FINISHED, limit=50):
        if summary.task_model != model:
            continue
        result = get_run(workspace, summary.id).result
        paid = sum(usage.calls for usage in result.usage.values()) - result.replayed_calls if result else 0
        if result and paid >= 20 and not result.replayed_calls:
            return result.seconds / paid, summary.id
    return None


def _prices(workspace: Workspace, model: str) -> Prices | None:
    connection = known_connections(workspace.database).get(model)
    return connection.prices if connection else None
