"""A template as code for servers that speak OpenAI's protocol: a request's JSON, curl, Python."""

import json
import pprint
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from copilot.domain.prompt import SLOT, PromptTemplate
from copilot.export.losses import losses
from tasks.model import SchemaConstraint

BASE_URL = "http://localhost:8080/v1"


class Export(NamedTuple):
    """Text in another system's form, and what it cannot hold."""

    text: str
    notes: tuple[str, ...]
    """What is lost, in sentences."""


def to_openai_json(
    template: PromptTemplate, *, inputs: Mapping[str, str] | None = None, model: str = "MODEL"
) -> Export:
    """Return the body of a chat request as JSON.

    Args:
        template: the prompt.
        inputs: one row; None: the slots stay as they are, `{{name}}`.
        model: the model's id on the server.
    """
    text = json.dumps(_body(template, inputs, model), indent=2, ensure_ascii=False)
    return Export(text, _notes(template, one_row=inputs is not None))


def to_curl(
    template: PromptTemplate,
    *,
    inputs: Mapping[str, str] | None = None,
    model: str = "MODEL",
    base_url: str = BASE_URL,
) -> Export:
    """Return a command for a POSIX shell; the key is read from the variable `OPENAI_API_KEY`."""
    body = json.dumps(_body(template, inputs, model), indent=2, ensure_ascii=False)
    lines = [
        f"curl {shlex.quote(base_url.rstrip('/') + '/chat/completions')}",
        "-H 'Content-Type: application/json'",
        '-H "Authorization: Bearer $OPENAI_API_KEY"',
        # `--data` would read a body that begins with @ from a file, and drop line ends.
        f"--data-binary {shlex.quote(body)}",
    ]
    return Export(" \\\n  ".join(lines) + "\n", _notes(template, one_row=inputs is not None))


def to_python_snippet(template: PromptTemplate, *, model: str = "MODEL", base_url: str = BASE_URL) -> Export:
    """Return a Python module with a function `answer(inputs)`; it needs only the package `openai`."""
    body = _body(template, None, model)
    *static, last = body.pop("messages")
    text = _PYTHON.format(
        inputs=", ".join(repr(name) for name in dict.fromkeys(SLOT.findall(template.item))),
        base_url=base_url,
        static=_indented(static),
        # The static head before the item keeps whatever looks like a slot in it.
        head=last["content"][: len(last["content"]) - len(template.item)],
        item=template.item,
        slot=SLOT.pattern,
        settings=_indented(body),
    )
    return Export(text, _notes(template))


_PYTHON = '''"""Exported from Falconer. `answer` takes a dictionary with: {inputs}."""

import os
import re

from openai import OpenAI

BASE_URL = {base_url!r}
STATIC = {static}
HEAD = {head!r}
ITEM = {item!r}
SETTINGS = {settings}


def answer(inputs):
    item = re.sub({slot!r}, lambda slot: inputs[slot.group(1)], ITEM)
    messages = [*STATIC, {{"role": "user", "content": HEAD + item}}]
    client = OpenAI(base_url=BASE_URL, api_key=os.environ.get("OPENAI_API_KEY", "none"))
    return client.chat.completions.create(messages=messages, **SETTINGS).choices[0].message.content
'''


def _indented(value: object) -> str:
    # Python's own notation: JSON's true and null are no Python.
    return pprint.pformat(value, width=110, sort_dicts=False)


def _body(template: PromptTemplate, inputs: Mapping[str, str] | None, model: str) -> dict[str, Any]:
    if inputs is None:
        template = template.fixed
    # A slot filled with itself stays.
    row = {name: f"{{{{{name}}}}}" for name in SLOT.findall(template.item)} if inputs is None else dict(inputs)
    messages = [message.model_dump() for message in template.render(row)]
    if inputs is None:
        # Blanks inside the braces are the template's own.
        filled = messages[-1]["content"]
        head = filled[: len(filled) - len(SLOT.sub(lambda slot: row[slot.group(1)], template.item))]
        messages[-1]["content"] = head + template.item
    decoding = template.decoding
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "max_tokens": decoding.max_tokens,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "seed": decoding.seed,
    }
    if decoding.stop:
        body["stop"] = list(decoding.stop)
    constraint = template.contract.constraint
    if isinstance(constraint, SchemaConstraint) and not template.label_scoring:
        schema = {"name": "answer", "schema": constraint.json_schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _notes(template: PromptTemplate, *, one_row: bool = False) -> tuple[str, ...]:
    return losses(template, schema=False, retrieval=not one_row)
