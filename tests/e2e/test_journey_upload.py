"""Journey 2: a spreadsheet as people send them around becomes examples."""

from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor

TEAMS = ("Rechnung", "Versand", "Rückgabe")
ROWS = 30


def awkward(path: Path) -> Path:
    """Write two sheets; the second has a title across merged cells above its header, and columns of odd names."""
    book = Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Hinweise"
    notes.append(["Bitte nur das zweite Blatt verwenden."])
    sheet = book.create_sheet("Anfragen Q3")
    sheet["A1"] = "Kundenanfragen, drittes Quartal (vertraulich)"
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(["Lfd. Nr.", "Was der Kunde schrieb (Original!)", "→ Team / Bereich", "erl.?"])
    for number in range(ROWS):
        team = TEAMS[number % len(TEAMS)]
        sheet.append(
            [number + 1, f"Anfrage {number + 1}: bitte um Hilfe wegen {team}", team, "x" if number % 2 else None]
        )
    sheet.merge_cells("D10:D12")
    book.save(path)
    return path


def mapped(visitor: Visitor, file: Path) -> None:
    """Upload the file, say where its names and columns are, and add its rows."""
    visitor.upload(file)
    visitor.choose("Sheet", "Anfragen Q3")
    title = visitor.page.get_by_role("checkbox", name="The row above the names is a title, not data")
    expect(title).to_be_checked()
    expect(visitor.page.get_by_role("checkbox", name="The first row after the title")).to_be_checked()
    visitor.choose("Column with: Text", "Was der Kunde schrieb")
    visitor.choose("Column with: Category", "Team / Bereich")
    visitor.press(f"Add {ROWS} examples")


def test_an_awkward_spreadsheet(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open("new_task")
    visitor.write("Name", "Anfragen verteilen")
    visitor.write("What is to be done?", "Sort every request to the team that has to act first.")
    visitor.press("Go on to the examples")
    visitor.at("examples")
    file = awkward(tmp_path / "Anfragen (final) v2.xlsx")
    mapped(visitor, file)
    visitor.says(f"{ROWS} examples were added")
    visitor.press("Undo")
    visitor.says_not(f"{ROWS} examples were added")
    assert visitor.state("task")
    expect(visitor.page.get_by_test_id("stFileUploader")).to_be_visible()
    mapped(visitor, file)
    visitor.press("Go on to the criteria")
    visitor.at("criteria")
    visitor.says(f"{ROWS} of {ROWS}")
