"""How sure a difference is: intervals, paired tests, correction, power and agreement. Needs numpy only.

Differences are always *new minus old*, one per example, so that a positive mean is an improvement.
"""

from evaluators.statistics.agreement import Kappa, cohen_kappa
from evaluators.statistics.bootstrap import Interval, bootstrap_difference, bootstrap_mean
from evaluators.statistics.paired import holm, mcnemar_mid_p, sign_flip_test
from evaluators.statistics.power import minimum_detectable_effect, power
from evaluators.statistics.proportion import wilson

__all__ = [
    "Interval",
    "Kappa",
    "bootstrap_difference",
    "bootstrap_mean",
    "cohen_kappa",
    "holm",
    "mcnemar_mid_p",
    "minimum_detectable_effect",
    "power",
    "sign_flip_test",
    "wilson",
]
