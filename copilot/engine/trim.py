"""Children that cost no call: what less of each answer already paid for would have scored."""

from collections.abc import AsyncIterator, Sequence

from copilot.domain.events import CandidateProposed, RunEvent
from copilot.domain.prompt import Candidate
from copilot.domain.run import Trial
from copilot.engine.search import Search
from copilot.evaluation.answer import Answer, parse
from copilot.optimizers import trimming
from tasks.model import Example

ROUNDS = 2
"""A stop and a refinement may both help."""
LEAST_GAIN = 0.005
"""Smaller gains on dev rows are not worth a rule more."""


async def trim(search: Search, n: int) -> AsyncIterator[RunEvent]:
    """Look at every candidate that met the first `n` dev rows; take what scores best as a child, if it beats them all.

    Candidates other than the leader count too: the best answers may be hidden in too many words.
    """
    items = search.items[:n]
    found: list[tuple[Candidate, list[Trial]]] = []
    looked_at: set[str] = set()
    for _ in range(ROUNDS if items and not search.evaluation.rubric.judges else 0):
        met = [name for name in search.candidates if search.leading(name) >= n]
        if not met:
            return
        leader = search.standing(search.ranked(met, items)[0], items).mean
        fresh = [name for name in met if name not in looked_at]
        found += [pair async for pair in _children(search, fresh, items)]
        looked_at.update(fresh)
        child, trials = max(found, key=lambda pair: _mean(pair[1]), default=(None, []))
        if child is None or _mean(trials) < leader + LEAST_GAIN:
            return
        yield _take(search, child.model_copy(update={"id": search.next_id()}), trials)
        found = [pair for pair in found if pair[0].template.content_hash not in search.known]


async def trim_all(search: Search) -> AsyncIterator[RunEvent]:
    """Take every child of every candidate that met all dev rows.

    Where these rows also give the verdict, choosing among the children is a part of what is cross-fitted.
    """
    if not search.evaluation.rubric.judges:
        met = [name for name in search.candidates if search.complete(name)]
        for child, trials in [pair async for pair in _children(search, met, search.items)]:
            yield _take(search, child.model_copy(update={"id": search.next_id()}), trials)


async def _children(
    search: Search, names: Sequence[str], items: Sequence[Example]
) -> AsyncIterator[tuple[Candidate, list[Trial]]]:
    language = next(iter(search.ground.fingerprint.languages), "en")
    for name in names:
        for option in trimming.trims(search.candidates[name].template, language=language):
            if option.template.content_hash not in search.known:
                child = Candidate(
                    id=search.next_id(),
                    template=option.template,
                    parents=(name,),
                    operator=option.operator,
                    rationale=option.rationale,
                )
                yield child, [await _shortened(search, child, item, option) for item in items]


async def _shortened(search: Search, child: Candidate, item: Example, option: trimming.Trim) -> Trial:
    before = search.trials[child.parents[0]][item.id]
    raw = option.cut(before.raw)
    unchanged = before.model_copy(update={"candidate_id": child.id})
    if raw == before.raw and option.operator == "stop":
        return unchanged
    parsed = parse(child.template, raw, item.inputs)
    if raw == before.raw and parsed.value == before.output:
        return unchanged
    given = Answer(value=parsed.value, raw=raw, problem=parsed.problem, usage=before.usage)
    return await search.evaluation.judge(child, item, given)


def _take(search: Search, child: Candidate, trials: Sequence[Trial]) -> CandidateProposed:
    search.add([child])
    taken = [trial.model_copy(update={"candidate_id": child.id}) for trial in trials]
    search.trials[child.id] = {trial.example_id: trial for trial in taken}
    return CandidateProposed(candidate=child)


def _mean(trials: Sequence[Trial]) -> float:
    return sum(trial.value or 0.0 for trial in trials) / len(trials) if trials else 0.0
