"""Tables of what people work on in the browser: tasks in the making, apps, tags, blind comparisons, preferences."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from copilot.storage.columns import PlainText, UtcDateTime, now
from copilot.storage.tables import Base


class SavedTaskRow(Base, table=True):
    """A task as a person is writing it; unlike a run's, it changes."""

    __tablename__ = "saved_tasks"

    id: str = Field(primary_key=True, sa_type=PlainText)
    """Stands in links: short, and never changed with the name."""
    project: str = Field(default="", index=True, sa_type=PlainText)
    name: str = Field(sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Set where it was deleted: it can be taken back."""


class SavedExampleRow(Base, table=True):
    """One example of a saved task, where it comes from, and whether it counts."""

    __tablename__ = "saved_examples"
    __table_args__ = (
        CheckConstraint("origin IN ('uploaded', 'typed', 'drafted', 'feedback', 'sample')", name="origin"),
        Index(None, "task_id", "example_id"),
    )

    task_id: str = Field(primary_key=True, foreign_key="saved_tasks.id", ondelete="CASCADE", sa_type=PlainText)
    position: int = Field(primary_key=True)
    example_id: str = Field(sa_type=PlainText)
    origin: str = Field(sa_type=PlainText)
    accepted: bool = True
    """False: drafted by a model and not yet looked at by a person; such rows decide no verdict."""
    content: str = Field(sa_type=Text)


class SavedTaskRunRow(Base, table=True):
    """Which saved task a run was started from."""

    __tablename__ = "saved_task_runs"

    run_id: str = Field(primary_key=True, foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    task_id: str = Field(foreign_key="saved_tasks.id", ondelete="CASCADE", index=True, sa_type=PlainText)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class AppRow(Base, table=True):
    """A template as a page of its own."""

    __tablename__ = "apps"

    slug: str = Field(primary_key=True, sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TemplateTagRow(Base, table=True):
    """A word by which a template is found."""

    __tablename__ = "template_tags"

    template_id: int = Field(primary_key=True, foreign_key="templates.id", ondelete="CASCADE")
    tag: str = Field(primary_key=True, sa_type=PlainText)


class ComparisonRow(Base, table=True):
    """Which of two answers to one example a person prefers, without knowing whose they are."""

    __tablename__ = "comparisons"
    __table_args__ = (
        CheckConstraint("choice IN ('first', 'second', 'tie')", name="choice"),
        Index(None, "run_id", "first_id", "second_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    example_id: str = Field(sa_type=PlainText)
    first_id: str = Field(sa_type=PlainText)
    """The candidate whose answer is called first; which side it was shown on is not kept."""
    second_id: str = Field(sa_type=PlainText)
    choice: str = Field(sa_type=PlainText)
    preference_id: int | None = None
    """What follows for the alignment of models; nothing follows from a tie."""
    author: str = Field(default="", sa_type=PlainText)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SettingRow(Base, table=True):
    """A choice made in the browser that is to outlive a reload, such as the language."""

    __tablename__ = "settings"

    name: str = Field(primary_key=True, sa_type=PlainText)
    content: str = Field(sa_type=Text)
