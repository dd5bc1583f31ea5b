"""Labels, answers, overlap and keywords against the published examples of the libraries and of SQuAD."""

import pytest

from evaluators.base import EvaluationContext, Evaluator, Score
from evaluators.registry import create


async def run(
    evaluator: str | Evaluator,
    output: str,
    expected: tuple[str, ...] | None = None,
    *,
    items: tuple[str, ...] | None = None,
) -> Score:
    made = create(evaluator) if isinstance(evaluator, str) else evaluator
    return await made.evaluate(EvaluationContext(output=output, expected=expected, items=items))


@pytest.mark.parametrize(
    ("output", "value"),
    [("billing", 1), (' "Billing". ', 1), ("BILLING", 1), ("Billing problem", 0), ("billing .", 0), ("", 0)],
)
async def test_exact_match_ignores_form_only(output: str, value: float) -> None:
    assert (await run("exact_match", output, ("billing",))).value == value


async def test_exact_match_says_what_was_wanted() -> None:
    score = await run("exact_match", "Billing problem", ("billing",))
    assert score.explanation == "Expected 'billing', got 'Billing problem'."


async def test_exact_match_accepts_labels_that_end_in_a_period() -> None:
    assert (await run("exact_match", "acme ltd.", ("Acme Ltd.",))).value == 1


async def test_exact_match_can_be_strict() -> None:
    strict = create("exact_match", {"ignore_form": False})
    assert (await run(strict, "Billing", ("billing",))).value == 0


@pytest.mark.parametrize("name", ["exact_match", "rouge_l", "chrf", "squad_f1", "keyword_f1"])
async def test_without_an_expected_output_nothing_is_scored(name: str) -> None:
    score = await run(name, "anything", None)
    assert score.value is None
    assert "no expected output" in score.explanation


async def test_one_of() -> None:
    allowed = create("one_of", {"values": ["yes", "no"]})
    assert (await run(allowed, "Yes.")).value == 1
    wrong = await run(allowed, "yes, of course")
    assert wrong.value == 0
    assert wrong.explanation == "'yes, of course' is not an allowed answer; allowed: 'yes' or 'no'."


async def test_rouge_matches_the_example_of_rouge_score() -> None:
    # https://pypi.org/project/rouge-score/, its usage example; by hand: "the quick brown jumps the" in order.
    output, reference = "The quick brown dog jumps on the log.", ("The quick brown fox jumps over the lazy dog",)
    score = await run("rouge_l", output, reference)
    assert score.metadata["precision"] == pytest.approx(5 / 8)
    assert score.metadata["recall"] == pytest.approx(5 / 9)
    assert score.value == pytest.approx(2 * 5 / 17)
    assert score.explanation == "Shares 5 of 9 reference words in order; output has 8 words, reference 9."
    assert (await run("rouge_1", output, reference)).value == pytest.approx(2 * 6 / 17)


@pytest.mark.parametrize(
    ("name", "output", "references", "value"),
    [
        # rouge_score/rouge_scorer_test.py
        ("rouge_1", "testing", ("testing one two",), 1 / 2),
        ("rouge_2", "testing one", ("testing one two",), 2 / 3),
        ("rouge_l", "testing one", ("testing one two",), 4 / 5),
        ("rouge_l", "testing two", ("testing one two",), 4 / 5),
        ("rouge_l", "", ("testing one two",), 0.0),
        ("rouge_1", "text first", ("first text", "first something"), 1.0),
        ("rouge_2", "text first", ("first text", "first something"), 0.0),
        ("rouge_l", "text first", ("first text", "first something"), 1 / 2),
    ],
)
async def test_rouge_matches_the_tests_of_rouge_score(
    name: str, output: str, references: tuple[str, ...], value: float
) -> None:
    assert (await run(name, output, references)).value == pytest.approx(value)


async def test_rouge_stems_and_takes_the_best_reference() -> None:
    score = await run("rouge_l", "invoices delayed", ("nothing alike", "invoice delays"))
    assert score.value == 1.0


async def test_rouge_explains_pairs_and_silence() -> None:
    pairs = await run("rouge_2", "late invoices arrive", ("late invoices never arrive",))
    assert pairs.explanation == "Shares 1 of 3 reference word pairs; output has 3 words, reference 4."
    silent = await run("rouge_l", "…", ("late invoices",))
    assert silent.value == 0.0
    assert silent.explanation == "Shares nothing with the reference: the output has no words; reference 2."


async def test_rouge_does_not_score_scripts_it_cannot_read() -> None:
    score = await run("rouge_l", "请款单已付", ("请款单已付",))
    assert score.value is None
    assert "chrF" in score.explanation
    assert (await run("chrf", "请款单已付", ("请款单已付",))).value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("output", "reference", "value"),
    [
        # sacrebleu, test/test_chrf.py; precision equals recall, so that its other beta makes no difference.
        ("a", "a", 1.0),
        ("", "reference", 0.0),
        ("a b c", "abc", 1.0),
        ("aa", "ab", 0.25),
    ],
)
async def test_chrf_matches_the_tests_of_sacrebleu(output: str, reference: str, value: float) -> None:
    assert (await run("chrf", output, (reference,))).value == pytest.approx(value)


async def test_chrf_takes_the_best_reference() -> None:
    score = await run("chrf", "late invoice", ("something else", "late invoices"))
    # By hand: all 12 - k groups of k letters in the output are shared, and one of 13 - k in the reference is missing.
    recall = sum((12 - k) / (13 - k) for k in range(1, 7)) / 6
    assert score.value == pytest.approx(5 * recall / (4 + recall))
    assert score.explanation.endswith("output has 12 characters, reference 13.")


@pytest.mark.parametrize(
    ("output", "answers", "f1", "exact"),
    [
        # The first is the example of https://huggingface.co/spaces/evaluate-metric/squad; the others by hand.
        ("1976", ("1976",), 1.0, 1.0),
        ("The Denver Broncos!", ("Denver Broncos",), 1.0, 1.0),
        ("Denver Broncos of Colorado", ("Denver Broncos", "Broncos"), 2 / 3, 0.0),
        ("Carolina Panthers", ("Denver Broncos",), 0.0, 0.0),
        ("gold gold", ("gold",), 2 / 3, 0.0),
        ("", ("gold",), 0.0, 0.0),
        ("the", ("a",), 1.0, 1.0),
    ],
)
async def test_squad_scores(output: str, answers: tuple[str, ...], f1: float, exact: float) -> None:
    assert (await run("squad_f1", output, answers)).value == pytest.approx(f1)
    assert (await run("squad_exact_match", output, answers)).value == exact


@pytest.mark.parametrize("name", ["squad_f1", "squad_exact_match"])
@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("Unanswerable", 1.0),
        ("The document does not mention a price.", 1.0),
        ("I cannot find it.", 1.0),
        ("No answer", 1.0),
        ("30 days", 0.0),
        ("", 0.0),
    ],
)
async def test_unanswerable_wants_to_be_told_so(name: str, output: str, value: float) -> None:
    assert (await run(name, output, ())).value == value


async def test_squad_f1_explains() -> None:
    score = await run("squad_f1", "within 30 working days", ("30 days",))
    assert score.explanation == ("Expected '30 days', got 'within 30 working days'; 2 words too many: within, working.")
    gave_up = await run("squad_f1", "The text does not state it.", ("30 days",))
    assert gave_up.explanation == "Says that there is no answer, but the document holds '30 days'."


async def test_keywords_by_stem_once_each() -> None:
    expected = ("Invoice processing", "late payments", "supplier")
    score = await run("keyword_f1", "", expected, items=("invoices processed", "Suppliers", "supplier", "bank"))
    assert score.value == pytest.approx(2 * 2 / (3 + 3))
    assert score.explanation == "Missed: late payments. Not in the list: bank."
    precision = await run("keyword_precision", "", expected, items=("invoices processed", "bank"))
    recall = await run("keyword_recall", "", expected, items=("invoices processed", "bank"))
    assert precision.value == pytest.approx(1 / 2)
    assert recall.value == pytest.approx(1 / 3)


async def test_keywords_written_as_a_list() -> None:
    score = await run("keyword_f1", "1. Alpha\n- beta; * gamma,", ("alpha", "beta", "gamma"))
    assert score.value == 1.0
    assert score.explanation == "Exactly the expected keywords."


async def test_no_keywords_is_zero_and_none_expected_is_unscored() -> None:
    assert (await run("keyword_f1", "", ("alpha",), items=())).value == 0.0
    assert (await run("keyword_f1", "alpha", ())).value is None
