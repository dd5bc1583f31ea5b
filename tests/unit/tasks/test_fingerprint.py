import pytest

from tasks.duplicates import families
from tasks.fingerprint import estimate_tokens, fingerprint
from tasks.languages import language_shares
from tasks.model import Dataset, Example, TaskKind


def dataset(*rows: tuple[dict[str, str], tuple[str, ...] | None]) -> Dataset:
    return Dataset(
        examples=tuple(
            Example(id=str(number), inputs=inputs, expected=expected) for number, (inputs, expected) in enumerate(rows)
        )
    )


def test_classification_facts() -> None:
    measured = fingerprint(
        TaskKind.CLASSIFICATION,
        dataset(
            ({"text": "one two three"}, ("b",)),
            ({"text": "One, two three!"}, ("a",)),
            ({"text": "four"}, ("b",)),
            ({"text": "five six"}, None),
        ),
    )

    assert measured.labels == ("a", "b")
    assert measured.label_counts == {"a": 1, "b": 2}
    assert measured.balance == pytest.approx(0.9183, abs=1e-4)
    assert measured.without_expected == 0.25
    assert measured.labelled == 3
    assert (measured.duplicates, measured.conflicting, measured.near_duplicates) == (1, 1, 0)
    assert measured.input_words.median == 2.5
    assert measured.input_words.maximum == 3
    assert measured.fields == ("text",)


def test_declared_labels_keep_their_order_and_unlisted_ones_are_counted() -> None:
    measured = fingerprint(
        TaskKind.CLASSIFICATION, dataset(({"text": "x"}, ("b",)), ({"text": "y"}, ("z",))), labels=("c", "b")
    )

    assert measured.labels == ("c", "b")
    assert measured.label_counts == {"c": 0, "b": 1, "z": 1}


def test_answer_facts() -> None:
    document = {"document": "The roof was laid in 1998 by Hansen & Sons."}
    measured = fingerprint(
        TaskKind.DOCUMENT_QA,
        dataset(
            ({**document, "question": "When was the roof laid, please?"}, ("1998", "in 1998")),
            ({**document, "question": "When was the roof laid, then, please?"}, ("ninety-eight",)),
            ({**document, "question": "Who laid it?"}, ("hansen & sons",)),
            ({**document, "question": "Why?"}, ()),
        ),
    )

    assert measured.answers_in_document == pytest.approx(2 / 3)
    assert measured.unanswerable == 0.25
    assert (measured.documents, measured.largest_family) == (1, 4)
    assert (measured.duplicates, measured.near_duplicates) == (0, 0)


def test_keyword_facts() -> None:
    measured = fingerprint(
        TaskKind.KEYWORD_EXTRACTION,
        dataset(
            ({"document": "Solar panels on a flat roof"}, ("solar panels", "flat roof", "energy")),
            ({"document": "Roofing"}, ("roof",)),
        ),
    )

    assert measured.keywords_median == 2
    assert measured.keywords_in_document == 0.5
    assert measured.expected_words.maximum == 5


def test_summary_facts() -> None:
    measured = fingerprint(
        TaskKind.SUMMARIZATION,
        dataset(
            ({"document": "long"}, ("It leaks. It was mended by Dr. Roof.", "It leaks.")), ({"document": "x"}, None)
        ),
    )

    assert measured.sentences_median == 1.5
    assert measured.expected_words.median == 5


def test_nothing_to_measure() -> None:
    measured = fingerprint(TaskKind.SUMMARIZATION, Dataset(examples=()))

    assert (measured.n, measured.labelled, measured.input_words.median, measured.languages) == (0, 0, 0.0, {})


def test_near_duplicates_share_over_half_of_their_word_sequences() -> None:
    words = [f"w{number}" for number in range(14)]
    first = " ".join(words)
    close = " ".join(["x", *words[1:]])
    far = " ".join([*words[:6], *(f"v{number}" for number in range(8))])

    assert families([first, close, far, first.upper() + "!"]) == [0, 0, 2, 0]
    assert families([first, close], near=False) == [0, 1]


def test_texts_without_words_repeat_each_other_only_when_equal() -> None:
    assert families(["!!", "??", "!!", ""]) == [0, 1, 0, 3]


def test_near_duplicates_are_found_without_spaces_between_words() -> None:
    text = "这家商店的退货政策是三十天内可以退货并且需要保留收据"

    assert families([text, text.replace("三十天", "六十天")]) == [0, 0]


def test_tokens_are_estimated_by_script() -> None:
    assert estimate_tokens("The quick brown fox jumps over it") == 10
    assert estimate_tokens("这家商店") == 3
    assert estimate_tokens("") == 0


def test_languages_of_a_sample() -> None:
    german = ["Die Rechnung ist leider falsch und der Betrag stimmt nicht."] * 3
    english = ["The invoice is wrong and the amount does not match at all."]

    assert language_shares([*german, *english, "ok"]) == {"de": 0.75, "en": 0.25}
