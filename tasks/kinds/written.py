"""Kinds whose answer is written out, as a text or a list: the prompts' shape is one, the words are each kind's own."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.fingerprint import Fingerprint
from tasks.kinds.parsing import json_output, read_json, read_text, write_json, write_text
from tasks.kinds.prompting import from_user, input_fields, json_contract, plain_item
from tasks.model import OutputContract, ParsedOutput, SeedPrompt, Task

JSON_TOKENS = 12
"""What the braces and the key of a JSON object take."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One way to ask: the words of a prompt of the library."""

    name: str
    system: str = ""
    instruction: str = ""
    item: str


@dataclass(frozen=True, kw_only=True)
class Wordings:
    """Everything that a kind says for one task and its examples."""

    library: tuple[Wording, ...]
    max_output_tokens: int
    json_request: str
    """What is asked for; the sentence about the JSON object follows it."""
    json_shown: str = '"..."'
    """The value of the object, as the prompt shows it."""
    json_value: dict[str, object] = field(default_factory=lambda: {"type": "string"})
    """Its schema."""
    json_slack: float = 1.0
    """Tokens of the value as JSON, per token as plain text."""


def prompts(
    wordings: Sequence[Wording], *, contract: OutputContract, max_output_tokens: int, label_scoring: bool = False
) -> list[SeedPrompt]:
    """Return a prompt for each wording, all under one contract."""
    return [
        SeedPrompt(
            name=wording.name,
            system=wording.system,
            instruction=wording.instruction,
            item=wording.item,
            contract=contract,
            max_output_tokens=max_output_tokens,
            label_scoring=label_scoring,
        )
        for wording in wordings
    ]


class WrittenKind(ABC):
    """What the kinds with a written answer share; they differ in the attributes, `request` and `wordings`."""

    fields: tuple[str, ...]
    contract = OutputContract(form="text")
    """How an answer is written where the prompt does not ask for JSON."""
    heads: tuple[str, ...]
    """Words that models put before their answer, and that are no part of it."""
    json_key: str
    plain_tokens: int
    """Room for the answer to a plain prompt, at least."""

    @abstractmethod
    def request(self, task: Task, fingerprint: Fingerprint) -> str:
        """Return what one would write today, without a prompt of one's own: the description, or a sentence."""

    @abstractmethod
    def wordings(self, task: Task, fingerprint: Fingerprint) -> Wordings:
        """Return the words of the library's prompts, best first, all distinct."""

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's prompt, or the description as one would write it today."""
        fields = input_fields(task, fingerprint, self.fields)
        tokens = round(fingerprint.expected_tokens.p95)
        if task.prompt:
            return from_user(task, fields, self.contract, tokens)
        return SeedPrompt(
            name="user",
            instruction=self.request(task, fingerprint),
            item=plain_item(fields),
            contract=self.contract,
            max_output_tokens=max(self.plain_tokens, 2 * tokens),
        )

    def seeds(self, task: Task, fingerprint: Fingerprint) -> tuple[SeedPrompt, ...]:
        """Return the library's prompts: each wording, and last a JSON object."""
        words = self.wordings(task, fingerprint)
        as_json = Wording(
            name="json",
            instruction=f'{words.json_request}\nAnswer with a JSON object: {{"{self.json_key}": {words.json_shown}}}',
            item=self.item(task, fingerprint),
        )
        return (
            *prompts(words.library, contract=self.contract, max_output_tokens=words.max_output_tokens),
            *prompts(
                [as_json],
                contract=json_contract(self.json_key, words.json_value),
                max_output_tokens=round(words.json_slack * words.max_output_tokens) + JSON_TOKENS,
            ),
        )

    def item(self, task: Task, fingerprint: Fingerprint) -> str:
        """Return the text that shows one example."""
        return plain_item(input_fields(task, fingerprint, self.fields))

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the text as it stands, without head and wrapping."""
        if contract.form == "json":
            return read_json(text, contract, json_output, unfinished=True)
        return read_text(text, self.heads)

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the first reference."""
        return self.written(expected[0] if expected else "", contract)

    def written(self, reference: str, contract: OutputContract) -> str:
        """Return a text as the assistant would write it."""
        return write_json(contract, reference) if contract.form == "json" else write_text(reference, self.heads)
