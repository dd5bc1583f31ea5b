"""Custom: any other task that turns a row into a text."""

from tasks.fingerprint import Fingerprint
from tasks.kinds.parsing import json_output, read_json, read_text, write_json, write_text
from tasks.kinds.prompting import (
    from_user,
    in_language,
    input_fields,
    is_long,
    join,
    json_contract,
    output_tokens,
    plain_item,
    sentence,
)
from tasks.model import OutputContract, ParsedOutput, SeedPrompt, SuccessCriterion, Task, TaskKind

_HEADS = ("Answer", "Output", "Response")
_KEY = "answer"
_TEXT = OutputContract(form="text")
_PLAIN_TOKENS = 256
_SHORT_WORDS = 3


class Custom:
    """Whatever the description says."""

    kind = TaskKind.CUSTOM
    title = "Something else"
    fields: tuple[str, ...] = ()
    expected_columns: tuple[str, ...] = ("expected", "output", "answer", "reference")

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's prompt, or the description as it stands."""
        fields = input_fields(task, fingerprint, self.fields)
        tokens = round(fingerprint.expected_tokens.p95)
        if task.prompt:
            return from_user(task, fields, _TEXT, tokens)
        return SeedPrompt(
            name="user",
            instruction=_what(task),
            item=plain_item(fields),
            contract=_TEXT,
            max_output_tokens=max(_PLAIN_TOKENS, 2 * tokens),
        )

    def seeds(self, task: Task, fingerprint: Fingerprint) -> tuple[SeedPrompt, ...]:
        """Return the description in several places and forms, with the length of the expected outputs."""
        fields = input_fields(task, fingerprint, self.fields)
        item = plain_item(fields)
        what, long = _what(task), join(_length(fingerprint), in_language(fingerprint))
        head, ask = (what, "") if is_long(what) else ("", what)
        tokens = output_tokens(fingerprint, at_least=16, default=_PLAIN_TOKENS)
        rules = [rule for rule in (long, "Write only the answer.", "Add no explanation.") if rule]
        wordings = (
            ("terse", "", join(what, long), item),
            ("after", "", head, f"{item}\n\n{join(ask, long) or _ASK}"),
            ("system", join(what, long), "", item),
            ("cue", "", join(what, long), f"{item}\n\nAnswer:"),
            ("rules", "", what + "\n" + "\n".join(f"- {rule}" for rule in rules), item),
            ("named", "", join(what, long), f"{plain_item(fields, named=True)}\n\nAnswer:"),
        )
        plain = [
            SeedPrompt(
                name=name,
                system=system,
                instruction=instruction,
                item=shown,
                contract=_TEXT,
                max_output_tokens=tokens,
            )
            for name, system, instruction, shown in wordings
        ]
        as_json = SeedPrompt(
            name="json",
            instruction=join(what, long) + f'\nAnswer with a JSON object: {{"{_KEY}": "..."}}',
            item=item,
            contract=json_contract(_KEY, {"type": "string"}),
            max_output_tokens=tokens + 12,
        )
        return (*plain, as_json)

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the text as it stands, without wrapping."""
        return read_json(text, contract, json_output) if contract.form == "json" else read_text(text, _HEADS)

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the reference."""
        reference = expected[0] if expected else ""
        return write_json(contract, reference) if contract.form == "json" else write_text(reference, _HEADS)

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return: the same text where references are a few words, else overlap with them."""
        short = fingerprint.expected_words.median <= _SHORT_WORDS
        return (SuccessCriterion(evaluator="exact_match" if short else "rouge_l"),)


_ASK = "Write the answer."


def _what(task: Task) -> str:
    return sentence(task.description) or "Answer for the text."


def _length(fingerprint: Fingerprint) -> str:
    words = round(fingerprint.expected_words.median)
    if not words:
        return ""
    return "Answer in a few words." if words <= _SHORT_WORDS else f"Answer in about {words} words."
