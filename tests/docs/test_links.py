"""Every link between the documents leads to a file, and to a heading, that is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchor(heading: str) -> str:
    """The fragment under which a heading is found on a web page of a repository."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def targets(page: Path) -> Iterator[str]:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    return (link for link in LINK.findall(prose) if "://" not in link and not link.startswith("mailto:"))


def test_there_are_pages_with_links() -> None:
    assert sum(1 for page in PAGES for _ in targets(page)) > 10


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    records = [record.name for record in sorted(ROOT.glob("docs/adr/0*.md"))]
    assert [name for name in re.findall(r"\((0[^)]*)\)", index) if name in records] == records


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in targets(page):
        name, _, fragment = link.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists():
            broken.append(link)
        elif fragment and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", FENCE.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
            if fragment not in {anchor(heading) for heading in headings}:
                broken.append(link)
    assert not broken, f"{page.relative_to(ROOT)} links to what is not there: {', '.join(broken)}"
