"""What pages say of tasks and their examples, in a business user's words; nothing here draws."""

import re
from collections.abc import Mapping, Sequence

from app.formatting import locale
from app.formatting.told import told
from app.wording import t, tn
from copilot import Example, RunStatus, RunSummary, TaskKind
from copilot.types import ExampleCounts, ImportReport, ScoredRun, TaskOverview

_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_JOINT = {TaskKind.KEYWORD_EXTRACTION: "; ", TaskKind.DOCUMENT_QA: " | ", TaskKind.SUMMARIZATION: "\n---\n"}
UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)


def kinds() -> dict[TaskKind, tuple[str, str]]:
    """Return each kind's plain name, and when to choose it."""
    return {
        TaskKind.CLASSIFICATION: (t("Classify"), t("Every text gets one label: which team, which topic, which mood.")),
        TaskKind.SUMMARIZATION: (t("Summarise"), t("A long text becomes a short one: minutes, reports, articles.")),
        TaskKind.DOCUMENT_QA: (
            t("Answer from documents"),
            t("A question is answered from a document you give, and from nothing else."),
        ),
        TaskKind.KEYWORD_EXTRACTION: (t("Keywords"), t("A text gives the few words by which people look for it.")),
        TaskKind.CUSTOM: (t("Something else"), t("You name the inputs and say what is to be written.")),
    }


def field_name(name: str) -> str:
    """Return what people call an input or the expected answer."""
    names = {
        "text": t("Text"),
        "document": t("Document"),
        "question": t("Question"),
        "label": t("Category"),
        "summary": t("Summary"),
        "answers": t("Accepted answers"),
        "keywords": t("Keywords"),
        "expected": t("Expected answer"),
    }
    return names.get(name, name.replace("_", " "))


def origin_name(origin: str) -> str:
    """Return where an example comes from."""
    names = {
        "uploaded": t("uploaded"),
        "typed": t("typed"),
        "drafted": t("drafted by the copilot"),
        "feedback": t("from feedback"),
        "sample": t("sample"),
    }
    return names.get(origin, origin)


def counts_words(counts: ExampleCounts) -> str:
    """Return how many examples there are, and which of them do not count yet."""
    words = [tn("one example", "{n} examples", counts.accepted)] if counts.accepted else []
    if counts.accepted > counts.expected:
        words.append(
            tn("one without an expected answer", "{n} without an expected answer", counts.accepted - counts.expected)
        )
    if counts.drafted:
        words.append(tn("one draft to look at", "{n} drafts to look at", counts.drafted))
    return ", ".join(words) or t("no examples yet")


def standing(overview: TaskOverview) -> str:
    """Return where a task stands, in one sentence."""
    run = overview.last_run
    if run is None:
        if overview.counts.accepted:
            return t("Not improved yet.")
        if overview.counts.drafted:
            return t("Drafted examples wait for you to look at them.")
        return t("Begin with its examples.")
    return run_words(run)


def run_words(run: RunSummary) -> str:
    """Return where a run stands, in one sentence."""
    if run.status is RunStatus.QUEUED:
        return t("Waiting to start.")
    if run.status is RunStatus.RUNNING:
        return t("Stopping.") if run.stop_requested else t("Improving the prompt now.")
    if run.status is RunStatus.STOPPED:
        return t("Stopped; what was done is kept.")
    if run.status is RunStatus.FAILED:
        return told(run.error or "") or t("It failed; go on with it from the page Improve.")
    outcomes = {
        "better": t("Better than your prompt."),
        "no_evidence": t("No improvement found; your prompt stays."),
        "worse": t("Worse; your prompt stays."),
    }
    return outcomes.get(run.outcome or "", told(run.sentence))


def score_words(scores: Sequence[ScoredRun]) -> str:
    """Return the newest score in words; nothing where there is none."""
    if not scores:
        return ""
    last = scores[-1]
    if last.own_score is None or round(last.own_score * 100) == round(last.score * 100):
        return tn(
            "Score {score} of 100, on one example.",
            "Score {score} of 100, on {n} examples.",
            last.n,
            score=round(last.score * 100),
        )
    return tn(
        "Score {score} of 100 instead of {own}, on one example.",
        "Score {score} of 100 instead of {own}, on {n} examples.",
        last.n,
        score=round(last.score * 100),
        own=round(last.own_score * 100),
    )


def score_points(scores: Sequence[ScoredRun]) -> list[dict[str, float | int]]:
    """Return the points of the line of scores: the user's own prompt first, then one for each finished run."""
    own = next((point.own_score for point in scores if point.own_score is not None), None)
    values = ([own] if own is not None else []) + [point.score for point in scores]
    return [{"step": step, "score": round(100 * value, 1)} for step, value in enumerate(values)]


def next_step(overview: TaskOverview) -> str:
    """Return the page on which work on a task goes on."""
    run = overview.last_run
    if run is None:
        return "improve" if overview.counts.accepted else "examples"
    return "result" if run.status is RunStatus.FINISHED else "improve"


def done_steps(counts: ExampleCounts, *, criteria: bool, runs: Sequence[RunSummary]) -> frozenset[str]:
    """Return which of the steps of a task are done."""
    finished = any(run.status is RunStatus.FINISHED for run in runs)
    flags = {"examples": counts.accepted > 0, "criteria": criteria, "improve": finished, "result": finished}
    return frozenset(name for name, done in flags.items() if done)


def shown(text: str) -> str:
    """Return a text with the signs made visible that would turn or hide what stands beside them."""
    return _INVISIBLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def clipped(text: str, length: int = 160) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def expected_text(kind: TaskKind, expected: Sequence[str] | None) -> str:
    """Return an expected answer as it stands in a cell; every part of it where there are several."""
    return _JOINT.get(kind, "\n").join(expected or ())


def expected_cell(kind: TaskKind, text: str) -> str | list[str]:
    """Return what `expected_text` wrote as the reader of rows takes it."""
    joint = _JOINT.get(kind)
    if joint is None or joint.strip() not in text:
        return text
    return [part.strip() for part in text.split(joint.strip()) if part.strip()]


def unfinished_rows(
    rows: Sequence[Mapping[str, object]], names: Sequence[str], *, expected: str, labels: Sequence[str]
) -> list[str]:
    """Return what is missing in rows that were begun, a sentence each: a grid drops what its lists do not hold."""
    said = []
    for place, row in enumerate(rows, start=1):
        missing = [name for name in names if not str(row.get(name) or "").strip()]
        if not missing or len(missing) == len(names):
            continue
        if missing == [expected] and labels:
            said.append(
                t(
                    "Row {n} is not saved yet: choose its category, one of {labels}. Others can be added to the "
                    "description of the task.",
                    n=place,
                    labels=", ".join(labels),
                )
            )
        else:
            fields = ", ".join(field_name(name) for name in missing)
            said.append(t("Row {n} is not saved yet. Still empty: {fields}.", n=place, fields=fields))
    return said


def report_lines(report: ImportReport) -> tuple[list[str], list[str]]:
    """Return what an import warns of and what it merely notes, each sentence with its place in the file."""
    found = []
    place = t("Line {line}") if report.format in {"csv", "tsv", "json", "jsonl"} else t("Row {line}")
    for oddities in (report.warnings, report.notes):
        lines = []
        for oddity in oddities:
            said = told(oddity.message)
            placed = oddity.line is None or re.search(rf"\b{oddity.line}\b", oddity.message)
            lines.append(said if placed else f"{place.format(line=oddity.line)}{locale.colon()}{said}")
        found.append(list(dict.fromkeys(lines)))
    return found[0], found[1]


def typed_names(text: str) -> tuple[str, ...]:
    """Return names that were typed one on a line, or on one line between commas or semicolons."""
    lines = text.splitlines()
    parts = lines if len([line for line in lines if line.strip()]) > 1 else re.split(r"[,;\n]", text)
    return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))


def input_names(text: str) -> tuple[str, ...]:
    """Return names of inputs as prompts can hold them: letters, digits and underscores."""
    cleaned = (re.sub(r"\W+", "_", name).strip("_") for name in typed_names(text))
    return tuple(dict.fromkeys(name for name in cleaned if name))


def fields_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """Return the inputs that examples have, in order of appearance."""
    return tuple(dict.fromkeys(name for example in examples for name in example.inputs))


def changed_cells(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """Return the cells of a row that a person has changed; an emptied one is the empty text."""
    texts = {name: "" if value is None else value for name, value in after.items()}
    return {name: value for name, value in texts.items() if name in before and value != before[name]}
