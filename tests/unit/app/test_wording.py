"""Every sentence of the interface is a literal, and a catalogue that is there holds all of them."""

import json
from pathlib import Path

import pytest
import streamlit as st

from app import wording
from app.language import LANGUAGES
from app.locales_check import Sentences, collect, compare, load, typography
from app.wording import LOCALES, t, tn


def test_sentences_in_the_code_are_literals() -> None:
    sentences = collect()
    assert sentences.faults == ()
    assert len(sentences.keys) > 50


def test_every_catalogue_is_complete_and_has_the_same_slots() -> None:
    catalogues = [file.stem for file in LOCALES.glob("*.json")]
    assert set(catalogues) <= set(LANGUAGES) - {"en"}
    sentences = collect()
    assert {code: compare(load(code), sentences) for code in catalogues} == {code: () for code in catalogues}


def test_every_catalogue_is_set_as_its_language_is() -> None:
    codes = set(LANGUAGES) - {"en"}
    assert {code: typography(code, load(code)) for code in codes} == dict.fromkeys(codes, ())


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "zu 95 %"), ("de", "”Alle”"), ("de", "“Alle“"), ("de", "«Alle»"), ("de", "geht's"),
        ("fr", "« Tous »"), ("fr", "“Tous”"), ("fr", "Vraiment?"), ("fr", "Vraiment ?"), ("fr", "Donc: oui"),
        ("es", "“Todo”"), ("es", "el 95 %"),
    ],
)  # fmt: skip
def test_a_sentence_set_as_in_another_language_is_found(code: str, text: str) -> None:
    assert typography(code, {"": text})


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "zu 95\u00a0%, „Alle“ (oder: „keine“)"),
        ("fr", "«\u00a0Tous\u00a0»\u00a0: oui\u00a0! {seconds:.1f} https://example.org/?a=1"),
        ("es", "«Todo», el 95\u00a0%: ¿sí?"),
    ],
)
def test_a_sentence_set_as_its_language_is_passes(code: str, text: str) -> None:
    assert typography(code, {"": text}) == ()


@pytest.mark.parametrize(
    ("catalogue", "said"),
    [
        ({}, "missing: 'Save {name}'"),
        ({"Save {name}": "Speichern"}, "other slots than the English sentence: 'Save {name}'"),
        ({"Save {name}": "{name sichern"}, "other slots than the English sentence: 'Save {name}'"),
        ({"Save {name}": "{name} sichern", "Gone": "Weg"}, "no longer used: 'Gone'"),
        ({"Save {name}": " "}, "empty: 'Save {name}'"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_told(catalogue: dict[str, str], said: str) -> None:
    assert said in compare(catalogue, Sentences(frozenset({"Save {name}"}), frozenset(), ()))


def test_numbers_in_a_sentence_are_written_in_the_readers_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"language": "de"})
    assert t("{n} of {all}, {s:.1f} s, {name}, {yes}", n=1234, all=0.25, s=2.345, name="1.5", yes=True) == (
        "1.234 of 0,25, 2,3 s, 1.5, True"
    )


def test_a_number_may_be_named_in_one_language_only() -> None:
    sentences = Sentences(frozenset({"one row"}), frozenset({"one row"}), ())
    assert compare({"one row": "{n} ligne"}, sentences) == ()


def test_a_sentence_is_said_in_the_readers_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "fr.json").write_text(json.dumps({"one row": "{n} ligne", "{n} rows": "{n} lignes", "Hi": "Salut"}))
    monkeypatch.setattr(wording, "LOCALES", tmp_path)
    wording._catalogue.cache_clear()
    monkeypatch.setattr(st, "session_state", {"language": "fr"})
    assert (t("Hi"), tn("one row", "{n} rows", 0), tn("one row", "{n} rows", 2)) == ("Salut", "0 ligne", "2 lignes")
    assert t("Not there") == "Not there"
    monkeypatch.setattr(st, "session_state", {"language": "xx"})
    assert t("Hi") == "Hi"
    wording._catalogue.cache_clear()
