"""The page that a browser loads first."""

import re

from app.server_page import LOOK, shell


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
