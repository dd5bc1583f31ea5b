"""Brings a saved prompt's contents from an older form to the present one."""

from collections.abc import Callable, Mapping
from typing import Any

from copilot.domain.prompt import SCHEMA_VERSION
from copilot.errors import TemplateError

Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Mapping[int, Step] = {}
"""From each older version one step to the next; version 1 is the first, so there is none yet."""


def bring_forward(
    content: dict[str, Any], *, steps: Mapping[int, Step] = STEPS, present: int = SCHEMA_VERSION
) -> dict[str, Any]:
    """Return a prompt's contents in the present form.

    Args:
        content: fields of a `PromptTemplate`, of any known `schema_version`.
        steps: what leads from one version to the next.
        present: the version to arrive at.

    Raises:
        TemplateError: the version is missing, unknown, or newer than this program.
    """
    version = content.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise TemplateError("schema_version is missing or not a whole number; templates saved by Falconer have it.")
    if version > present:
        raise TemplateError(
            f"the template has schema_version {version}, this Falconer reads up to {present}. Install a newer Falconer."
        )
    for step in range(version, present):
        content = {**steps[step](content), "schema_version": step + 1}
    return content
