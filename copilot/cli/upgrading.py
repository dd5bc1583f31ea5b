"""`falconer db`: the database's tables."""

import typer

from copilot.cli.output import JsonFlag, say, write_json

app = typer.Typer(help="Bring the database up to date.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def db() -> None:
    """Bring the database up to date."""


@app.command("upgrade")
def upgrade(json: JsonFlag = False) -> None:
    """Bring the tables to this version; SQLite is backed up first, PostgreSQL is for you to back up."""
    from copilot.service.workspace import Workspace

    where = Workspace().upgrade()
    if json:
        write_json({"database": where, "state": "up to date"})
    else:
        say(f"The database {where} is up to date.")
