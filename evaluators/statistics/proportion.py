"""The interval of a share."""

from math import isfinite, sqrt
from statistics import NormalDist

from evaluators.statistics.bootstrap import Interval


def wilson(successes: float, n: int, *, level: float = 0.95) -> Interval:
    """Return Wilson's score interval (1927) of a share; halves count as such.

    Where some of the n outcomes are halves (ties), the interval is wider than it need be, never narrower: of all
    outcomes in [0, 1] with mean p, those that are 0 or 1 have the largest variance, p (1 - p).

    Raises:
        ValueError: there are no outcomes, or more successes than outcomes.
    """
    if n <= 0 or not isfinite(successes) or not 0 <= successes <= n:
        raise ValueError("A share needs at least one outcome, and not more successes than outcomes.")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(mean=share, low=max(0.0, centre - half), high=min(1.0, centre + half), level=level, n=n)
