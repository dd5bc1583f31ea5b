"""Golden trajectories: how the search goes on answers that were recorded once from the embedded model.

    python -m benchmarks.golden.trajectories

records them anew (a few minutes). A change of the optimiser that changes a trajectory, for better or worse, shows up
in the diff of `recorded/*.json`; the commit says why it is right. Where the new search asks what was not recorded, the
test says how much, and the recording has to be made again.
"""

import asyncio
import gzip
import json
import sys
from pathlib import Path
from typing import Any

from copilot.domain.completion import Completion, CompletionRequest
from copilot.domain.events import RunFinished
from copilot.domain.ledger import MemoryLedger
from copilot.domain.run import Budget, RunConfig, RunResult
from copilot.engine import History, Models, improve
from copilot.errors import ModelRejected
from copilot.models.base import ChatModel
from copilot.models.connect import connect
from tasks import library
from tasks.loading import load_table, to_examples
from tasks.taskfile import load_task

RECORDED = Path(__file__).with_name("recorded")
CALLS = {"support_tickets": 120, "product_keywords": 100}
"""Sample tasks, and the cap of their runs."""
DIGITS = 4


class Recording:
    """A model whose answers are kept, or, without a model, one that answers from what was kept.

    Args:
        name: the sample task.
        model: asked and kept; None: answers come from the recording.
    """

    name = "recorded"
    revision = ""

    def __init__(self, name: str, model: ChatModel | None = None) -> None:
        self._file = RECORDED / f"{name}.answers.json.gz"
        self._model = model
        self._answers: dict[str, dict[str, Any]] = {} if model else json.loads(gzip.decompress(self._file.read_bytes()))
        self.missing = 0
        """Requests that were not recorded."""

    @property
    def context_length(self) -> int | None:
        """Fixed, so that the plan does not depend on who answers."""
        return 4096

    async def prepare(self) -> None:
        """Start the model where there is one."""
        if self._model:
            await self._model.prepare()

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the recorded answer, or ask and record."""
        key = request.key(self.name, self.revision)
        if self._model:
            completion = await self._model.complete(request)
            self._answers[key] = completion.model_copy(update={"latency_seconds": 0.0}).model_dump(mode="json")
        if key not in self._answers:
            self.missing += 1
            raise ModelRejected("This was not recorded.")
        return Completion.model_validate(self._answers[key])

    async def aclose(self) -> None:
        """Write what was recorded."""
        if self._model:
            await self._model.aclose()
            text = json.dumps(self._answers, ensure_ascii=False, sort_keys=True)
            self._file.write_bytes(gzip.compress(text.encode(), mtime=0))


async def run(name: str, model: Recording) -> RunResult:
    """Improve a sample task on a model."""
    folder = library.path(name)
    task = load_task(folder / "task.yaml")
    dataset, _ = to_examples(load_table(folder / "examples.jsonl"), kind=task.kind, labels=task.labels)
    config = RunConfig(budget=Budget(max_calls=CALLS[name]), concurrency=1)
    models, history = Models(task=model, copilot=model), History(ledger=MemoryLedger())
    events = [e async for e in improve(task, dataset, config=config, models=models, history=history, run_id="golden")]
    assert isinstance(events[-1], RunFinished)
    return events[-1].result


def trajectory(result: RunResult) -> dict[str, Any]:
    """Return what is compared: which prompts were tried, how they stood, and what came of it."""
    verdict = result.verdict
    return {
        "candidates": [
            f"{c.id} {c.operator} of {','.join(c.parents) or 'none'}: {_rounded(c.score)} on {c.n}"
            for c in result.candidates
        ],
        "outcome": verdict.outcome,
        "holdout": [_rounded(verdict.holdout.seed_score), _rounded(verdict.holdout.best_score), verdict.holdout.n],
        "stopped": result.stop_reason,
        "calls": {role.value: usage.calls for role, usage in result.usage.items() if usage.calls},
    }


def golden(name: str) -> Path:
    """Return the file of a task's trajectory."""
    return RECORDED / f"{name}.json"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


async def _record(name: str) -> None:
    model = Recording(name, connect("embedded", home=Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/tmp/golden")))
    await model.prepare()
    result = await run(name, model)
    await model.aclose()
    golden(name).write_text(json.dumps(trajectory(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    RECORDED.mkdir(exist_ok=True)
    for task_name in CALLS:
        asyncio.run(_record(task_name))
