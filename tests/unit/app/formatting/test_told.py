"""Sentences of the layers below are recognised and said in the reader's language, with their slots filled."""

import time
from collections.abc import Iterator

import pytest

from app.formatting.errors import message_of
from app.formatting.told import told
from app.language import speak
from copilot import UserError


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    speak("en")
    yield
    speak("en")


@pytest.fixture
def german(english_again: None) -> None:
    speak("de")


def test_english_readers_get_what_was_written() -> None:
    assert told("The answer is empty.") == "The answer is empty."


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", "Die Antwort ist leer."),
        ("fr", "La réponse est vide."),
        ("es", "La respuesta está vacía."),
    ],
)
def test_a_sentence_is_said_in_the_language_of_the_reader(code: str, said: str) -> None:
    speak(code)
    assert told("The answer is empty.") == said


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("english", "said"),
    [
        # texts of users stay as they are, words and phrases of ours do not
        ("Expected 'a' or 'b', got 'the c'.", "Erwartet: „a“ oder „b“, erhalten: „the c“."),
        ("Missed: phone number.", "Nicht gefunden: phone number."),
        ("Holds personal data: phone number.", "Enthält personenbezogene Daten: Telefonnummer."),
        (
            "Holds personal data: e-mail address (2 times), phone number.",
            "Enthält personenbezogene Daten: E-Mail-Adresse (2 Mal), Telefonnummer.",
        ),
        # numbers and places
        ("Has 1 word; at most 0 allowed.", "Hat 1 Wort; höchstens 0 erlaubt."),
        ("Has 1,200 words, as wanted.", "Hat 1.200 Wörter, wie gewünscht."),
        ("Line 4: empty, passed over.", "Zeile 4: leer, übergangen."),
        ("Rows 4, 7 and 9: empty, passed over.", "Zeilen 4, 7 und 9: leer, übergangen."),
        ("Rows 1, 2, ... (1,120 in all): empty, passed over.", "Zeilen 1, 2, ... (1.120 insgesamt): leer, übergangen."),
        # a slot that holds a sentence, several sentences in one message, pieces in a row
        (
            "Not scored: the pattern 'a+' took more than a second; write it without nested repetitions.",
            "Nicht gewertet: das Muster „a+“ hat mehr als eine Sekunde gebraucht; schreiben Sie es ohne verschachtelte "
            "Wiederholungen.",
        ),
        ("Missed: a. Not in the list: b, c.", "Nicht gefunden: a. Nicht in der Liste: b, c."),
        (
            "Expected 'a b', got 'a c d'; missing: b; 2 words too many: c, d.",
            "Erwartet: „a b“, erhalten: „a c d“; es fehlt: b; 2 Wörter zu viel: c, d.",
        ),
        ("Contains 'One. Two.'.", "Enthält „One. Two.“."),
        # what is not known
        ("Nobody wrote this.", "Nobody wrote this."),
        ("Nobody wrote this. The answer is empty.", "Nobody wrote this. Die Antwort ist leer."),
        ("", ""),
        ("  \n", "  \n"),
    ],
)  # fmt: skip
def test_slots_are_filled(english: str, said: str) -> None:
    assert told(english) == said


@pytest.mark.usefixtures("german")
def test_braces_and_breaks_in_texts_of_users_are_harmless() -> None:
    assert told("Contains '{name}\nand {0}'.") == "Enthält „{name}\nand {0}“."


@pytest.mark.usefixtures("german")
def test_an_error_is_told_without_commands_of_the_terminal() -> None:
    error = UserError("There is no run abc. `falconer runs list` shows all runs.")
    assert message_of(error) == "Es gibt keinen Lauf abc."


@pytest.mark.usefixtures("german")
def test_a_page_full_of_reasons_is_told_at_once() -> None:
    told("The answer is empty.")
    began = time.process_time()
    said = [told(f"Expected 'Label {n}', got 'the answer number {n}, in words'.") for n in range(2000)]
    assert time.process_time() - began < 2
    assert said[7] == "Erwartet: „Label 7“, erhalten: „the answer number 7, in words“."


@pytest.mark.usefixtures("german")
def test_a_long_text_of_many_sentences_takes_no_time() -> None:
    began = time.process_time()
    assert told("Something happened. " * 2000).startswith("Something happened. Something")
    assert time.process_time() - began < 2
