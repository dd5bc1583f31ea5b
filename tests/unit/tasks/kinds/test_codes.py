"""Words and letters that stand for labels."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.kinds.codes import APART, LETTERS, letters_for, words_for
from tasks.kinds.labels import read_label, write_label
from tasks.model import OutputContract


def test_a_word_that_tells_the_label_from_all_others_stands_for_it() -> None:
    assert words_for(("card_arrival", "card_linking", "card_not_working")) == ("arrival", "linking", "working")


def test_a_word_that_is_another_label_is_not_taken() -> None:
    assert words_for(("card", "card arrival")) == ("card", "arrival")


def test_letters_alone_where_they_suffice_and_a_label_has_no_word_left() -> None:
    assert words_for(("complaint", "compliment")) is None
    assert letters_for(("complaint", "compliment")) == ("A", "B")


def test_many_labels_without_words_have_no_codes() -> None:
    labels = tuple(f"topic {number}" for number in range(30))
    assert words_for(labels) is None and letters_for(labels) is None


def test_where_labels_are_too_many_for_letters_a_few_without_a_word_get_one() -> None:
    words = [f"{first}{second}mu" for first in "abcdefg" for second in "aeio"][:26]
    labels = (*(f"topic {word}" for word in words), "topic 1")
    codes = words_for(labels)
    assert codes is not None and len(labels) == 27
    assert codes[:2] == ("aamu", "aemu") and codes[-1] == "A"


@given(
    st.lists(st.from_regex(r"[a-d]{2,6}([ _][a-d]{1,6}){0,3}", fullmatch=True), min_size=2, max_size=40, unique=True)
)
def test_codes_are_told_apart_by_their_start_and_read_back(labels: list[str]) -> None:
    codes = words_for(labels)
    if codes is None:
        return
    words = [code for code in codes if code not in LETTERS]
    assert len({word.casefold()[:APART] for word in words}) == len(words)
    assert len(set(codes)) == len(codes) == len(labels)
    contract = OutputContract(form="label", labels=tuple(labels), codes=codes)
    for label in labels:
        assert read_label(write_label(label, contract), contract).value == label
