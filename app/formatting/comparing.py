"""What Result says of two prompts beside each other, whichever runs they are of; nothing here draws."""

from app.formatting import locale
from app.formatting.runs import cap_words, run_label
from app.formatting.verdicts import Said, points
from app.wording import t, tn
from copilot import Comparison
from copilot.types import AnsweredRun, ComparedPrompt, PromptComparison

SURE = 0.05
"""A paired test below this is called a finding."""


def run_choice(run: AnsweredRun, *, newest: bool, zone: str | None) -> str:
    """Return a run's line in a list to choose from: when, how it ended, how much effort was made."""
    label = run_label(run.summary, newest=newest, zone=zone)
    return t("{run} ({effort})", run=label, effort=cap_words(run.max_calls))


def of_run(prompt: str, run: AnsweredRun, *, zone: str | None) -> str:
    """Return the name of a prompt of another run."""
    return t("{prompt} of {when}", prompt=prompt, when=locale.moment(run.summary.created_at, zone=zone))


def finding(compared: PromptComparison, first: str, second: str) -> Said | None:
    """Return in one sentence how the first prompt does beside the second; None: that cannot be said."""
    found = compared.found
    if found is None or found.delta is None or found.best_score is None or found.seed_score is None:
        return None
    difference = t("{delta} points", delta=points(found.delta))
    if spread(found):
        difference = t(
            "{delta} points, 95% interval {low} to {high}",
            delta=points(found.delta),
            low=points(found.ci_low),
            high=points(found.ci_high),
        )
    body = t(
        "{first} gets {one} of 100, {second} {other} ({difference}).",
        first=locale.quoted(first),
        one=round(100 * found.best_score),
        second=locale.quoted(second),
        other=round(100 * found.seed_score),
        difference=difference,
    )
    fair = compared.part == "shared_aside"
    ahead = _ahead(found)
    if ahead > 0:
        return Said(t("Better:") if fair else t("Higher here:"), body, "better" if fair else "grey")
    if ahead < 0:
        return Said(t("Worse:") if fair else t("Lower here:"), body, "worse" if fair else "grey")
    return Said(t("No evidence of a difference:"), body, "grey")


def spread(found: Comparison) -> bool:
    """Say whether the differences vary: where every one is the same, chance cannot be told from them."""
    return found.ci_low is not None and found.ci_high is not None and found.ci_low < found.ci_high


def _ahead(found: Comparison) -> int:
    if found.p_value is None or found.p_value >= SURE or found.ci_low is None or found.ci_high is None:
        return 0
    return (found.ci_low > 0) - (found.ci_high < 0)


def score_line(name: str, side: ComparedPrompt) -> str:
    """Return a prompt's score with its interval."""
    if side.score is None or side.low is None or side.high is None:
        return t("{name}: no score.", name=name)
    return t(
        "{name}: {score} of 100 (95% interval {low} to {high}).",
        name=name,
        score=round(100 * side.score),
        low=round(100 * side.low),
        high=round(100 * side.high),
    )


def rows_line(compared: PromptComparison) -> str:
    """Return on how many examples the two are compared."""
    shared = compared.shared
    if compared.part == "shared_aside":
        return tn(
            "Compared on the one example that both answered and that was kept aside for both.",
            "Compared on the {n} examples that both answered and that were kept aside for both.",
            shared.aside,
        )
    return tn(
        "Compared on the one example that both answered.",
        "Compared on the {n} examples that both answered.",
        shared.n,
    )


def cautions(compared: PromptComparison, first: str, second: str) -> list[str]:
    """Return why the scores have to be read with care, a sentence each."""
    shared, said = compared.shared, []
    if not shared.n:
        return [
            t(
                "No example was answered by both prompts, so there is nothing to compare them on. Choose another "
                "prompt; the prompt to use and your own have met the most examples."
            )
        ]
    if not compared.scored_alike:
        said.append(
            t(
                "The two improvements scored answers by different criteria, so their scores cannot be compared. "
                "Compare the answers below."
            )
        )
    if compared.part != "shared_aside":
        for n, kept, used in ((shared.first_aside, first, second), (shared.second_aside, second, first)):
            if n:
                said.append(
                    tn(
                        "One of these examples was kept aside for {kept}, but used to improve {used}: that favours "
                        "{used}.",
                        "{n} of these examples were kept aside for {kept}, but used to improve {used}: that favours "
                        "{used}.",
                        n,
                        kept=locale.quoted(kept),
                        used=locale.quoted(used),
                    )
                )
        if shared.used:
            said.append(
                tn(
                    "One of these examples was used to choose among prompts, so scores look better on it than on new "
                    "ones.",
                    "{n} of these examples were used to choose among prompts, so scores look better on them than on "
                    "new ones.",
                    shared.used,
                )
            )
    if compared.first.model != compared.second.model:
        said.append(
            t(
                "The two ran on different models: {first} on {model}, {second} on {other}.",
                first=locale.quoted(first),
                model=compared.first.model,
                second=locale.quoted(second),
                other=compared.second.model,
            )
        )
    return said
