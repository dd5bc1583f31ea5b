"""Keyword extraction: the phrases that say what a document is about."""

import math

from tasks.fingerprint import Fingerprint
from tasks.kinds.lists import items_from_json, read_list, write_list
from tasks.kinds.parsing import read_json, write_json
from tasks.kinds.prompting import bullets, is_long, join, output_tokens, sentence
from tasks.kinds.written import Wording, Wordings, WrittenKind
from tasks.model import OutputContract, ParsedOutput, SuccessCriterion, Task, TaskKind

_TOKENS = 64


class KeywordExtraction(WrittenKind):
    """List the keywords of a document."""

    kind = TaskKind.KEYWORD_EXTRACTION
    title = "Keywords"
    fields: tuple[str, ...] = ("document",)
    expected_columns: tuple[str, ...] = ("keywords", "expected")
    contract = OutputContract(form="list")
    heads = ("Keywords", "Keyphrases", "Key phrases", "Key words", "Tags", "Answer")
    json_key = "keywords"
    plain_tokens = 128

    def request(self, task: Task, fingerprint: Fingerprint) -> str:
        """Return the description, and how to separate the keywords."""
        return join(_what(task), "Separate the keywords by commas.")

    def wordings(self, task: Task, fingerprint: Fingerprint) -> Wordings:
        """Ask for as many keywords as the examples have, copied where theirs are copied."""
        item = self.item(task, fingerprint)
        what, number, copied = sentence(task.description), _number(fingerprint), _copied(fingerprint)
        ask = f"List {number} from the text{copied}, separated by commas."
        head, again = (what, "") if is_long(what) else ("", what)
        cue = f"{item}\n\nKeywords:"
        rules = (
            f"Write {number}, separated by commas.",
            "Copy each keyword word for word from the text." if copied else "",
            "Write nothing else.",
            "Do not repeat a keyword.",
        )
        then = f"Then write only {number}{copied}, separated by commas."
        # The upper bound stops small models from listing variations without end.
        most = math.ceil(2 * (fingerprint.keywords_median or 8))
        return Wordings(
            library=(
                Wording(name="terse", instruction=join(what, ask), item=item),
                Wording(name="cue", instruction=join(again, ask), item=cue),
                Wording(name="after", instruction=head, item=f"{item}\n\n{join(again, ask)}"),
                Wording(name="system", system=join("You extract keywords.", what, ask), item=cue),
                Wording(name="rules", instruction=bullets(_what(task), *rules), item=item),
                Wording(name="steps", instruction=join(what, _STEPS, then), item=item),
            ),
            max_output_tokens=output_tokens(fingerprint, at_least=24, slack=1.3, default=_TOKENS),
            json_request=join(what, f"List {number} from the text{copied}."),
            json_shown='["...", "..."]',
            json_value={"type": "array", "items": {"type": "string"}, "maxItems": most},
            json_slack=1.5,
        )

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the keywords."""
        if contract.form == "json":
            return read_json(text, contract, lambda value: items_from_json(value, self.heads))
        return read_list(text, self.heads)

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the keywords in their order."""
        return write_json(contract, list(expected)) if contract.form == "json" else write_list(expected, self.heads)

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
