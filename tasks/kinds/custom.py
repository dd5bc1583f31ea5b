"""Custom: any other task that turns a row into a text."""

from tasks.fingerprint import Fingerprint
from tasks.kinds.prompting import (
    bullets,
    in_language,
    input_fields,
    is_long,
    join,
    output_tokens,
    plain_item,
    sentence,
)
from tasks.kinds.written import Wording, Wordings, WrittenKind
from tasks.model import SuccessCriterion, Task, TaskKind

_SHORT_WORDS = 3


class Custom(WrittenKind):
    """Whatever the description says."""

    kind = TaskKind.CUSTOM
    title = "Something else"
    fields: tuple[str, ...] = ()
    expected_columns: tuple[str, ...] = ("expected", "output", "answer", "reference")
    heads = ("Answer", "Output", "Response")
    json_key = "answer"
    plain_tokens = 256

    def request(self, task: Task, fingerprint: Fingerprint) -> str:
        """Return the description as it stands."""
        return _what(task)

    def wordings(self, task: Task, fingerprint: Fingerprint) -> Wordings:
        """Put the description into several places and forms, with the length of the expected outputs."""
        item = self.item(task, fingerprint)
        what, long = _what(task), join(_length(fingerprint), in_language(fingerprint))
        head, ask = (what, "") if is_long(what) else ("", what)
        named = plain_item(input_fields(task, fingerprint, self.fields), named=True)
        rules = (long, "Write only the answer.", "Add no explanation.")
        return Wordings(
            library=(
                Wording(name="terse", instruction=join(what, long), item=item),
                Wording(name="after", instruction=head, item=f"{item}\n\n{join(ask, long) or _ASK}"),
                Wording(name="system", system=join(what, long), item=item),
                Wording(name="cue", instruction=join(what, long), item=f"{item}\n\nAnswer:"),
                Wording(name="rules", instruction=bullets(what, *rules), item=item),
                Wording(name="named", instruction=join(what, long), item=f"{named}\n\nAnswer:"),
            ),
            max_output_tokens=output_tokens(fingerprint, at_least=16, default=self.plain_tokens),
            json_request=join(what, long),
        )

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
