"""Which candidate leads, which one to refine next, and when a shorter prompt is as good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from copilot.domain.prompt import Demonstration, PromptTemplate

LENGTH_WEIGHT = 0.02
"""Score given up for the longest of the prompts compared; shorter ones give up their share of it (ADR 0009)."""

EPSILON = LENGTH_WEIGHT
"""A gain that is worth no further call: length alone may outweigh it."""


@dataclass(frozen=True)
class Standing:
    """One candidate's results on the shared items."""

    id: str
    values: Mapping[str, float]
    """Value in [0, 1] by example id; unscored trials are not in it."""
    prompt_characters: int
    """Of the static part: what every call pays for again."""
    right: Mapping[str, float] | None = None
    """Probability that a layer fitted without the row gives to its right label, by example id; None: not known."""

    @property
    def mean(self) -> float:
        """Mean value; 0 without any."""
        return sum(self.values.values()) / len(self.values) if self.values else 0.0


def static_characters(template: PromptTemplate) -> int:
    """Return the characters of everything but the item's inputs; of demonstrations chosen per input, the mean."""
    shown = float(_characters(template.demonstrations))
    if template.retrieval:
        shown += template.retrieval.count * _characters(template.retrieval.bank) / len(template.retrieval.bank)
    return len(template.system) + len(template.instruction) + len(template.item) + round(shown)


def _characters(demonstrations: Sequence[Demonstration]) -> int:
    return sum(len(shown.output) + sum(map(len, shown.inputs.values())) for shown in demonstrations)


def ranking(standings: Sequence[Standing]) -> tuple[str, ...]:
    """Return ids by falling length-adjusted mean (score - 0.02 x relative prompt length), ties by order given."""
    costs, means = length_costs(standings), comparable_means(standings)
    adjusted = {standing.id: mean - cost for standing, mean, cost in zip(standings, means, costs, strict=True)}
    return tuple(sorted(adjusted, key=lambda name: -adjusted[name]))


def comparable_means(standings: Sequence[Standing]) -> tuple[float, ...]:
    """Return the means by which candidates that met the same rows are compared; 0 without any row."""
    return tuple(fmean(values.values()) if values else 0.0 for values in comparable_values(standings))


def comparable_values(standings: Sequence[Standing]) -> tuple[Mapping[str, float], ...]:
    """Return what candidates that met the same rows are compared by on each of them.

    Where the probability of the right label is known, that: it tells prompts apart by far fewer rows than hits do
    (ADR 0015). Probabilities are moved together to where the hits of the same candidates are on average, so that
    others can be compared with them.
    """
    read = [standing.mean - fmean(standing.right.values()) for standing in standings if standing.right]
    level = fmean(read) if read else 0.0
    return tuple(
        {row: right + level for row, right in standing.right.items()} if standing.right else standing.values
        for standing in standings
    )


def length_costs(standings: Sequence[Standing]) -> tuple[float, ...]:
    """Return what each candidate's mean gives up for its length: 0.02 for the longest."""
    longest = max((standing.prompt_characters for standing in standings), default=0) or 1
    return tuple(LENGTH_WEIGHT * standing.prompt_characters / longest for standing in standings)


def possible_gain(leader: Mapping[str, float], challenger: Mapping[str, float] | None = None) -> float:
    """Return the most that a challenger could gain on the leader's mean over the leader's rows: an upper bound.

    Row by row, no value is above 1: on rows that the challenger has met the difference is known, on each other row it
    is at most 1 less the leader's value. So the bound is exact, needs no confidence level, and holds for challengers
    that nobody has proposed yet (`None`: no row met). It is about the dev rows, by which alone the search decides.
    A statistical bound on the gain over all possible rows is never below about 3 / n (the rule of three) and would
    thus stop no search with fewer than 150 dev rows.

    Args:
        leader: its value in [0, 1] by row.
        challenger: its values on those rows that it has met.
    """
    if not leader:
        return 1.0
    met = challenger or {}
    return sum(met.get(row, 1.0) - value for row, value in leader.items()) / len(leader)


def pareto_front(standings: Sequence[Standing]) -> dict[str, int]:
    """Return on how many items each candidate reaches the best value of any (candidates without one are left out).

    The per-item front keeps specialists in play that the mean would drop (GEPA, arXiv 2507.19457).
    """
    wins: dict[str, int] = {}
    items = sorted({key for standing in standings for key in standing.values})
    for item in items:
        best = max(standing.values[item] for standing in standings if item in standing.values)
        for standing in standings:
            if standing.values.get(item) == best and best > 0:
                wins[standing.id] = wins.get(standing.id, 0) + 1
    return wins


def parents(standings: Sequence[Standing], count: int) -> tuple[str, ...]:
    """Return the candidates to refine: the leader first, then by their share of the per-item front."""
    if not standings:
        return ()
    leader = ranking(standings)[0]
    front = pareto_front(standings)
    others = sorted((name for name in front if name != leader), key=lambda name: (-front[name], name))
    return (leader, *others)[:count]
