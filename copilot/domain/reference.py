"""How a saved template is named: `NAME` (its newest version), `NAME@LABEL`, `NAME@3`."""

import re

from copilot.errors import TemplateError
from tasks.model import Frozen

_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,49}")
NEWEST = "latest"
"""A label nobody sets: it always means the newest version."""


class Reference(Frozen):
    """A template's name and which version of it; neither label nor version: the newest."""

    name: str
    label: str | None = None
    version: int | None = None


def parse_reference(text: str) -> Reference:
    """Read `NAME`, `NAME@LABEL` or `NAME@VERSION`.

    Raises:
        TemplateError: the text is none of these.
    """
    name, at, which = text.strip().partition("@")
    check_name(name)
    if not at or which == NEWEST:
        return Reference(name=name)
    if which.isascii() and which.isdigit():
        return Reference(name=name, version=int(which))
    if not _LABEL.fullmatch(which):
        raise TemplateError(f"'{text}' names no template. Write NAME, NAME@LABEL (NAME@production) or NAME@3.")
    return Reference(name=name, label=which)


def check_name(name: str) -> None:
    """Refuse names that could be taken for a file or for a label.

    Raises:
        TemplateError: the name cannot be used.
    """
    if not name or len(name) > 200 or name != name.strip() or not name.isprintable():
        raise TemplateError("A template's name has 1 to 200 printable characters and no blanks at its ends.")
    if any(sign in name for sign in "@/\\") or name.lower().endswith((".yaml", ".yml")):
        raise TemplateError(f"'{name}' cannot be a template's name: it holds @, / or \\, or looks like a file.")


def check_label(label: str) -> None:
    """Refuse labels that cannot be told from a version.

    Raises:
        TemplateError: the label cannot be used.
    """
    if label == NEWEST:
        raise TemplateError(f"The label '{NEWEST}' always means the newest version; choose another.")
    if not _LABEL.fullmatch(label):
        raise TemplateError(
            f"'{label}' cannot be a label: use small letters, digits, - and _, and begin with a letter: production."
        )
