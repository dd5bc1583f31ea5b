"""What the pages of reviewers say: prompts, ratings, lists, and what a blind comparison shows."""

from collections.abc import Sequence
from typing import Literal

from app.formatting import locale
from app.formatting.criteria_names import title
from app.formatting.told import told
from app.wording import t, tn
from copilot import Feedback, Score, Trial
from copilot.types import ReviewedPrompt, ReviewLine, ReviewShow, SavedComment, WinRate

SURE = 0.05
"""A sign test below this is called a finding."""
FEW = 6
"""With fewer clear choices not even a clean sweep reaches `SURE`."""
CLIP = 120
VALUES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""A scale of five, of the values from 0 to 1."""
TALL = 260
"""Height of the panel of a long text, in pixels."""


def shows() -> dict[ReviewShow, str]:
    """Return which answers can be shown."""
    return {"all": t("All"), "open": t("Not rated"), "rated": t("Rated"), "failures": t("Failures")}


def show_of(name: str) -> ReviewShow:
    """Return which answers a link asks for; all where it asks for something unknown."""
    return next((show for show in shows() if show == name), "all")


def scale(value: float) -> float:
    """Return the step of the scale that a value is nearest to."""
    return min(VALUES, key=lambda step: abs(step - value))


def tags(said: Sequence[Feedback]) -> list[str]:
    """Return suggestions for what an opinion is about: the usual ones, and those that were used."""
    usual = [t("wrong"), t("too long"), t("too short"), t("invented"), t("incomplete"), t("tone")]
    return list(dict.fromkeys([*usual, *(one.tag for one in said if one.tag)]))


def prompt_name(prompt: ReviewedPrompt) -> str:
    """Return what a prompt is called among those of its run."""
    if prompt.role == "chosen":
        return t("The prompt to use")
    if prompt.role == "own":
        return t("Your own prompt")
    return t("Prompt {number}", number=prompt.number)


def prompt_choice(prompt: ReviewedPrompt) -> str:
    """Return a prompt's line in a list to choose from."""
    answers = tn("{n} answer", "{n} answers", prompt.outputs)
    if prompt.rated:
        return t("{prompt} ({answers}, {rated} rated)", prompt=prompt_name(prompt), answers=answers, rated=prompt.rated)
    return f"{prompt_name(prompt)} ({answers})"


def value_name(value: float) -> str:
    """Return a value between 0 and 1 as a word on a scale of five."""
    words = (t("Useless"), t("Poor"), t("Fair"), t("Good"), t("Perfect"))
    return words[min(4, max(0, round(value * 4)))]


def flag_name(flag: Literal["up", "down"]) -> str:
    """Return a thumb with its word."""
    return t("👍 Good") if flag == "up" else t("👎 Not good")


def rating_words(said: Feedback) -> str:
    """Return in one line what somebody said."""
    parts = [flag_name(said.flag)] if said.flag else []
    parts += [value_name(said.value)] if said.value is not None else []
    parts += [said.tag] if said.tag else []
    parts += [locale.quoted(clip(said.comment))] if said.comment else []
    parts += [t("answer edited")] if said.edited_output is not None else []
    return " · ".join(parts)


def clip(text: str, length: int = CLIP) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def state_name(passed: bool | None) -> str:
    """Return how an answer did by the criteria."""
    if passed is None:
        return t("not scored")
    return t("✓ passes") if passed else t("✕ fails")


def list_rows(lines: Sequence[ReviewLine]) -> dict[str, list[str]]:
    """Return the columns of the list of answers."""
    return {
        t("Rated"): [mark(line.rating.feedback) if line.rating else "" for line in lines],
        t("Input"): [clip(line.input, 60) for line in lines],
        t("By the criteria"): [state_name(line.passed) for line in lines],
        t("Answer"): [clip(line.output) for line in lines],
        t("What was said"): [rating_words(line.rating.feedback) if line.rating else "" for line in lines],
    }


def mark(said: Feedback) -> str:
    """Return a rating as one sign."""
    return {"up": "👍", "down": "👎"}[said.flag] if said.flag else "✓"


def score_rows(trial: Trial) -> dict[str, list[str]]:
    """Return the columns of an answer's scores, each with its reason."""
    return {
        t("Criterion"): [title(score.evaluator) for score in trial.scores],
        t("Score"): [_score(score) for score in trial.scores],
        t("Why"): [told(score.explanation) for score in trial.scores],
    }


def _score(score: Score) -> str:
    return t("not scored") if score.value is None else locale.number(score.value, 2)


def comment_line(comment: SavedComment) -> str:
    """Return one opinion with the beginning of what it is about."""
    return t("{input}: {words}", input=clip(comment.input, 60), words=rating_words(comment.saved.feedback))


def progress_words(rated: int, total: int) -> str:
    """Return how many answers of a prompt were rated."""
    return t("{rated} of {total} answers rated", rated=rated, total=total)


def heard_words(heard: int, edited: int) -> str:
    """Return what the next improvement learns from."""
    if not heard:
        return t(
            "Nothing was said yet that could be learned from. Say what is wrong with an answer, or write it as it "
            "should be."
        )
    opinions = tn("The next improvement hears {n} opinion", "The next improvement hears {n} opinions", heard)
    if edited:
        answers = tn("{n} answer as you would have written it", "{n} answers as you would have written them", edited)
        return t("{opinions}, among them {answers}.", opinions=opinions, answers=answers)
    return f"{opinions}."


def rate_words(rate: WinRate, first: str, second: str) -> str:
    """Return the counts of a comparison in one line."""
    return t(
        "How often preferred: {second} {wins}, {first} {losses}; no difference: {ties}.",
        second=locale.quoted(second),
        wins=rate.second,
        first=locale.quoted(first),
        losses=rate.first,
        ties=rate.ties,
    )


def conclusion(rate: WinRate, first: str, second: str) -> str:
    """Return in words what can be concluded from a comparison, the answer first."""
    if rate.p_value is None or rate.rate is None or rate.low is None or rate.high is None:
        if rate.n:
            return tn(
                "No difference: you saw none in the one pair.", "No difference: you saw none in {n} pairs.", rate.n
            )
        return t("Nothing was compared yet.")
    better, share = (locale.quoted(second), rate.rate) if rate.rate >= 0.5 else (locale.quoted(first), 1 - rate.rate)
    low, high = (rate.low, rate.high) if rate.rate >= 0.5 else (1 - rate.high, 1 - rate.low)
    interval = t("95% interval {low} to {high}", low=locale.percent(low), high=locale.percent(high))
    decided = rate.first + rate.second
    if rate.p_value < SURE and low > 0.5:
        return t(
            "{better} is preferred: it wins {share} of {n} comparisons ({interval}).",
            better=better,
            share=locale.percent(share),
            n=rate.n,
            interval=interval,
        )
    if rate.p_value < SURE:
        return t(
            "Mostly no difference; but where you saw one, {better} won {wins} of {decided} times, which is unlikely "
            "to be chance.",
            better=better,
            wins=max(rate.first, rate.second),
            decided=decided,
        )
    if decided < FEW:
        return t(
            "Too few to tell: {better} wins {share} of {n} comparisons so far ({interval}). It takes at least {few} "
            "pairs of which you prefer one answer.",
            n=rate.n,
            better=better,
            share=locale.percent(share),
            interval=interval,
            few=FEW,
        )
    return t(
        "No preference shown: {better} wins {share} of {n} comparisons ({interval}), which may be chance.",
        better=better,
        share=locale.percent(share),
        n=rate.n,
        interval=interval,
    )


def chance_words(p_value: float) -> str:
    """Return what the sign test says, in words."""
    shown = t("less than {number}", number=0.001) if p_value < 0.001 else locale.number(p_value, 3)
    return t(
        "If neither were better, a result at least as one-sided would come with probability {p} (sign test, pairs "
        "without a difference left out).",
        p=shown,
    )


def skipped_words(identical: int) -> str:
    """Return how many rows are not shown since both prompts answered the same."""
    if not identical:
        return ""
    return tn("{n} pair with the same answer twice is skipped.", "{n} pairs of equal answers are skipped.", identical)


def stopped_words(left: int) -> str:
    """Return what it means that pairs are left."""
    if not left:
        return ""
    pairs = tn("{n} pair is not compared yet.", "{n} pairs are not compared yet.", left)
    return t(
        "{pairs} Decide how many you compare before you look at the result: who stops when it looks good takes "
        "chance for a finding.",
        pairs=pairs,
    )


def nothing_words(identical: int) -> str:
    """Return why there is no pair to compare."""
    if not identical:
        return t("There is no row that both of these prompts answered. Choose two others below.")
    skipped = skipped_words(identical)
    return t("These two prompts answered every row alike. {skipped} Choose two others below.", skipped=skipped)
