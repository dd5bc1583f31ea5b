"""What the template library shows of saved templates."""

from datetime import datetime
from typing import Literal

from copilot.domain.difference import FieldDifference
from copilot.domain.saved import TemplateVersion
from tasks.model import Frozen

TemplateForm = Literal["yaml", "langchain", "python", "openai", "curl"]
"""`python` asks this installation; `openai`, `langchain` and `curl` need nothing of ours."""


class TemplateEntry(Frozen):
    """One template as a list shows it."""

    newest: TemplateVersion
    labels: dict[str, int]
    """Every label and the version it points at; `newest.labels` has only those of the newest."""
    tags: tuple[str, ...] = ()
    versions: int
    """How many there are."""
    changed_at: datetime
    """When it was last saved, or a label moved."""

    @property
    def name(self) -> str:
        """The template's name."""
        return self.newest.name


class PromptEdit(Frozen):
    """What a person changes in a prompt; everything else stays."""

    system: str
    instruction: str
    item: str
    """One input as the model sees it, with `{{variable}}` slots."""
    outputs: tuple[str | None, ...]
    """Answers of the worked examples, in their order; None takes an example out."""


class LabelMove(Frozen):
    """What pointing a label at a version does, before it is done."""

    name: str
    label: str
    replaces: TemplateVersion | None
    """Where the label points now; None: it is new."""
    version: TemplateVersion


class TemplateDifference(Frozen):
    """What differs between two versions."""

    before: TemplateVersion
    after: TemplateVersion
    fields: tuple[FieldDifference, ...]
    """All parts that differ, those that no reader of the prompt sees included."""


class TemplateExport(Frozen):
    """A template in another form, as text."""

    form: TemplateForm
    file_name: str
    text: str
    notes: tuple[str, ...] = ()
    """What this form cannot hold, in sentences."""
