"""Runs as people read them in a terminal: leaderboard, verdict, changes, failures."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from copilot.cli.output import clean
from copilot.domain.run import CandidateSummary, Comparison, RunResult
from copilot.service.results import Failure, Piece

SHOWN_CANDIDATES = 8
SHOWN_CHARACTERS = 400
STYLES = {"same": "", "gone": "red strike", "new": "green"}
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}


def show_leaderboard(console: Console, candidates: Sequence[CandidateSummary]) -> None:
    """Show the best prompts, and always the user's own."""
    table = Table(title="Prompts tried", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("prompt", "score", "examples"):
        table.add_column(name, justify="right" if name != "prompt" else "left", no_wrap=True)
    table.add_column("how it was made", overflow="ellipsis")
    shown = list(candidates[:SHOWN_CANDIDATES])
    shown += [candidate for candidate in candidates[SHOWN_CANDIDATES:] if candidate.operator == "user"]
    for candidate in shown:
        table.add_row(
            "yours" if candidate.operator == "user" else candidate.id,
            number(candidate.score),
            str(candidate.n),
            Text(clean(candidate.rationale or candidate.operator)),
        )
    left = len(candidates) - len(shown)
    console.print(table)
    if left > 0:
        console.print(f"and {left} more")


def show_verdict(console: Console, result: RunResult) -> None:
    """Show the answer first, then what it rests on."""
    verdict = result.verdict
    color = {"better": "green", "no_evidence": "yellow", "worse": "red"}[verdict.outcome]
    console.print()
    console.print(Text(clean(verdict.sentence), style=f"bold {color}"))
    console.print(_comparison("on unseen examples" if not verdict.cross_fitted else "in turn", verdict.holdout))
    console.print(_comparison("on the examples that chose it", verdict.dev))
    if verdict.baselines:
        methods = ", ".join(f"{baseline.name} {number(baseline.score)}" for baseline in verdict.baselines)
        console.print(Text(f"  without a language model: {methods}"))
    if verdict.holdout_used_before:
        console.print("  Note: these unseen examples have decided an earlier run as well; the figures are optimistic.")
    for note in verdict.notes:
        console.print(Text(f"  Note: {clean(note)}"))


def _comparison(where: str, comparison: Comparison) -> Text:
    text = f"  {where}: yours {number(comparison.seed_score)}, best {number(comparison.best_score)}"
    if comparison.delta is not None:
        text += f", difference {signed(comparison.delta)}"
    if comparison.ci_low is not None and comparison.ci_high is not None:
        text += f" (95 % interval {signed(comparison.ci_low)} to {signed(comparison.ci_high)})"
    text += f", n={comparison.n}"
    if comparison.minimum_detectable_effect is not None:
        text += f"; smallest difference they could show: {comparison.minimum_detectable_effect:.2f}"
    return Text(text)


def show_diff(console: Console, pieces: Sequence[Piece]) -> None:
    """Show what changed in the prompt, word by word; in color, or with marks where there is none."""
    console.print()
    if all(piece.change == "same" for piece in pieces):
        console.print("The prompt to use is your own, word for word.")
        return
    console.print("What changed in the prompt:", style="bold")
    text = Text()
    for piece in pieces:
        before, after = ("", "") if console.is_terminal and not console.no_color else MARKS[piece.change]
        text.append(before + clean(piece.text) + after, style=STYLES[piece.change])
    console.print(text)


def show_failures(console: Console, failures: Sequence[Failure]) -> None:
    """Show examples for which the prompt to use still fails, with reasons."""
    console.print()
    if not failures:
        console.print("No failures on the examples it was tried on.")
        return
    console.print(f"Where it still fails ({len(failures)} examples):", style="bold")
    for number_, failure in enumerate(failures, start=1):
        inputs = " | ".join(failure.example.inputs.values())
        trial = failure.trial
        output = trial.output if isinstance(trial.output, str) else "; ".join(trial.output or ())
        expected = "; ".join(failure.example.expected) if failure.example.expected else "no answer"
        console.print(Text(f"{number_}. {shortened(inputs)}"))
        console.print(Text(f"   expected: {shortened(expected)}"))
        console.print(Text(f"   got:      {shortened(output or trial.raw) or '(nothing)'}"))
        for reason in failure.reasons:
            console.print(Text(f"   why:      {shortened(reason)}"))


def shortened(text: str) -> str:
    """Return the text on one line, cut where it is long."""
    line = " ".join(clean(text).split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "\u2026"


def number(value: float | None) -> str:
    """Return a score with three digits; a missing one is never 0."""
    return "-" if value is None else f"{value:.3f}"


def signed(value: float) -> str:
    """Return a difference with its sign."""
    return f"{value:+.3f}"
