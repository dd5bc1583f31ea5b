from io import StringIO

from rich.console import Console

from copilot.cli.presenting import show_diff, show_failures, show_leaderboard, show_verdict
from copilot.domain.completion import Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import CandidateSummary, Comparison, RunResult, Trial, Verdict
from copilot.service.results import Failure, word_diff
from tasks.model import Example, OutputContract, TaskKind

TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=8),
)
UNKNOWN = Comparison(
    n=0,
    seed_score=None,
    best_score=None,
    delta=None,
    ci_low=None,
    ci_high=None,
    p_value=None,
    minimum_detectable_effect=None,
)


def screen() -> tuple[Console, StringIO]:
    text = StringIO()
    return Console(file=text, width=200, highlight=False), text


def result(**fields: object) -> RunResult:
    verdict = Verdict(outcome="no_evidence", sentence="No evidence [of] a difference.", holdout=UNKNOWN, dev=UNKNOWN)
    return RunResult(
        run_id="r",
        verdict=verdict.model_copy(update=fields),
        template=TEMPLATE,
        user_template=TEMPLATE,
        candidates=(),
        usage={},
        seconds=1.0,
    )


def test_a_missing_score_is_never_shown_as_zero() -> None:
    console, text = screen()
    show_verdict(console, result())
    assert "No evidence [of] a difference." in text.getvalue()
    assert "yours -, best -" in text.getvalue()
    assert "0.000" not in text.getvalue()


def test_a_holdout_that_was_used_before_is_flagged() -> None:
    console, text = screen()
    show_verdict(console, result(holdout_used_before=True))
    assert "optimistic" in text.getvalue()


def test_the_users_own_prompt_is_always_on_the_leaderboard() -> None:
    console, text = screen()
    rows = [
        CandidateSummary(id=f"seed-{n}", parents=(), operator="library", rationale="made [by] us", score=0.5, n=9)
        for n in range(12)
    ]
    own = CandidateSummary(id="user", parents=(), operator="user", rationale="", score=None, n=0)
    show_leaderboard(console, [*rows, own])
    assert "yours" in text.getvalue()
    assert "made [by] us" in text.getvalue()
    assert "and 4 more" in text.getvalue()


def test_changes_are_marked_where_there_is_no_color() -> None:
    console, text = screen()
    show_diff(console, word_diff("sort the mail", "sort the tickets"))
    assert "sort the [-mail-]{+tickets+}" in text.getvalue()


def test_an_unchanged_prompt_is_said_to_be_the_users_own() -> None:
    console, text = screen()
    show_diff(console, word_diff("same", "same"))
    assert "your own" in text.getvalue()


def test_a_failure_shows_what_was_asked_expected_and_got_and_why() -> None:
    console, text = screen()
    failure = Failure(
        example=Example(id="1", inputs={"text": "a [b] \x1b[2J c"}, expected=()),
        trial=Trial(candidate_id="user", example_id="1", output=None, raw="hm", problem="No label."),
        reasons=("No label.",),
    )
    show_failures(console, [failure])
    shown = text.getvalue()
    assert "a [b] \ufffd[2J c" in shown
    assert "expected: no answer" in shown
    assert "got:      hm" in shown
    assert "why:      No label." in shown
