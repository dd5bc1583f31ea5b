"""What is taken off an answer because its inputs show it to be superfluous."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.evaluation.refinement import _function_words, refine
from tasks.model import Refinement

ROW = {
    "document": "The tower was finished in 1889. It was built by Gustave Eiffel's company, for the World's Fair.",
    "question": "Who built the tower?",
}
OCCURRING = Refinement(rule="occurring_items")
WITHOUT_QUESTION = Refinement(rule="without_question")
COPIED = Refinement(rule="copied_words")


def test_keywords_that_do_not_stand_in_the_document_go() -> None:
    kept = refine(("towers", "World's Fairs", "steel bridges", "towers towers"), OCCURRING, ROW)
    assert kept == ("towers", "World's Fairs")


def test_words_of_the_question_and_function_words_go_at_both_ends_only() -> None:
    assert refine("The tower was built by Gustave Eiffel's company.", WITHOUT_QUESTION, ROW) == (
        "Gustave Eiffel's company."
    )
    assert (
        refine("Eiffel, who built it, and his company", WITHOUT_QUESTION, ROW)
        == "Eiffel, who built it, and his company"
    )


def test_function_words_are_those_of_the_language() -> None:
    row = {"document": "Der Turm wurde von Eiffel gebaut.", "question": "Wer hat den Turm gebaut?"}
    german = Refinement(rule="without_question", language="de")
    assert refine("Der Turm wurde von Eiffel gebaut", german, row) == "Eiffel"


def test_the_longest_run_of_copied_words_stays() -> None:
    said = "It is said that it was built by Gustave Eiffel's company in Paris."
    assert refine(said, COPIED, ROW) == "it was built by Gustave Eiffel's company"


@pytest.mark.parametrize("refinement", [OCCURRING, WITHOUT_QUESTION, COPIED])
def test_nothing_is_ever_emptied(refinement: Refinement) -> None:
    assert refine("the tower", refinement, ROW) == "the tower"
    assert refine(("bridge",), refinement, ROW) == ("bridge",)


@given(
    value=st.one_of(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=1).map(tuple)),
    document=st.text(),
    question=st.text(),
    refinement=st.sampled_from([OCCURRING, WITHOUT_QUESTION, COPIED]),
)
def test_what_stays_is_a_part_of_what_was_answered(
    value: str | tuple[str, ...], document: str, question: str, refinement: Refinement
) -> None:
    kept = refine(value, refinement, {"document": document, "question": question})
    assert kept
    if isinstance(value, str):
        assert isinstance(kept, str)
        assert " ".join(kept.split()) in " ".join(value.split())
    else:
        assert set(kept) <= set(value)
    assert refine(kept, refinement, {"document": document, "question": question}) == kept


@pytest.mark.parametrize("language", ["en", "de", "pt-br", "xx"])
def test_function_words_are_those_of_yake(language: str) -> None:
    from yake import KeywordExtractor

    assert _function_words(language) == KeywordExtractor(lan=language).stopword_set
