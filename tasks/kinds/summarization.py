"""Summarization: a document becomes a short text."""

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
    plural,
    sentence,
)
from tasks.model import OutputContract, ParsedOutput, SeedPrompt, SuccessCriterion, Task, TaskKind

_HEADS = ("Short summary", "Summary", "TL;DR", "TLDR")
_KEY = "summary"
_TEXT = OutputContract(form="text")
_TOKENS = 96
_PLAIN_TOKENS = 256


class Summarization:
    """Summarise a document."""

    kind = TaskKind.SUMMARIZATION
    title = "Summarise"
    fields: tuple[str, ...] = ("document",)
    expected_columns: tuple[str, ...] = ("summaries", "summary", "expected")

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's prompt, or the description as one would write it today."""
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
        """Return prompts that ask for a summary as long as the references are."""
        item = plain_item(input_fields(task, fingerprint, self.fields))
        what, long = _what(task), join(_length(fingerprint), in_language(fingerprint))
        head, ask = (what, _PLAIN) if is_long(what) else ("", what)
        tokens = output_tokens(fingerprint, at_least=16, slack=1.3, default=_TOKENS)
        rules = (long, "Tell who does what, in the third person.", "Use the names of the text.", "Add no opinion.")
        wordings = (
            ("terse", "", join(what, long), item),
            ("after", "", head, f"{item}\n\n{join(ask, long)}"),
            ("system", join("You write short summaries.", long, _PERSON), what, item),
            ("cue", "", join(_PLAIN if head else what, long, _PERSON), f"{item}\n\nSummary:"),
            ("rules", "", what + "\n" + "\n".join(f"- {rule}" for rule in rules), item),
            ("steps", "", join(what, _STEPS, long), f"{item}\n\nSummary:"),
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
        """Read the summary."""
        return read_json(text, contract, json_output) if contract.form == "json" else read_text(text, _HEADS)

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the first reference."""
        summary = expected[0] if expected else ""
        return write_json(contract, summary) if contract.form == "json" else write_text(summary, _HEADS)

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return: overlap with the references."""
        return (SuccessCriterion(evaluator="rouge_l"),)


_PLAIN = "Summarize the text."
_PERSON = "Write in the third person."
_STEPS = "First find who is involved, what they want and how it ends. Then write only the summary."


def _what(task: Task) -> str:
    return sentence(task.description) or _PLAIN


def _length(fingerprint: Fingerprint) -> str:
    words = fingerprint.expected_words.median
    if not words:
        return "Be short."
    rounded = round(words) if words < 10 else 5 * round(words / 5)
    return f"Write {plural(fingerprint.sentences_median or 1, 'sentence')} of about {rounded} words" + (
        " in all." if (fingerprint.sentences_median or 1) > 1 else "."
    )
