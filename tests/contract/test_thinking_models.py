"""Models that think aloud before they answer: the thinking is switched off, and where it cannot be, it is said."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from copilot.domain.completion import Completion, CompletionRequest
from copilot.models import answers
from copilot.models.connection import ModelConnection
from copilot.models.openai_compatible import OpenAICompatibleModel
from copilot.models.retrying import RetryPolicy, complete_with_retries
from copilot.models.weights import find_weights
from tasks.kinds.parsing import read_text

Ask = Callable[..., CompletionRequest]
Serve = Callable[[Any], str]
VLLM = [{"id": "m", "owned_by": "vllm", "max_model_len": 4096}]
CHAT_FORMAT = """\
{%- for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}
{%- if message['role'] == 'assistant' and message['reasoning_content'] %}
{{- '<think>\\n' + message['reasoning_content'] + '\\n</think>\\n\\n' }}{%- endif %}
{{- message['content'] + '<|im_end|>\\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{ '\\n</think>\\n\\n' }}{%- endif %}{%- endif %}"""
"""As those of models that think unless they are told not to: the prompt itself opens the thoughts."""
SERVER = """\
import os, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.chat_template = sys.argv[1:]
params.n_parallel, params.n_ctx, params.cpuparams.n_threads = 1, 1024, 1
params.hostnames, params.port, params.ui, params.verbosity = ["127.0.0.1"], 0, False, -1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
"""


async def answer(model: OpenAICompatibleModel, request: CompletionRequest) -> Completion:
    return await complete_with_retries(model, request, policy=RetryPolicy(), before_attempt=lambda: None)


@pytest.fixture(scope="module")
def thinking_server() -> Iterator[str]:
    """A real llama.cpp with the embedded weights under a chat format that thinks."""
    command = [sys.executable, "-P", "-c", SERVER, str(find_weights()), CHAT_FORMAT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout
        yield child.stdout.readline().decode().strip()
        child.kill()


@pytest.mark.model
async def test_llama_cpp_answers_and_does_not_think(thinking_server: str, ask: Ask) -> None:
    model = OpenAICompatibleModel(ModelConnection(address=f"{thinking_server}/v1"))
    completion = await answer(model, ask("What is the capital of France?"))
    scored = await answer(model, ask("Which word fits: the team won.", labels=("World", "Sports")))
    await model.aclose()
    assert read_text(completion.text, ()).value
    assert set(scored.label_logprobs or {}) == {"World", "Sports"}


async def test_vllm_is_told_not_to_think(openai_server: Any, serve: Serve, ask: Ask) -> None:
    server = openai_server(entries=VLLM)
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    await model.complete(ask())
    await model.aclose()
    assert server.bodies[0]["chat_template_kwargs"] == {"enable_thinking": False}


async def test_ollama_is_told_in_its_own_way(openai_server: Any, serve: Serve, ask: Ask) -> None:
    refusal = '"small" does not support thinking'
    server = openai_server(version="0.13.0", refuses=("reasoning_effort",), refusal=refusal)
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    calls = [(await answer(model, ask())).usage.calls for _ in range(2)]
    await model.aclose()
    assert server.bodies[0]["reasoning_effort"] == "none"
    assert calls == [2, 1]


async def test_a_chat_format_without_settings_is_asked_without(openai_server: Any, serve: Serve, ask: Ask) -> None:
    refusal = "chat_template is not supported for Mistral tokenizers."
    server = openai_server(entries=VLLM, refuses=("chat_template_kwargs",), refusal=refusal)
    model = OpenAICompatibleModel(ModelConnection(address=serve(server.app) + "/v1"))
    calls = [(await answer(model, ask())).usage.calls for _ in range(2)]
    await model.aclose()
    assert calls == [2, 1], "what was refused once is not sent again"
    assert "chat_template_kwargs" not in server.bodies[-1]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_without_an_answer_say_why_nothing_can_be_read(name: str) -> None:
    message = {"role": "assistant", "content": None, name: "The text is about"}
    whole = ChatCompletion.model_validate(
        {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "finish_reason": "length", "message": message}],
        }
    )
    assert "still thinking" in (read_text(answers.completion(whole, 0.1).text, ()).problem or "")


@pytest.mark.parametrize(("said", "text"), [("", "<think>Who won?"), ("The team.", "The team.")])
def test_streamed_thoughts_count_only_where_no_answer_follows(said: str, text: str) -> None:
    deltas = [{"reasoning_content": "Who "}, {"reasoning_content": "won?"}, {"content": said}]
    chunks = [
        ChatCompletionChunk.model_validate(
            {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "m",
                "choices": [{"index": 0, "delta": delta, "finish_reason": "length" if number == 2 else None}],
            }
        )
        for number, delta in enumerate(deltas)
    ]
    assert answers.completion(answers.assembled(chunks), 0.1).text == text
