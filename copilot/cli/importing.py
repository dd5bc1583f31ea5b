"""`falconer import`: what a file holds, and what is odd about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli.output import JsonFlag, Told, say, write_json

if TYPE_CHECKING:
    from tasks.loading import ImportReport, Oddity


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any common format; told from its content.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what would be imported.")] = False,
    json: JsonFlag = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the rows as .jsonl, .csv, .tsv or .xlsx.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Name of the sheet; else the first with data.")] = None,
) -> None:
    """Say what a file holds and what is odd about it; with --output, write its rows in a plain format."""
    from copilot.service import tasks

    report = tasks.check_file(file, sheet=sheet)
    if output is not None and not check and report.outcome != "refuse":
        tasks.convert_file(file, output, sheet=sheet)
    if json:
        write_json(_document(report))
    elif report.outcome == "refuse":
        say(report.message, errors=True)
    else:
        say(report.message)
        for oddity in report.warnings:
            say(f"  ! {_sentence(oddity)}")
        for oddity in report.notes:
            say(f"    {oddity.message}")
        if output is not None and not check:
            say(f"Written to {output}.")
    if report.outcome == "refuse":
        raise Told


def _document(report: "ImportReport") -> dict[str, object]:
    """Return the report with its warnings as sentences; `details` has them with line, sheet and column."""
    content = report.model_dump(mode="json")
    details = {"warnings": content.pop("warnings"), "notes": content.pop("notes")}
    return content | {"warnings": [_sentence(oddity) for oddity in report.warnings], "details": details}


def _sentence(oddity: "Oddity") -> str:
    told = oddity.line is None or str(oddity.line) in oddity.message
    return oddity.message if told else f"{oddity.message} (line {oddity.line})"
