"""What went wrong, for readers of a page."""

import re

from app.formatting.told import told

_COMMANDS = re.compile(r"\s*[^.!?]*`falconer [^`]*`[^.!?]*[.!?]")


def message_of(error: Exception) -> str:
    """Return an error's sentences in the reader's language, without those that name a command of the terminal."""
    said = told(str(error))
    return _COMMANDS.sub("", said).strip() or said
