"""Every sentence of the interface is a literal, and a catalogue that is there holds all of them."""

import json
from pathlib import Path

import pytest
import streamlit as st

from app import wording
from app.locales_check import Sentences, collect, compare, load, slots
from app.wording import LANGUAGES, LOCALES, t, tn


def test_sentences_in_the_code_are_literals() -> None:
    sentences = collect()
    assert sentences.faults == ()
    assert len(sentences.keys) > 50


def test_the_braces_of_every_sentence_match() -> None:
    for key in collect().keys:
        slots(key)


def test_every_catalogue_is_complete_and_has_the_same_slots() -> None:
    catalogues = [file.stem for file in LOCALES.glob("*.json")]
    assert set(catalogues) <= set(LANGUAGES) - {"en"}
    sentences = collect()
    assert {code: compare(load(code), sentences) for code in catalogues} == {code: () for code in catalogues}


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
