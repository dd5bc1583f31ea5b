"""Exports send what was scored, or say what is lost."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel

from copilot.domain.completion import Decoding
from copilot.domain.prompt import DecisionLayer, Demonstration, PromptTemplate, Retrieval
from copilot.export.langchain import to_langchain
from copilot.export.losses import losses
from copilot.export.snippets import Export, to_curl, to_openai_json, to_python_snippet
from tasks.model import ChoiceConstraint, OutputContract, SchemaConstraint, TaskKind

SCHEMA = SchemaConstraint(json_schema={"type": "object", "properties": {"answer": {"type": ["string", "null"]}}})
PLAIN = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text", "my field"),
    system='Braces { } {x} {{text}} stay. It\'s "quoted" $HOME `pwd`',
    instruction="Head {{text}} {",
    item="T: {{ text }}\r\nF: {{my field}} {curly} }} \\ 'end' ",
    contract=OutputContract(form="json", json_key="answer", constraint=SCHEMA),
    decoding=Decoding(max_tokens=7, temperature=0.5, top_p=0.9, stop=("\n\n",), seed=4),
)
SHOWN = PLAIN.model_copy(
    update={"demonstrations": (Demonstration(inputs={"text": "{a}", "my field": "{{text}}"}, output="{o}"),)}
)
BANK = tuple(
    Demonstration(inputs={"text": f"{{a}} {word}", "my field": "{{text}}"}, output=f"{{o}} {word}")
    for word in ("one", "braces", "three", "quotes")
)
CHOSEN = PLAIN.model_copy(update={"retrieval": Retrieval(count=2, bank=BANK)})
BOTH = SHOWN.model_copy(update={"retrieval": CHOSEN.retrieval})
ROW = {"text": "value with {braces} & <b>\n'quotes'", "my field": "\U0001f985 {{text}}"}


def _messages(template: PromptTemplate) -> list[dict[str, str]]:
    return [message.model_dump() for message in template.render(ROW)]


@pytest.mark.parametrize("template", [PLAIN, SHOWN, CHOSEN, BOTH, CHOSEN.model_copy(update={"system": ""})])
def test_langchain_renders_the_same_messages(template: PromptTemplate) -> None:
    export = to_langchain(template)
    names = {"system": "system", "human": "user", "ai": "assistant"}
    rendered = export.runnable.invoke(ROW).to_messages()
    assert [{"role": names[one.type], "content": one.content} for one in rendered] == _messages(template)
    assert export.notes[0].startswith("The model is not held to the form")
    assert "max_tokens=7, temperature=0.5, top_p=0.9, seed=4" in export.notes[1]


def test_langchain_with_a_model_gives_text() -> None:
    export = to_langchain(PLAIN, model=FakeListChatModel(responses=["yes"]))
    assert export.runnable.invoke(ROW) == "yes"
    assert len(export.notes) == 1


@pytest.mark.parametrize("template", [PLAIN, SHOWN, CHOSEN])
def test_the_request_is_the_one_that_was_scored(template: PromptTemplate) -> None:
    body = json.loads(to_openai_json(template, inputs=ROW, model="m").text)
    assert body["messages"] == _messages(template)
    assert (body["max_tokens"], body["temperature"], body["top_p"], body["seed"]) == (7, 0.5, 0.9, 4)
    assert body["stop"] == ["\n\n"]
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA.json_schema
    blank = json.loads(to_openai_json(template).text)
    assert blank["messages"][-1]["content"].endswith(template.item)
    assert to_openai_json(template, inputs=ROW).notes == ()


@pytest.mark.parametrize("export", [to_openai_json, to_python_snippet, to_curl])
def test_what_cannot_choose_shows_the_first_and_says_so(export: Callable[[PromptTemplate], Export]) -> None:
    fixed = PLAIN.model_copy(update={"demonstrations": BANK[:2]})
    assert export(CHOSEN).text == export(fixed).text
    assert export(fixed).notes == ()
    (note,) = export(CHOSEN).notes
    assert "always the same 2 instead of the 2 of 4" in note


class _Recorder(BaseHTTPRequestHandler):
    bodies: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answer = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "fine"}}],
        }
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.mark.parametrize("template", [PLAIN, SHOWN])
def test_snippets_run_as_they_are(template: PromptTemplate, tmp_path: Path) -> None:
    bodies: list[dict[str, Any]] = []
    with HTTPServer(("127.0.0.1", 0), type("Recorder", (_Recorder,), {"bodies": bodies})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        script = tmp_path / "snippet.py"
        call = f"\nimport sys\nsys.stdout.write(answer({ROW!r}))\n"
        script.write_text(to_python_snippet(template, model="m", base_url=url).text + call, newline="")
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
        assert done.stdout == "fine", done.stderr
        command = to_curl(template, inputs=ROW, model="m", base_url=url).text
        subprocess.run(["sh", "-c", command], capture_output=True, check=True)
        server.shutdown()
    assert [body["messages"] for body in bodies] == [_messages(template)] * 2
    assert bodies[0] == bodies[1]


def test_what_cannot_be_held_is_said() -> None:
    layer = DecisionLayer(method="prior", labels=("a", "b"), weights=((1.0, 0.0), (0.0, 1.0)), biases=(0.0, 0.0))
    contract = OutputContract(form="label", labels=("a", "b"), constraint=ChoiceConstraint(choices=("a", "b")))
    scored = PLAIN.model_copy(update={"label_scoring": True, "decision": layer, "contract": contract})
    notes = losses(scored)
    assert "calibration on your examples" in notes[0]
    assert notes[1] == "There is no confidence for a label."
    assert len(notes) == 2
    choice = PLAIN.model_copy(update={"contract": contract})
    assert losses(choice, schema=False) == losses(choice)
    penalised = PLAIN.model_copy(update={"decoding": Decoding(max_tokens=1, repetition_penalty=1.2)})
    assert losses(penalised, schema=False) == ("The repetition penalty of 1.2 is not sent.",)
