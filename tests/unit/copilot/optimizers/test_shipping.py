"""The verdict's arithmetic and words."""

import random

from copilot.domain.run import Comparison
from copilot.optimizers import shipping


def values(numbers: list[float]) -> dict[str, float]:
    return {str(i): number for i, number in enumerate(numbers)}


def test_a_clear_gain_is_better() -> None:
    finding = shipping.judge(values([0.0] * 20 + [1.0] * 8), [values([1.0] * 18 + [0.0] * 2 + [1.0] * 8)], seed=1)[0]
    assert finding.outcome == "better"
    assert finding.comparison.n == 28
    assert finding.comparison.delta is not None and abs(finding.comparison.delta - 18 / 28) < 1e-9


def test_a_clear_loss_is_worse() -> None:
    finding = shipping.judge(values([1.0] * 20), [values([0.0] * 20)], seed=1)[0]
    assert finding.outcome == "worse"


def test_identical_prompts_show_nothing() -> None:
    same = values([0.0, 1.0, 0.5, 1.0])
    finding = shipping.judge(same, [same], seed=1)[0]
    assert finding.outcome == "no_evidence"
    assert finding.comparison.p_value == 1.0


def test_equally_good_prompts_are_rarely_called_better() -> None:
    rng = random.Random(5)
    better = 0
    for trial in range(300):
        before = values([float(rng.random() < 0.5) for _ in range(28)])
        after = values([float(rng.random() < 0.5) for _ in range(28)])
        better += shipping.judge(before, [after], seed=trial)[0].outcome == "better"
    assert better / 300 <= 0.05


def test_only_rows_scored_for_both_count() -> None:
    comparison = shipping.compare({"a": 0.0, "b": 1.0}, {"b": 1.0, "c": 1.0}, seed=1)
    assert (comparison.n, comparison.delta) == (1, 0.0)
    assert comparison.ci_low is None


def test_without_common_rows_there_is_a_sentence_and_no_number() -> None:
    empty = shipping.compare({}, {"a": 1.0}, seed=1)
    assert empty.n == 0 and empty.delta is None
    assert "Your prompt stays" in shipping.sentence("no_evidence", empty, right_or_wrong=False, kept=True)


def test_right_and_wrong_rows_are_counted_in_words() -> None:
    comparison = Comparison(
        n=56, seed_score=33 / 56, best_score=41 / 56, delta=8 / 56, ci_low=0.04, ci_high=0.25, p_value=0.01,
        minimum_detectable_effect=0.1,
    )  # fmt: skip
    text = shipping.sentence("better", comparison, right_or_wrong=True, kept=False)
    assert text.startswith("Better: 41 of 56 right instead of 33")
    assert "+14 points, 95 % interval +4 to +25" in text


def test_several_finalists_pay_for_their_number() -> None:
    user = values([0.0] * 28)
    good = values([1.0] * 6 + [0.0] * 22)
    alone = shipping.judge(user, [good], seed=1)[0].comparison.p_value
    among_two = shipping.judge(user, [good, user], seed=1)[0].comparison.p_value
    assert alone is not None and among_two is not None and among_two > alone


def test_the_verdict_does_not_depend_on_the_order_of_the_answers() -> None:
    before, after = values([0.1, 0.9, 0.4, 0.0, 0.7, 0.3]), values([0.6, 0.8, 0.9, 0.2, 0.7, 0.9])
    backwards = dict(reversed(before.items())), dict(reversed(after.items()))
    assert shipping.judge(before, [after], seed=1) == shipping.judge(backwards[0], [backwards[1]], seed=1)
