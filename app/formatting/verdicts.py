"""The verdict of a run in words, composed from its numbers; nothing here draws."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.formatting import locale
from app.formatting.told import told
from app.wording import t, tn
from copilot import Comparison, RunResult, Verdict
from copilot.types import PromptFacts


@dataclass(frozen=True)
class Said:
    """A verdict in words."""

    word: str
    rest: str
    tone: str
    """`better`, `worse` or `grey`."""

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"{self.word} {self.rest}"


def points(value: float | None) -> str:
    """Return a difference in points, with its sign."""
    if value is None:
        return t("not known")
    return locale.points(value)


def verdict_words(result: RunResult, facts: PromptFacts) -> Said:
    """Return the verdict as one sentence, composed from its numbers.

    Args:
        result: of the run.
        facts: of the prompt that was compared with the user's.
    """
    verdict, found = result.verdict, result.verdict.holdout
    if found.n == 0 or found.delta is None or found.best_score is None or found.seed_score is None:
        if verdict.sentence.startswith("No improvement"):
            return _none_found(result)
        return Said(t("No evidence:"), t("no example could be scored for both prompts. Your prompt stays."), "grey")
    if verdict.sentence.startswith("No improvement"):
        return _none_found(result)
    body = _compared(verdict, facts)
    if verdict.outcome == "better":
        return Said(t("Better:"), f"{body}.", "better")
    if verdict.outcome == "worse":
        return Said(t("Worse:"), t("{found}. Your prompt stays.", found=body), "worse")
    if result.template == result.user_template:
        return Said(t("No evidence of a difference:"), t("{found}. Your prompt stays.", found=body), "grey")
    return Said(
        t("No evidence of a difference:"), t("{found}. The new prompt is the better guess.", found=body), "grey"
    )


def _none_found(result: RunResult) -> Said:
    tried = tn("one prompt was tried", "{n} prompts were tried", max(0, len(result.candidates) - 1))
    return Said(
        t("No improvement found:"),
        t("{tried}, and none of them beat yours on your examples. Your prompt stays.", tried=tried),
        "grey",
    )


def _compared(verdict: Verdict, facts: PromptFacts) -> str:
    found = verdict.holdout
    best, seed = found.best_score or 0.0, found.seed_score or 0.0
    difference = t("{delta} points", delta=points(found.delta))
    if found.ci_low is not None and found.ci_high is not None:
        difference = t(
            "{delta} points, 95% interval {low} to {high}",
            delta=points(found.delta),
            low=points(found.ci_low),
            high=points(found.ci_high),
        )
    if facts.right_or_wrong and not verdict.cross_fitted:
        return t(
            "{best} of {n} examples kept aside right instead of {own} ({difference})",
            best=round(found.n * best),
            n=found.n,
            own=round(found.n * seed),
            difference=difference,
        )
    slots = {"best": round(100 * best), "own": round(100 * seed), "n": found.n, "difference": difference}
    if verdict.cross_fitted:
        return t("a score of {best} instead of {own} of 100, over {n} examples ({difference})", **slots)
    return t("a score of {best} instead of {own} of 100, on {n} examples kept aside ({difference})", **slots)


def detectable(found: Comparison) -> str:
    """Return what the data could have shown, in words; nothing where it is not known."""
    effect = found.minimum_detectable_effect
    if not effect or not found.n:
        return ""
    words = tn(
        "With one example, only a difference of {effect} points or more would have been noticed in 4 of 5 cases.",
        "With {n} examples, a difference of {effect} points or more would have been noticed in 4 of 5 cases.",
        found.n,
        effect=max(1, round(100 * effect)),
    )
    target = next((goal for goal in (0.1, 0.05, 0.02) if effect > 1.5 * goal), None)
    if target is None:
        return words
    needed = found.n * (effect / target) ** 2
    return t(
        "{words} To notice {goal} points, about {needed} would have to be kept aside.",
        words=words,
        goal=round(100 * target),
        needed=locale.rough(float(f"{needed:.2g}")),
    )


def note_words(notes: Iterable[str], *, used_before: bool, cross_fitted: bool) -> list[str]:
    """Return what should be known besides the verdict, a sentence each."""
    said = [note for note in notes if not (cross_fitted and note.startswith("There are too few examples to keep"))]
    if cross_fitted:
        said.insert(
            0,
            t(
                "There are too few examples to keep some aside, so each was judged by the prompt chosen without it: "
                "the numbers say how well improving works here, not how good exactly this prompt is."
            ),
        )
    if used_before:
        said.append(
            t(
                "The examples kept aside decided an earlier verdict, too: the more often they are used, the more luck "
                "there is in the best result. New examples make the next verdict stronger."
            )
        )
    return [told(note).replace("held-out", "kept-aside").replace("holdout", "examples kept aside") for note in said]


def criteria_title(yours: PromptFacts, other: PromptFacts, *, name: str) -> str:
    """Return what the chart of criteria shows, as a finding; `name` is the one compared with."""
    mine = {criterion.title: criterion.mean for criterion in yours.criteria}
    gains = [
        (criterion.mean - before, criterion.title)
        for criterion in other.criteria
        if criterion.mean is not None and (before := mine.get(criterion.title)) is not None
    ]
    if not gains:
        return t("How every criterion came out")
    gain, title = max(gains)
    if round(100 * gain) <= 0:
        return t("No criterion is met better than by: {name}", name=name)
    return t("The largest gain: {title}, {points} points", title=title, points=points(gain))


def criterion_lines(yours: PromptFacts, other: PromptFacts, *, names: tuple[str, str]) -> list[str]:
    """Return each criterion of the other prompt in words, and what no criterion says."""
    lines = []
    for criterion in other.criteria:
        words = t("{title}: met by {passed} of {n}", title=criterion.title, passed=criterion.passed, n=criterion.n)
        if criterion.unscored:
            words = t("{words}, {n} not scored", words=words, n=criterion.unscored)
        lines.append(f"{words}.")
    for name, facts in zip(names, (yours, other), strict=True):
        if facts.errors:
            lines.append(
                tn(
                    "{name}: one of {all} answers could not be read, and counts as wrong.",
                    "{name}: {n} of {all} answers could not be read, and count as wrong.",
                    facts.errors,
                    name=name,
                    all=facts.n,
                )
            )
        if facts.n and facts.prompt_tokens is not None and facts.latency_seconds is not None:
            lines.append(
                t(
                    "{name}: {read} tokens read and {written} written a row, {seconds} s.",
                    name=name,
                    read=locale.rough(facts.prompt_tokens),
                    written=locale.rough(facts.completion_tokens or 0.0),
                    seconds=locale.number(facts.latency_seconds, 1),
                )
            )
    return lines
