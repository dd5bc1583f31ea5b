"""Answers told as they are written."""

from copilot.domain.completion import Completion, CompletionRequest, Decoding, Message
from copilot.domain.prompt import PromptTemplate
from copilot.errors import ModelError, ModelServerFault
from copilot.evaluation.rows import Runner
from copilot.models.fake import FakeModel
from copilot.models.limits import LimitedModel, Telling
from tasks.model import ChoiceConstraint, OutputContract, TaskKind

REQUEST = CompletionRequest(messages=(Message(role="user", content="Say it."),), decoding=Decoding(max_tokens=9))


def model(*failures: ModelError) -> LimitedModel:
    return LimitedModel(FakeModel(lambda _: "one two  three", failures=failures))


def template(**changes: object) -> PromptTemplate:
    fields = {
        "kind": TaskKind.CUSTOM,
        "variables": ("text",),
        "item": "{{text}}",
        "contract": OutputContract(form="text"),
        "decoding": Decoding(max_tokens=9),
    }
    return PromptTemplate.model_validate(fields | changes)


async def test_a_free_text_is_told_whole_each_time() -> None:
    told: list[str] = []
    completion = await model().stream(REQUEST, told.append)
    assert told == ["one", "one two", "one two  three"]
    assert completion.text == (await model().complete(REQUEST)).text == told[-1]


async def test_labels_and_structured_answers_are_not_told_in_halves() -> None:
    told: list[str] = []
    await model().stream(REQUEST.model_copy(update={"labels": ("a", "b")}), told.append)
    constraint = ChoiceConstraint(choices=("one two  three",))
    await model().stream(REQUEST.model_copy(update={"constraint": constraint}), told.append)
    assert told == []


class Whole:
    """A model that answers in one piece."""

    name = revision = "whole"
    context_length: int | None = None

    async def prepare(self) -> None:
        """Nothing to connect to."""

    async def complete(self, request: CompletionRequest) -> Completion:
        """Answer."""
        return await FakeModel(lambda _: "one two  three").complete(request)

    async def aclose(self) -> None:
        """Nothing to release."""


async def test_a_model_that_cannot_stream_just_answers() -> None:
    told: list[str] = []
    completion = await LimitedModel(Whole()).stream(REQUEST, told.append)
    assert (completion.text, told) == ("one two  three", [])


async def test_a_row_is_told_and_comes_out_the_same() -> None:
    told: list[str] = []
    streamed = await Runner(template(), model()).run({"text": "x"}, on_text=told.append)
    plain = await Runner(template(), model()).run({"text": "x"})
    assert told[-1] == streamed.output == plain.output
    assert streamed.usage == plain.usage


async def test_a_request_that_is_sent_again_is_told_anew() -> None:
    told: list[str] = []
    failing = model(ModelServerFault("down"))
    output = await Runner(template(), failing).run({"text": "x"}, on_text=told.append)
    assert output.output == "one two  three"
    assert told[0] == "one"
    assert output.usage.calls == 2


async def test_who_tells_passes_on_what_the_model_is() -> None:
    inner = LimitedModel(FakeModel(context_length=77))
    telling = Telling(inner, lambda _: None)
    assert (telling.name, telling.revision, telling.context_length) == ("fake", inner.revision, 77)
