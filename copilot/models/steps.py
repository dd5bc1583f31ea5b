"""Which means of enforcing a constraint a server has been seen to take, and the step down when it does not."""

import re
from collections.abc import Sequence
from typing import Any

from copilot.domain.completion import Completion
from copilot.errors import ModelRejected
from copilot.models import constraints
from copilot.models.constraints import Means
from tasks.model import Constraint

ABOUT_CONSTRAINTS = re.compile(
    r"response_format|json_schema|json schema|schema|grammar|guided|structured|tool|function|pattern|regex",
    re.IGNORECASE,
)


class Steps:
    """What one server was seen to refuse. It only grows, so that a run steps down once, not at every call."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, Means]] = set()
        self.logprobs = True
        """False once the server refused or failed to show token probabilities."""

    def current(self, constraint: Constraint, ladder: Sequence[Means]) -> Means:
        """Return the first means on the ladder that was not refused; the last one always holds."""
        keys = (constraint.type, constraint.model_dump_json())
        return next((means for means in ladder if not any((key, means) in self._refused for key in keys)), ladder[-1])

    def rejected(self, constraint: Constraint, means: Means, error: ModelRejected) -> bool:
        """Note a refusal of this kind of constraint; False: the error is not about the constraint."""
        if means == "parsing" or not ABOUT_CONSTRAINTS.search(str(error)):
            return False
        self.lacks(constraint, means)
        return True

    def lacks(self, constraint: Constraint, means: Means) -> None:
        """Note that this kind of constraint cannot be enforced by these means."""
        self._refused.add((constraint.type, means))

    def validated(self, constraint: Constraint, means: Means, completion: Completion) -> Completion:
        """Return the completion with its text unwrapped and the means that really held.

        A whole answer that breaks the constraint shows that the server dropped it: it counts as parsed, and the next
        request with this constraint takes the next means. An answer that was cut off shows nothing.
        """
        text = constraints.unwrapped(constraint, completion.text) if means in {"schema", "tool"} else completion.text
        held = means
        if completion.finish_reason != "length" and not constraints.satisfied(constraint, text) and means != "parsing":
            held = "parsing"
            self._refused.add((constraint.model_dump_json(), means))
        return completion.model_copy(update={"text": text, "constraint_used": held})


def openai_options(constraint: Constraint, means: Means) -> dict[str, Any]:
    """Return the request's fields that enforce a constraint on a server with OpenAI's API."""
    schema = constraints.as_schema(constraint)
    if means == "schema":
        described = {"name": "answer", "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": described}}
    if means == "tool":
        function = {"name": "answer", "description": "Give the answer.", "parameters": schema}
        choice = {"type": "function", "function": {"name": "answer"}}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
    return {}
