"""The page that a browser loads first: Streamlit's own, under our name and in the reader's language."""

import re
from pathlib import Path

import streamlit

LOOK = Path(__file__).parent / "look"
"""Scripts and pictures that this page loads; served under /look."""
SCRIPTS = re.compile(r"<!-- initialize window\.prerenderReady.*?</script>", re.DOTALL)
HEAD = '<script src="./look/start.js"></script>'


def shell(*, language: str, appearance: str) -> str:
    """Return the HTML.

    Args:
        language: code of the language of the interface, so that screen readers speak it.
        appearance: `light`, `dark` or `system`.
    """
    text = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    text = text[text.index("<!DOCTYPE") :]
    # The one script inside the page is for search engines, and the policy forbids such scripts.
    text = SCRIPTS.sub(HEAD, text, count=1)
    text = text.replace('<html lang="en">', f'<html lang="{language}" data-appearance="{appearance}">', 1)
    text = text.replace('href="./favicon.png"', 'href="./look/icon.svg"', 1)
    return text.replace("<title>Streamlit</title>", "<title>Falconer</title>", 1)
