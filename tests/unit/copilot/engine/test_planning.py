"""What a cap on tokens leaves to plan with."""

import pytest

from copilot.domain.completion import Usage
from copilot.domain.ledger import MemoryLedger
from copilot.domain.run import Budget, Role, RunConfig, Switches, Trial
from copilot.engine import prepare
from copilot.engine.planning import within_tokens
from copilot.engine.search import Search
from copilot.evaluation.gateway import Gateway, ModelJudge
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers
from copilot.evaluation.trials import Evaluation
from copilot.models.fake import FakeModel
from copilot.optimizers.seeds import user_candidate
from tests.unit.copilot.engine.test_improve import TASK, questions, run, terse_if_told


def searching(tokens: int | None) -> Search:
    config = RunConfig(budget=Budget(max_calls=100, max_tokens=tokens), switches=Switches())
    setup = prepare(TASK, questions(80), config=config, context_length=None)
    gateway = Gateway(FakeModel(), Role.TASK, ledger=MemoryLedger(), meter=Meter(config.budget))
    helpers = Helpers(judge=ModelJudge(gateway), embedder=None)
    evaluation = Evaluation(gateway=gateway, rubric=setup.rubric, helpers=helpers)
    search = Search(ground=setup.ground, evaluation=evaluation, items=setup.dev, config=config)
    search.add([user_candidate(setup.ground)])
    return search


def test_without_a_cap_on_tokens_calls_alone_count() -> None:
    assert within_tokens(searching(None), 60) == (60, (4, 2))


@pytest.mark.parametrize(("tokens", "counts"), [(100_000, (4, 2)), (10_000, (2, 1)), (1_000, (1,))])
def test_the_tighter_the_cap_the_fewer_worked_examples(tokens: int, counts: tuple[int, ...]) -> None:
    trials, found = within_tokens(searching(tokens), 60)
    assert found == counts
    assert trials <= 60 and (trials == 60) == (tokens == 100_000)


@pytest.mark.parametrize("tokens", [2_500, 4_000, 6_000])
def test_under_a_tight_cap_every_first_prompt_meets_some_rows(tokens: int) -> None:
    result, _ = run(terse_if_told, calls=200, tokens=tokens)
    assert min(row.n for row in result.candidates) >= 4
    assert sum(usage.tokens for usage in result.usage.values()) <= tokens


def test_what_the_users_prompt_took_corrects_the_estimate() -> None:
    def with_usage(tokens: int) -> tuple[int, tuple[int, ...]]:
        search = searching(9_000)
        trial = Trial(
            candidate_id="user",
            example_id=search.items[0].id,
            output=None,
            value=0.0,
            usage=Usage(prompt_tokens=tokens),
        )
        search.trials["user"] = {trial.example_id: trial}
        return within_tokens(search, 60)

    assert with_usage(10)[0] > with_usage(400)[0]
