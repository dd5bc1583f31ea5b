"""What the server sends by itself: the page that a browser loads first, and one for addresses where nothing is.

The first is Streamlit's own, under our name and in the reader's language.
"""

import re
from html import escape
from pathlib import Path

import streamlit

from app.language import spoken
from app.wording import t

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


def lost(*, language: str, appearance: str) -> str:
    """Return the HTML for an address where there is no page; the arguments are those of `shell`."""
    with spoken(language):
        said, back = t("There is no page at this address; it may be an old link."), t("To the tasks")
    marks = {"light": ("light",), "dark": ("dark",)}.get(appearance, ("light", "dark"))
    images = "".join(f'<img class="{mark}" src="/look/wordmark-{mark}.svg" alt="Falconer">' for mark in marks)
    return f"""<!DOCTYPE html>
<html lang="{language}" data-appearance="{appearance}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Falconer</title>
<link rel="icon" href="/look/icon.svg">
<link rel="stylesheet" href="/look/falconer.css">
<link rel="stylesheet" href="/look/lost.css">
</head>
<body>
<header>{images}</header>
<main>
<h1>{escape(said)}</h1>
<a href="/">{escape(back)}</a>
</main>
</body>
</html>
"""
