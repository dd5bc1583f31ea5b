"""What remembers words and texts to be fast gives the same numbers as the library does without."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sklearn.feature_extraction.text import TfidfVectorizer

from evaluators import normalise, texts
from evaluators.base import EvaluationContext
from evaluators.baselines import predict
from evaluators.registry import create

SENTENCE = st.lists(
    st.sampled_from(["Relational", "generously", "invoices", "invoice", "paid", "the", "42", "ponies", "Müller's"]),
    min_size=1,
    max_size=9,
).map(" ".join)


@settings(max_examples=50, deadline=None)
@given(output=SENTENCE | st.text(max_size=40), reference=SENTENCE)
async def test_rouge_is_the_librarys_with_its_stemmer(output: str, reference: str) -> None:
    library = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True).score(reference, output)
    for name, measure in (("rouge_1", "rouge1"), ("rouge_2", "rouge2"), ("rouge_l", "rougeL")):
        score = await create(name).evaluate(EvaluationContext(output=output, expected=(reference,)))
        assert score.value == library[measure].fmeasure


@settings(max_examples=50, deadline=None)
@given(written=st.lists(SENTENCE, min_size=1, max_size=5), question=SENTENCE)
def test_the_best_sentence_is_one_of_the_vectorisers_nearest(written: list[str], question: str) -> None:
    document = " ".join(f"{sentence}." for sentence in written)
    sentences = texts.sentences(document)
    assume(sentences)

    def stemmed(text: str) -> list[str]:
        return [normalise.stem(word) for word in texts.words(text.lower())]

    vectorizer = TfidfVectorizer(tokenizer=stemmed, token_pattern=None, lowercase=False, sublinear_tf=True)
    matrix = vectorizer.fit_transform(sentences)
    likeness = (matrix @ vectorizer.transform([question]).T).toarray().ravel()
    (chosen,) = predict("best_sentence", [], [], [{"document": document, "question": question}])
    assert isinstance(chosen, str)
    assert likeness[sentences.index(chosen)] >= likeness.max() - 1e-12
