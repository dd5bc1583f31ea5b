"""The page on the code's layout agrees with the tree and with what is checked."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CHECKED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def test_the_layers_are_those_that_are_checked_in_their_order() -> None:
    layers = next(contract["layers"] for contract in CHECKED["contracts"] if contract["id"] == "copilot-layers")
    inside = PAGE.partition("## Inside copilot")[2]
    assert re.findall(r"^\| \[`(\w+)`\]", inside, re.MULTILINE) == re.findall(r"\w+", " ".join(layers))


def test_every_package_of_the_tree_is_on_the_page() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(CHECKED["root_packages"])
    assert all(f"[`{package}/`]" in PAGE for package in packages)
    inside = {path.parent.name for path in ROOT.glob("copilot/*/__init__.py")}
    assert all(f"[`{name}`]" in PAGE for name in inside)


def test_modules_named_in_the_walk_are_there() -> None:
    named = re.findall(r"`(\w+/\w+\.py)`", PAGE.partition("## One run")[2])
    assert named
    assert [name for name in named if not (ROOT / "copilot" / name).exists()] == []
