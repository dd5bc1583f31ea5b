"""What the pages about apps say: fields, versions, confidence, progress of a batch, and the table of its rows."""

from collections.abc import Mapping, Sequence
from math import ceil

from app.formatting import locale
from app.formatting.told import told
from app.wording import t, tn
from copilot import RowOutput, RunStatus, SheetLine, SheetProgress, TemplateVersion
from copilot.types import AppForm, AppProblem, FieldType

PAGE_ROWS = 50
CELL_CHARACTERS = 300
SURE, FAIRLY, LIKELY = 0.9, 0.75, 0.5
LEAST_SECONDS, LEAST_ROWS = 3.0, 3
"""A pace that was watched for less says nothing."""
LIVE = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})


def type_name(kind: FieldType) -> str:
    """Return what a type of field is called."""
    return {
        "text": t("Short text"),
        "long_text": t("Long text"),
        "file": t("Document (PDF, Word or text)"),
        "choice": t("Choice from a list"),
    }[kind]


def problem_sentence(problem: AppProblem) -> str:
    """Return what keeps an app from being published."""
    return {
        "title": t("Give the app a title."),
        "label": t(
            "The field {field} has no name that people can read; write one.", field=locale.quoted(problem.field)
        ),
        "twice": t("Two fields are called {field}; give them different names.", field=locale.quoted(problem.field)),
        "options": t(
            "The choice {field} needs at least two different options, one per line.", field=locale.quoted(problem.field)
        ),
    }[problem.kind]


def options_of(text: str) -> tuple[str, ...]:
    """Return the options that were typed one per line, each once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def version_choices(versions: Sequence[TemplateVersion]) -> dict[str, str]:
    """Return how an app may refer to a template, with what each means; labels first, then the newest, then versions.

    Args:
        versions: all of one template, newest first.
    """
    choices: dict[str, str] = {}
    for saved in versions:
        for label in saved.labels:
            choices[f"{saved.name}@{label}"] = t(
                "{label} (now version {version}): follows promotions", label=label, version=saved.version
            )
    newest = versions[0]
    choices[newest.name] = t("newest (now version {version}): follows every save", version=newest.version)
    for saved in versions:
        choices[f"{saved.name}@{saved.version}"] = t("version {version}: never changes", version=saved.version)
    return choices


def follows(form: AppForm) -> str:
    """Return one sentence about which version answers, and what changes it."""
    if form.follows == "latest":
        return t(
            "Runs version {version} of {template}, and every newer version as soon as it is saved.",
            version=form.version,
            template=locale.quoted(form.template),
        )
    if form.follows:
        return t(
            "Runs version {version} of {template}. It follows the label {label}: whoever promotes another version "
            "there changes this app.",
            version=form.version,
            template=locale.quoted(form.template),
            label=locale.quoted(form.follows),
        )
    return t(
        "Always runs version {version} of {template}.", version=form.version, template=locale.quoted(form.template)
    )


def reference_words(reference: str) -> str:
    """Return which template an app is made from, for a card."""
    name, at, which = reference.partition("@")
    if not at:
        return t("From {template}, newest version", template=locale.quoted(name))
    if which.isdigit():
        return t("From {template}, version {version}", template=locale.quoted(name), version=which)
    return t("From {template}, label {label}", template=locale.quoted(name), label=locale.quoted(which))


def answer_text(result: RowOutput) -> str:
    """Return an answer as text; a list has an item a line."""
    if result.output is None:
        return ""
    return result.output if isinstance(result.output, str) else "\n".join(result.output)


def confidence_words(confidence: float) -> str:
    """Return how sure a label is; the number is calibrated, so it can be said as a share of answers."""
    share = min(99, max(1, round(confidence * 100)))
    if confidence >= SURE:
        return t("Very sure: about {share} of 100 such answers are right.", share=share)
    if confidence >= FAIRLY:
        return t("Fairly sure: about {share} of 100 such answers are right.", share=share)
    if confidence >= LIKELY:
        return t("Not very sure: about {share} of 100 such answers are right. Have a look yourself.", share=share)
    return t("A guess: only about {share} of 100 such answers are right. Decide yourself.", share=share)


def duration(seconds: float) -> str:
    """Return a time in words, rounded as people say it."""
    if seconds < 50:
        return t("{n} s", n=max(5, ceil(seconds / 5) * 5))
    if seconds < 50 * 60:
        return t("{n} min", n=max(1, round(seconds / 60)))
    hours, minutes = divmod(round(seconds / 60), 60)
    return t("{hours} h {minutes} min", hours=hours, minutes=minutes) if hours < 10 else t("{n} h", n=hours)


def seconds_left(progress: SheetProgress, *, since: int, elapsed: float) -> float | None:
    """Return how long a batch still takes at the pace that was watched; None where that says nothing.

    Args:
        progress: now.
        since: rows that were done when watching began.
        elapsed: seconds since then.
    """
    done = progress.done - since
    if done < LEAST_ROWS or elapsed < LEAST_SECONDS:
        return None
    return (progress.total - progress.done) * elapsed / done


def batch_sentence(progress: SheetProgress, *, left: float | None = None, stopping: bool = False) -> str:
    """Return how far a batch is."""
    if not progress.done and progress.status in (RunStatus.STOPPED, RunStatus.FAILED):
        return t("Stopped before the first of {total} rows was done; you can go on.", total=progress.total)
    rows = t("{done} of {total} rows are done", done=progress.done, total=progress.total)
    if progress.errors:
        rows += t(", {n} of them failed", n=progress.errors)
    match progress.status:
        case RunStatus.FINISHED if not progress.errors:
            return tn(
                "Finished: the row is done.",
                "Finished: all {rows} rows are done.",
                progress.total,
                rows=progress.total,
            )
        case RunStatus.FINISHED:
            return t("Finished: {rows}.", rows=rows)
        case RunStatus.STOPPED:
            return t("Stopped: {rows}. They are kept; you can go on at any time.", rows=rows)
        case RunStatus.FAILED:
            return t("Interrupted: {rows}. They are kept; you can go on when the cause is mended.", rows=rows)
        case _ if stopping:
            return t("Stopping; rows under way are finished first. {rows}.", rows=rows)
        case _ if not progress.done:
            return t("Getting ready: {total} rows are waiting for the model.", total=progress.total)
        case _ if left is None:
            return t("Working: {rows}.", rows=rows)
        case _:
            return t("Working: {rows}, about {time} left.", rows=rows, time=duration(left))


def status_word(status: RunStatus) -> str:
    """Return a batch's state in a word or two."""
    return {
        RunStatus.QUEUED: t("waiting"),
        RunStatus.RUNNING: t("working"),
        RunStatus.FINISHED: t("finished"),
        RunStatus.STOPPED: t("stopped"),
        RunStatus.FAILED: t("interrupted"),
    }[status]


def file_stem(name: str) -> str:
    """Return what the file of a batch's answers is called."""
    stem = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name.rpartition(".")[0] or name)
    return f"{stem[:60].strip() or 'rows'} {t('answers')}"


def pages_of(rows: int) -> int:
    """Return how many pages a table of so many rows has."""
    return max(1, ceil(rows / PAGE_ROWS))


def table(lines: Sequence[SheetLine], *, inputs: Mapping[str, str]) -> list[dict[str, str]]:
    """Return rows as a table shows them: what the row is, its answer, what went wrong, then the sheet's other columns.

    Columns that say nothing on this page are left out: a table of rows that failed begins with why.

    Args:
        lines: of one page.
        inputs: which column holds each field; the first says what the row is.
    """
    first = next(iter(inputs.values()), "")
    results = [line.result for line in lines]
    shown = {
        t("Answer"): any(result is None or result.output is not None for result in results),
        t("Sure"): any(result is not None and result.confidence is not None for result in results),
        t("What went wrong"): any(result is not None and result.error for result in results),
    }
    return [_cells(line, first=first, shown=shown) for line in lines]


def _cells(line: SheetLine, *, first: str, shown: Mapping[str, bool]) -> dict[str, str]:
    cells = {t("Row"): str(line.row + 1)}
    outcome = {name: cell for name, cell in _outcome(line.result).items() if shown[name]}
    if not shown[t("Answer")]:
        cells |= outcome
    if first in line.inputs:
        cells[_free(first)] = shortened(line.inputs[first])
    cells |= outcome
    for column, cell in line.inputs.items():
        if column != first:
            cells[_free(column)] = shortened(cell)
    return cells


def _outcome(result: RowOutput | None) -> dict[str, str]:
    if result is None:
        return {t("Answer"): t("waiting"), t("Sure"): "", t("What went wrong"): ""}
    return {
        t("Answer"): shortened(answer_text(result).replace("\n", "; ")),
        t("Sure"): "" if result.confidence is None else locale.percent(result.confidence),
        t("What went wrong"): shortened(told(result.error or "")),
    }


def _free(column: str) -> str:
    """Return a sheet's column under a name that none of ours has."""
    ours = (t("Row"), t("Answer"), t("Sure"), t("What went wrong"))
    return f"{column} " if column in ours else column


def shortened(cell: str | list[str], *, to: int = CELL_CHARACTERS) -> str:
    """Return a cell's text, cut where it is long."""
    text = cell if isinstance(cell, str) else "; ".join(cell)
    return text if len(text) <= to else text[: to - 1] + "…"
