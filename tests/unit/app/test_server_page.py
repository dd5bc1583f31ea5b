"""The page that a browser loads first."""

import re

from app.server_page import LOOK, lost, shell


def test_it_is_streamlits_page_under_our_name() -> None:
    text = shell(language="fr", appearance="dark")
    assert '<html lang="fr" data-appearance="dark">' in text
    assert "<title>Falconer</title>" in text
    assert "./static/js/index" in text


def test_no_script_stands_in_it_and_ours_is_the_first() -> None:
    text = shell(language="en", appearance="system")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert all("src=" in attributes and not body.strip() for attributes, body in scripts)
    assert "./look/start.js" in scripts[0][0]


def test_all_it_names_of_ours_is_there_and_nothing_is_elsewhere() -> None:
    text = shell(language="en", appearance="system")
    named = re.findall(r"\./look/([\w.-]+)", text)
    assert named and all((LOOK / name).is_file() for name in named)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)


def test_an_unknown_address_has_one_sentence_and_a_way_back_in_the_readers_language() -> None:
    text = lost(language="de", appearance="dark")
    assert '<html lang="de" data-appearance="dark">' in text
    assert text.count("<h1>") == 1 and "Unter dieser Adresse gibt es keine Seite" in text
    assert '<a href="/">Zu den Aufgaben</a>' in text
    assert "wordmark-dark.svg" in text and "wordmark-light.svg" not in text


def test_the_page_for_unknown_addresses_holds_no_script_and_names_files_of_ours_alone() -> None:
    text = lost(language="en", appearance="system")
    assert "<script" not in text and "<style" not in text and "style=" not in text
    named = re.findall(r"/look/([\w.-]+)", text)
    assert {"icon.svg", "lost.css", "wordmark-light.svg", "wordmark-dark.svg"} <= set(named)
    assert all((LOOK / name).is_file() for name in named)
