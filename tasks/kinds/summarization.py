"""Summarization: a document becomes a short text."""

from tasks.fingerprint import Fingerprint
from tasks.kinds.prompting import bullets, in_language, is_long, join, output_tokens, plural, sentence
from tasks.kinds.written import Wording, Wordings, WrittenKind
from tasks.model import SuccessCriterion, Task, TaskKind

_TOKENS = 96


class Summarization(WrittenKind):
    """Summarise a document."""

    kind = TaskKind.SUMMARIZATION
    title = "Summarise"
    fields: tuple[str, ...] = ("document",)
    expected_columns: tuple[str, ...] = ("summaries", "summary", "expected")
    heads = ("Short summary", "Summary", "TL;DR", "TLDR")
    json_key = "summary"
    plain_tokens = 256

    def request(self, task: Task, fingerprint: Fingerprint) -> str:
        """Return the description, or that the text be summarised."""
        return _what(task)

    def wordings(self, task: Task, fingerprint: Fingerprint) -> Wordings:
        """Ask for a summary as long as the references are."""
        item = self.item(task, fingerprint)
        what, long = _what(task), join(_length(fingerprint), in_language(fingerprint))
        head, ask = (what, _PLAIN) if is_long(what) else ("", what)
        rules = (long, "Tell who does what, in the third person.", "Use the names of the text.", "Add no opinion.")
        cue = f"{item}\n\nSummary:"
        return Wordings(
            library=(
                Wording(name="terse", instruction=join(what, long), item=item),
                Wording(name="after", instruction=head, item=f"{item}\n\n{join(ask, long)}"),
                Wording(
                    name="system",
                    system=join("You write short summaries.", long, _PERSON),
                    instruction=what,
                    item=item,
                ),
                Wording(name="cue", instruction=join(_PLAIN if head else what, long, _PERSON), item=cue),
                Wording(name="rules", instruction=bullets(what, *rules), item=item),
                Wording(name="steps", instruction=join(what, _STEPS, long), item=cue),
            ),
            max_output_tokens=output_tokens(fingerprint, at_least=16, slack=1.3, default=_TOKENS),
            json_request=join(what, long),
        )

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
