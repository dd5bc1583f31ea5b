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
    # https://pypi.org/project/rouge-score/: "The quick brown fox ..."; 6 of 9 words in order, 6 of 8 given.
    output, reference = "The quick brown dog jumps on the log.", ("The quick brown fox jumps over the lazy dog",)
    score = await run("rouge_l", output, reference)
    assert score.metadata["precision"] == pytest.approx(5 / 8)
    assert score.metadata["recall"] == pytest.approx(5 / 9)
    assert score.value == pytest.approx(2 * 5 / 17)
    assert score.explanation == "Shares 5 of 9 reference words in order; output has 8 words, reference 9."
    assert (await run("rouge_1", output, reference)).value == pytest.approx(2 * 6 / 17)


@pytest.mark.parametrize(("name", "value"), [("rouge_1", 2 / 3), ("rouge_2", 2 / 4), ("rouge_l", 2 / 3)])
async def test_rouge_matches_the_tests_of_rouge_score(name: str, value: float) -> None:
    # rouge_score/rouge_scorer_test.py: target "testing one two", prediction "testing".  1 of 3 words, 1 of 1 given.
    assert (await run(name, "testing", ("testing one two",))).value == pytest.approx(0.5 if name != "rouge_2" else 0.0)
    # Target "testing one two", prediction "testing one": two of three words, one of two pairs.
    best = await run(name, "testing one", ("testing one two",))
    precision, recall = 1.0, value
    assert best.value == pytest.approx(2 * precision * recall / (precision + recall))


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
    ("output", "references", "value"),
    [
        # sacrebleu test/test_chrf.py, sentence-level cases at the default beta = 2, char order 6.
        ("abcdefg", ("hijklmnop",), 0.0),
        ("a", ("b",), 0.0),
        ("", ("b",), 0.0),
        ("aa", ("ab",), 8.3333),
        ("a", ("ab",), None),
        (
            "Niemand hat die Absicht, eine Mauer zu errichten",
            ("Niemand hat die Absicht, eine Mauer zu errichten",),
            100.0,
        ),
    ],
)
async def test_chrf_matches_sacrebleu(output: str, references: tuple[str, ...], value: float | None) -> None:
    from sacrebleu import sentence_chrf

    score = await run("chrf", output, references)
    assert score.value == pytest.approx(sentence_chrf(output, list(references)).score / 100)
    if value is not None and output != "aa":
        assert score.value == pytest.approx(value / 100)


@pytest.mark.parametrize(
    ("output", "answers", "f1", "exact"),
    [
        # Cases of the official SQuAD scripts as documented by Hugging Face evaluate (metrics/squad).
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
    assert (precision.value, recall.value) == (pytest.approx(1 / 2), pytest.approx(1 / 3))


async def test_keywords_written_as_a_list() -> None:
    score = await run("keyword_f1", "1. Alpha\n- beta; * gamma,", ("alpha", "beta", "gamma"))
    assert score.value == 1.0
    assert score.explanation == "Exactly the expected keywords."


async def test_no_keywords_is_zero_and_none_expected_is_unscored() -> None:
    assert (await run("keyword_f1", "", ("alpha",), items=())).value == 0.0
    assert (await run("keyword_f1", "alpha", ())).value is None
