"""In which order pairs reach the model."""

from copilot.domain.completion import Completion, CompletionRequest, Decoding
from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import Budget, Role
from copilot.errors import ModelRejected, ModelUnreachable
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.evaluation.trials import Evaluation
from copilot.models.fake import FakeModel
from tasks.model import Example, OutputContract, SuccessCriterion, TaskKind


class Recorder(FakeModel):
    """Remembers in which order prompts arrive, and how many were under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    async def complete(self, request: CompletionRequest) -> Completion:
        self.order.append(request.messages[0].content.split()[0])
        return await super().complete(request)


def candidate(name: str) -> Candidate:
    template = PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=("text",),
        instruction=name,
        item="{{text}}",
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=5),
    )
    return Candidate(id=name, template=template, operator="library")


ROWS = [Example(id=str(i), inputs={"text": f"row {i}"}, expected=("x",)) for i in range(6)]


def evaluation(model: FakeModel, *, concurrency: int, calls: int = 100) -> Evaluation:
    opened = Gateway(
        model, Role.TASK, ledger=MemoryLedger(), meter=Meter(Budget(max_calls=calls)), concurrency=concurrency
    )
    return Evaluation(gateway=opened, rubric=Rubric.of([SuccessCriterion(evaluator="exact_match")]), helpers=Helpers())


async def test_one_slot_sees_one_prompt_after_the_other() -> None:
    model = Recorder()
    pairs = [(candidate(name), row) for name in ("a", "b", "c") for row in ROWS]
    trials = [trial async for trial in evaluation(model, concurrency=1).run(pairs)]
    assert len(trials) == 18
    assert model.order == ["a"] * 6 + ["b"] * 6 + ["c"] * 6


async def test_as_many_prompts_as_slots_go_side_by_side() -> None:
    model = Recorder()
    pairs = [(candidate(name), row) for name in ("a", "b", "c") for row in ROWS]
    trials = [trial async for trial in evaluation(model, concurrency=2).run(pairs)]
    assert len({(trial.candidate_id, trial.example_id) for trial in trials}) == 18
    assert set(model.order[:2]) == {"a", "b"}
    assert model.order.count("c") == 6 and "c" not in model.order[:10]


async def test_no_slot_stays_idle() -> None:
    model = Recorder()
    pairs = [(candidate(name), row) for name in ("a", "b") for row in ROWS]
    running = evaluation(model, concurrency=3).run(pairs)
    await anext(running)
    assert len(model.order) == 3
    await running.aclose()


async def test_what_the_cap_cuts_off_is_left_out() -> None:
    pairs = [(candidate("a"), row) for row in ROWS]
    trials = [trial async for trial in evaluation(FakeModel(), concurrency=3, calls=4).run(pairs)]
    assert len(trials) == 4


async def test_a_row_the_server_refuses_is_a_trial_with_a_problem() -> None:
    refusing = FakeModel(failures=[ModelRejected("too odd")])
    trials = [trial async for trial in evaluation(refusing, concurrency=1).run([(candidate("a"), ROWS[0])])]
    assert trials[0].problem == "too odd" and trials[0].value == 0.0


async def test_a_server_that_fails_for_good_ends_the_batch() -> None:
    class Gone(ModelUnreachable):
        retryable = False

    gone = FakeModel(failures=[Gone("not there")] * 20)
    try:
        async for _ in evaluation(gone, concurrency=3).run([(candidate("a"), row) for row in ROWS]):
            pass
    except ModelUnreachable as error:
        assert str(error) == "not there"
    else:
        raise AssertionError("the error was swallowed")
