from pathlib import Path

import pytest
from pydantic import JsonValue

from copilot.domain.run import Budget, RunConfig
from copilot.service import models
from copilot.service.estimate import estimate
from copilot.service.runs import Assignment
from copilot.service.workspace import Workspace
from tasks.model import Dataset, Example, Task, TaskKind


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def assignment(model: str = "embedded", **budget: int) -> Assignment:
    task = Task(name="t", kind=TaskKind.SUMMARIZATION, description="Summarise.")
    examples = tuple(
        Example(id=str(n), inputs={"document": f"word {n} " * 50}, expected=("a short summary",)) for n in range(60)
    )
    return Assignment(
        task=task, dataset=Dataset(examples=examples), model=model, config=RunConfig(budget=Budget(**budget))
    )


def test_ranges_stay_below_the_hard_caps(workspace: Workspace) -> None:
    found = estimate(workspace, assignment(max_calls=100, max_tokens=9000))
    assert found.calls.low <= found.calls.high == 100
    assert found.tokens.low <= found.tokens.high <= 9000
    assert found.seconds is not None
    assert 0 < found.seconds.low < found.seconds.high
    assert found.money is None


def test_nothing_is_said_of_the_speed_of_a_model_that_never_ran(workspace: Workspace) -> None:
    assert estimate(workspace, assignment("http://localhost/v1")).seconds is None


def test_prices_become_a_range_of_money(workspace: Workspace) -> None:
    prices: dict[str, JsonValue] = {"currency": "EUR", "prompt": 1.0, "completion": 2.0}
    models.add(workspace, models.connection_of("paid", "http://localhost/v1", options={"prices": prices}))
    found = estimate(workspace, assignment("paid", max_calls=100))
    assert found.currency == "EUR"
    assert found.money is not None
    assert 0 < found.money.low < found.money.high
    assert found.money.high >= found.tokens.high / 1e6
