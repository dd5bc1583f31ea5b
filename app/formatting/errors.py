"""What went wrong, for readers of a page."""

import re

_COMMANDS = re.compile(r"\s*[^.!?]*`falconer [^`]*`[^.!?]*[.!?]")


def message_of(error: Exception) -> str:
    """Return an error's sentences without those that name a command: they help in a terminal only."""
    return _COMMANDS.sub("", str(error)).strip() or str(error)
