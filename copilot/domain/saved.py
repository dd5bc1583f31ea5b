"""What storage hands out: runs, template versions, feedback and model connections as they were saved."""

import hashlib
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, field_validator

from copilot.domain.events import RunEvent
from copilot.domain.feedback import Feedback, Preference
from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import RunConfig, RunResult, RunStatus
from tasks.model import Frozen, Task

_SECRET_NAME = re.compile(r"key|token|secret|password|authorization", re.IGNORECASE)


def new_run_id() -> str:
    """Return a short id that sorts by time, e.g. `20260314-101502-9f3a`."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


class RunPlan(Frozen):
    """All that is known of a run before it starts; enough to start it again on another machine."""

    id: str = Field(default_factory=new_run_id)
    task: Task
    dataset_version: str
    config: RunConfig
    task_model: str
    """Name or URL, as the user gave it."""
    copilot_model: str = ""
    judge_model: str = ""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """What the caller needs to go on, e.g. where to save; never a secret."""

    @property
    def signature(self) -> str:
        """SHA-256 of what decides the run: calls with the same arguments share it, so an interrupted one is found."""
        config = self.config.model_dump(mode="json", exclude={"concurrency"})
        models = [self.task_model, self.copilot_model, self.judge_model]
        content = [self.task.model_dump(mode="json"), self.dataset_version, config, models]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class RunSummary(Frozen):
    """One line in a list of runs."""

    id: str
    task_name: str
    dataset_version: str
    status: RunStatus
    task_model: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    """Last sign of life of the worker."""
    worker: str = ""
    attempt: int = 0
    """How often a worker took the run; also its fencing number."""
    stop_requested: bool = False
    outcome: Literal["better", "no_evidence", "worse"] | None = None
    sentence: str = ""
    """The verdict in words."""
    error: str = ""
    """Why the run failed."""


class SavedRun(Frozen):
    """A run with its plan and, when it is over, its result."""

    plan: RunPlan
    summary: RunSummary
    result: RunResult | None = None


class SavedEvent(Frozen):
    """An event with its place in the run."""

    sequence: int
    """Counts from 1 over all attempts of the run."""
    attempt: int
    at: datetime
    event: RunEvent


JobKind = Literal["run", "shard"]
"""What a worker takes: an improvement, or a part of a sheet."""


class Claim(Frozen):
    """A worker's right to write for a run or a shard, until another worker takes it over."""

    kind: JobKind = "run"
    job_id: str
    attempt: int
    """The fencing number: every write carries it, and a smaller one than the job's is refused."""
    worker: str


class TemplateVersion(Frozen):
    """One immutable version of a named template."""

    name: str
    version: int
    template: PromptTemplate
    content_hash: str
    task: str = ""
    """The task's name."""
    note: str = ""
    author: str = ""
    run_id: str | None = None
    """The run that made it, where one did."""
    labels: tuple[str, ...] = ()
    """Labels that point at this version now."""
    created_at: datetime


class LabelChange(Frozen):
    """A label moved, or was removed."""

    name: str
    label: str
    before: int | None
    """The version it pointed at; None: it was not set."""
    after: int | None
    author: str = ""
    changed_at: datetime


class SavedFeedback(Frozen):
    """Feedback with the number by which it can be taken back."""

    id: int
    feedback: Feedback


class SavedPreference(Frozen):
    """A preference with its number and the run it comes from."""

    id: int
    run_id: str | None
    preference: Preference


class ModelConnection(Frozen):
    """How a model server is reached. Keys stay in the environment: only the variable's name is kept."""

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.:-]*$", max_length=100)
    kind: Literal["embedded", "tgi", "openai", "langchain", "fake"]
    url: str = ""
    model: str = ""
    """The model's id on the server, or the weights' file."""
    key_variable: str = ""
    """Name of the environment variable that holds the key, e.g. `OPENAI_API_KEY`."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Concurrency, timeout, prompt format and the like."""

    @field_validator("key_variable")
    @classmethod
    def _names_a_variable(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
            raise ValueError(
                "key_variable is the name of an environment variable in capitals, such as OPENAI_API_KEY, not the key"
            )
        return value

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.password or _SECRET_NAME.search(parts.query):
            raise ValueError("the URL must not hold a password or key; put it into an environment variable")
        return value

    @field_validator("options")
    @classmethod
    def _hold_no_secret(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for name in value:
            if _SECRET_NAME.search(name) and name != "max_tokens":
                raise ValueError(f"the option '{name}' looks like a secret; put it into an environment variable")
        return value
