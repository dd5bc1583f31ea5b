"""`falconer import FILE --check --json` on every awkward file: one JSON document, and the promised exit code."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Terminal

AWKWARD = Path(__file__).parents[2] / "fixtures" / "loading" / "awkward"
EXPECTED = json.loads((AWKWARD / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_report_is_one_json_document(terminal: "Terminal", name: str) -> None:
    expected = EXPECTED[name]
    done = terminal.run(
        "import", str(AWKWARD / name), "--check", "--json", code=2 if expected["outcome"] == "refuse" else 0
    )
    report = json.loads(done.stdout)
    assert report["outcome"] == expected["outcome"]
    assert report["message"]
    assert bool(report["warnings"]) == (expected["outcome"] == "import_with_warning")
    if expected["rows"] is not None:
        assert report["rows"] == expected["rows"]
