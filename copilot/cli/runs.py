"""`falconer runs`: what was improved, and what came out."""

from typing import Annotated

import typer

from copilot.cli.output import JsonFlag, console, installation, say, write_json

app = typer.Typer(help="List and show runs.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(
    search: Annotated[str, typer.Argument(help="Part of a task's name or a run's id.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 20,
    json: JsonFlag = False,
) -> None:
    """List runs, newest first."""
    with installation() as copilot:
        found = copilot.runs(search=search, limit=limit)
    if json:
        write_json([summary.model_dump(mode="json") for summary in found])
        return
    for summary in found:
        ended = summary.sentence or summary.error
        line = f"{summary.id}  {summary.status:<8}  {summary.task_name}  {summary.task_model}"
        say(line + (f"\n    {ended}" if ended else ""))
    if not found:
        say("No runs yet. Begin with: falconer improve TASK.yaml --examples FILE")


@app.command("show")
def show(run: Annotated[str, typer.Argument(metavar="RUN")], json: JsonFlag = False) -> None:
    """Show a run: its state, and when it is finished leaderboard, verdict, changes and failures."""
    with installation() as copilot:
        handle = copilot.get_run(run)
        saved = handle.saved
        if json:
            summary = saved.summary.model_dump(mode="json")
            write_json(summary | {"result": handle.document() if saved.result else None})
            return
        summary_ = saved.summary
        say(f"{summary_.id}  {summary_.status}  {summary_.task_name}  {summary_.task_model}")
        if saved.result is None:
            say(summary_.error or f"Go on with: falconer resume {summary_.id}")
            return
        from copilot.cli import presenting

        presenting.show_leaderboard(console(), saved.result.candidates)
        presenting.show_verdict(console(), saved.result)
        presenting.show_diff(console(), handle.diff())
        presenting.show_failures(console(), handle.failures())


@app.command("stop")
def stop(run: Annotated[str, typer.Argument(metavar="RUN")], json: JsonFlag = False) -> None:
    """Ask a run to stop, wherever it is worked on; what it did is kept."""
    with installation() as copilot:
        copilot.get_run(run).stop()
    if json:
        write_json({"run": run, "stop_requested": True})
    else:
        say(f"The run {run} stops within seconds. Go on with: falconer resume {run}")
