"""Keyword extraction: the phrases that say what a document is about."""

import math

from tasks.fingerprint import Fingerprint
from tasks.kinds.lists import items_from_json, read_list, write_list
from tasks.kinds.parsing import read_json, write_json
from tasks.kinds.prompting import (
    from_user,
    input_fields,
    is_long,
    join,
    json_contract,
    output_tokens,
    plain_item,
    sentence,
)
from tasks.model import OutputContract, ParsedOutput, SeedPrompt, SuccessCriterion, Task, TaskKind

_HEADS = ("Keywords", "Keyphrases", "Key phrases", "Key words", "Tags", "Answer")
_KEY = "keywords"
_LIST = OutputContract(form="list")
_TOKENS = 64
_PLAIN_TOKENS = 128


class KeywordExtraction:
    """List the keywords of a document."""

    kind = TaskKind.KEYWORD_EXTRACTION
    title = "Keywords"
    fields: tuple[str, ...] = ("document",)
    expected_columns: tuple[str, ...] = ("keywords", "expected")

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's prompt, or the description as one would write it today."""
        fields = input_fields(task, fingerprint, self.fields)
        tokens = round(fingerprint.expected_tokens.p95)
        if task.prompt:
            return from_user(task, fields, _LIST, tokens)
        return SeedPrompt(
            name="user",
            instruction=join(_what(task), "Separate the keywords by commas."),
            item=plain_item(fields),
            contract=_LIST,
            max_output_tokens=max(_PLAIN_TOKENS, 2 * tokens),
        )

    def seeds(self, task: Task, fingerprint: Fingerprint) -> tuple[SeedPrompt, ...]:
        """Return prompts that ask for as many keywords as the examples have, copied where theirs are copied."""
        item = plain_item(input_fields(task, fingerprint, self.fields))
        what, number, copied = sentence(task.description), _number(fingerprint), _copied(fingerprint)
        ask = f"List {number} from the text{copied}, separated by commas."
        long = is_long(what)
        tokens = output_tokens(fingerprint, at_least=24, slack=1.3, default=_TOKENS)
        rules = [f"Write {number}, separated by commas.", "Write nothing else.", "Do not repeat a keyword."]
        if copied:
            rules.insert(1, "Copy each keyword word for word from the text.")
        wordings = (
            ("terse", "", join(what, ask), item),
            ("cue", "", join("" if long else what, ask), f"{item}\n\nKeywords:"),
            ("after", "", what if long else "", f"{item}\n\n{join('' if long else what, ask)}"),
            ("system", join("You extract keywords.", what, ask), "", f"{item}\n\nKeywords:"),
            ("rules", "", _what(task) + "\n" + "\n".join(f"- {rule}" for rule in rules), item),
            ("steps", "", join(what, _STEPS, f"Then write only {number}{copied}, separated by commas."), item),
        )
        plain = [
            SeedPrompt(
                name=name,
                system=system,
                instruction=instruction,
                item=shown,
                contract=_LIST,
                max_output_tokens=tokens,
            )
            for name, system, instruction, shown in wordings
        ]
        # The upper bound stops small models from listing variations without end.
        most = math.ceil(2 * (fingerprint.keywords_median or 8))
        as_json = SeedPrompt(
            name="json",
            instruction=join(what, f"List {number} from the text{copied}.")
            + f'\nAnswer with a JSON object: {{"{_KEY}": ["...", "..."]}}',
            item=item,
            contract=json_contract(_KEY, {"type": "array", "items": {"type": "string"}, "maxItems": most}),
            max_output_tokens=round(1.5 * tokens) + 12,
        )
        return (*plain, as_json)

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the keywords."""
        if contract.form == "json":
            return read_json(text, contract, lambda value: items_from_json(value, _HEADS))
        return read_list(text, _HEADS)

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the keywords in their order."""
        return write_json(contract, list(expected)) if contract.form == "json" else write_list(expected, _HEADS)

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return: precision and recall of the keywords, combined."""
        return (SuccessCriterion(evaluator="keyword_f1"),)


_STEPS = "First find what the text is about."


def _what(task: Task) -> str:
    return sentence(task.description) or "List the keywords of the text."


def _number(fingerprint: Fingerprint) -> str:
    median = fingerprint.keywords_median
    return f"about {round(median)} keywords" if median and round(median) > 1 else "the keywords"


def _copied(fingerprint: Fingerprint) -> str:
    literal = fingerprint.keywords_in_document
    return ", copied word for word" if literal is None or literal >= 0.6 else ""
