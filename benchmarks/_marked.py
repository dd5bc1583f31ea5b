"""The part of a page that a command writes, between two marks; the words around it are a person's."""

from pathlib import Path


def replace_marked(page: Path, command: str, text: str) -> None:
    """Replace what stands on the page between the marks of a command.

    Args:
        page: Markdown.
        command: the one that measured, as its reader would type it.
        text: what comes between the marks.

    Raises:
        SystemExit: the page has no such marks.
    """
    start, end = f"<!-- measured: written by `{command}` -->", "<!-- end of what was measured -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{page} lacks the line {start}, or {end} after it.")
    page.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", encoding="utf-8")
