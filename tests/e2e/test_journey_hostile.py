"""Journey 9: texts that try to be more than texts stay texts on every page and in every file."""

import csv
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import expect

from copilot import Budget, Copilot, Dataset, Example, Task, TaskKind
from tests.e2e.browsing import Visitor

ELSEWHERE = "http://elsewhere.example"
HOSTILE = (
    f"<script>window.hacked = 1; fetch('{ELSEWHERE}/s')</script>",
    f"<img src={ELSEWHERE}/i.png onerror='window.hacked = 1'> and **bold** :red[red] $x^2$",
    f"![picture]({ELSEWHERE}/p.png) [link](javascript:window.hacked=1)",
    f'=HYPERLINK("{ELSEWHERE}/f","press me")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202eright to left\u202c مرحبا بالعالم \u2066hidden\u2069",
    "long" * 1500,
    "<b>{placeholder}</b> {{text}} %s \\n &lt;&amp;",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def hostile_work(home: Path) -> tuple[str, str, str]:
    """Make a task, a run and a template of hostile words; return their names for links."""
    rows = tuple(
        Example(id=f"<{number}>", inputs={"document": f"{HOSTILE[number % len(HOSTILE)]} number {number}"},
                expected=(HOSTILE[(number + 3) % len(HOSTILE)],))
        for number in range(32)
    )  # fmt: skip
    task = Task(
        name=HOSTILE[1],
        kind=TaskKind.SUMMARIZATION,
        description=" ".join(HOSTILE[:4]),
        prompt=f"{HOSTILE[2]} {{document}}",
    )
    with Copilot(home, model="fake") as copilot:
        saved = copilot.tasks.create(task, project=HOSTILE[0], examples=Dataset(examples=rows))
        run = copilot.improve(saved.task, copilot.tasks.dataset(saved.id), budget=Budget(max_calls=120))
        copilot.tasks.link_run(saved.id, run.id)
        name = "<img src=x onerror=alert(1)>"
        copilot.template_library.save_run(run.id, name, note=HOSTILE[2], author=HOSTILE[1])
        return saved.id, run.id, name


def harmless(visitor: Visitor) -> None:
    """Expect a page on which nothing of it became more than text."""
    visitor.settled()
    expect(visitor.page.get_by_text("This page could not be shown")).to_have_count(0)
    assert visitor.page.evaluate("window.hacked === undefined")
    assert visitor.page.locator("main script, main iframe, .stMain img:not([alt='Falconer'])").count() == 0
    assert visitor.page.locator(".stMain a[href*='elsewhere'], .stMain a[href^='javascript']").count() == 0
    main = visitor.page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth + 1"), visitor.page.url


def test_hostile_texts_stay_texts(home: Path, visitor: Visitor, tmp_path: Path) -> None:
    task, run, template = hostile_work(home)
    visitor.open("home")
    harmless(visitor)
    for view in ("new_task", "examples", "criteria", "improve", "result", "feedback", "compare", "use"):
        visitor.open(view, task=task, run=run)
        harmless(visitor)
    visitor.open("templates")
    harmless(visitor)
    for tab in ("prompt", "edit", "versions", "try", "export"):
        visitor.open("template", template=template, tab=tab)
        harmless(visitor)

    visitor.open("result", task=task, run=run, row="<3>", tab="all", candidate="user")
    expect(visitor.page.get_by_role("dialog")).to_contain_text("=HYPERLINK")
    harmless(visitor)
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    with visitor.download(tmp_path) as sheets:
        visitor.button("All rows (.xlsx)").click()
    cells = [cell for sheet in load_workbook(sheets[0]) for row in sheet.iter_rows() for cell in row]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    with visitor.download(tmp_path) as tables:
        visitor.button("All rows (.csv)").click()
    with tables[0].open(encoding="utf-8-sig", newline="") as file:
        texts = [text for row in csv.reader(file) for text in row]
    assert any("HYPERLINK" in text for text in texts)
    assert not [text[:40] for text in texts if text.startswith(FORMULA) and not _is_number(text)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
