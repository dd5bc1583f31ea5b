"""A template as LangChain objects."""

from typing import TYPE_CHECKING, Any, NamedTuple

from copilot.domain.prompt import SLOT, PromptTemplate
from copilot.export.losses import losses

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.prompts import ChatPromptTemplate, FewShotChatMessagePromptTemplate
    from langchain_core.runnables import Runnable


class LangChainExport(NamedTuple):
    """LangChain's object and what it cannot hold."""

    runnable: "Runnable[dict[str, Any], Any]"
    """A `ChatPromptTemplate`; with a model: prompt, model and text output in a row."""
    notes: tuple[str, ...]
    """What is lost, in sentences."""


def to_langchain(template: PromptTemplate, *, model: "BaseChatModel | None" = None) -> LangChainExport:
    """Return the template for LangChain; it renders exactly the messages that `template.render` does.

    Args:
        template: the prompt.
        model: a chat model to bind; it then receives the template's decoding parameters, too.
    """
    prompt = _chat_prompt(template)
    if model is None:
        return LangChainExport(prompt, losses(template, decoding=True))
    from langchain_core.output_parsers import StrOutputParser

    decoding = template.decoding
    bound = model.bind(
        max_tokens=decoding.max_tokens,
        temperature=decoding.temperature,
        top_p=decoding.top_p,
        seed=decoding.seed,
        # An empty list of stop texts is refused by some servers.
        stop=list(decoding.stop) or None,
    )
    return LangChainExport(prompt | bound | StrOutputParser(), losses(template))


def _chat_prompt(template: PromptTemplate) -> "ChatPromptTemplate":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
    from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate

    kinds = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
    # All messages but the last are the same for every row. Rendering with a marker in place of the inputs would be
    # fragile, so the last is built as the template builds it: a static head, then the item.
    always = template.model_copy(update={"retrieval": None})
    static = always.render(dict.fromkeys(_slots(template), ""))[:-1]
    head = "" if template.demonstrations or not template.instruction else template.instruction + "\n\n"
    last = _slotted(template.item) if template.retrieval else _escaped(head) + _slotted(template.item)
    return ChatPromptTemplate.from_messages(
        [
            *(kinds[message.role](content=message.content) for message in static),
            *([_chosen(template)] if template.retrieval else []),
            HumanMessagePromptTemplate.from_template(last, template_format="f-string"),
        ]
    )


def _chosen(template: PromptTemplate) -> "FewShotChatMessagePromptTemplate":
    """Return the part that chooses demonstrations per input, by LangChain's example selector."""
    from langchain_core.example_selectors import BaseExampleSelector
    from langchain_core.prompts import ChatPromptTemplate, FewShotChatMessagePromptTemplate

    class Selector(BaseExampleSelector):
        """Gives the messages that the template itself renders between its static ones and the item."""

        def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, str]]:
            """Return the chosen demonstrations as pairs of messages, the most similar last."""
            first = bool(template.system) + 2 * len(template.demonstrations)
            shown = [message.content for message in template.render(input_variables)][first:-1]
            return [
                {"user": user, "assistant": assistant} for user, assistant in zip(shown[::2], shown[1::2], strict=True)
            ]

        def add_example(self, example: dict[str, str]) -> None:
            """Refuse: the bank is frozen with the template that was scored."""
            raise TypeError("the examples of a saved template cannot be changed; run an improvement with more examples")

    return FewShotChatMessagePromptTemplate(
        input_variables=list(dict.fromkeys(_slots(template))),
        example_selector=Selector(),
        example_prompt=ChatPromptTemplate.from_messages([("human", "{user}"), ("ai", "{assistant}")]),
    )


def _slots(template: PromptTemplate) -> tuple[str, ...]:
    return tuple(SLOT.findall(template.item))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _slotted(item: str) -> str:
    """Turn `{{name}}` into LangChain's `{name}`, and braces that mean themselves into doubled ones."""
    parts = SLOT.split(item)
    return "".join(f"{{{part}}}" if number % 2 else _escaped(part) for number, part in enumerate(parts))
