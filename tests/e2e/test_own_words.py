"""What Streamlit says by itself is said in the reader's language; what users wrote stays as it is."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from copilot import Copilot
from tests.e2e.browsing import Visitor

ENGLISH = re.compile(r"\b(Upload|per file|Press|Enter to|No results|outside the allowed|Choose an option)\b")


@pytest.mark.parametrize(
    ("language", "upload", "limit", "refused"),
    [
        ("de", "Datei wählen", "höchstens 200MB je Datei", "Geben Sie einen Wert zwischen 20 und 100000 ein."),
        ("fr", "Choisir un fichier", "200MB au plus par fichier", "Saisissez une valeur entre 20 et 100000."),
        ("es", "Elegir archivo", "200MB como máximo por archivo", "Introduzca un valor entre 20 y 100000."),
    ],
)
def test_words_of_the_framework(
    home: Path, visitor: Visitor, language: str, upload: str, limit: str, refused: str
) -> None:
    with Copilot(home, model="fake") as copilot:
        copilot.preferences.update(started=True, language=language)
        saved = copilot.tasks.create_sample("support_tickets")
        copilot.tasks.rename(saved.id, "No results")
    visitor.open("examples", task=saved.id, tab="upload")
    expect(visitor.page.get_by_test_id("stFileUploaderDropzone")).to_contain_text(upload)
    visitor.says(limit)
    visitor.says("No results")
    visitor.open("improve", task=saved.id)
    cap = visitor.page.get_by_role("spinbutton").first
    cap.fill("-5")
    cap.press("Enter")
    visitor.says(refused)
    visitor.page.get_by_role("textbox").first.press_sequentially("a")
    expect(visitor.page.get_by_test_id("InputInstructions").first).not_to_be_empty()
    assert not ENGLISH.findall(visitor.page.get_by_test_id("stMain").inner_text().replace("No results", ""))
