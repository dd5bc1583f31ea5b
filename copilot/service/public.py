"""The names of the public API, gathered from their homes; the root package hands them out."""

from copilot.domain.completion import Usage
from copilot.domain.events import RunEvent
from copilot.domain.feedback import Feedback
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import (
    Baseline,
    Budget,
    CandidateSummary,
    Comparison,
    RunConfig,
    RunResult,
    RunStatus,
    Switches,
    Trial,
    Verdict,
)
from copilot.domain.saved import RunSummary, TemplateVersion
from copilot.errors import CopilotError, ModelError, UserError
from copilot.models.fake import FakeModel
from copilot.service.estimate import Estimate
from copilot.service.handles import Run, Template
from copilot.service.rows import RowOutput
from copilot.service.sdk import Copilot
from copilot.service.tasks import Examples
from copilot.worker.working import RunStopped
from evaluators.base import Score
from tasks.model import Dataset, Example, SuccessCriterion, Task, TaskKind

__all__ = [
    "Baseline",
    "Budget",
    "Candidate",
    "CandidateSummary",
    "Comparison",
    "Copilot",
    "CopilotError",
    "Dataset",
    "Estimate",
    "Example",
    "Examples",
    "FakeModel",
    "Feedback",
    "ModelError",
    "PromptTemplate",
    "RowOutput",
    "Run",
    "RunConfig",
    "RunEvent",
    "RunResult",
    "RunStatus",
    "RunStopped",
    "RunSummary",
    "Score",
    "SuccessCriterion",
    "Switches",
    "Task",
    "TaskKind",
    "Template",
    "TemplateVersion",
    "Trial",
    "Usage",
    "UserError",
    "Verdict",
]
