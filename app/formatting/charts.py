"""Numbers of a run as points of charts; nothing here draws."""

from collections.abc import Mapping

from app.wording import t
from copilot import Comparison, Verdict
from copilot.types import PromptFacts, RunSnapshot

COLOURS: Mapping[str, Mapping[str, str]] = {
    "light": {"better": "#1F5E8C", "worse": "#B4530A", "grey": "#5E6670", "ink": "#16212E", "line": "#8A8F96"},
    "dark": {"better": "#7FB4DB", "worse": "#F0A35E", "grey": "#A3ABB4", "ink": "#E6E3DC", "line": "#7C8691"},
}
"""Those of the theme: a chart's marks take no theme colour by name."""


def score_points(snapshot: RunSnapshot) -> list[dict[str, float]]:
    """Return the best score after so many calls, out of 100, drawn to where the run is now."""
    found = [
        {
            "calls": float(point.calls),
            "score": 100 * point.score,
            "low": 100 * point.low,
            "high": 100 * point.high,
        }
        for point in snapshot.points
    ]
    if found and snapshot.calls > found[-1]["calls"]:
        found.append({**found[-1], "calls": float(snapshot.calls)})
    return found


def own_score(snapshot: RunSnapshot) -> float | None:
    """Return the score of the user's prompt, out of 100."""
    user = snapshot.user
    return None if user is None or user.score is None else 100 * user.score


def interval_points(found: Comparison) -> dict[str, float] | None:
    """Return the difference with its interval in points, and how far the axis goes on either side of 0."""
    if found.delta is None or found.ci_low is None or found.ci_high is None:
        return None
    values = [100 * value for value in (found.delta, found.ci_low, found.ci_high)]
    reach = max(10.0, 1.15 * max(map(abs, values)))
    return {"delta": values[0], "low": values[1], "high": values[2], "reach": reach}


def criteria_points(yours: PromptFacts, other: PromptFacts, *, names: tuple[str, str]) -> list[dict[str, object]]:
    """Return every criterion's score with its interval, for both prompts by their names, out of 100."""
    lines = []
    for name, facts in zip(names, (yours, other), strict=True):
        for criterion in facts.criteria:
            if criterion.mean is not None and criterion.low is not None and criterion.high is not None:
                lines.append(
                    {
                        "criterion": criterion.title,
                        "prompt": name,
                        "score": 100 * criterion.mean,
                        "low": 100 * criterion.low,
                        "high": 100 * criterion.high,
                    }
                )
    return lines


def method_points(verdict: Verdict) -> list[dict[str, object]]:
    """Return both prompts beside the simple methods, out of 100, the best first."""
    found = verdict.holdout
    lines: list[dict[str, object]] = []
    if found.best_score is not None and found.best_score != found.seed_score:
        lines.append({"name": t("New prompt"), "score": 100 * found.best_score, "model": True})
    if found.seed_score is not None:
        lines.append({"name": t("Your prompt"), "score": 100 * found.seed_score, "model": True})
    lines += [
        {"name": method_name(baseline.name), "score": 100 * baseline.score, "model": False}
        for baseline in verdict.baselines
    ]
    return sorted(lines, key=lambda line: -float(str(line["score"])))


def method_name(name: str) -> str:
    """Return what a simple method is called."""
    names = {
        "majority": t("Always the most frequent label"),
        "tfidf_logistic": t("Words counted, no model"),
        "lead": t("The first sentences"),
        "best_sentence": t("The most similar sentence"),
        "yake": t("Frequent words by place"),
        "tfidf_keywords": t("Words rare elsewhere"),
    }
    return names.get(name, name.replace("_", " ").capitalize())


def methods_title(verdict: Verdict) -> str:
    """Return what the comparison with simple methods shows."""
    if not verdict.baselines:
        return ""
    best = max(verdict.baselines, key=lambda baseline: baseline.score)
    prompt = max(filter(None, (verdict.holdout.best_score, verdict.holdout.seed_score)), default=0.0)
    if best.score > prompt:
        return t("A simple method without a language model does better here")
    return t("Simple methods without a language model get at most {best} of 100", best=round(100 * best.score))
