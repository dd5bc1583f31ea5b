"""A template over rows: order, failures, when to give up."""

import asyncio

import pytest

from copilot.domain.completion import Completion, CompletionRequest, Decoding
from copilot.domain.prompt import PromptTemplate
from copilot.errors import ModelAuthFailed, ModelError, ModelOverloaded, ModelRejected, TemplateError
from copilot.evaluation.rows import Runner
from copilot.models.fake import FakeModel
from copilot.models.limits import LimitedModel
from tasks.model import OutputContract, TaskKind

TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    item="{{text}}",
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=8),
)


def echo(request: CompletionRequest) -> str:
    return request.messages[-1].content


def runner(*failures: ModelError | None) -> Runner:
    return Runner(TEMPLATE, LimitedModel(FakeModel(echo, failures=failures), concurrency=2))


def rows(count: int) -> list[dict[str, str]]:
    return [{"text": f"row {n}"} for n in range(count)]


async def test_outputs_come_in_the_order_of_the_rows() -> None:
    outputs = [result.output async for result in runner().map(rows(50))]
    assert outputs == [f"row {n}" for n in range(50)]


async def test_no_rows_give_no_outputs() -> None:
    assert [result async for result in runner().map([])] == []


async def test_a_row_that_the_server_refuses_has_an_error() -> None:
    results = [result async for result in runner(None, ModelRejected("too odd"), None).map(rows(3))]
    assert sorted(result.error or "" for result in results) == ["", "", "too odd"]


async def test_an_empty_row_names_what_people_see_rather_than_the_variable() -> None:
    model = LimitedModel(FakeModel(echo), concurrency=2)
    result = await Runner(TEMPLATE, model, labels={"text": "The customer's words"}).run({"text": " "})
    assert result.error == "The row is empty: The customer's words has no text."


async def test_a_row_without_any_text_is_not_sent() -> None:
    model = LimitedModel(FakeModel(echo), concurrency=2)
    used = Runner(TEMPLATE, model)
    result = await used.run({"text": "  "})
    assert result.output is None
    assert "empty" in (result.error or "")
    assert used.meter.calls == 0


async def test_what_concerns_every_row_ends_the_whole() -> None:
    refused = ModelAuthFailed("the key is wrong")
    with pytest.raises(ModelAuthFailed):
        [result async for result in runner(*[refused] * 10).map(rows(10))]


async def test_a_missing_input_is_an_error_of_the_caller() -> None:
    with pytest.raises(TemplateError, match="'text'"):
        await runner().run({"body": "hello"})


async def test_memory_does_not_grow_with_the_rows() -> None:
    used = runner()
    async for _ in used.map({"text": f"row {n}"} for n in range(500)):
        assert len(used._gateway._asked) <= 8
    assert used.meter.calls == 500


async def test_a_list_is_shown_line_by_line() -> None:
    assert (await runner().run({"text": ["one", "two"]})).output == "one\ntwo"


class _Late(FakeModel):
    """The first row's answer comes last."""

    async def complete(self, request: CompletionRequest) -> Completion:
        if request.messages[-1].content.endswith("row 0"):
            await asyncio.sleep(0.05)
        return await super().complete(request)


async def test_each_row_is_told_with_its_number_as_soon_as_it_is_answered() -> None:
    used = Runner(TEMPLATE, LimitedModel(_Late(echo), concurrency=2))
    told = [
        (number, result.output) async for number, result in used.each((n + 7, row) for n, row in enumerate(rows(9)))
    ]
    assert sorted(told) == [(n + 7, f"row {n}") for n in range(9)]
    assert told[-1][0] == 7


async def test_a_few_failures_are_rows_with_an_error_where_the_model_has_answered_before() -> None:
    away = ModelAuthFailed("the key is wrong")
    with pytest.raises(ModelAuthFailed):
        [result async for result in runner(away, away).each(enumerate(rows(2)), proven=True)]
    gone = ModelOverloaded("full", retry_after=0.001)
    with pytest.raises(ModelOverloaded):
        [result async for result in runner(*[gone] * 60).each(enumerate(rows(2)))]
    results = [result async for _, result in runner(*[gone] * 60).each(enumerate(rows(2)), proven=True)]
    assert [result.error is not None for result in results] == [True, True]
