"""Which candidate leads, which one to refine next, and when a shorter prompt is as good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from copilot.domain.prompt import PromptTemplate

LENGTH_WEIGHT = 0.05
"""Score given up for a prompt that is as long again as the longest one compared."""


@dataclass(frozen=True)
class Standing:
    """One candidate's results on the shared items."""

    id: str
    values: Mapping[str, float]
    """Value in [0, 1] by example id; unscored trials are not in it."""
    prompt_characters: int
    """Of the static part: what every call pays for again."""

    @property
    def mean(self) -> float:
        """Mean value; 0 without any."""
        return sum(self.values.values()) / len(self.values) if self.values else 0.0


def static_characters(template: PromptTemplate) -> int:
    """Return the characters of everything but the item's inputs."""
    shown = sum(len(demo.output) + sum(map(len, demo.inputs.values())) for demo in template.demonstrations)
    return len(template.system) + len(template.instruction) + len(template.item) + shown


def ranking(standings: Sequence[Standing]) -> tuple[str, ...]:
    """Return ids by falling length-adjusted mean (score - 0.05 x relative prompt length), ties by order given."""
    longest = max((standing.prompt_characters for standing in standings), default=0) or 1

    def adjusted(standing: Standing) -> float:
        return standing.mean - LENGTH_WEIGHT * standing.prompt_characters / longest

    return tuple(standing.id for standing in sorted(standings, key=lambda standing: -adjusted(standing)))


def finalist(standings: Sequence[Standing]) -> str:
    """Return the best candidate, or the shortest one that is within one paired standard error of it."""
    best = max(standings, key=lambda standing: standing.mean)
    level = [s for s in standings if best.mean - s.mean <= paired_standard_error(best, s)]
    return min(level, key=lambda standing: (standing.prompt_characters, -standing.mean)).id


def paired_standard_error(first: Standing, second: Standing) -> float:
    """Return the standard error of the mean difference on the items both were tried on; 0 with fewer than 2."""
    differences = [first.values[key] - second.values[key] for key in first.values if key in second.values]
    n = len(differences)
    if n < 2:
        return 0.0
    mean = sum(differences) / n
    return sqrt(sum((d - mean) ** 2 for d in differences) / (n - 1) / n)


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
