"""What every kind of task supplies: its fields, how answers are asked for and read, and where to begin."""

from typing import Protocol

from tasks.fingerprint import Fingerprint
from tasks.model import OutputContract, ParsedOutput, SeedPrompt, SuccessCriterion, Task, TaskKind


class Kind(Protocol):
    """One kind of task. Implementations are stateless; `tasks.kinds.get(kind)` returns the one instance."""

    kind: TaskKind
    title: str
    """Plain words for a business user: "Summarise", "Answer from documents", "Classify", "Keywords"."""
    fields: tuple[str, ...]
    """Input columns, in the order shown to the model."""
    expected_columns: tuple[str, ...]
    """Columns that may hold the expected output, the first found is used."""

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's own prompt verbatim, or a plain one made from the description where there is none."""
        ...

    def seeds(self, task: Task, fingerprint: Fingerprint) -> tuple[SeedPrompt, ...]:
        """Return the library's prompts for this task, best first, all distinct. No model is needed."""
        ...

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read a model's answer. Hostile text gives a `problem`, never an exception."""
        ...

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the answer as the assistant would write it under this contract; `parse` reads it back."""
        ...

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return the criteria of a user who named none."""
        ...
