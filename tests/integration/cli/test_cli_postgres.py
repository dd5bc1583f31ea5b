"""The same commands on PostgreSQL, whose tables the operator upgrades."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import ModelServer, Terminal


@pytest.mark.postgres
def test_the_tables_are_made_by_command_and_a_run_is_kept_there(
    terminal: "Terminal", server: "ModelServer", postgres_url: str
) -> None:
    terminal.environment["FALCONER_DATABASE_URL"] = postgres_url
    assert "no tables yet" in terminal.run("runs", "list", code=1).stderr
    terminal.run("db", "upgrade")
    task, examples = terminal.tickets(40)
    command = ["improve", task, "--examples", examples, "--model", server.url, "--max-calls", "60", "--json", "-"]
    result = json.loads(terminal.run(*command).stdout)
    calls = server.calls
    assert json.loads(terminal.run(*command).stdout) == result
    assert server.calls == calls
    assert [run["id"] for run in json.loads(terminal.run("runs", "list", "--json").stdout)] == [result["run"]]
    assert not (terminal.folder.parent / "home" / "falconer.db").exists()
