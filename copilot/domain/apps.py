"""Apps: a template as a page of its own, with a form made from its variables."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from copilot.domain.sheets import RowForm
from tasks.characters import WholeText
from tasks.model import Frozen

FieldType = Literal["text", "long_text", "file", "choice"]
"""One line; several lines; a document whose text is read; one of some options."""
LONGEST_SLUG = 60
_SHORT = frozenset(
    ("name", "title", "subject", "question", "query", "topic", "language", "product", "customer", "tone", "date")
)
_DOCUMENTS = frozenset(("document", "article", "contract", "report", "transcript", "minutes", "paper", "policy"))


class AppField(Frozen):
    """One field of an app's form: what fills one variable of the template."""

    name: str
    """The template's variable."""
    label: WholeText
    """What people read; also the column's name in the sheet template."""
    help: WholeText = ""
    type: FieldType = "long_text"
    options: tuple[WholeText, ...] = ()
    """What may be chosen, with type `choice`."""
    example: WholeText = ""
    """A value that shows what is meant."""
    optional: bool = False
    """May be left empty."""


class AppDraft(Frozen):
    """What an app is, as its maker says it."""

    title: WholeText
    about: WholeText = ""
    """One line about what it does."""
    template: str
    """`NAME@LABEL` follows promotions of that label, `NAME` every new version, `NAME@3` stays as it is."""
    fields: tuple[AppField, ...] = ()


class SavedApp(Frozen):
    """An app as it is kept: what its maker works on, and what people use."""

    slug: str
    """Stands in links; never changed."""
    draft: AppDraft
    published: AppDraft | None = None
    """What people see; None: it was never published."""
    withdrawn: bool = False
    """Taken out of use; it can be put back as it was."""
    created_at: datetime
    updated_at: datetime

    @property
    def live(self) -> bool:
        """Whether people can use it."""
        return self.published is not None and not self.withdrawn

    @property
    def changed(self) -> bool:
        """Whether its maker has changed something that people do not see yet."""
        return self.published is not None and self.published != self.draft


class AppForm(Frozen):
    """An app with the template it runs now."""

    slug: str
    title: str
    about: str
    fields: tuple[AppField, ...]
    """One for each variable that the template has now, in the app's order."""
    template: str
    """The template's name."""
    version: int
    follows: str = ""
    """The label whose promotions it follows; `latest`: every new version; empty: it stays with its version."""
    model: str
    """Name or URL of the model that answers."""
    unplanned: tuple[str, ...] = ()
    """Variables that a newer version of the template has and the app's maker has not seen."""

    @property
    def row_form(self) -> RowForm:
        """What is asked of every row of a sheet."""
        chosen = [field for field in self.fields if field.type == "choice" and field.options]
        return RowForm(
            labels={field.name: field.label for field in self.fields},
            choices={
                field.name: tuple(dict.fromkeys(option.strip() for option in field.options if option.strip()))
                for field in chosen
            },
            optional=tuple(field.name for field in chosen if field.optional),
        )


class AppProblem(Frozen):
    """Why a draft cannot be published yet."""

    kind: Literal["title", "label", "twice", "options"]
    field: str = ""
    """The label of the field concerned, or its variable."""

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        match self.kind:
            case "title":
                return "The app has no title; write one."
            case "label":
                return f"The field '{self.field}' has no name that people can read; write one."
            case "twice":
                return f"Two fields are called '{self.field}'; give them different names."
            case "options":
                return f"The choice '{self.field}' needs at least two different options, one per line."


def problems(draft: AppDraft) -> tuple[AppProblem, ...]:
    """Return what keeps a draft from being published."""
    return tuple(_problems(draft))


def _problems(draft: AppDraft) -> Iterator[AppProblem]:
    if not draft.title.strip():
        yield AppProblem(kind="title")
    for field in draft.fields:
        if not field.label.strip():
            yield AppProblem(kind="label", field=field.name)
        elif field.type == "choice" and len({option.strip() for option in field.options if option.strip()}) < 2:
            yield AppProblem(kind="options", field=field.label)
    used = Counter(field.label.strip().casefold() for field in draft.fields if field.label.strip())
    for label in dict.fromkeys(field.label.strip() for field in draft.fields):
        if used[label.casefold()] > 1:
            yield AppProblem(kind="twice", field=label)
            return


def planned_field(variable: str) -> AppField:
    """Return a field for a variable whose name is all that is known."""
    words = re.sub(r"[\s_\-]+", " ", variable).strip()
    last = words.casefold().split(" ")[-1] if words else ""
    kind: FieldType = "text" if last in _SHORT else "file" if last in _DOCUMENTS else "long_text"
    return AppField(name=variable, label=words[:1].upper() + words[1:], type=kind)


def fitting(fields: Iterable[AppField], variables: Iterable[str]) -> tuple[AppField, ...]:
    """Return the fields that a template's variables need: those there are, in their order, and new ones at the end."""
    needed = list(variables)
    known = tuple(field for field in fields if field.name in needed)
    have = {field.name for field in known}
    return known + tuple(planned_field(name) for name in needed if name not in have)


def slug_of(title: str) -> str:
    """Return a title as a part of a link: small letters, digits and hyphens."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:LONGEST_SLUG].strip("-") or "app"
