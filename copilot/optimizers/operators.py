"""Children that need no copilot: more, fewer or other demonstrations, hints per label, a shorter text, a merger."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log

from copilot.domain.prompt import PromptTemplate
from copilot.optimizers.seeds import Ground
from tasks.model import Example, TaskKind

HINT_WORDS = 4
"""Typical words named for each label."""
SHOWN_OUTPUTS = 3
REPETITION_PENALTY = 1.15


@dataclass(frozen=True)
class Child:
    """A proposed template."""

    template: PromptTemplate
    operator: str
    rationale: str


def children(parent: PromptTemplate, partner: PromptTemplate | None, ground: Ground) -> Iterator[Child]:
    """Yield the deterministic children of a parent, the most promising first; without end there are about ten.

    Args:
        parent: the template to change.
        partner: another good template to merge with.
        ground: the run's pool and switches.
    """
    if ground.task.kind in (TaskKind.SUMMARIZATION, TaskKind.KEYWORD_EXTRACTION):
        yield from _shown_outputs(parent, ground.pool)
    yield from _demonstration_children(parent, ground)
    if partner is not None and (partner.demonstrations or partner.instruction != parent.instruction):
        yield from _merged(parent, partner)
    if ground.task.kind is TaskKind.CLASSIFICATION:
        yield from _label_hints(parent, ground.pool)
    yield from _less_repetition(parent)
    yield from _compressed(parent)


def _demonstration_children(parent: PromptTemplate, ground: Ground) -> Iterator[Child]:
    if not ground.switches.demonstrations or not ground.shown:
        return
    if parent.retrieval is None and (retrieving := ground.retrieving(parent)) and (chosen := retrieving.retrieval):
        yield Child(
            template=retrieving,
            operator="retrieve_demonstrations",
            rationale=f"For every input the {chosen.count} worked examples that are most like it.",
        )
    now = len(parent.demonstrations)
    counts = sorted({n for n in ground.demonstration_counts if n > 0 and n != now}, key=lambda n: (abs(n - now - 2), n))
    for draw in range(1, 5):
        if now:
            yield Child(
                template=ground.demonstrated(parent, now, draw=draw),
                operator="swap_demonstrations",
                rationale=f"Other worked examples ({now}).",
            )
        for count in counts[draw - 1 : draw]:
            yield Child(
                template=ground.demonstrated(parent, count, draw=draw),
                operator="demonstrations_passing" if ground.passing else "number_of_demonstrations",
                rationale=f"Worked examples, made of outputs that passed: {count} instead of {now}."
                if ground.passing
                else f"Worked examples: {count} instead of {now}.",
            )


def _merged(parent: PromptTemplate, partner: PromptTemplate) -> Iterator[Child]:
    same_form = parent.contract == partner.contract and parent.label_scoring == partner.label_scoring
    if not same_form or parent.item != partner.item:
        return
    merged = parent.model_copy(update={"system": partner.system, "instruction": partner.instruction, "decision": None})
    yield Child(template=merged, operator="merge", rationale="The wording of one good prompt, the examples of another.")


def _shown_outputs(parent: PromptTemplate, pool: tuple[Example, ...]) -> Iterator[Child]:
    """Show good answers without their inputs: style and length for a tenth of a demonstration's tokens."""
    where = "instruction" if parent.instruction or not parent.system else "system"
    answers = sorted(
        (", ".join(e.expected) if parent.contract.form == "list" else e.expected[0] for e in pool if e.expected),
        key=lambda text: (len(text), text),
    )
    middle = answers[len(answers) // 4 :][:SHOWN_OUTPUTS]
    if parent.demonstrations or parent.retrieval or parent.contract.form == "json" or len(middle) < SHOWN_OUTPUTS:
        return
    text = getattr(parent, where) + "\nGood answers for other inputs look like this:\n" + "\n".join(middle)
    yield Child(
        template=parent.model_copy(update={where: text.strip()}),
        operator="show_outputs",
        rationale=f"Shows {SHOWN_OUTPUTS} good answers, without their inputs, for style and length.",
    )


def _less_repetition(parent: PromptTemplate) -> Iterator[Child]:
    if parent.label_scoring or parent.contract.form not in ("text", "list") or parent.decoding.repetition_penalty != 1:
        return
    decoding = parent.decoding.model_copy(update={"repetition_penalty": REPETITION_PENALTY})
    yield Child(
        template=parent.model_copy(update={"decoding": decoding}),
        operator="less_repetition",
        rationale="Discourages the model from repeating itself.",
    )


def _label_hints(parent: PromptTemplate, pool: tuple[Example, ...]) -> Iterator[Child]:
    words = typical_words(pool)
    if len(words) < 2 or not parent.instruction:
        return
    hints = "\n".join(f"{label}: {', '.join(typical)}" for label, typical in words.items())
    instruction = f"{parent.instruction}\nTypical words of each label:\n{hints}"
    yield Child(
        template=parent.model_copy(update={"instruction": instruction, "decision": None}),
        operator="label_definitions",
        rationale="Says which words are typical of each label, as found in your examples.",
    )


def typical_words(pool: tuple[Example, ...]) -> dict[str, list[str]]:
    """Return for each label the words that tell it best from the others (by smoothed log-odds over examples)."""
    by_label: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for example in pool:
        if not example.expected:
            continue
        label = example.expected[0]
        sizes[label] += 1
        found = set(re.findall(r"[^\W\d_]{4,}", " ".join(example.inputs.values()).lower()))
        by_label.setdefault(label, Counter()).update(found)
    total: Counter[str] = Counter()
    for counts in by_label.values():
        total.update(counts)
    everything = sum(sizes.values())

    def odds(label: str, word: str) -> float:
        inside = (by_label[label][word] + 0.5) / (sizes[label] + 1)
        outside = (total[word] - by_label[label][word] + 0.5) / (everything - sizes[label] + 1)
        return log(inside / outside)

    typical: dict[str, list[str]] = {}
    for label, counts in sorted(by_label.items()):
        frequent = [word for word, count in counts.items() if count >= 2]
        chosen = sorted(frequent, key=lambda word: (-odds(label, word), word))[:HINT_WORDS]
        if chosen:
            typical[label] = chosen
    return typical


def _compressed(parent: PromptTemplate) -> Iterator[Child]:
    sentences = re.split(r"(?<=[.!?])\s+", parent.instruction.strip())
    if len(sentences) < 2:
        return
    contract = parent.contract
    if contract.codes and any(label in sentences[-1] for label in contract.labels):
        return  # a letter without its label says nothing
    yield Child(
        template=parent.model_copy(update={"instruction": " ".join(sentences[:-1]), "decision": None}),
        operator="compress",
        rationale=f'Leaves out "{sentences[-1][:80]}".',
    )
