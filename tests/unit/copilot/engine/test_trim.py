"""What less of each answer would have scored is found without a call, and proven like any other change."""

import asyncio
import re

from copilot.domain.completion import CompletionRequest
from copilot.domain.events import RunFinished
from copilot.domain.ledger import MemoryLedger
from copilot.domain.run import Budget, RunConfig, RunResult, Switches
from copilot.engine import History, Models, improve
from copilot.models.fake import FakeModel
from tasks.model import Dataset, Example, Task, TaskKind

TASK = Task(name="orders", kind=TaskKind.DOCUMENT_QA, description="Answer.", prompt="Answer the question.")


def dataset(n: int) -> Dataset:
    rows = []
    for i in range(n):
        inputs = {
            "document": f"Order {i} left on day {i}. It went to City{i} by road.",
            "question": f"Where did order {i} go?",
        }
        rows.append(Example(id=str(i), inputs=inputs, expected=(f"City{i}",), group=str(i)))
    return Dataset(examples=tuple(rows))


def whole_sentence(request: CompletionRequest) -> str:
    """A model that always answers in a sentence, whatever it is asked for."""
    found = re.search(r"order (\d+) go\?", request.messages[-1].content)
    return f"The order {found.group(1)} did go to City{found.group(1)}" if found else "No rule comes to mind."


def run(n: int, switches: Switches) -> RunResult:
    async def last() -> RunResult:
        model = FakeModel(whole_sentence)
        config = RunConfig(budget=Budget(max_calls=200), switches=switches)
        models = Models(task=model, copilot=model)
        history = History(ledger=MemoryLedger())
        events = [e async for e in improve(TASK, dataset(n), config=config, models=models, history=history, run_id="r")]
        assert isinstance(events[-1], RunFinished)
        return events[-1].result

    return asyncio.run(last())


def test_words_of_the_question_are_left_out_where_that_is_better() -> None:
    result = run(80, Switches())
    assert result.verdict.outcome == "better"
    assert result.template.contract.refinement is not None
    assert result.template.contract.refinement.rule == "without_question"
    assert result.verdict.holdout.best_score == 1.0


def test_few_rows_are_cross_fitted_over_all_such_children() -> None:
    result = run(24, Switches())
    assert result.template.contract.refinement is not None
    assert result.verdict.outcome == "better"


def test_it_can_be_switched_off() -> None:
    result = run(80, Switches(trimming=False))
    assert result.template.contract.refinement is None
    assert result.verdict.outcome == "no_evidence"
