"""The stages before the verdict: preflight, halving, reflection."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from copilot.domain.events import CandidateProposed, ProposalRejected, RunEvent, RungFinished, StageStarted
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.reviews import Said
from copilot.domain.run import StopReason
from copilot.engine.search import Search
from copilot.errors import BudgetExhausted, ContextOverflow, ModelError, ModelRejected
from copilot.evaluation.gateway import Gateway
from copilot.models.base import ChatModel
from copilot.models.labels import LabelScorer
from copilot.optimizers import halving, operators, reflection, validation
from copilot.optimizers.reflection import Evidence, Tier
from copilot.optimizers.seeds import USER_ID
from copilot.optimizers.selection import EPSILON, parents, possible_gain
from tasks.model import Example, SeedPrompt

ROUNDS = 4
CHILDREN = 4
"""Children in a round: proposals of the copilot, and deterministic ones for the rest."""
PROPOSALS = {Tier.FILLS_SLOTS: 1, Tier.REWRITES: 2}
"""Proposals asked of the copilot in a round: a weak one's rules seldom help."""
FRUITLESS_ROUNDS = 2
"""Rounds without an accepted child after which reflection ends."""
PREFLIGHT_ROWS = 4
PREFLIGHT_CALLS = PREFLIGHT_ROWS + 2
"""The user's prompt on these rows, on one of them twice, and the copilot's self-test."""
FAILURES, SUCCESSES = 3, 2
"""Examples the copilot is shown."""
SAID = 5
"""Opinions the copilot is shown at once: the newest first, with every further question those before."""


@dataclass(frozen=True, kw_only=True)
class Copilot:
    """The proposing model with its tier."""

    gateway: Gateway
    tier: Tier
    said: tuple[Said, ...]
    """What people said of the task's outputs, the newest last."""


async def learn_tier(gateway: Gateway) -> Tier:
    """Ask the copilot model the self-test. One call."""
    try:
        completion = await gateway.complete(reflection.self_test_request())
    except (BudgetExhausted, ContextOverflow, ModelRejected):
        return Tier.FILLS_SLOTS
    return reflection.tier_of(completion.text)


async def labels_alike(model: ChatModel, prompts: Sequence[SeedPrompt]) -> frozenset[tuple[str, ...]]:
    """Return the sets of labels that the model cannot tell apart by their first tokens. No generating call."""
    if not isinstance(model, LabelScorer):
        return frozenset()
    found = set()
    for answers in {prompt.contract.answers for prompt in prompts if prompt.label_scoring}:
        try:
            await model.label_tokens(answers)
        except ModelRejected:
            found.add(answers)
        except ModelError:
            continue  # whether it passes is for the calls to find out, which are repeated
    return frozenset(found)


async def preflight(search: Search) -> AsyncIterator[RunEvent]:
    """Try the user's prompt on a few rows and one of them twice; what is odd becomes a note of the verdict."""
    few = search.items[:PREFLIGHT_ROWS]
    async for event in search.try_on([USER_ID], few):
        yield event
    trials = [search.trials[USER_ID][item.id] for item in few if item.id in search.trials[USER_ID]]
    unread = [trial for trial in trials if trial.output is None]
    if unread and len(unread) >= len(trials) / 2:
        search.notes.append(
            f"Your prompt gave no readable answer on {len(unread)} of the first {len(trials)} examples: "
            f"{unread[0].problem}"
        )
    request = search.candidates[USER_ID].template.request(few[0].inputs, sample_index=1) if few else None
    gateway = search.evaluation.gateway
    if request is None or not trials or trials[0].output is None or gateway.fits([request]) < 1:
        return
    try:
        again = await gateway.complete(request)
    except BudgetExhausted:
        return
    if again.text != trials[0].raw:
        search.notes.append("The model answered the same question differently twice: scores vary a little by chance.")


async def halve(search: Search, names: Sequence[str], *, first_rung: int) -> AsyncIterator[RunEvent]:
    """Try all on few items, keep the better half, double the items, until all items are used.

    The user's prompt and the leader are never dropped. Without the switch every candidate meets every item.
    """
    size = len(search.items) if not search.config.switches.halving else first_rung
    rungs = halving.schedule(len(names), len(search.items), first_rung=size)
    alive = tuple(names)
    for number, rung in enumerate(rungs):
        items = search.items[: rung.items]
        if number:
            ranking = search.ranked(alive, search.items[: rungs[number - 1].items])
            alive = halving.survivors(ranking, rung.candidates, protected=(USER_ID,))
        new = sum(item.id not in search.trials[name] for name in alive for item in items)
        yield StageStarted(
            stage="halving", message=f"Trying {len(alive)} prompts on {len(items)} examples", planned_calls=new
        )
        async for event in search.try_on(alive, items):
            yield event
        yield RungFinished(rung=number, n=len(items), leaderboard=search.leaderboard())
        if any(not _met(search, name, items) for name in alive):
            return  # the cap cut this rung short


async def reflect(search: Search, copilot: Copilot | None, *, first_rung: int) -> AsyncIterator[RunEvent]:
    """Refine the best candidates in rounds: propose, validate, screen on few items, keep what beats its parent.

    The last event says why no further round follows.
    """
    fruitless = 0
    for round_number in range(ROUNDS):
        finished = [name for name in search.candidates if search.complete(name)]
        screen = search.items[:first_rung]
        if reason := _reason_to_stop(search, finished, fruitless=fruitless, screen=screen):
            yield search.stop(reason)
            return
        leader = search.ranked(finished, search.items)[0]
        yield StageStarted(stage="reflect", message=f"Round {round_number + 1}: looking for changes that help")
        made: list[Candidate] = []
        async for event in propose(search, copilot, finished, round_number):
            if isinstance(event, CandidateProposed):
                made.append(event.candidate)
            yield event
        if not made:
            yield search.stop("exhausted")
            return
        async for event in search.try_on([child.id for child in made], screen):
            yield event
        promising = [child.id for child in made if _passes_screen(search, child, screen)]
        promising = _open(search, leader, search.ranked(promising, screen)[:2])
        async for event in search.try_on(promising, search.items):
            yield event
        best = search.ranked([leader, *(name for name in promising if search.complete(name))], search.items)[0]
        fruitless = 0 if best != leader else fruitless + 1
        _remember(search, made, best)
        yield RungFinished(rung=100 + round_number, n=len(search.items), leaderboard=search.leaderboard())
    finished = [name for name in search.candidates if search.complete(name)]
    yield search.stop(_reason_to_stop(search, finished, fruitless=fruitless, screen=()) or "rounds")


async def propose(
    search: Search, copilot: Copilot | None, finished: Sequence[str], round_number: int
) -> AsyncIterator[RunEvent]:
    """Yield the valid proposals of one round, and why others were turned down."""
    chosen = parents(search.comparable(finished, search.items), 2)
    parent = search.candidates[chosen[0]]
    partner = search.candidates[chosen[1]].template if len(chosen) > 1 else None
    asked = _questions(copilot) if copilot else 0
    count = 0
    for child in operators.children(parent.template, partner, search.ground):
        if count == CHILDREN - asked:
            break
        known = search.known
        if validation.problem(child.template, parent.template, examples=(), known=known) is None:
            count += 1
            yield _accept(search, child.template, child.operator, child.rationale, parent)
    if copilot is None:
        return
    for index in range(asked):
        source = search.candidates[chosen[index % len(chosen)]]
        proposal = await _ask(search, copilot, source, index=round_number * CHILDREN + index)
        if proposal is None:
            return
        if proposal.template is None or proposal.problem:
            yield ProposalRejected(reason=proposal.problem or "Nothing was proposed.")
            continue
        yield _accept(search, proposal.template, proposal.operator, proposal.rationale, source)


async def _ask(search: Search, copilot: Copilot, source: Candidate, *, index: int) -> reflection.Proposal | None:
    """Ask for one proposal; None where the cap does not allow it.

    A copilot that may rewrite has one chance to mend it; a weak one would only echo the reproach.
    """
    request = reflection.proposal_request(copilot.tier, _evidence(search, copilot, source), index=index)
    last = 1 if copilot.tier is Tier.REWRITES else 0
    for attempt in range(last + 1):
        if not copilot.gateway.fits([request]):
            return None
        search.asked += not attempt
        try:
            completion = await copilot.gateway.complete(request)
        except BudgetExhausted:
            return None
        except (ContextOverflow, ModelRejected) as error:
            return reflection.Proposal(None, problem=str(error))
        proposal = reflection.read_proposal(copilot.tier, request, completion.text, source.template)
        problem = proposal.problem
        if proposal.template is not None:
            problem = _problem(search, proposal.template, source.template)
        if problem is None or attempt == last:
            return reflection.Proposal(proposal.template, proposal.operator, proposal.rationale, problem)
        request = reflection.repair_request(request, completion.text, problem)
    return None


def _evidence(search: Search, copilot: Copilot, source: Candidate) -> Evidence:
    trials = search.trials[source.id]
    met = [(item, trials[item.id]) for item in search.items if item.id in trials]
    failures = sorted(
        ((item, trial) for item, trial in met if trial.value is not None and trial.value < 1),
        key=lambda pair: pair[1].value or 0.0,
    )
    successes = [(item, trial) for item, trial in met if trial.passed]
    left = search.config.budget.max_tokens
    return Evidence(
        task=search.ground.task,
        parent=source,
        failures=tuple(failures[:FAILURES]),
        successes=tuple(successes[:SUCCESSES]),
        rejected=tuple(search.rejected[-5:]) if search.config.switches.memory else (),
        said=_turn(copilot.said, search.asked),
        tokens_left=None if left is None else max(0, left - search.meter.tokens),
    )


def _questions(copilot: Copilot) -> int:
    """Where people have spoken, a weak copilot is asked as often as a strong one."""
    return max(PROPOSALS.values()) if copilot.said else PROPOSALS[copilot.tier]


def _turn(said: Sequence[Said], number: int) -> tuple[Said, ...]:
    """Return the opinions for the copilot's next question, so that in time it hears all of them."""
    newest_first = list(reversed(said))
    groups = [newest_first[start : start + SAID] for start in range(0, len(said), SAID)]
    return tuple(groups[number % len(groups)]) if groups else ()


def _accept(
    search: Search, template: PromptTemplate, operator: str, rationale: str, parent: Candidate
) -> CandidateProposed:
    candidate = Candidate(
        id=search.next_id(), template=template, parents=(parent.id,), operator=operator, rationale=rationale
    )
    search.add([candidate])
    return CandidateProposed(candidate=candidate)


def _problem(search: Search, child: PromptTemplate, parent: PromptTemplate) -> str | None:
    examples = (*search.ground.pool, *search.items)
    return validation.problem(child, parent, examples=examples, known=search.known)


def _passes_screen(search: Search, child: Candidate, screen: Sequence[Example]) -> bool:
    """Tell whether a child beats its parent on the screening rows, or equals it and is no longer."""
    return _met(search, child.id, screen) and search.ranked((child.id, child.parents[0]), screen)[0] == child.id


def _remember(search: Search, made: Sequence[Candidate], best: str) -> None:
    for child in made:
        if child.id != best:
            shared = [item for item in search.items if item.id in search.trials[child.id]]
            delta = search.standing(child.id, shared).mean - search.standing(child.parents[0], shared).mean
            search.rejected.append((child.rationale, delta))


def _met(search: Search, name: str, items: Sequence[Example]) -> bool:
    return all(item.id in search.trials[name] for item in items)


def _reason_to_stop(
    search: Search, finished: Sequence[str], *, fruitless: int, screen: Sequence[Example]
) -> StopReason | None:
    if not finished:
        return "cap"
    standings = [search.standing(name) for name in finished]
    if any(standing.mean >= 1.0 for standing in standings):
        return "perfect"
    if any(possible_gain(standing.values) < EPSILON for standing in standings):
        return "settled"
    if fruitless == FRUITLESS_ROUNDS:
        return "fruitless"
    leader = search.candidates[search.ranked(finished, search.items)[0]]
    like_a_child = [leader.template.request(item.inputs) for item in screen]
    return "cap" if search.meter.fits(like_a_child) < len(like_a_child) else None


def _open(search: Search, leader: str, names: Sequence[str]) -> list[str]:
    """Return those that can still gain on the leader, whatever they get on the rows they have not met."""
    values = search.standing(leader).values
    return [name for name in names if possible_gain(values, search.standing(name).values) >= EPSILON]
