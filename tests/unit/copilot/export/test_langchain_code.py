"""The LangChain module: what it sends is what the template renders."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from copilot.domain.completion import Decoding
from copilot.domain.prompt import Demonstration, PromptTemplate, Retrieval
from copilot.export.langchain_code import to_langchain_code
from tasks.model import OutputContract, TaskKind

ROLES = {"system": "system", "human": "user", "ai": "assistant"}
AWKWARD = "{braces} {{name}} ''' \"\"\" \\ \\n %s\r\n\t\u05e9\u05dc\u05d5\u05dd {{text}}"


def template(**changes: Any) -> PromptTemplate:
    fields: dict[str, Any] = {
        "kind": TaskKind.CUSTOM,
        "variables": ("text",),
        "instruction": "Do it.",
        "item": "In: {{ text }}\nOut:",
        "contract": OutputContract(form="text"),
        "decoding": Decoding(max_tokens=9, stop=("\n",), temperature=0.5),
    }
    return PromptTemplate(**fields | changes)


def module(made: PromptTemplate) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(to_langchain_code(made).text, "exported.py", "exec"), space)
    return space


def sent(made: PromptTemplate, inputs: dict[str, str]) -> list[tuple[str, str]]:
    return [(ROLES[message.type], message.content) for message in module(made)["prompt"].invoke(inputs)]


@pytest.mark.parametrize(
    "made",
    [
        template(),
        template(system="Be brief."),
        template(instruction="", item="{{text}}"),
        template(demonstrations=(Demonstration(inputs={"text": AWKWARD}, output=AWKWARD),), instruction=AWKWARD),
        template(item="{{text}} and {{unknown}} and {one}", instruction=AWKWARD, system=AWKWARD),
        template(variables=("the text", "b"), item="{{ the text }}{{b}}{{the text}}"),
    ],
)
def test_the_messages_are_the_templates(made: PromptTemplate) -> None:
    inputs = dict.fromkeys(made.variables, AWKWARD)
    assert sent(made, inputs) == [(message.role, message.content) for message in made.render(inputs)]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_arrives_as_it_is(instruction: str, around: str, given_text: str) -> None:
    made = template(instruction=instruction, item=around + "{{text}}" + around)
    inputs = {"text": given_text}
    assert sent(made, inputs) == [(message.role, message.content) for message in made.render(inputs)]


def test_a_model_is_asked_and_its_text_comes_back() -> None:
    chain = module(template())["chain"](GenericFakeChatModel(messages=iter([AIMessage(content="fine")])))
    assert chain.invoke({"text": "x"}) == "fine"


def test_decoding_is_bound() -> None:
    text = to_langchain_code(template()).text
    assert "model.bind(max_tokens=9, temperature=0.5, top_p=1.0, seed=0, stop=['\\n'])" in text


def test_what_is_lost_is_told() -> None:
    bank = tuple(Demonstration(inputs={"text": str(number)}, output=str(number)) for number in range(3))
    made = to_langchain_code(template(retrieval=Retrieval(count=1, bank=bank)))
    assert "always the same 1" in made.notes[0]
    assert not to_langchain_code(template()).notes
