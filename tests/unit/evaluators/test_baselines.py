"""What methods without a model predict."""

import pytest

from evaluators.baselines import baselines_for, predict

ROWS = [
    ({"text": "Refund my payment, the invoice was charged twice"}, ("billing",)),
    ({"text": "The invoice shows a wrong amount"}, ("billing",)),
    ({"text": "I was charged again, please refund"}, ("billing",)),
    ({"text": "The app crashes when I log in"}, ("technical",)),
    ({"text": "Login page shows an error and crashes"}, ("technical",)),
]
TRAIN = [row for row, _ in ROWS]
LABELS = [expected for _, expected in ROWS]


def test_every_kind_but_custom_has_baselines() -> None:
    for kind in ("classification", "summarization", "document_qa", "keyword_extraction"):
        assert baselines_for(kind)
        assert all(method.kind == kind and method.description.endswith(".") for method in baselines_for(kind))
    assert baselines_for("custom") == ()


def test_majority() -> None:
    assert predict("majority", TRAIN, LABELS, [{"text": "anything"}, {"text": ""}]) == ["billing", "billing"]
    assert predict("majority", [], [], [{"text": "anything"}]) == [""]


def test_logistic_regression_learns_words() -> None:
    inputs = [{"text": "error: it crashes"}, {"text": "wrong invoices, refunds!"}]
    assert predict("tfidf_logistic", TRAIN, LABELS, inputs) == ["technical", "billing"]


def test_logistic_regression_with_one_label_or_no_words_is_the_majority() -> None:
    assert predict("tfidf_logistic", TRAIN[:2], LABELS[:2], [{"text": "error"}]) == ["billing"]
    assert predict("tfidf_logistic", [{"text": "?"}, {"text": "!"}], [("a",), ("b",)], [{"text": "x"}]) == ["a"]
    assert predict("tfidf_logistic", TRAIN, LABELS, []) == []


DOCUMENT = "Tickets rose by ten percent. The notice period is thirty days. The office in Munich was closed in May."


def test_lead_takes_as_many_sentences_as_references_are_long() -> None:
    train = [{"document": DOCUMENT}] * 3
    one = [("Tickets rose by ten.",), ("Five words are in here.",), ("Five words are in here.",)]
    assert predict("lead", train, one, [{"document": DOCUMENT}]) == ["Tickets rose by ten percent."]
    two = [("Eleven words of text fill this reference up to the end.",)] * 3
    expected = "Tickets rose by ten percent. The notice period is thirty days."
    assert predict("lead", train, two, [{"document": DOCUMENT}, {"document": ""}]) == [expected, ""]


def test_best_sentence_answers_the_question() -> None:
    inputs = [
        {"document": DOCUMENT, "question": "How long are notice periods?"},
        {"document": DOCUMENT, "question": "When were the Munich offices closed?"},
        {"document": "", "question": "Why?"},
    ]
    assert predict("best_sentence", [], [], inputs) == [
        "The notice period is thirty days.",
        "The office in Munich was closed in May.",
        "",
    ]


KEYWORD_DOCUMENT = (
    "Solar panels cut energy costs. A heat pump saves energy where solar panels are installed. "
    "The heat pump and the solar panels share one inverter."
)


@pytest.mark.parametrize("name", ["yake", "tfidf_keywords"])
def test_keywords_come_from_the_document_in_the_usual_number(name: str) -> None:
    train = [{"document": "The energy costs of the town hall."}] * 3
    expected = [("a", "b", "c"), ("a", "b", "c"), ("a",)]
    (keywords,) = predict(name, train, expected, [{"document": KEYWORD_DOCUMENT}])
    assert isinstance(keywords, tuple)
    assert len(keywords) == 3
    assert all(keyword.lower() in KEYWORD_DOCUMENT.lower() for keyword in keywords)
    assert any("solar panels" in keyword.lower() for keyword in keywords)


@pytest.mark.parametrize("name", ["yake", "tfidf_keywords"])
def test_an_empty_document_has_no_keywords(name: str) -> None:
    assert predict(name, [], [], [{"document": ""}]) == [()]


def test_unknown_names_and_unpaired_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="known are: majority"):
        predict("oracle", [], [], [])
    with pytest.raises(ValueError, match="do not match"):
        predict("majority", TRAIN, [], [])
