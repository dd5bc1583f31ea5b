"""What a kind demonstrates it also reads back, and no answer, however hostile, makes a parser raise."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.kinds.document_qa import NO_ANSWER
from tasks.model import Dataset, Example, OutputContract, SeedPrompt, Task, TaskKind

LABELS = ("billing", "delivery issue", "delivery", "C++", "no", "Sci/Tech", "Größe", "ja, gern")


def _prompts(kind: TaskKind, labels: tuple[str, ...] = ()) -> list[tuple[str, SeedPrompt]]:
    chosen = kinds.get(kind)
    inputs = dict.fromkeys(chosen.fields or ("input",), "The roof leaks since the storm.")
    dataset = Dataset(examples=tuple(Example(id=str(number), inputs=inputs, expected=("roof",)) for number in range(3)))
    measured = fingerprint(kind, dataset, labels=labels)
    task = Task(name="t", kind=kind, labels=labels)
    prompts = (chosen.user_prompt(task, measured), *chosen.seeds(task, measured))
    return [(f"{kind}/{prompt.name}", prompt) for prompt in prompts]


PROMPTS = {kind: _prompts(kind) for kind in TaskKind}
PROMPTS[TaskKind.CLASSIFICATION] = [
    *_prompts(TaskKind.CLASSIFICATION, LABELS),
    *_prompts(TaskKind.CLASSIFICATION, ("refund request", "refund status", "other")),
]
CONTRACTS = list(
    {
        (kind, prompt.contract.model_dump_json()): (kind, prompt.contract)
        for kind, prompts in PROMPTS.items()
        for _, prompt in prompts
    }.values()
)

lines = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split())
)
texts = lines.filter(bool)


def reads_back(text: str) -> bool:
    """Reasoning tags and code fences are wrapping, whatever they hold."""
    return "<think>" not in text and "</think>" not in text and not text.startswith("```")


@settings(deadline=None)
@given(texts.filter(reads_back), st.sampled_from([TaskKind.SUMMARIZATION, TaskKind.DOCUMENT_QA, TaskKind.CUSTOM]))
@example("Summary: x", TaskKind.SUMMARIZATION)
@example('"Heart of Glass"', TaskKind.DOCUMENT_QA)
@example("„Heart“", TaskKind.DOCUMENT_QA)
@example("Answer: 'x'", TaskKind.CUSTOM)
@example("Here is the answer: x", TaskKind.CUSTOM)
def test_texts_are_read_back(text: str, kind: TaskKind) -> None:
    for name, prompt in PROMPTS[kind]:
        shown = kinds.get(kind).demonstrate((text,), prompt.contract)

        assert kinds.get(kind).parse(shown, prompt.contract).value == text, (name, shown)


@settings(deadline=None)
@given(st.lists(texts.filter(reads_back), min_size=1, max_size=6, unique_by=str.casefold).map(tuple))
@example(("Paris, Texas", "a; b", "etc."))
@example(("Keywords: x",))
@example(("1. x", "- y"))
@example(("['x']",))
def test_keywords_are_read_back(keywords: tuple[str, ...]) -> None:
    kind = kinds.get(TaskKind.KEYWORD_EXTRACTION)
    for name, prompt in PROMPTS[TaskKind.KEYWORD_EXTRACTION]:
        shown = kind.demonstrate(keywords, prompt.contract)

        assert kind.parse(shown, prompt.contract).value == keywords, (name, shown)


def test_every_label_is_read_back() -> None:
    kind = kinds.get(TaskKind.CLASSIFICATION)
    for name, prompt in PROMPTS[TaskKind.CLASSIFICATION]:
        for label in prompt.contract.labels:
            assert kind.parse(kind.demonstrate((label,), prompt.contract), prompt.contract).value == label, name


@settings(deadline=None)
@given(st.lists(texts.filter(reads_back), min_size=2, max_size=5, unique_by=lambda text: text.strip()))
def test_any_label_set_is_read_back(labels: list[str]) -> None:
    kind = kinds.get(TaskKind.CLASSIFICATION)
    contract = OutputContract(form="label", labels=tuple(labels))
    for label in labels:
        assert kind.parse(kind.demonstrate((label,), contract), contract).value == label


def test_unanswerable_is_read_back() -> None:
    kind = kinds.get(TaskKind.DOCUMENT_QA)
    for _, prompt in PROMPTS[TaskKind.DOCUMENT_QA]:
        assert kind.parse(kind.demonstrate((), prompt.contract), prompt.contract).value == NO_ANSWER


HOSTILE = st.one_of(
    st.text(),
    st.text('<think>/{}[]":,`\n -.*billing12AB\\', max_size=200),
    st.text(st.characters(categories=("Cs", "Cc", "Lu"))),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner)).map(
        lambda value: json.dumps({"answer": value, "keywords": value, "label": value, "summary": value})
    ),
)


@given(HOSTILE)
@example('{"answer": "\\ud800"}')
@settings(deadline=None)
def test_no_answer_makes_a_parser_raise(text: str) -> None:
    for kind, contract in CONTRACTS:
        parsed = kinds.get(kind).parse(text, contract)

        assert (parsed.value is None) == (parsed.problem is not None)
        parsed.model_dump_json()
