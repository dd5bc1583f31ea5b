"""Journey 8: a result of 50,000 rows is paged quickly, and costs the server no memory."""

import sqlite3
import time
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.seeds import improved

ROWS = 50_000
PAGES = 8
PAGE_SECONDS = 2.0
MEGABYTES = 60

COPIES = """
WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :copies)
INSERT INTO {table} SELECT {columns} FROM {table} JOIN copies WHERE {where}
"""
RENAMED = """replace(content, '"' || example_id || '"', '"' || example_id || '-' || n || '"')"""


def many(home: Path, run: str) -> None:
    """Repeat the rows that decided a run until there are 50,000."""
    database = sqlite3.connect(home / "falconer.db", timeout=30)
    with database:
        (rows,) = database.execute(
            "SELECT count(DISTINCT example_id) FROM trials WHERE run_id = ? AND split = 'holdout'", [run]
        ).fetchone()
        values = {"copies": ROWS // rows, "run": run}
        trials = f"run_id, split, candidate_id, example_id || '-' || n, sequence, value, passed, {RENAMED}"
        where = "run_id = :run AND split = 'holdout'"
        database.execute(COPIES.format(table="trials", columns=trials, where=where), values)
        examples = f"dataset_version, position + 1000 * n, example_id || '-' || n, {RENAMED}"
        where = "dataset_version = (SELECT dataset_version FROM runs WHERE id = :run) AND example_id IN "
        where += "(SELECT example_id FROM trials WHERE run_id = :run AND split = 'holdout')"
        database.execute(COPIES.format(table="examples", columns=examples, where=where), values)
    database.close()


def test_fifty_thousand_rows(home: Path, visitor: Visitor) -> None:
    task, run = improved(home)
    many(home, run)
    visitor.open("result", task=task, run=run)
    turner = visitor.keyed("turner")
    expect(turner).to_contain_text("Page 1 of")
    before, seconds = 0, []
    for page in range(2, PAGES + 2):
        begun = time.monotonic()
        visitor.button("Next page").click()
        expect(turner).to_contain_text(f"Page {page} of")
        expect(visitor.page.locator('[data-stale="true"]')).to_have_count(0)
        seconds.append(time.monotonic() - begun)
        before = before or visitor.server.memory
    grown = (visitor.server.memory - before) / 2**20
    # The fastest page tells what paging costs; the others also tell what else the machine does.
    assert min(seconds) < PAGE_SECONDS, seconds
    assert grown < MEGABYTES, f"{grown:.0f} MB more after {PAGES} pages"
    visitor.write("Search", "no such words anywhere")
    visitor.says("No row is like that")
