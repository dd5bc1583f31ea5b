"""`falconer improve`, `resume` and `estimate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli.output import (
    Columns,
    CopilotModel,
    Interrupted,
    JsonFile,
    JsonFlag,
    Model,
    column_mapping,
    console,
    installation,
    require_writable,
    say,
    write_json,
)
from copilot.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from copilot.domain.run import Budget
    from copilot.service.estimate import Estimate
    from copilot.service.handles import Run
    from copilot.service.runs import Started
    from copilot.service.sdk import Copilot
    from tasks.loading import ImportReport

TaskFile = Annotated[str, typer.Argument(metavar="TASK.yaml", help="The task's file, or a sample task's name.")]
ExamplesFile = Annotated[str | None, typer.Option("--examples", metavar="FILE", help="The examples, in any format.")]
MaxCalls = Annotated[int, typer.Option("--max-calls", min=1, help="Hard cap on model calls, everything included.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", min=1, help="Hard cap on tokens, both ways together.")]
Seed = Annotated[int, typer.Option("--seed", help="Decides the split and every draw.")]
Save = Annotated[str | None, typer.Option("--save", metavar="TEMPLATE.yaml", help="Write the prompt to use to a file.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Name of the sheet with the examples.")]
DEFAULT_CALLS = 300


def improve(
    task: TaskFile,
    examples: ExamplesFile = None,
    model: Model = None,
    copilot_model: CopilotModel = None,
    max_calls: MaxCalls = DEFAULT_CALLS,
    max_tokens: MaxTokens = None,
    seed: Seed = 1,
    json: JsonFile = None,
    save: Save = None,
    sheet: Sheet = None,
    column: Columns = None,
    again: Annotated[bool, typer.Option("--again", help="Start anew even where an equal run is there.")] = False,
) -> None:
    """Improve the prompt of a task, and say whether the new one is better on examples that nothing was tuned on.

    Called again with the same arguments it goes on with an interrupted run.
    """
    require_writable(json, what="the result")
    require_writable(save, what="the template")
    with installation(model=model, copilot_model=copilot_model) as copilot:
        loaded = copilot.load_task(task)
        read = copilot.load_examples(examples or _beside(task), loaded, sheet=sheet, columns=column_mapping(column))
        assignment = copilot.assignment(
            loaded, read.dataset, budget=_budget(max_calls, max_tokens), seed=seed, again=again
        )
        _tell_import(read.report)
        from copilot.service import runs

        _finish(copilot, runs.start(copilot.workspace, assignment), json=json, save=save)


def resume(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run's id; else the newest unfinished.")] = None,
    json: JsonFile = None,
    save: Save = None,
) -> None:
    """Go on with a run that was interrupted, stopped or failed."""
    require_writable(json, what="the result")
    require_writable(save, what="the template")
    with installation() as copilot:
        from copilot.service import runs

        _finish(copilot, runs.claim(copilot.workspace, run), json=json, save=save)


def estimate(
    task: TaskFile,
    examples: ExamplesFile = None,
    model: Model = None,
    copilot_model: CopilotModel = None,
    max_calls: MaxCalls = DEFAULT_CALLS,
    max_tokens: MaxTokens = None,
    seed: Seed = 1,
    json: JsonFlag = False,
    sheet: Sheet = None,
    column: Columns = None,
) -> None:
    """Say what an improvement will cost, before it starts. No model is asked."""
    with installation(model=model, copilot_model=copilot_model) as copilot:
        loaded = copilot.load_task(task)
        read = copilot.load_examples(examples or _beside(task), loaded, sheet=sheet, columns=column_mapping(column))
        found = copilot.estimate(loaded, read.dataset, budget=_budget(max_calls, max_tokens), seed=seed)
        if json:
            write_json(found.model_dump(mode="json"))
            return
        _tell_import(read.report)
        for line in _quote(found):
            say(line)
        for note in found.notes:
            say(f"  {note}")


def _budget(max_calls: int, max_tokens: int | None) -> "Budget":
    from copilot.domain.run import Budget

    return Budget(max_calls=max_calls, max_tokens=max_tokens)


def _beside(task: str) -> str:
    """Return the sample task's own examples; a task of the user's needs --examples."""
    from tasks import library

    if Path(task).exists() or task not in library.names():
        raise UserError("Name the file with the examples: --examples FILE.")
    return task


def _tell_import(report: "ImportReport") -> None:
    say(report.message, errors=True)
    for oddity in report.warnings:
        say(f"  ! {oddity.message}", errors=True)


def _quote(found: "Estimate") -> list[str]:
    from copilot.cli.progress import duration

    lines = [
        f"{found.calls.low:,.0f} to {found.calls.high:,.0f} calls (hard cap {found.max_calls:,})",
        f"{found.tokens.low:,.0f} to {found.tokens.high:,.0f} tokens"
        + (f" (hard cap {found.max_tokens:,})" if found.max_tokens else ""),
    ]
    if found.seconds is not None:
        lines.append(f"{duration(found.seconds.low)} to {duration(found.seconds.high)}, {found.basis}")
    else:
        lines.append(f"time: {found.basis}")
    if found.money is not None:
        lines.append(f"{found.money.low:.2f} to {found.money.high:.2f} {found.currency}")
    return lines


def _finish(copilot: "Copilot", started: "Started", *, json: str | None, save: str | None) -> None:
    """Work on the run to its end and show what came out."""
    from copilot.cli.progress import ProgressLine
    from copilot.worker.working import RunStopped

    plan = started.run.plan
    errors = console(errors=True)
    _tell_start(started)
    try:
        with ProgressLine(errors, max_calls=plan.config.budget.max_calls) as line:
            run = copilot.portal.call(copilot.work(started, line))
    except KeyboardInterrupt:
        raise Interrupted(f"Stopped; nothing is lost. Go on with: falconer resume {plan.id}") from None
    except RunStopped as error:
        raise RunStopped(f"{error} Go on with: falconer resume {plan.id}") from None
    version = run.save_template(_template_name(plan.task.name))
    if save is not None:
        copilot.export(f"{version.name}@{version.version}", save)
    _show(errors if json == "-" else console(), run)
    if json is not None:
        write_json(run.document(), json)
    say(f"\nSaved as '{version.name}' (version {version.version}) from the run {run.id}.", errors=True)
    say(f"Use it: falconer run '{version.name}' --input ROWS.xlsx --output RESULTS.xlsx", errors=True)


def _tell_start(started: "Started") -> None:
    plan = started.run.plan
    if started.run.result is not None:
        say(f"This was done before, in the run {plan.id}; --again starts a new one.", errors=True)
    elif started.claim is None:
        say(f"Another process works on the run {plan.id}; following it.", errors=True)
    elif started.resumed:
        say(f"Going on with the run {plan.id}; what it has asked before is not paid again.", errors=True)
    else:
        model = plan.task_model + (f", refined by {plan.copilot_model}" if plan.copilot_model else "")
        say(f"Run {plan.id} on {model}; at most {plan.config.budget.max_calls:,} calls.", errors=True)


def _show(target: "Console", run: "Run") -> None:
    from copilot.cli import presenting

    result = run.result
    presenting.show_leaderboard(target, result.candidates)
    presenting.show_verdict(target, result)
    presenting.show_diff(target, run.diff())
    presenting.show_failures(target, run.failures())


def _template_name(task: str) -> str:
    return "".join("-" if sign in "@/\\" or not sign.isprintable() else sign for sign in task).strip()[:200]
