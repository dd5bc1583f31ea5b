"""The database's tables.

Each row is a domain object: `content` holds it as JSON text, byte for byte, and the other columns are what is looked
up by. Closed sets of words are strings with a CHECK, so that a new word needs no type to be altered.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData, Text
from sqlmodel import Field, SQLModel

from copilot.domain.run import RunStatus
from copilot.storage.columns import Json, PlainText, UtcDateTime, now
from tasks.model import TaskKind

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name on every database, so that a migration can drop it."""


def _one_of(column: str, words: list[str]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(SQLModel):
    """Base of all tables; its metadata is what migrations are compared with."""

    metadata = MetaData(naming_convention=NAMING)


class TaskRow(Base, table=True):
    """A task as it was when a run used it; `id` is the hash of its content."""

    __tablename__ = "tasks"
    __table_args__ = (_one_of("kind", [str(kind) for kind in TaskKind]),)

    id: str = Field(primary_key=True, sa_type=PlainText)
    name: str = Field(index=True, sa_type=PlainText)
    kind: str = Field(sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class DatasetRow(Base, table=True):
    """A set of examples; the version is the hash of its contents."""

    __tablename__ = "datasets"

    version: str = Field(primary_key=True, sa_type=PlainText)
    n: int
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ExampleRow(Base, table=True):
    """One example of a data set."""

    __tablename__ = "examples"
    __table_args__ = (Index(None, "dataset_version", "example_id"),)

    dataset_version: str = Field(
        primary_key=True, foreign_key="datasets.version", ondelete="CASCADE", sa_type=PlainText
    )
    position: int = Field(primary_key=True)
    example_id: str = Field(sa_type=PlainText)
    content: str = Field(sa_type=Text)


class JobRow(Base):
    """What a worker claims: who works on it, and whether they still do. See `copilot.storage.claims`."""

    id: str = Field(primary_key=True, sa_type=PlainText)
    status: str = Field(default="queued", sa_type=PlainText)
    attempt: int = 0
    worker: str = Field(default="", sa_type=PlainText)
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", sa_type=PlainText)


class RunRow(JobRow, table=True):
    """One improvement: its plan, who works on it, and what came out."""

    __tablename__ = "runs"
    __table_args__ = (
        _one_of("status", [str(status) for status in RunStatus]),
        Index(None, "status"),
        Index(None, "created_at"),
    )

    task_id: str = Field(foreign_key="tasks.id", index=True, sa_type=PlainText)
    dataset_version: str = Field(foreign_key="datasets.version", index=True, sa_type=PlainText)
    signature: str = Field(index=True, sa_type=PlainText)
    config: dict[str, Any] = Field(sa_type=Json)
    options: str = Field(sa_type=Text)
    task_model: str = Field(sa_type=PlainText)
    copilot_model: str = Field(sa_type=PlainText)
    judge_model: str = Field(sa_type=PlainText)
    stop_requested: bool = False
    last_sequence: int = 0
    outcome: str | None = Field(default=None, sa_type=PlainText)
    sentence: str = Field(default="", sa_type=PlainText)
    result: str | None = Field(default=None, sa_type=Text)


class SheetRow(Base, table=True):
    """Rows that are to go through one template: how, and whether somebody wants it to stop."""

    __tablename__ = "sheets"

    id: str = Field(primary_key=True, sa_type=PlainText)
    name: str = Field(sa_type=PlainText)
    plan: str = Field(sa_type=Text)
    total: int = 0
    ready: bool = False
    """Every row is here; until then no worker takes a shard."""
    stop_requested: bool = False
    error: str = Field(default="", sa_type=PlainText)
    created_at: datetime = Field(default_factory=now, index=True, sa_type=UtcDateTime)


class ShardRow(JobRow, table=True):
    """A part of a sheet. Its rows are kept apart, since this one is looked at every second."""

    __tablename__ = "sheet_shards"
    __table_args__ = (
        _one_of("status", [str(status) for status in RunStatus]),
        Index(None, "status", "position"),
        Index(None, "sheet_id", "position"),
    )

    sheet_id: str = Field(foreign_key="sheets.id", ondelete="CASCADE", sa_type=PlainText)
    position: int
    """Counts the sheet's shards from 0."""
    first_row: int
    """Counts the sheet's rows from 0."""
    total: int
    done: int = 0
    errors: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


class ShardInputRow(Base, table=True):
    """The rows of a shard as they came, a JSON list."""

    __tablename__ = "sheet_inputs"

    shard_id: str = Field(primary_key=True, foreign_key="sheet_shards.id", ondelete="CASCADE", sa_type=PlainText)
    content: str = Field(sa_type=Text)


class SheetAnswerRow(Base, table=True):
    """What came out for one row of a sheet. The key lets no row be answered twice."""

    __tablename__ = "sheet_answers"

    sheet_id: str = Field(primary_key=True, foreign_key="sheets.id", ondelete="CASCADE", sa_type=PlainText)
    row: int = Field(primary_key=True)
    failed: bool = False
    content: str = Field(sa_type=Text)


class CandidateRow(Base, table=True):
    """A prompt that a run considered."""

    __tablename__ = "candidates"

    run_id: str = Field(primary_key=True, foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    candidate_id: str = Field(primary_key=True, sa_type=PlainText)
    sequence: int
    content: str = Field(sa_type=Text)


class TrialRow(Base, table=True):
    """One candidate on one example."""

    __tablename__ = "trials"
    __table_args__ = (
        _one_of("split", ["pool", "dev", "holdout"]),
        Index(None, "run_id", "example_id"),
    )

    run_id: str = Field(primary_key=True, foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    split: str = Field(primary_key=True, sa_type=PlainText)
    candidate_id: str = Field(primary_key=True, sa_type=PlainText)
    example_id: str = Field(primary_key=True, sa_type=PlainText)
    sequence: int
    value: float | None = None
    passed: bool | None = None
    content: str = Field(sa_type=Text)


class EventRow(Base, table=True):
    """What a run told, in order; append only. A finished trial is kept once, in `trials`, and pointed at here."""

    __tablename__ = "events"

    run_id: str = Field(primary_key=True, foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    sequence: int = Field(primary_key=True)
    attempt: int
    type: str = Field(sa_type=PlainText)
    content: str = Field(default="", sa_type=Text)
    split: str | None = Field(default=None, sa_type=PlainText)
    candidate_id: str | None = Field(default=None, sa_type=PlainText)
    example_id: str | None = Field(default=None, sa_type=PlainText)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CompletionRow(Base, table=True):
    """The ledger: what a model answered to a request."""

    __tablename__ = "completions"
    # Keys are hashes: kept in the tree itself, each is written once instead of twice.
    __table_args__ = {"sqlite_with_rowid": False}

    key: str = Field(primary_key=True, sa_type=PlainText)
    model: str = Field(sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CallRow(Base, table=True):
    """How often a run has sent a request; noted before each call, kept until the run is finished."""

    __tablename__ = "run_calls"
    __table_args__ = {"sqlite_with_rowid": False}

    run_id: str = Field(primary_key=True, foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    key: str = Field(primary_key=True, sa_type=PlainText)
    role: str = Field(sa_type=PlainText)
    calls: int
    problem: str = Field(default="", sa_type=PlainText)
    """Why the server will never answer; empty: it may."""
    overflow: bool = False


class TemplateRow(Base, table=True):
    """A named prompt."""

    __tablename__ = "templates"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, sa_type=PlainText)
    task: str = Field(default="", sa_type=PlainText)
    last_version: int = 0
    """The highest number ever given: a deleted version's is not given again."""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TemplateVersionRow(Base, table=True):
    """One version of a template; its content never changes."""

    __tablename__ = "template_versions"

    template_id: int = Field(primary_key=True, foreign_key="templates.id", ondelete="CASCADE")
    version: int = Field(primary_key=True)
    content: str = Field(sa_type=Text)
    content_hash: str = Field(index=True, sa_type=PlainText)
    note: str = Field(default="", sa_type=PlainText)
    author: str = Field(default="", sa_type=PlainText)
    run_id: str | None = Field(default=None, index=True, sa_type=PlainText)
    """No foreign key: a template may come from another machine, and outlives its run."""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TemplateLabelRow(Base, table=True):
    """Where a label points now. The database itself refuses to delete a version that a label points at."""

    __tablename__ = "template_labels"
    __table_args__ = (
        ForeignKeyConstraint(
            ["template_id", "version"],
            ["template_versions.template_id", "template_versions.version"],
            ondelete="RESTRICT",
        ),
    )

    template_id: int = Field(primary_key=True)
    label: str = Field(primary_key=True, sa_type=PlainText)
    version: int


class TemplateLabelChangeRow(Base, table=True):
    """How labels moved; append only."""

    __tablename__ = "template_label_changes"

    id: int | None = Field(default=None, primary_key=True)
    template_id: int = Field(foreign_key="templates.id", ondelete="CASCADE", index=True)
    label: str = Field(sa_type=PlainText)
    before: int | None = None
    after: int | None = None
    author: str = Field(default="", sa_type=PlainText)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class FeedbackRow(Base, table=True):
    """What one person said about one output."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("flag IN ('up', 'down')", name="flag"),
        Index(None, "run_id", "example_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="runs.id", ondelete="CASCADE", sa_type=PlainText)
    candidate_id: str = Field(sa_type=PlainText)
    example_id: str = Field(sa_type=PlainText)
    flag: str | None = Field(default=None, sa_type=PlainText)
    tag: str = Field(default="", sa_type=PlainText)
    author: str = Field(default="", sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PreferenceRow(Base, table=True):
    """One answer preferred to another, for aligning a model."""

    __tablename__ = "preferences"
    __table_args__ = (_one_of("source", ["edit", "comparison", "score"]),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str | None = Field(default=None, foreign_key="runs.id", ondelete="CASCADE", index=True, sa_type=PlainText)
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id", ondelete="CASCADE", index=True)
    source: str = Field(sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ModelConnectionRow(Base, table=True):
    """How a model server is reached; never its key."""

    __tablename__ = "model_connections"

    name: str = Field(primary_key=True, sa_type=PlainText)
    kind: str = Field(sa_type=PlainText)
    content: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
