"""One row through one prompt: what runs, apps and the SDK all call, so that scored and used are the same."""

import asyncio

from pydantic import Field

from copilot.domain.completion import Completion, CompletionRequest, Usage
from copilot.domain.prompt import PromptTemplate
from copilot.errors import ContextOverflow, ModelRejected
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.refinement import refine
from copilot.models import labels
from tasks import kinds
from tasks.model import Frozen, ParsedOutput

SAMPLING_TEMPERATURE = 1.0
"""At 1 answers are drawn by the model's own probabilities."""


class Answer(Frozen):
    """What came out for one row."""

    value: str | tuple[str, ...] | None
    """Text, label or list; None where nothing could be read."""
    raw: str = ""
    problem: str | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    """Calibrated probability of the label, where labels are scored."""
    label_logprobs: dict[str, float] | None = None
    usage: Usage = Usage()
    latency_seconds: float = 0.0


async def answer(
    template: PromptTemplate, inputs: dict[str, str], gateway: Gateway, *, sample_index: int = 0
) -> Answer:
    """Send one row and read the answer.

    A row that this model can never take (too long, refused by the server) gives an answer with a `problem`.

    Raises:
        ModelError: the server failed in a way that concerns every row.
        BudgetExhausted: the call would pass a cap.
        TemplateError: an input is missing.
    """
    request = template.request(inputs, sample_index=sample_index)
    try:
        completion = await gateway.complete(request)
        if template.label_scoring and template.label_samples > 1 and not completion.label_logprobs:
            return await _sampled(template, inputs, gateway, request, completion)
    except (ContextOverflow, ModelRejected) as error:
        return Answer(value=None, problem=str(error))
    return read(template, completion, inputs)


def read(template: PromptTemplate, completion: Completion, inputs: dict[str, str]) -> Answer:
    """Read a completion by the template's contract, refinement and decision layer."""
    if template.label_scoring and completion.label_logprobs:
        return _most_probable(template, completion, template.contract.by_label(completion.label_logprobs))
    parsed = parse(template, completion.text, inputs)
    problem = parsed.problem
    if problem and completion.finish_reason == "length":
        problem += f" The answer was cut off at {template.decoding.max_tokens} tokens."
    return Answer(
        value=parsed.value,
        raw=completion.text,
        problem=problem,
        usage=completion.usage,
        latency_seconds=completion.latency_seconds,
    )


def parse(template: PromptTemplate, text: str, inputs: dict[str, str]) -> ParsedOutput:
    """Read the text of an answer by the template's contract, and refine it where the contract says so."""
    parsed = kinds.get(template.kind).parse(text, template.contract)
    refinement = template.contract.refinement
    if refinement is None or parsed.value is None:
        return parsed
    return ParsedOutput(value=refine(parsed.value, refinement, inputs))


async def _sampled(
    template: PromptTemplate, inputs: dict[str, str], gateway: Gateway, request: CompletionRequest, first: Completion
) -> Answer:
    """Ask further times at random and read the labels' probabilities from how often each was answered.

    The first answer counts, too: it is the model's likeliest one and steadies a small number of draws.
    """
    decoding = request.decoding.model_copy(update={"temperature": SAMPLING_TEMPERATURE})
    drawn = request.model_copy(update={"decoding": decoding})
    offset = request.sample_index * template.label_samples
    more = await asyncio.gather(
        *(
            gateway.complete(drawn.model_copy(update={"sample_index": offset + index}))
            for index in range(1, template.label_samples)
        )
    )
    contract = template.contract
    values = [parse(template, completion.text, inputs).value for completion in (first, *more)]
    logprobs = labels.estimated(contract.labels, [value for value in values if isinstance(value, str)])
    usage = sum((completion.usage for completion in more), first.usage)
    seconds = first.latency_seconds + max(completion.latency_seconds for completion in more)
    whole = first.model_copy(update={"usage": usage, "latency_seconds": seconds})
    return _most_probable(template, whole, logprobs) if logprobs else read(template, whole, inputs)


def _most_probable(template: PromptTemplate, completion: Completion, logprobs: dict[str, float]) -> Answer:
    if template.decision is not None:
        shares = template.decision.probabilities(logprobs)
        label = max(shares, key=lambda name: shares[name])
        confidence: float | None = shares[label]
    else:
        label = max(logprobs, key=lambda name: logprobs[name])
        confidence = None
    return Answer(
        value=label,
        raw=completion.text,
        confidence=confidence,
        label_logprobs=logprobs,
        usage=completion.usage,
        latency_seconds=completion.latency_seconds,
    )
