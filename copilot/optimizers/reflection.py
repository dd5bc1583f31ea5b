"""The copilot's part: it sees what went wrong and proposes one change; how much it may change depends on its tier."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.reviews import Said
from copilot.domain.run import Trial
from copilot.optimizers.validation import copied
from tasks.characters import mended_value
from tasks.kinds.parsing import clean
from tasks.model import Example, Task

RULE_WORDS = 25
LEAST_RULE_WORDS = 4
ECHO_WORDS = 5
"""A run of this many words of the question makes a weak copilot's rule an echo."""
EXCERPT = 300
"""Characters of an input that the copilot is shown."""
OPINION = 200
"""Characters of an input and of an answer that somebody spoke of."""


class Tier(StrEnum):
    """What a copilot model can be trusted with."""

    FILLS_SLOTS = "fills_slots"
    """Writes one short rule."""
    REWRITES = "rewrites"
    """May rewrite the whole instruction."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the copilot is shown of one parent."""

    task: Task
    parent: Candidate
    failures: tuple[tuple[Example, Trial], ...]
    successes: tuple[tuple[Example, Trial], ...]
    rejected: tuple[tuple[str, float], ...] = ()
    """Changes tried before with their paired difference in score."""
    said: tuple[Said, ...] = ()
    """What people said of outputs."""
    tokens_left: int | None = None


@dataclass(frozen=True)
class Proposal:
    """What was read from the copilot's answer."""

    template: PromptTemplate | None
    operator: str = ""
    rationale: str = ""
    problem: str | None = None


SELF_TEST = (
    'Three tickets were sorted wrongly. "My parcel never came" was put under Billing but belongs to Delivery. '
    '"Where is my package?" was put under Returns but belongs to Delivery. "The box came a week late" was put under '
    'Billing but belongs to Delivery. Rewrite the instruction "Sort the ticket into Billing, Delivery or Returns." '
    'so that this does not happen again. Answer with JSON only: {"instruction": "...", "why": "..."}'
)


def self_test_request() -> CompletionRequest:
    """Return the question that puts a copilot model into a tier."""
    return CompletionRequest(
        messages=(Message(role="user", content=SELF_TEST),), decoding=Decoding(max_tokens=200, temperature=0.0)
    )


def tier_of(answer: str) -> Tier:
    """Return the tier that an answer to the self-test earns: valid JSON that adds a rule about late parcels."""
    parsed = _object(clean(answer))
    instruction = str(parsed.get("instruction", "")) if parsed else ""
    lowered = instruction.lower()
    keeps = all(label in lowered for label in ("billing", "delivery", "returns"))
    adds = any(word in lowered for word in ("parcel", "package", "late", "arriv", "never came", "shipment", "missing"))
    apart = len(lowered.split()) >= 12
    return Tier.REWRITES if keeps and adds and apart else Tier.FILLS_SLOTS


def proposal_request(tier: Tier, evidence: Evidence, *, index: int) -> CompletionRequest:
    """Return the question for one proposal; different indices draw different answers."""
    text = _facts(evidence)
    if tier is Tier.FILLS_SLOTS:
        text += (
            f"\n\nWrite one short rule of at most {RULE_WORDS} words that would prevent these mistakes. "
            "Write only the rule."
        )
        limit = 60
    else:
        text += (
            "\n\nImprove the instruction. Choose one operator: edit_section, add_rule, delete_rule, "
            "label_definitions, compress, rewrite. Do not copy texts from the examples. Keep what works. Answer with "
            'JSON only: {"operator": "...", "instruction": "the whole new instruction", "why": "one sentence"}'
        )
        limit = 700
    return CompletionRequest(
        messages=(Message(role="user", content=text),),
        decoding=Decoding(max_tokens=limit, temperature=0.8, top_p=0.95, seed=index),
        sample_index=index,
    )


def read_proposal(tier: Tier, request: CompletionRequest, answer: str, parent: PromptTemplate) -> Proposal:
    """Turn the copilot's answer to the request into a template; a `problem` says what was wrong with it."""
    answer = clean(answer)
    if tier is Tier.FILLS_SLOTS:
        return _with_rule(answer, parent, asked=[message.content for message in request.messages])
    parsed = _object(answer)
    instruction = str(parsed.get("instruction", "")).strip() if parsed else ""
    if not instruction:
        return Proposal(None, problem="The copilot's answer holds no instruction.")
    where = "instruction" if parent.instruction or not parent.system else "system"
    assert parsed is not None
    return Proposal(
        template=parent.model_copy(update={where: instruction, "decision": None}),
        operator=re.sub(r"\W+", "_", str(parsed.get("operator", "rewrite")))[:40] or "rewrite",
        rationale=str(parsed.get("why", ""))[:300],
    )


def repair_request(request: CompletionRequest, answer: str, problem: str) -> CompletionRequest:
    """Return the one chance to mend a proposal."""
    messages = (
        *request.messages,
        Message(role="assistant", content=answer[:2000]),
        Message(role="user", content=f"{problem} Try again, in the same form."),
    )
    return request.model_copy(update={"messages": messages})


def _with_rule(answer: str, parent: PromptTemplate, *, asked: Sequence[str]) -> Proposal:
    line = next((line for line in answer.strip().splitlines() if line.strip()), "")
    rule = re.sub(r"^(?:\W+|\d+[.)]\s*)?(?:rule\s*\d*\s*:\s*)?", "", line, flags=re.IGNORECASE).strip(" \"'*")
    if len(rule.split()) < LEAST_RULE_WORDS or rule.rstrip(".").endswith(":"):
        return Proposal(None, problem="The copilot's answer holds no rule.")
    if copied(rule, asked, words=ECHO_WORDS):
        return Proposal(None, problem="The copilot's answer only repeats what it was asked.")
    if len(rule.split()) > RULE_WORDS:
        return Proposal(None, problem=f"The rule has {len(rule.split())} words; at most {RULE_WORDS} are allowed.")
    rule = rule[0].upper() + rule[1:] + ("" if rule[-1] in ".!?" else ".")
    where = "instruction" if parent.instruction or not parent.system else "system"
    text = f"{getattr(parent, where)} {rule}".strip()
    return Proposal(
        template=parent.model_copy(update={where: text, "decision": None}),
        operator="add_rule",
        rationale=f'Adds the rule "{rule}".',
    )


def _facts(evidence: Evidence) -> str:
    parent = evidence.parent.template
    parts = [f"Task: {evidence.task.description or evidence.task.name}"]
    parts.append(f"Instruction in use:\n{(parent.system + chr(10) + parent.instruction).strip() or parent.item}")
    if pairs := confusions(evidence.failures):
        parts.append("Confused: " + "; ".join(f"{a} taken for {b} ({n}x)" for (a, b), n in pairs))
    for number, (example, trial) in enumerate(evidence.failures, start=1):
        parts.append(f"Mistake {number}:\n{_shown(example, trial)}")
    for example, trial in evidence.successes:
        parts.append(f"Done right:\n{_shown(example, trial)}")
    if evidence.rejected:
        tried = "; ".join(f"{text} ({100 * delta:+.0f} points)" for text, delta in evidence.rejected)
        parts.append(f"Changes that did not help: {tried}")
    if evidence.said:
        parts.append("What people said of earlier answers, which counts more than the scores:")
        parts += [f"Opinion {number}:\n{_opinion(said)}" for number, said in enumerate(evidence.said, start=1)]
    if evidence.tokens_left is not None:
        parts.append(f"Tokens left for trying: {evidence.tokens_left}")
    return "\n\n".join(parts)


def _shown(example: Example, trial: Trial) -> str:
    shown = " | ".join(text[:EXCERPT] for text in example.inputs.values())
    expected = ", ".join(example.expected) if example.expected else "(not known)"
    output = trial.output if isinstance(trial.output, str) else ", ".join(trial.output or ())
    given = output[:EXCERPT] if trial.output is not None else f"unreadable: {trial.problem} {trial.raw[:80]!r}"
    reasons = "; ".join(score.explanation for score in trial.scores if score.value is None or score.value < 1)
    return f"Input: {shown}\nExpected: {expected[:EXCERPT]}\nGot: {given}" + (
        f"\nWhy: {reasons[:200]}" if reasons else ""
    )


def _opinion(said: Said) -> str:
    feedback = said.feedback
    lines = [f"Input: {' | '.join(said.inputs.values())[:OPINION]}"]
    lines.append(f"Answer: {said.output[:OPINION]}")
    if feedback.edited_output not in (None, said.output):
        lines.append(f"They would have written: {str(feedback.edited_output)[:OPINION]}")
    words = [{"up": "good", "down": "not good"}[feedback.flag]] if feedback.flag else []
    words += [f"{feedback.value:.2f} out of 1"] if feedback.value is not None else []
    words += [text[:EXCERPT] for text in (feedback.tag, feedback.comment) if text]
    return "\n".join([*lines, f"They say: {'; '.join(words)}"] if words else lines)


def confusions(failures: Sequence[tuple[Example, Trial]]) -> list[tuple[tuple[str, str], int]]:
    """Return the most frequent (expected, given) label pairs."""
    pairs = Counter(
        (example.expected[0], trial.output)
        for example, trial in failures
        if example.expected and isinstance(trial.output, str) and len(trial.output.split()) <= 4
    )
    return pairs.most_common(3)


def _object(text: str) -> dict[str, object] | None:
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    return {name: mended_value(part) for name, part in value.items()} if isinstance(value, dict) else None
