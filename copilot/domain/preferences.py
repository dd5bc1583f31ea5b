"""What is chosen once for an installation: language, light or dark, and the models used where none is named."""

from typing import Literal

from tasks.model import Frozen

Language = Literal["en", "fr", "de", "es"]
Appearance = Literal["system", "light", "dark"]


class Choices(Frozen):
    """What was chosen; the defaults are what nobody has chosen otherwise."""

    language: Language = "en"
    """Of the interface."""
    appearance: Appearance = "system"
    """Light, dark, or as the reader's system has it."""
    model: str = ""
    """Name of the connection that does tasks; empty: the installation's own setting."""
    copilot_model: str = ""
    """Writes prompts and drafts examples; empty: the one that does the task."""
    judge_model: str = ""
    """Scores criteria that ask a model; empty: the one that writes prompts."""
    started: bool = False
    """Whether the sample task was offered: it comes once, and stays away when it was deleted."""


class DefaultModels(Frozen):
    """The models that are used where a call names none; each a name, a URL or a file."""

    task: str
    copilot: str | None = None
    """None: the one that does the task."""
    judge: str | None = None
    """None: the one that writes prompts."""

    @property
    def proposing(self) -> str:
        """The one that writes prompts."""
        return self.copilot or self.task


class DataPlace(Frozen):
    """Where an installation keeps what it has."""

    folder: str
    """On the machine of the server."""
    database: str
    """The database's file, or a server without its password."""
    bytes: int
    """Of all files in the folder; a database on a server is not counted."""
    on_server: bool
    """Whether the database is on a server of its own."""
