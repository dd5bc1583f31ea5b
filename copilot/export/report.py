"""A finished run as a Word document for people: what came out, what it rests on, and where it still fails."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.domain.run import Comparison, RunResult, Trial
from copilot.domain.snapshot import PromptFacts, ResultRow
from copilot.errors import StorageError
from copilot.export.report_rows import STATES
from tasks.model import Frozen, Task

if TYPE_CHECKING:
    from docx.document import Document

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 1_500
"""Characters of a text in the list of rows; prompts are never shortened."""


class ReportContent(Frozen):
    """All that the report says."""

    task: Task
    model: str
    finished_at: datetime | None
    result: RunResult
    before: str
    """The user's prompt as people read it."""
    after: str
    """The prompt it was compared with."""
    reason: str
    """Why that one was made."""
    yours: PromptFacts
    tried: PromptFacts
    worst: tuple[ResultRow, ...]


def write_report(path: Path, content: ReportContent) -> None:
    """Write the report, which appears when it is whole.

    Raises:
        StorageError: the file cannot be written.
    """
    import docx

    document = docx.Document()
    _verdict(document, content)
    _numbers(document, content)
    _criteria(document, content)
    _prompts(document, content)
    _worst(document, content)
    unfinished = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        document.save(str(unfinished))
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(f"The file {path} cannot be written ({error.strerror}). Choose another place.") from error


def _verdict(document: "Document", content: ReportContent) -> None:
    document.core_properties.title = clean(content.task.name)
    document.core_properties.author = "Falconer"
    document.add_heading(clean(content.task.name), level=0)
    when = f" on {content.finished_at:%d %B %Y}" if content.finished_at else ""
    document.add_paragraph(clean(f"Tried with the model {content.model}{when}."))
    document.add_heading("What came out", level=1)
    said = document.add_paragraph()
    said.add_run(clean(content.result.verdict.sentence)).bold = True
    kept = content.result.template == content.result.user_template
    document.add_paragraph(
        "The prompt to use is your own." if kept else "The prompt to use is the new one, shown below."
    )
    for note in content.result.verdict.notes:
        document.add_paragraph(clean(note), style="List Bullet")


def _numbers(document: "Document", content: ReportContent) -> None:
    verdict = content.result.verdict
    document.add_heading("The numbers", level=1)
    rows = [
        ("Examples compared", str(verdict.holdout.n)),
        ("Your prompt", points(verdict.holdout.seed_score)),
        ("The other prompt", points(verdict.holdout.best_score)),
        ("Difference", difference(verdict.holdout)),
        ("Smallest difference these examples could have shown", points(verdict.holdout.minimum_detectable_effect)),
        ("Prompt tokens a row, yours and the other", _pair(content.yours.prompt_tokens, content.tried.prompt_tokens)),
        ("Seconds a row, yours and the other", _pair(content.yours.latency_seconds, content.tried.latency_seconds, 2)),
        ("Answers that could not be read, yours and the other", f"{content.yours.errors} and {content.tried.errors}"),
        ("Calls of models, all together", f"{sum(usage.calls for usage in content.result.usage.values()):,}"),
    ]
    rows += [(f"Without a language model: {base.name}", points(base.score)) for base in verdict.baselines]
    _table(document, ("", "out of 100, where not said otherwise"), rows)


def _criteria(document: "Document", content: ReportContent) -> None:
    document.add_heading("Criterion by criterion", level=1)
    yours = {number: criterion for number, criterion in enumerate(content.yours.criteria)}
    rows = []
    for number, criterion in enumerate(content.tried.criteria):
        other = yours.get(number)
        open_rows = f", {criterion.unscored} not scored" if criterion.unscored else ""
        interval = ""
        if criterion.low is not None and criterion.high is not None:
            interval = f" (95 % interval {100 * criterion.low:.0f} to {100 * criterion.high:.0f})"
        rows.append(
            (
                criterion.title,
                points(other.mean) if other else "not scored",
                points(criterion.mean) + interval,
                f"{criterion.passed} of {criterion.n}{open_rows}",
            )
        )
    _table(document, ("Criterion", "Your prompt", "The other prompt", "Rows that meet it, the other prompt"), rows)


def _prompts(document: "Document", content: ReportContent) -> None:
    document.add_heading("Your prompt", level=1)
    _text(document, content.before)
    if content.after == content.before:
        return
    document.add_heading("The prompt it was compared with", level=1)
    if content.reason:
        document.add_paragraph(clean(f"Why it was made: {content.reason}"))
    _text(document, content.after)


def _worst(document: "Document", content: ReportContent) -> None:
    document.add_heading("Where it still fails", level=1)
    if not content.worst:
        document.add_paragraph("No example failed.")
        return
    document.add_paragraph(f"The {len(content.worst)} worst of the examples, the prompt being the other one.")
    for row in content.worst:
        document.add_heading(clean(f"Example {row.example.id}: {STATES[row.state]}"), level=2)
        for name, text in row.example.inputs.items():
            _field(document, name, text)
        _field(document, "Expected", "not known" if row.example.expected is None else "; ".join(row.example.expected))
        _field(document, "Answer", _answer(row.trial))
        for reason in row.reasons:
            document.add_paragraph(clean(reason), style="List Bullet")


def _field(document: "Document", name: str, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(clean(f"{name}: ")).bold = True
    paragraph.add_run(clean(text if len(text) <= LONGEST else f"{text[:LONGEST]}\u2026"))


def _text(document: "Document", text: str) -> None:
    run = document.add_paragraph().add_run(clean(text))
    run.font.name = "Courier New"


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


def points(score: float | None) -> str:
    """Return a share as points out of 100."""
    return "not known" if score is None else f"{100 * score:.0f}"


def difference(comparison: Comparison) -> str:
    """Return a difference in points with its interval."""
    if comparison.delta is None:
        return "not known"
    text = f"{100 * comparison.delta:+.0f} points"
    if comparison.ci_low is None or comparison.ci_high is None:
        return text
    return f"{text} (95 % interval {100 * comparison.ci_low:+.0f} to {100 * comparison.ci_high:+.0f})"


def _pair(yours: float | None, other: float | None, digits: int = 0) -> str:
    return " and ".join("not known" if value is None else f"{value:.{digits}f}" for value in (yours, other))


def _answer(trial: Trial) -> str:
    if trial.output is None:
        return trial.raw or "none"
    return trial.output if isinstance(trial.output, str) else "; ".join(trial.output)
