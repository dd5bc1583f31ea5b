"""The command tree."""

import typer

from copilot.cli import importing, improving, models, rows, runs, serving, templates, upgrading, web

app = typer.Typer(
    name="falconer",
    help="Describe a task, give examples, get a better prompt and an honest verdict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("improve")(improving.improve)
app.command("resume")(improving.resume)
app.command("estimate")(improving.estimate)
app.command("run")(rows.run)
app.command("import")(importing.import_file)
app.command("app")(web.web)
app.command("serve-model")(serving.serve_model)
app.command("worker")(serving.worker)
app.add_typer(runs.app, name="runs")
app.add_typer(templates.app, name="template")
app.add_typer(models.app, name="models")
app.add_typer(upgrading.app, name="db")


@app.callback(invoke_without_command=True)
def falconer(version: bool = typer.Option(False, "--version", help="Say which version this is.")) -> None:
    """Describe a task, give examples, get a better prompt and an honest verdict."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"falconer {installed('falconer')}")
        raise typer.Exit
