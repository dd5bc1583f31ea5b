"""What the examples look like: measured facts, from which `tasks.plan` and the kinds' seed prompts follow."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import Field

from tasks.duplicates import families, normalised
from tasks.languages import language_shares
from tasks.model import Dataset, Example, Frozen, TaskKind

QUESTION = "question"


class Lengths(Frozen):
    """The distribution of a length; all zero where there is nothing to measure."""

    median: float = 0.0
    p95: float = 0.0
    maximum: int = 0


class Fingerprint(Frozen):
    """Measured facts about a data set."""

    kind: TaskKind
    n: int
    fields: tuple[str, ...] = ()
    """Input fields, in the order shown to the model: the task's, else those the examples have."""
    input_words: Lengths = Lengths()
    input_characters: Lengths = Lengths()
    input_tokens: Lengths = Lengths()
    """Estimated; see `estimate_tokens`."""
    expected_words: Lengths = Lengths()
    """Of every reference, accepted answer or label; for keyword extraction of the whole list."""
    expected_characters: Lengths = Lengths()
    expected_tokens: Lengths = Lengths()
    without_expected: float = 0.0
    """Share of examples whose expected output is not known."""
    labels: tuple[str, ...] = ()
    """The task's labels, else those of the examples in alphabetical order (classification only)."""
    label_counts: dict[str, int] = Field(default_factory=dict)
    """Examples per label, 0 where a label has none; unlisted labels that occur in the examples are in it too."""
    balance: float | None = None
    """Entropy of the labels over its maximum: 1 is evenly spread, 0 is one label only; None without labels."""
    languages: dict[str, float] = Field(default_factory=dict)
    """Share of each ISO 639-1 language among up to 50 inputs, most frequent first."""
    duplicates: int = 0
    """Examples whose inputs repeat an earlier example's word for word."""
    near_duplicates: int = 0
    """Further examples that share over half of their 5-word sequences with another one."""
    conflicting: int = 0
    """Repetitions whose expected output differs from the first one's."""
    groups: int = 0
    """Distinct values of `Example.group`."""
    documents: int = 0
    """Distinct documents, copies and near copies counted once (without the question in document QA)."""
    largest_family: int = 0
    """Examples that share the most frequent document."""
    keywords_median: float | None = None
    """Median number of expected keywords."""
    keywords_in_document: float | None = None
    """Share of the expected keywords that occur word for word in the document."""
    answers_in_document: float | None = None
    """Share of answerable questions with an accepted answer that occurs word for word in the document."""
    unanswerable: float | None = None
    """Share of questions whose expected answer is that there is none."""
    sentences_median: float | None = None
    """Median number of sentences in a reference summary or text."""

    @property
    def labelled(self) -> int:
        """Examples whose expected output is known."""
        return self.n - round(self.n * self.without_expected)


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text without a tokenizer: about 4 Latin characters or 1.5 other ones each."""
    latin = len(text.encode("ascii", "ignore"))
    return math.ceil(max(latin / 4 + (len(text) - latin) / 1.5, 1.3 * len(text.split())))


def fingerprint(
    kind: TaskKind, dataset: Dataset, *, labels: tuple[str, ...] = (), fields: tuple[str, ...] = ()
) -> Fingerprint:
    """Measure a data set.

    Args:
        kind: the task's kind.
        dataset: the examples, in any order.
        labels: the task's declared labels; empty: taken from the examples.
        fields: the task's input fields; empty: those of the examples, in order of appearance.
    """
    examples = dataset.examples
    fields = fields or tuple(dict.fromkeys(name for example in examples for name in example.inputs))
    inputs = ["\n".join(example.inputs.get(name, "") for name in fields) for example in examples]
    references = [text for example in examples for text in _references(kind, example)]
    return Fingerprint(
        kind=kind,
        n=len(examples),
        fields=fields,
        input_words=_lengths(len(text.split()) for text in inputs),
        input_characters=_lengths(map(len, inputs)),
        input_tokens=_lengths(map(estimate_tokens, inputs)),
        expected_words=_lengths(len(text.split()) for text in references),
        expected_characters=_lengths(map(len, references)),
        expected_tokens=_lengths(map(estimate_tokens, references)),
        without_expected=_share(example.expected is None for example in examples) or 0.0,
        languages=language_shares(inputs),
        groups=len({example.group for example in examples if example.group is not None}),
        **_label_facts(kind, examples, labels),
        **_repetition_facts(kind, examples, fields),
        **_answer_facts(kind, examples, fields),
    )


def document_text(example: Example, fields: Sequence[str], kind: TaskKind) -> str:
    """Return the inputs of an example without the question of a document QA."""
    names = [name for name in fields if not (kind is TaskKind.DOCUMENT_QA and name == QUESTION)]
    return "\n".join(example.inputs.get(name, "") for name in names)


def _references(kind: TaskKind, example: Example) -> tuple[str, ...]:
    if kind is TaskKind.KEYWORD_EXTRACTION and example.expected:
        return (", ".join(example.expected),)
    return example.expected or ()


def _label_facts(kind: TaskKind, examples: Sequence[Example], labels: tuple[str, ...]) -> dict[str, object]:
    if kind is not TaskKind.CLASSIFICATION:
        return {}
    found = Counter(example.expected[0] for example in examples if example.expected)
    labels = labels or tuple(sorted(found))
    counts = {label: found[label] for label in (*labels, *sorted(set(found) - set(labels)))}
    return {"labels": labels, "label_counts": counts, "balance": _balance(list(counts.values()))}


def _balance(counts: list[int]) -> float | None:
    total = sum(counts)
    if not total:
        return None
    if len(counts) == 1:
        return 1.0
    entropy = -sum(count / total * math.log(count / total) for count in counts if count)
    return entropy / math.log(len(counts))


def _repetition_facts(kind: TaskKind, examples: Sequence[Example], fields: tuple[str, ...]) -> dict[str, object]:
    whole = ["\n".join(example.inputs.get(name, "") for name in fields) for example in examples]
    documents = families([document_text(example, fields, kind) for example in examples])
    exact = families(whole, near=False)
    close = _same_question(examples, documents) if kind is TaskKind.DOCUMENT_QA else documents
    repeated = [position for position, first in enumerate(exact) if first != position]
    nearly = [position for position, first in enumerate(close) if first != position]
    return {
        "duplicates": len(repeated),
        "near_duplicates": len(set(nearly) - set(repeated)),
        "conflicting": sum(_differ(examples[position], examples[exact[position]]) for position in repeated),
        "documents": len(set(documents)),
        "largest_family": max(Counter(documents).values(), default=0),
    }


def _same_question(examples: Sequence[Example], documents: list[int]) -> list[int]:
    """Two questions repeat each other only where they are about the same document."""
    members: dict[int, list[int]] = {}
    for position, document in enumerate(documents):
        members.setdefault(document, []).append(position)
    result = list(range(len(examples)))
    for positions in members.values():
        within = families([examples[position].inputs.get(QUESTION, "") for position in positions])
        for position, first in zip(positions, within, strict=True):
            result[position] = positions[first]
    return result


def _differ(one: Example, other: Example) -> bool:
    return one.expected is not None and other.expected is not None and set(one.expected) != set(other.expected)


def _answer_facts(kind: TaskKind, examples: Sequence[Example], fields: tuple[str, ...]) -> dict[str, object]:
    known = [(example, example.expected) for example in examples if example.expected is not None]
    if kind is TaskKind.DOCUMENT_QA:
        return {
            "unanswerable": _share(not expected for _, expected in known),
            "answers_in_document": _share(
                any(_occurs(answer, document_text(example, fields, kind)) for answer in expected)
                for example, expected in known
                if expected
            ),
        }
    if kind is TaskKind.KEYWORD_EXTRACTION:
        return {
            "keywords_median": float(statistics.median(len(expected) for _, expected in known)) if known else None,
            "keywords_in_document": _share(
                _occurs(keyword, document_text(example, fields, kind))
                for example, expected in known
                for keyword in expected
            ),
        }
    if kind is TaskKind.CLASSIFICATION:
        return {}
    counts = [_sentences(text) for _, expected in known for text in expected]
    return {"sentences_median": float(statistics.median(counts)) if counts else None}


def _occurs(phrase: str, document: str) -> bool:
    wanted = " ".join(normalised(phrase))
    return bool(wanted) and f" {wanted} " in f" {' '.join(normalised(document))} "


def _sentences(text: str) -> int:
    ends = [word for word in text.split()[:-1] if word[-1] in ".!?" and len(word.strip(".")) > 2]
    return len(ends) + 1


def _share(flags: Iterable[bool]) -> float | None:
    values = list(flags)
    return sum(values) / len(values) if values else None


def _lengths(values: Iterable[int]) -> Lengths:
    ordered = sorted(values)
    if not ordered:
        return Lengths()
    p95 = ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
    return Lengths(median=float(statistics.median(ordered)), p95=float(p95), maximum=ordered[-1])
