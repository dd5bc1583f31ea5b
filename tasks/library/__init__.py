"""Sample tasks that come with the product: a task file and examples for each kind."""

from importlib.resources import files
from pathlib import Path

_NAMES = ("support_tickets", "policy_questions", "meeting_notes", "product_keywords")


def names() -> tuple[str, ...]:
    """The sample tasks, in the order in which they are offered."""
    return _NAMES


def path(name: str) -> Path:
    """The folder of a sample task; it holds `task.yaml` and `examples.jsonl`.

    Args:
        name: One of `names()`.

    Raises:
        ValueError: There is no sample task of this name; the message lists those that there are.
    """
    if name not in _NAMES:
        raise ValueError(f"There is no sample task '{name}'; choose one of {', '.join(_NAMES)}.")
    return Path(str(files(__name__))) / name
