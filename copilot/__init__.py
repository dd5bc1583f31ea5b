"""The prompt-engineering copilot: describe a task, give examples, get a better prompt and an honest verdict.

`Copilot` is where everything begins: it reads tasks and examples, improves prompts, keeps templates and runs them.
Names are loaded when they are first used, so that `import copilot` costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The types of the names below; their homes are listed there.
    from copilot.service.public import *

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
    "Sheet",
    "SheetLine",
    "SheetProgress",
    "Sheets",
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


def __getattr__(name: str) -> object:
    if name in __all__:
        from copilot.service import public

        return getattr(public, name)
    raise AttributeError(f"module 'copilot' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
