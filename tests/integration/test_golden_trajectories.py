"""The search on recorded answers goes as it went when they were recorded."""

import json

import pytest

from benchmarks.golden.trajectories import CALLS, Recording, golden, run, trajectory


@pytest.mark.parametrize("name", CALLS)
async def test_the_search_goes_as_recorded(name: str) -> None:
    model = Recording(name)
    result = await run(name, model)
    again = "record anew with `python -m benchmarks.golden.trajectories`, and say in the commit why the change is right"
    assert model.missing == 0, f"the search asks {model.missing} requests that were not recorded: {again}"
    assert trajectory(result) == json.loads(golden(name).read_text(encoding="utf-8")), again
