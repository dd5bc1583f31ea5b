"""A template as a Python module for LangChain: its chain sends exactly the messages that the template renders."""

import pprint

from copilot.domain.prompt import PromptTemplate
from copilot.export.losses import losses
from copilot.export.snippets import BASE_URL, Export

_MODULE = '''"""Exported from Falconer. `chain(model).invoke` takes a dictionary with: {inputs}."""

import os
import re

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import RunnableLambda

KINDS = {{"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}}
STATIC = {static}
HEAD = {head!r}
ITEM = {item!r}


def messages(inputs):
    """The prompt for one input, as it was scored."""
    item = re.sub({slot!r}, lambda slot: inputs[slot.group(1)], ITEM)
    return [*(KINDS[role](content=text) for role, text in STATIC), HumanMessage(content=HEAD + item)]


prompt = RunnableLambda(messages)


def chain(model):
    """The prompt, a chat model and its text, in a row."""
    return prompt | model.bind({decoding}) | StrOutputParser()


if __name__ == "__main__":
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model={model!r}, base_url={base_url!r}, api_key=os.environ.get("OPENAI_API_KEY", "none"))
    print(chain(model).invoke({example!r}))
'''


def to_langchain_code(template: PromptTemplate, *, model: str = "MODEL", base_url: str = BASE_URL) -> Export:
    """Return a Python module with `prompt`, a Runnable from inputs to messages, and `chain(model)`.

    It needs only the package `langchain-core`, and `langchain-openai` where it is run by itself.
    """
    fixed = template.fixed
    names = fixed.variables
    *static, last = fixed.render({name: f"{{{{{name}}}}}" for name in names})
    filled = fixed.slot_pattern.sub(lambda slot: f"{{{{{slot.group(1)}}}}}", fixed.item)
    decoding = fixed.decoding
    settings = [f"max_tokens={decoding.max_tokens}", f"temperature={decoding.temperature!r}"]
    settings += [f"top_p={decoding.top_p!r}", f"seed={decoding.seed}"]
    if decoding.stop:
        settings.append(f"stop={list(decoding.stop)!r}")
    text = _MODULE.format(
        inputs=", ".join(map(repr, names)),
        static=pprint.pformat([(message.role, message.content) for message in static], width=110),
        head=last.content[: len(last.content) - len(filled)],
        item=fixed.item,
        slot=fixed.slot_pattern.pattern,
        decoding=", ".join(settings),
        model=model,
        base_url=base_url,
        example={name: "..." for name in names},
    )
    return Export(text, losses(template, retrieval=True))
