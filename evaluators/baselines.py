"""What simple methods without a language model reach: the yardstick beside every verdict."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt
from statistics import median
from typing import Any

import numpy as np

from evaluators import normalise, texts

Inputs = Sequence[Mapping[str, str]]
Expected = Sequence[tuple[str, ...]]
Predictions = list[str | tuple[str, ...]]
Method = Callable[[Inputs, Expected, Inputs], Predictions]

_QUESTION = "question"
_KEYWORDS_WITHOUT_EXAMPLES = 5
_SENTENCES_WITHOUT_EXAMPLES = 3
_LONGEST_PHRASE = 4
_CLAUSE_END = re.compile(r"[.,;:!?()\[\]\"\n]+(?:\s|$)|\s[-\u2013\u2014]\s|[(\[\"]")


@dataclass(frozen=True, kw_only=True)
class BaselineMethod:
    """A method that answers from the training examples alone."""

    name: str
    kind: str
    description: str
    """One sentence, for a reader who knows no statistics."""
    predict: Method
    """`predict(train_inputs, train_expected, inputs)`: one prediction per input, a text or, for keywords, a tuple."""


def baselines_for(kind: str) -> tuple[BaselineMethod, ...]:
    """Return the methods for a kind of task, such as `classification`; none for a custom one."""
    return tuple(method for method in _METHODS if method.kind == kind)


def predict(name: str, train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    """Predict with the method of this name.

    Args:
        name: as in `BaselineMethod.name`.
        train_inputs: inputs of the examples that may be learned from; never those of the verdict.
        train_expected: their expected outputs.
        inputs: what to predict for.

    Raises:
        ValueError: no method has this name, or the training examples do not match.
    """
    if len(train_inputs) != len(train_expected):
        raise ValueError(f"{len(train_inputs)} training inputs do not match {len(train_expected)} expected outputs.")
    for method in _METHODS:
        if method.name == name:
            return method.predict(train_inputs, train_expected, inputs)
    raise ValueError(f"There is no baseline called '{name}'; known are: {', '.join(m.name for m in _METHODS)}.")


def _document(inputs: Mapping[str, str]) -> str:
    """Return the input `document`, else `text`, else all inputs but a question."""
    for name in ("document", "text"):
        if name in inputs:
            return inputs[name]
    return "\n".join(text for name, text in inputs.items() if name != _QUESTION)


def _majority(train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    labels = Counter(expected[0] for expected in train_expected if expected)
    return [labels.most_common(1)[0][0] if labels else ""] * len(inputs)


def _logistic(train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    pairs = [
        (_joined(row), expected[0]) for row, expected in zip(train_inputs, train_expected, strict=True) if expected
    ]
    labels = {label for _, label in pairs}
    if len(labels) < 2 or not any(_content_stems(text) for text, _ in pairs):
        return _majority(train_inputs, train_expected, inputs)
    if not inputs:
        return []
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, tokenizer=_content_stems, token_pattern=None, lowercase=False),
        LogisticRegression(C=10.0, max_iter=1000),
    )
    model.fit([text for text, _ in pairs], [label for _, label in pairs])
    return [str(label) for label in model.predict([_joined(row) for row in inputs])]


def _joined(inputs: Mapping[str, str]) -> str:
    return "\n".join(inputs.values())


def _lead(train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    target = _median_length(train_expected)
    fitting = [
        count
        for row in train_inputs
        if target and (count := _sentences_nearest(texts.sentences(_document(row)), target))
    ]
    count = round(median(fitting)) if fitting else _SENTENCES_WITHOUT_EXAMPLES
    return [" ".join(texts.sentences(_document(row))[:count]) for row in inputs]


def _median_length(expected: Expected) -> float | None:
    lengths = [len(texts.words(text)) for row in expected for text in row if text.strip()]
    return median(lengths) if lengths else None


def _sentences_nearest(sentences: Sequence[str], target: float) -> int:
    """Return how many sentences from the head come nearest to `target` words; 0 for a document without any."""
    ends = np.cumsum([len(texts.words(sentence)) for sentence in sentences])
    return int(np.abs(ends - target).argmin()) + 1 if len(sentences) else 0


def _best_sentence(train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    return [_matching_sentence(texts.sentences(_document(row)), row.get(_QUESTION, "")) for row in inputs]


def _matching_sentence(sentences: Sequence[str], question: str) -> str:
    """Return the sentence with the largest TF-IDF cosine, the document's sentences being the corpus.

    As scikit-learn weighs with `sublinear_tf`; its vectoriser is made for one large corpus, not one for each question.
    """
    bags = [Counter(_stemmed(sentence)) for sentence in sentences]
    frequency = Counter(stem for bag in bags for stem in bag)
    if not frequency:
        return ""
    rarity = {stem: log((1 + len(bags)) / (1 + count)) + 1 for stem, count in frequency.items()}

    def weights(bag: Counter[str]) -> dict[str, float]:
        return {stem: (1 + log(count)) * rarity[stem] for stem, count in bag.items() if stem in rarity}

    wanted = weights(Counter(_stemmed(question)))

    def likeness(bag: Counter[str]) -> float:
        given = weights(bag)
        shared = fsum(weight * given[stem] for stem, weight in wanted.items() if stem in given)
        return shared / sqrt(fsum(weight * weight for weight in given.values())) if shared else 0.0

    likenesses = [likeness(bag) for bag in bags]
    return sentences[likenesses.index(max(likenesses))]


def _stem_vectorizer() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(tokenizer=_stemmed, token_pattern=None, lowercase=False, sublinear_tf=True)


def _stemmed(text: str) -> list[str]:
    return [normalise.stem(word) for word in texts.words(text.lower())]


def _content_stems(text: str) -> list[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return [normalise.stem(word) for word in texts.words(text.lower()) if word not in ENGLISH_STOP_WORDS]


def _keyword_count(train_expected: Expected) -> int:
    counts = [len(expected) for expected in train_expected if expected]
    return max(1, round(median(counts))) if counts else _KEYWORDS_WITHOUT_EXAMPLES


def _yake(train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    from yake import KeywordExtractor

    extractor = KeywordExtractor(lan="en", n=3, top=_keyword_count(train_expected))
    return [tuple(str(keyword) for keyword, _ in extractor.extract_keywords(_document(row))) for row in inputs]


def _tfidf_keywords(train_inputs: Inputs, train_expected: Expected, inputs: Inputs) -> Predictions:
    documents = [_document(row) for row in inputs]
    corpus = [*(_document(row) for row in train_inputs), *documents]
    if not any(_stemmed(document) for document in corpus):
        return [()] * len(inputs)
    vectorizer = _stem_vectorizer()
    matrix = vectorizer.fit_transform(corpus)[len(train_inputs) :].tocsr()
    vocabulary: dict[str, int] = vectorizer.vocabulary_
    count = _keyword_count(train_expected)
    return [
        _heaviest(document, dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)), vocabulary, count)
        for document, row in zip(documents, matrix, strict=True)
    ]


def _heaviest(document: str, weights: dict[int, float], vocabulary: dict[str, int], count: int) -> tuple[str, ...]:
    """Return the phrases whose words weigh most together; the same phrase in another inflection counts once."""
    phrases: dict[tuple[str, ...], tuple[float, str]] = {}
    for words in _content_phrases(document):
        stems = tuple(normalise.stem(word) for word in words)
        weight = sum(weights.get(vocabulary.get(stem, -1), 0.0) for stem in stems)
        phrases.setdefault(stems, (weight, " ".join(words)))
    ranked = sorted(phrases.values(), key=lambda pair: -pair[0])
    return tuple(phrase for _, phrase in ranked[:count])


def _content_phrases(text: str) -> list[tuple[str, ...]]:
    """Return the runs of at most four words between punctuation, stop words and numbers."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    phrases = []
    for clause in _CLAUSE_END.split(text.lower()):
        run: list[str] = []
        for word in [*texts.words(clause), ""]:
            if len(word) > 1 and word not in ENGLISH_STOP_WORDS and not word.isdigit():
                run.append(word)
                continue
            if 0 < len(run) <= _LONGEST_PHRASE:
                phrases.append(tuple(run))
            run = []
    return phrases


_METHODS: tuple[BaselineMethod, ...] = (
    BaselineMethod(
        name="majority",
        kind="classification",
        description="Always answers with the most frequent label of the training examples.",
        predict=_majority,
    ),
    BaselineMethod(
        name="tfidf_logistic",
        kind="classification",
        description="Learns which words speak for which label (TF-IDF and logistic regression).",
        predict=_logistic,
    ),
    BaselineMethod(
        name="lead",
        kind="summarization",
        description="Takes the first sentences of the document, as many as a reference is long.",
        predict=_lead,
    ),
    BaselineMethod(
        name="best_sentence",
        kind="document_qa",
        description="Answers with the sentence of the document that has most in common with the question (TF-IDF).",
        predict=_best_sentence,
    ),
    BaselineMethod(
        name="yake",
        kind="keyword_extraction",
        description="Picks keywords by their place and frequency in the document alone (YAKE).",
        predict=_yake,
    ),
    BaselineMethod(
        name="tfidf_keywords",
        kind="keyword_extraction",
        description="Picks the phrases whose words are frequent in this document and rare in the others (TF-IDF).",
        predict=_tfidf_keywords,
    ),
)
