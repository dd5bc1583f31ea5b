"""The index of methods is whole, and names what there is."""

import re
from pathlib import Path

import pytest

from copilot.domain.run import Switches

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
TABLES = [table for table in PAGE.read_text(encoding="utf-8").split("\n\n") if table.startswith("| method ")]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for table in TABLES
    for line in table.splitlines()
    if not line.startswith(("| method ", "| --- "))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_method_has_a_source_a_setting_and_its_code(row: list[str]) -> None:
    method, source, setting, code, _effect = row
    assert method and source and setting and code
    assert "](" in code or "same module" in code


def test_the_settings_are_there_and_none_is_left_out() -> None:
    named: set[str] = set()
    linked: list[Path] = []
    for _, _, setting, code, _ in ROWS:
        # "The same module" is that of the row above.
        linked = [(PAGE.parent / link).resolve() for link in re.findall(r"\]\(([^)#]+)", code)] or linked
        for name in re.findall(r"`(\w+)`", setting):
            if name.isupper():
                assert any(f"\n{name} = " in file.read_text(encoding="utf-8") for file in linked), name
            else:
                named.add(name)
    assert named == set(Switches.model_fields)
