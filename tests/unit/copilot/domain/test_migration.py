"""Saved prompts move forward step by step."""

from typing import Any

import pytest

from copilot.domain.migration import STEPS, bring_forward
from copilot.domain.prompt import SCHEMA_VERSION
from copilot.errors import TemplateError


def test_every_older_version_has_its_step() -> None:
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))


def test_steps_are_taken_in_turn() -> None:
    def rename(content: dict[str, Any]) -> dict[str, Any]:
        return {"new": content["old"]}

    def double(content: dict[str, Any]) -> dict[str, Any]:
        return {"new": content["new"] * 2}

    steps = {1: rename, 2: double}
    assert bring_forward({"old": 4, "schema_version": 1}, steps=steps, present=3) == {"new": 8, "schema_version": 3}
    assert bring_forward({"new": 4, "schema_version": 2}, steps=steps, present=3) == {"new": 8, "schema_version": 3}


@pytest.mark.parametrize("version", [None, "1", True, 0, -1, 1.0])
def test_a_version_that_is_none_is_refused(version: object) -> None:
    with pytest.raises(TemplateError, match="schema_version is missing"):
        bring_forward({"schema_version": version})


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(TemplateError, match="Install a newer Falconer"):
        bring_forward({"schema_version": SCHEMA_VERSION + 1})
