"""What n examples can show: power and minimum detectable effect of a paired comparison."""

from math import comb, pi, sqrt, tan
from statistics import NormalDist

_NORMAL = NormalDist()


def power(effect: float, *, sd: float, n: int, alpha: float = 0.05) -> float:
    """Return the probability that a two-sided paired test at `alpha` finds a true mean difference of `effect`.

    The non-central t, approximated to within half a percentage point from n = 8 on.

    Args:
        effect: true mean of the differences, in score units; its sign does not matter.
        sd: standard deviation of the differences; above 0.
        n: examples; at least 2.
        alpha: probability of a false claim.

    Raises:
        ValueError: a spread that is not above 0, or fewer than two examples.
    """
    if sd <= 0 or n < 2:
        raise ValueError("Power needs differences that vary (sd above 0) and at least two examples.")
    critical = t_quantile(1 - alpha / 2, n - 1)
    shift = abs(effect) * sqrt(n) / sd
    # Johnson and Welch's normal approximation to the non-central t at the critical value, both tails.
    df = n - 1
    spread = sqrt(1 + critical**2 / (2 * df))
    centre = critical * (1 - 1 / (4 * df))
    return (1 - _NORMAL.cdf((centre - shift) / spread)) + _NORMAL.cdf((-centre - shift) / spread)


def minimum_detectable_effect(sd: float, n: int, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the smallest true mean difference that n paired examples show with probability `power`.

    Where the differences do not vary (`sd` is 0, as when both prompts gave the same scores throughout) nothing is known
    of their spread. Then it is the smallest share of rows that would have to improve by a full point, none worsening,
    for an exact sign test to come out below `alpha` with probability `power`.

    Args:
        sd: standard deviation of the differences (n - 1 in the denominator).
        n: number of examples.
        alpha: two-sided probability of a false claim.
        power: probability of finding a true difference of this size.

    Returns:
        A difference in score units, at most 1; 1 where n is too small to show anything.

    Raises:
        ValueError: a negative spread or no examples.
    """
    if sd < 0 or n < 1:
        raise ValueError("The minimum detectable effect needs at least one example and a spread of 0 or more.")
    if sd == 0:
        return _one_way_share(n, alpha=alpha, power=power)
    if n < 2:
        return 1.0
    needed = t_quantile(1 - alpha / 2, n - 1) + t_quantile(power, n - 1)
    return min(1.0, needed * sd / sqrt(n))


def _one_way_share(n: int, *, alpha: float, power: float) -> float:
    """Return the share q of changing rows for which P(Binomial(n, q) >= k) = power, k the fewest that are evidence."""
    fewest = 1
    while 2 * 0.5**fewest > alpha:
        fewest += 1
    if fewest > n:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(50):
        q = (low + high) / 2
        reached = 1 - sum(comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(fewest))
        low, high = (q, high) if reached < power else (low, q)
    return high


def t_quantile(probability: float, df: int) -> float:
    """Return the quantile of Student's t: exact for 1 and 2 degrees of freedom, else the Cornish-Fisher expansion.

    From three degrees of freedom the expansion is off by less than 0.2 % up to the quantile 0.975.
    """
    if df == 1:
        return tan(pi * (probability - 0.5))
    if df == 2:
        return (2 * probability - 1) / sqrt(2 * probability * (1 - probability))
    z = _NORMAL.inv_cdf(probability)
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + g1 / df + g2 / df**2 + g3 / df**3 + g4 / df**4
