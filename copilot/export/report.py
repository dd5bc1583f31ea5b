"""A finished run as a Word document for people: what came out, what it rests on, and where it still fails."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from copilot.domain.run import Comparison, RunResult, Trial
from copilot.domain.snapshot import PromptFacts, ResultRow
from copilot.errors import StorageError
from copilot.export.report_words import ReportWords
from tasks.model import Frozen, Task

if TYPE_CHECKING:
    from docx.document import Document

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 1_500
"""Characters of a text in the list of rows; prompts are never shortened."""


class ReportPart(Frozen):
    """A message of a prompt."""

    head: Literal["system", "user", "assistant", "chosen_anew"] | None = None
    """None: it is all of the prompt."""
    text: str


class ReportContent(Frozen):
    """All that the report says."""

    task: Task
    model: str
    finished_at: datetime | None
    result: RunResult
    before: tuple[ReportPart, ...]
    """The user's prompt as people read it."""
    after: tuple[ReportPart, ...]
    """The prompt it was compared with."""
    reason: str
    """Why that one was made."""
    yours: PromptFacts
    tried: PromptFacts
    worst: tuple[ResultRow, ...]


def write_report(path: Path, content: ReportContent, words: ReportWords | None = None) -> None:
    """Write the report, which appears when it is whole.

    Args:
        path: of the file.
        content: what there is to say.
        words: in which language it is said; None: English.

    Raises:
        StorageError: the file cannot be written.
    """
    import docx

    document, say = docx.Document(), words or ReportWords()
    _verdict(document, content, say)
    _numbers(document, content, say)
    _criteria(document, content, say)
    _prompts(document, content, say)
    _worst(document, content, say)
    unfinished = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        document.save(str(unfinished))
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(f"The file {path} cannot be written ({error.strerror}). Choose another place.") from error


def _verdict(document: "Document", content: ReportContent, say: ReportWords) -> None:
    document.core_properties.title = clean(content.task.name)
    document.core_properties.author = "Falconer"
    document.core_properties.language = say.language
    document.add_heading(clean(content.task.name), level=0)
    tried = say("Tried with the model {model}.", model=content.model)
    if content.finished_at:
        tried = say("Tried with the model {model} on {day}.", model=content.model, day=say.day(content.finished_at))
    document.add_paragraph(clean(tried))
    document.add_heading(say("What came out"), level=1)
    said = document.add_paragraph()
    said.add_run(clean(verdict_sentence(content, say))).bold = True
    kept = content.result.template == content.result.user_template
    document.add_paragraph(
        say("The prompt to use is your own.") if kept else say("The prompt to use is the new one, shown below.")
    )
    for note in content.result.verdict.notes:
        document.add_paragraph(clean(say.told(note)), style="List Bullet")


def verdict_sentence(content: ReportContent, say: ReportWords) -> str:
    """Return the verdict in one sentence: as it was told, or composed anew from its numbers in another language."""
    verdict, found = content.result.verdict, content.result.verdict.holdout
    if say.language == "en":
        return verdict.sentence
    if verdict.sentence.startswith("No improvement"):
        return say("No improvement found: none of the prompts tried beat yours on your examples.")
    if not found.n or found.delta is None or found.best_score is None or found.seed_score is None:
        return say("No evidence: no example could be scored for both prompts.")
    slots = {
        "best": points(found.best_score, say),
        "own": points(found.seed_score, say),
        "n": say.number(found.n),
        "difference": difference(found, say),
    }
    if verdict.outcome == "better":
        return say("Better: a score of {best} instead of {own} out of 100, on {n} examples ({difference}).", **slots)
    if verdict.outcome == "worse":
        return say("Worse: a score of {best} instead of {own} out of 100, on {n} examples ({difference}).", **slots)
    return say(
        "No evidence of a difference: a score of {best} instead of {own} out of 100, on {n} examples ({difference}).",
        **slots,
    )


def _numbers(document: "Document", content: ReportContent, say: ReportWords) -> None:
    verdict, yours, tried = content.result.verdict, content.yours, content.tried
    document.add_heading(say("The numbers"), level=1)
    effect = verdict.holdout.minimum_detectable_effect
    calls = sum(usage.calls for usage in content.result.usage.values())
    rows = [
        (say("Examples compared"), say.number(verdict.holdout.n)),
        (say("Your prompt"), points(verdict.holdout.seed_score, say)),
        (say("The other prompt"), points(verdict.holdout.best_score, say)),
        (say("Difference"), difference(verdict.holdout, say)),
        (say("Smallest difference these examples could have shown"), points(effect, say)),
        (say("Prompt tokens a row, yours and the other"), _pair(yours.prompt_tokens, tried.prompt_tokens, 0, say)),
        (say("Seconds a row, yours and the other"), _pair(yours.latency_seconds, tried.latency_seconds, 2, say)),
        (say("Answers that could not be read, yours and the other"), _pair(yours.errors, tried.errors, 0, say)),
        (say("Calls of models, all together"), say.number(calls)),
    ]
    rows += [
        (say("Without a language model: {name}", name=say.told(base.name)), points(base.score, say))
        for base in verdict.baselines
    ]
    _table(document, ("", say("out of 100, where not said otherwise")), rows)


def _criteria(document: "Document", content: ReportContent, say: ReportWords) -> None:
    document.add_heading(say("Criterion by criterion"), level=1)
    yours = dict(enumerate(content.yours.criteria))
    rows = []
    for number, criterion in enumerate(content.tried.criteria):
        other = yours.get(number)
        score = points(criterion.mean, say)
        if criterion.low is not None and criterion.high is not None:
            low, high = points(criterion.low, say), points(criterion.high, say)
            score = say("{value} (95% interval {low} to {high})", value=score, low=low, high=high)
        met = say("{passed} of {n}", passed=say.number(criterion.passed), n=say.number(criterion.n))
        if criterion.unscored:
            met = say("{met}, {n} not scored", met=met, n=say.number(criterion.unscored))
        rows.append((say.told(criterion.title), points(other.mean, say) if other else say("not scored"), score, met))
    titles = (say("Criterion"), say("Your prompt"), say("The other prompt"), say("Rows that meet it, the other prompt"))
    _table(document, titles, rows)


def _prompts(document: "Document", content: ReportContent, say: ReportWords) -> None:
    document.add_heading(say("Your prompt"), level=1)
    _prompt(document, content.before, say)
    if content.after == content.before:
        return
    document.add_heading(say("The prompt it was compared with"), level=1)
    if content.reason:
        document.add_paragraph(clean(say("Why it was made: {reason}", reason=say.told(content.reason))))
    _prompt(document, content.after, say)


def _prompt(document: "Document", parts: Iterable[ReportPart], say: ReportWords) -> None:
    for part in parts:
        if part.head is not None:
            titles = {
                "system": say("Instructions"),
                "user": say("Input"),
                "assistant": say("Answer"),
                "chosen_anew": say("For every input, the saved examples that are most like it are shown as well."),
            }
            document.add_paragraph().add_run(titles[part.head]).bold = True
        if part.text:
            document.add_paragraph().add_run(clean(part.text)).font.name = "Courier New"


def _worst(document: "Document", content: ReportContent, say: ReportWords) -> None:
    document.add_heading(say("Where it still fails"), level=1)
    if not content.worst:
        document.add_paragraph(say("No example failed."))
        return
    count = len(content.worst)
    document.add_paragraph(
        say("The worst example, the prompt being the other one.")
        if count == 1
        else say("The {n} worst of the examples, the prompt being the other one.", n=say.number(count))
    )
    states = {
        "error": say("error"),
        "failed": say("failed"),
        "unscored": say("not scored"),
        "passed": say("passed"),
    }
    for row in content.worst:
        heading = say("Example {id}: {state}", id=row.example.id, state=states[row.state])
        document.add_heading(clean(heading), level=2)
        for name, text in row.example.inputs.items():
            _field(document, name, text, say)
        expected = row.example.expected
        _field(document, say("Expected"), say("not known") if expected is None else "; ".join(expected), say)
        _field(document, say("Answer"), _answer(row.trial) or say("none"), say)
        for reason in row.reasons:
            document.add_paragraph(clean(say.told(reason)), style="List Bullet")


def _field(document: "Document", name: str, text: str, say: ReportWords) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(clean(say("{name}: ", name=name))).bold = True
    paragraph.add_run(clean(text if len(text) <= LONGEST else f"{text[:LONGEST]}\u2026"))


def _table(document: "Document", titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(titles), style="Light Grid Accent 1")
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        cell.text = title
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = clean(text)


def clean(text: str) -> str:
    """Replace what a Word document cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)


def points(score: float | None, say: ReportWords) -> str:
    """Return a share as points out of 100."""
    return say("not known") if score is None else say.number(100 * score)


def difference(comparison: Comparison, say: ReportWords) -> str:
    """Return a difference in points with its interval."""
    if comparison.delta is None:
        return say("not known")
    delta = say.number(100 * comparison.delta, sign=True)
    if comparison.ci_low is None or comparison.ci_high is None:
        return say("{delta} points", delta=delta)
    low, high = (say.number(100 * end, sign=True) for end in (comparison.ci_low, comparison.ci_high))
    return say("{delta} points, 95% interval {low} to {high}", delta=delta, low=low, high=high)


def _pair(yours: float | None, other: float | None, digits: int, say: ReportWords) -> str:
    first, second = (say("not known") if value is None else say.number(value, digits) for value in (yours, other))
    return say("{first} and {second}", first=first, second=second)


def _answer(trial: Trial) -> str:
    if trial.output is None:
        return trial.raw
    return trial.output if isinstance(trial.output, str) else "; ".join(trial.output)
