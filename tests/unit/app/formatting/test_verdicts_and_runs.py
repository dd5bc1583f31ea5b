"""Verdicts, quotes, stages and differences in words."""

import pytest

from app.formatting.charts import interval_points, score_points
from app.formatting.diffs import readable
from app.formatting.rows import answer_text, expected_text, score_cell
from app.formatting.runs import duration, quote, stage_words, trouble, why
from app.formatting.verdicts import detectable, verdict_words
from copilot import Comparison, Estimate, PromptTemplate, RunResult, RunStatus, TaskKind, Trial, Verdict
from copilot.types import Piece, PromptFacts, RunSnapshot, ScorePoint

FOUND = Comparison(
    n=56,
    seed_score=33 / 56,
    best_score=41 / 56,
    delta=8 / 56,
    ci_low=0.04,
    ci_high=0.25,
    p_value=0.01,
    minimum_detectable_effect=0.13,
)
FACTS = PromptFacts(
    candidate_id="seed-1", n=56, passed=41, failed=15, errors=0, unscored=0, mean=41 / 56, right_or_wrong=True
)


def result(outcome: str, found: Comparison = FOUND, *, better: bool = True, sentence: str = "") -> RunResult:
    template = PromptTemplate.model_validate(
        {
            "kind": TaskKind.CUSTOM,
            "variables": ("text",),
            "item": "{{text}}",
            "contract": {"form": "text"},
            "decoding": {"max_tokens": 5},
        }
    )
    verdict = Verdict.model_validate({"outcome": outcome, "sentence": sentence, "holdout": found, "dev": found})
    return RunResult(
        run_id="r",
        verdict=verdict,
        template=template.model_copy(update={"system": "new"}) if better else template,
        user_template=template,
        candidates=(),
        usage={},
        seconds=1.0,
    )


def test_the_verdict_is_composed_from_its_numbers() -> None:
    said = verdict_words(result("better"), FACTS)
    assert said.tone == "better"
    assert said.sentence == (
        "Better: 41 of 56 examples kept aside right instead of 33 (+14 points, 95% interval +4 to +25)."
    )


def test_scores_between_right_and_wrong_are_not_counted_as_rows() -> None:
    said = verdict_words(result("worse", better=False), FACTS.model_copy(update={"right_or_wrong": False}))
    assert said.tone == "worse" and "a score of 73 instead of 59 of 100" in said.sentence
    assert said.sentence.endswith("Your prompt stays.")


@pytest.mark.parametrize(("better", "ending"), [(True, "better guess."), (False, "Your prompt stays.")])
def test_no_evidence_says_which_prompt_to_use(better: bool, ending: str) -> None:
    said = verdict_words(result("no_evidence", better=better), FACTS)
    assert said.tone == "grey" and said.sentence.endswith(ending)


def test_nothing_found_and_nothing_scored_are_answers_too() -> None:
    assert (
        "none of them beat yours" in verdict_words(result("no_evidence", sentence="No improvement found"), FACTS).rest
    )
    nothing = FOUND.model_copy(update={"n": 0, "delta": None})
    assert "could be scored" in verdict_words(result("no_evidence", nothing), FACTS).rest


def test_what_the_data_could_have_shown() -> None:
    assert "a difference of 13 points" in detectable(FOUND)
    assert "To notice 5 points, about 380 would" in detectable(FOUND)
    assert detectable(FOUND.model_copy(update={"minimum_detectable_effect": None})) == ""


def test_a_stage_says_how_far_it_is() -> None:
    shot = RunSnapshot(
        run_id="r",
        status=RunStatus.RUNNING,
        stage="halving",
        message="Trying 8 prompts on 12 examples",
        stage_done=61,
        stage_total=96,
        eta_seconds=41,
    )
    assert stage_words(shot) == "Trying 8 prompts on 12 examples: 61 of 96 answers, about 40 seconds left."
    assert "Waiting" in stage_words(shot.model_copy(update={"status": RunStatus.QUEUED}))
    assert "another one goes on" in stage_words(shot.model_copy(update={"was_lost": True}))
    assert trouble(shot) == []
    assert "server cannot be reached" in trouble(shot.model_copy(update={"silent_seconds": 30.0}))[0]

    assert [duration(value) for value in (3, 41, 170, 7300)] == ["3 seconds", "40 seconds", "3 minutes", "2 hours"]


def test_a_quote_names_calls_tokens_time_and_money() -> None:
    estimate = Estimate.model_validate(
        {
            "examples": 10,
            "max_calls": 300,
            "max_tokens": None,
            "calls": {"low": 180, "high": 300},
            "tokens": {"low": 12_000, "high": 110_000},
            "seconds": {"low": 200, "high": 800},
            "money": {"low": 0.5, "high": 1.25},
            "currency": "EUR",
            "basis": "",
        }
    )
    assert quote(estimate) == "180 to 300 calls, 12,000 to 110,000 tokens, 3 to 13 minutes, €0.50 to €1.25"


def test_reasons_hold_no_names_of_the_library() -> None:
    shown = why("demonstrations", "The task library's prompt 'score-terse' with 4 worked examples.")
    assert shown == "From the library for tasks of this kind, with 4 worked examples."


def test_an_error_and_what_was_not_scored_are_no_zero() -> None:
    trial = Trial(candidate_id="c", example_id="e", output="x", value=0.0)
    assert score_cell(trial) == "0"
    assert score_cell(trial.model_copy(update={"value": None})) == "not scored"
    assert score_cell(trial.model_copy(update={"problem": "no"})) == "error"
    assert answer_text(trial.model_copy(update={"output": None, "raw": "hm"})) == "hm"
    assert expected_text(()) != expected_text(None) == ""


def test_a_difference_joins_changes_that_lie_close_together() -> None:
    pieces = [("gone", "You work in "), ("new", "Classify "), ("same", "the "), ("gone", "shop "), ("same", "{{text}}")]
    shown = readable([Piece.model_validate({"change": change, "text": text}) for change, text in pieces], ("text",))
    assert shown == [("You work in the shop ", "removed"), ("Classify the ", "added"), ("{{text}}", "variable")]


def test_charts_reach_to_where_the_run_is_and_around_zero() -> None:
    point = ScorePoint(calls=10, candidate_id="c", score=0.5, low=0.25, high=0.75)
    shot = RunSnapshot(run_id="r", status=RunStatus.RUNNING, calls=20, points=(point,))
    assert [found["calls"] for found in score_points(shot)] == [10, 20]
    drawn = interval_points(FOUND)
    assert drawn is not None and drawn["reach"] > drawn["high"] == 25
