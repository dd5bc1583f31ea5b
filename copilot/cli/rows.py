"""`falconer run`: a template over a file of rows."""

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli.output import (
    Columns,
    Interrupted,
    JsonFlag,
    Model,
    column_mapping,
    console,
    installation,
    say,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from copilot.domain.prompt import PromptTemplate
    from copilot.service.row_files import RowProgress
    from copilot.service.sdk import Copilot


def run(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE.yaml|NAME[@LABEL]", help="A file, or a saved name.")],
    source: Annotated[Path, typer.Option("--input", metavar="FILE", help="The rows, in any format.")],
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Ends in .jsonl, .csv, .tsv or .xlsx.")],
    model: Model = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Name of the sheet with the rows.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew where the output is there.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask rows of the output that failed again; keep the others.")
    ] = False,
    column: Columns = None,
    json: JsonFlag = False,
) -> None:
    """Run every row of a file through a prompt, in order; an interrupted output is gone on with."""
    with installation(model=model) as copilot:
        from copilot.service.row_files import RowJob, run_file
        from copilot.service.row_retry import retry_file

        found, made_for = _template(copilot, template)
        chosen = model or made_for or copilot.workspace.settings.model
        job = RowJob(
            template=found,
            model=chosen,
            source=source.expanduser(),
            target=output.expanduser(),
            sheet=sheet,
            columns=column_mapping(column),
            overwrite=overwrite,
        )
        state = _run(run_file(copilot.workspace, job), copilot)
        if retry_failed:
            state = _run(retry_file(copilot.workspace, job), copilot)
        if json:
            write_json(state.model_dump(mode="json") | {"output": str(job.target), "model": chosen})
        for warning in state.warnings:
            say(f"  ! {warning}", errors=True)
        failed = (
            f", {state.errors} of them failed (see the column 'error'; --retry-failed asks them again)"
            if state.errors
            else ""
        )
        again = f" ({state.before:,} were there already)" if state.before else ""
        say(f"{state.done:,} rows in {job.target}{failed}{again}.", errors=True)


def _template(copilot: "Copilot", reference: str) -> "tuple[PromptTemplate, str | None]":
    """Return the prompt and the model it was made for."""
    from copilot.service import templates

    if reference.lower().endswith((".yaml", ".yml")):
        file = templates.read_file(reference)
        for warning in file.warnings:
            say(f"  ! {warning}", errors=True)
        return file.template, templates.model_of(copilot.workspace, file.run_id)
    saved = templates.get(copilot.workspace, reference)
    return saved.template, templates.model_of(copilot.workspace, saved.run_id)


def _run(states_of: "AsyncGenerator[RowProgress, None]", copilot: "Copilot") -> "RowProgress":
    from copilot.cli.progress import RowLine

    states: list[RowProgress] = []

    async def work() -> None:
        async with aclosing(states_of) as progress:
            async for state in progress:
                states[:] = [state]
                line(state)

    try:
        with RowLine(console(errors=True)) as line:
            copilot.portal.call(work())
    except KeyboardInterrupt:
        done = states[0].done if states else 0
        raise Interrupted(f"Stopped after {done:,} rows; the same command goes on from there.") from None
    return states[0]
