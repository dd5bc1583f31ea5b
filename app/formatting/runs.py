"""What the pages Improve and Result say of a run, in a business user's words; nothing here draws."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.formatting import locale
from app.formatting.told import told
from app.wording import t, tn
from copilot import Candidate, Estimate, RunStatus, RunSummary
from copilot.types import Leader, RunSnapshot

SILENT_SECONDS = 20.0
"""Longer without an answer than this is worth a word."""


@dataclass(frozen=True)
class Effort:
    """How much may be spent on one improvement."""

    name: str
    calls: int


EFFORTS = (Effort("quick", 100), Effort("standard", 300), Effort("thorough", 800))


def effort_name(name: str) -> str:
    """Return what an effort is called."""
    return {"quick": t("Quick look"), "standard": t("Standard"), "thorough": t("Thorough")}[name]


def effort_words(name: str) -> str:
    """Return what an effort is for."""
    return {
        "quick": t("Finds large gains only."),
        "standard": t("Right for most tasks."),
        "thorough": t("Looks longest, and notices smaller gains."),
    }[name]


def span(low: float, high: float) -> str:
    """Return a range, or one number where both ends read the same."""
    ends = locale.rough(low), locale.rough(high)
    return ends[0] if ends[0] == ends[1] else t("{low} to {high}", low=ends[0], high=ends[1])


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 55:
        return tn("1 second", "{n} seconds", max(1, round(seconds) if seconds < 10 else 5 * round(seconds / 5)))
    if seconds < 55 * 60:
        return tn("1 minute", "{n} minutes", max(1, round(seconds / 60)))
    hours = seconds / 3600
    return tn("1 hour", "{n} hours", max(1, round(hours)))


def _time_span(low: float, high: float) -> str:
    first, last = duration(low), duration(high)
    if first == last:
        return first
    one, of_one = first.partition(" ")[::2]
    if of_one.rstrip("sn") == last.partition(" ")[2].rstrip("sn"):
        first = one
    return t("{low} to {high}", low=first, high=last)


def quote(estimate: Estimate) -> str:
    """Return what an improvement will cost, in one line."""
    parts = [
        t("{calls} calls", calls=span(estimate.calls.low, estimate.calls.high)),
        t("{tokens} tokens", tokens=span(estimate.tokens.low, estimate.tokens.high)),
    ]
    if estimate.seconds is not None:
        parts.append(_time_span(estimate.seconds.low, estimate.seconds.high))
    if estimate.money is not None:
        low, high = (locale.money(value, estimate.currency) for value in (estimate.money.low, estimate.money.high))
        parts.append(low if low == high else t("{low} to {high}", low=low, high=high))
    return ", ".join(parts)


def quote_notes(estimate: Estimate) -> list[str]:
    """Return what the quote rests on, a sentence each."""
    said = []
    if estimate.seconds is None:
        said.append(t("Nothing has run on this model yet, so the time is not known."))
    if estimate.money is None:
        said.append(t("No prices are set for this model, so there is no sum; set them under Settings."))
    return said


def stage_words(snapshot: RunSnapshot) -> str:
    """Return in one line what a run is doing, and how far it is with that."""
    if snapshot.stop_requested and not snapshot.over:
        return t("Stopping: the answers under way are still taken.")
    if snapshot.status is RunStatus.QUEUED:
        return t("Waiting to start.")
    if snapshot.was_lost:
        return t("The process that worked on it has ended; another one goes on where it was.")
    words = _stage(snapshot)
    if snapshot.stage_total and snapshot.stage in ("halving", "holdout", "reflect"):
        words = t(
            "{doing}: {done} of {total} answers", doing=words, done=snapshot.stage_done, total=snapshot.stage_total
        )
    elif snapshot.stage_done:
        words = tn("{doing}: one answer so far", "{doing}: {n} answers so far", snapshot.stage_done, doing=words)
    if snapshot.eta_seconds is not None and snapshot.stage_done < snapshot.stage_total:
        return t("{doing}, about {time} left.", doing=words, time=duration(snapshot.eta_seconds))
    return f"{words}."


def _stage(snapshot: RunSnapshot) -> str:
    numbers = [int(found) for found in re.findall(r"\d+", snapshot.message)]
    if snapshot.stage == "preflight":
        return t("Getting to know the model")
    if snapshot.stage == "seeds":
        return t("Choosing {n} prompts to begin with, yours among them", n=numbers[0] if numbers else snapshot.prompts)
    if snapshot.stage == "halving" and len(numbers) == 2:
        return t("Trying {prompts} prompts on {examples} examples", prompts=numbers[0], examples=numbers[1])
    if snapshot.stage == "reflect" and numbers:
        return t("Round {n}: looking at what went wrong, and changing the prompt", n=numbers[0])
    if snapshot.stage == "reflect":
        return t("Looking for good answers to show as examples")
    if snapshot.stage == "holdout" and numbers and "at least" in snapshot.message:
        return t("Comparing with your prompt on at least {n} examples that nothing was tuned on", n=numbers[0])
    if snapshot.stage == "holdout" and numbers:
        return t("Comparing with your prompt on {n} examples that nothing was tuned on", n=numbers[0])
    return t("Going on from where it was") if snapshot.attempt > 1 else t("Starting")


def spent_words(snapshot: RunSnapshot) -> str:
    """Return how much of the cap is used, and how long it can take at most."""
    words = t(
        "{calls} of at most {cap} calls", calls=locale.rough(snapshot.calls), cap=locale.rough(snapshot.max_calls)
    )
    if snapshot.tokens:
        words = t("{spent}, {tokens} tokens", spent=words, tokens=locale.rough(snapshot.tokens))
    if snapshot.longest_seconds and not snapshot.over:
        words = t("{spent}, at most {time} in all", spent=words, time=duration(snapshot.longest_seconds))
    return f"{words}."


def trouble(snapshot: RunSnapshot) -> list[str]:
    """Return what goes wrong or takes long, a sentence each; nothing of it stops the run."""
    said = []
    silent = snapshot.silent_seconds or 0.0
    if silent >= SILENT_SECONDS and not snapshot.waits_for_worker:
        said.append(
            t(
                "No answer for {time}: the model is slow, or its server cannot be reached. It is asked again by "
                "itself, and nothing is lost.",
                time=duration(silent),
            )
        )
    if snapshot.errors:
        said.append(
            tn(
                "One answer could not be read; it counts as wrong.",
                "{n} answers could not be read; they count as wrong.",
                snapshot.errors,
            )
        )
    return said


def why(operator: str, rationale: str) -> str:
    """Return why a prompt was made, in plain words."""
    shown = re.search(r"with (\d+) worked example", rationale)
    if operator == "user":
        return t("Your prompt.") if rationale.startswith("Your") else t("A plain prompt, made from your description.")
    if rationale.startswith("The task library's prompt") and shown:
        return tn(
            "From the library for tasks of this kind, with one worked example.",
            "From the library for tasks of this kind, with {n} worked examples.",
            int(shown[1]),
        )
    if rationale.startswith("The task library's prompt"):
        return t("From the library for tasks of this kind.")
    return told(rationale) or t("A new wording by the copilot.")


def score_words(leader: Leader) -> str:
    """Return how one prompt stands."""
    if leader.score is None:
        return t("not tried yet")
    return tn(
        "{score} of 100, on one example",
        "{score} of 100, on {n} examples",
        leader.n,
        score=round(100 * leader.score),
    )


def chart_title(snapshot: RunSnapshot) -> str:
    """Return what the chart of scores shows, as a finding."""
    if not snapshot.points:
        return ""
    best, user = round(100 * snapshot.points[-1].score), snapshot.user
    if user is None or user.score is None:
        return t("The best prompt so far gets {best} of 100", best=best)
    mine = round(100 * user.score)
    if snapshot.points[-1].candidate_id == user.candidate_id or mine >= best:
        return t("No prompt leads yours yet: it gets {own} of 100", own=mine)
    return t("The best prompt so far gets {best} of 100, yours {own}", best=best, own=mine)


def prompt_names(
    prompts: Iterable[Candidate], *, chosen: str | None, finalist: str, brief: bool = False
) -> dict[str, str]:
    """Return a name for every prompt of a run, those that matter first; a brief one is the name alone."""
    names: dict[str, str] = {}
    ordered = sorted(prompts, key=lambda prompt: (prompt.operator != "user", prompt.id != finalist))
    count = 0
    for prompt in ordered:
        if prompt.operator == "user":
            name = t("Your prompt")
        elif prompt.id == finalist:
            name = t("New prompt")
        else:
            count += 1
            reason = _short(why(prompt.operator, prompt.rationale))
            name = t("Attempt {n}", n=count) if brief else t("Attempt {n}: {why}", n=count, why=reason)
        names[prompt.id] = t("{name} (the one to use)", name=name) if prompt.id == chosen and not brief else name
    return names


def _short(text: str, most: int = 70) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def counted(names: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, str]:
    """Return the names of filters with how many rows each leaves."""
    return {key: f"{name} {locale.number(counts.get(key, 0))}" for key, name in names.items()}


def cap_words(calls: int) -> str:
    """Return how much effort a run may make, by its name where it has one."""
    known = next((effort.name for effort in EFFORTS if effort.calls == calls), None)
    return effort_name(known) if known else tn("at most one call", "at most {n} calls", calls)


def run_label(run: RunSummary, *, newest: bool, zone: str | None = None) -> str:
    """Return what one improvement among several is called, with its time by the reader's clock."""
    when = locale.moment(run.created_at, zone=zone)
    outcomes = {"better": t("better"), "no_evidence": t("no evidence"), "worse": t("worse")}
    states = {
        RunStatus.QUEUED: t("waiting"),
        RunStatus.RUNNING: t("running"),
        RunStatus.STOPPED: t("stopped"),
        RunStatus.FAILED: t("failed"),
    }
    how = outcomes.get(run.outcome or "", states.get(run.status, ""))
    return t("Newest, {when}: {how}", when=when, how=how) if newest else t("{when}: {how}", when=when, how=how)
