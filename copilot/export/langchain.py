"""A template as LangChain objects."""

from typing import TYPE_CHECKING, Any, NamedTuple

from copilot.domain.prompt import SLOT, PromptTemplate
from copilot.export.losses import losses

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.prompts import ChatPromptTemplate
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
    static = template.render(dict.fromkeys(_slots(template), ""))[:-1]
    head = "" if template.demonstrations or not template.instruction else template.instruction + "\n\n"
    last = _escaped(head) + _slotted(template.item)
    return ChatPromptTemplate.from_messages(
        [
            *(kinds[message.role](content=message.content) for message in static),
            HumanMessagePromptTemplate.from_template(last, template_format="f-string"),
        ]
    )


def _slots(template: PromptTemplate) -> tuple[str, ...]:
    return tuple(SLOT.findall(template.item))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _slotted(item: str) -> str:
    """Turn `{{name}}` into LangChain's `{name}`, and braces that mean themselves into doubled ones."""
    parts = SLOT.split(item)
    return "".join(f"{{{part}}}" if number % 2 else _escaped(part) for number, part in enumerate(parts))
