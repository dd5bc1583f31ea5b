"""From the answers of OpenAI's chat API to our own types."""

from collections.abc import Sequence
from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from copilot.domain.completion import Completion, Usage

THOUGHTS = ("reasoning_content", "reasoning")
"""Under which names servers send what a model thought (llama.cpp, vLLM and SGLang; later vLLM and gateways)."""
THINKING = "<think>"


def completion(answer: ChatCompletion, seconds: float) -> Completion:
    """Return our type: text (or the arguments of the tool that was called), usage, finish reason."""
    choice = answer.choices[0]
    text = choice.message.content or choice.message.refusal or ""
    for call in choice.message.tool_calls or ():
        if call.type == "function":
            text = call.function.arguments
    if not text and (thoughts := _thoughts(choice.message)):
        text = THINKING + thoughts  # so that whoever reads it learns why there is no answer
    usage = answer.usage
    details = usage.prompt_tokens_details if usage else None
    return Completion(
        text=text,
        usage=Usage(
            calls=1,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            cached_tokens=(details.cached_tokens or 0) if details else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
        ),
        finish_reason="length" if choice.finish_reason == "length" else "stop",
        latency_seconds=seconds,
    )


def _thoughts(part: ChatCompletionMessage | ChoiceDelta) -> str:
    """Return what a model thought aloud, where a server keeps that apart from the answer."""
    extra = part.model_extra or {}
    return next((found for name in THOUGHTS if isinstance(found := extra.get(name), str)), "")


def alternatives(answer: ChatCompletion) -> list[dict[str, Any]]:
    """Return the alternatives of the first token, as the server sent them; empty where it shows none."""
    logprobs = answer.choices[0].logprobs
    if logprobs is None or not logprobs.content:
        return []
    first: dict[str, Any] = logprobs.content[0].model_dump()
    return first.get("top_probs") or first.get("top_logprobs") or []


def assembled(chunks: Sequence[ChatCompletionChunk]) -> ChatCompletion:
    """Return the whole answer of which a stream sent the parts.

    Raises:
        ConnectionError: the stream ended before the answer did.
    """
    choices = [choice for chunk in chunks for choice in chunk.choices]
    reasons = [choice.finish_reason for choice in choices if choice.finish_reason]
    if not reasons:
        raise ConnectionError("the stream ended before the answer did")
    logprobs = next((choice.logprobs for choice in choices if choice.logprobs and choice.logprobs.content), None)
    usage = next((chunk.usage.model_dump() for chunk in reversed(chunks) if chunk.usage), None)
    whole = {
        "index": 0,
        "finish_reason": reasons[-1],
        "message": {
            "role": "assistant",
            "content": "".join(choice.delta.content or "" for choice in choices),
            THOUGHTS[0]: "".join(_thoughts(choice.delta) for choice in choices),
        },
        "logprobs": logprobs.model_dump() if logprobs else None,
    }
    # Not validated, as the client does with whole answers: llama.cpp names probabilities in its own way.
    return ChatCompletion.construct(
        id=chunks[0].id, created=chunks[0].created, model=chunks[0].model, choices=[whole], usage=usage
    )
