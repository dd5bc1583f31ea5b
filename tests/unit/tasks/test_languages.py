"""Telling languages, and letting the model for it go."""

import weakref

from tasks import languages
from tasks.languages import language_shares

TEXTS = (
    "Das Haus steht am Ende der Straße.",
    "The house stands at the end of the road.",
    "The cat sleeps on the chair.",
    "A dog barks at the cat.",
)


def test_shares_are_the_most_frequent_first() -> None:
    assert list(language_shares(TEXTS).items()) == [("en", 0.75), ("de", 0.25)]


def test_texts_of_fewer_than_three_words_say_nothing() -> None:
    assert language_shares(["Guten Tag", "ok", ""]) == {}


def test_the_model_goes_when_it_is_released_and_comes_back_when_it_is_asked() -> None:
    keeper = languages._Keeper()
    weights = weakref.ref(keeper.identifier().nb_ptc)
    assert weights() is keeper.identifier().nb_ptc
    keeper.release()
    assert weights() is None
    assert keeper.identifier().nb_ptc is not None
    keeper.release()
