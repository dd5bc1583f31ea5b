"""Document question answering: a short answer from the document, or the statement that it holds none."""

from pydantic import JsonValue

from tasks.fingerprint import Fingerprint
from tasks.kinds.labels import bare
from tasks.kinds.parsing import json_output, read_json
from tasks.kinds.prompting import bullets, in_language, is_long, join, output_tokens, sentence
from tasks.kinds.written import Wording, Wordings, WrittenKind
from tasks.model import OutputContract, ParsedOutput, SuccessCriterion, Task, TaskKind

NO_ANSWER = "unanswerable"
"""What the model is asked to say where the document holds no answer."""
_TOKENS = 32


class DocumentQa(WrittenKind):
    """Answer a question from a document."""

    kind = TaskKind.DOCUMENT_QA
    title = "Answer from documents"
    fields: tuple[str, ...] = ("document", "question")
    expected_columns: tuple[str, ...] = ("answers", "answer", "expected")
    heads = ("Final answer", "Short answer", "Answer")
    json_key = "answer"
    plain_tokens = 128

    def request(self, task: Task, fingerprint: Fingerprint) -> str:
        """Return the description, and what to write where there is no answer."""
        return join(sentence(task.description) or "Answer the question about the document.", _unanswerable(fingerprint))

    def wordings(self, task: Task, fingerprint: Fingerprint) -> Wordings:
        """Ask for the shortest answer, in the document's words where the answers are such."""
        item = self.item(task, fingerprint)
        short, none = _short(fingerprint), join(_unanswerable(fingerprint), in_language(fingerprint))
        what = sentence(task.description)
        # The smallest models do better with a short sentence than with a long description.
        brief = _ASK if not what or is_long(what) else what
        role, read = (
            what or "You answer questions about a document.",
            what or "Read the document and answer the question.",
        )
        return Wordings(
            library=(
                Wording(name="terse", instruction=join(what or _ASK, short, none), item=item),
                Wording(name="after", instruction=what, item=f"{item}\n{join(short, none)}\nAnswer:"),
                Wording(name="system", system=join(role, short, none), item=f"{item}\nAnswer:"),
                Wording(name="cue", instruction=join(brief, short, none), item=f"{item}\nShort answer:"),
                Wording(
                    name="rules",
                    instruction=bullets(read, short, "Write no full sentence and no explanation.", none),
                    item=item,
                ),
                Wording(name="steps", instruction=join(what, _STEPS, none), item=f"{item}\nAnswer:"),
            ),
            max_output_tokens=output_tokens(fingerprint, at_least=_TOKENS, default=_TOKENS),
            json_request=join(what or _ASK, short, none),
        )

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the answer; any spelling of `unanswerable` becomes that word."""
        if contract.form != "json":
            return _settled(super().parse(text, contract))
        return _settled(read_json(text, contract, _answer, unfinished=True))

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the first accepted answer, or that there is none."""
        return self.written(expected[0] if expected else NO_ANSWER, contract)

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return: the words shared with the best accepted answer."""
        return (SuccessCriterion(evaluator="squad_f1"),)


_ASK = "Answer the question."
_STEPS = (
    "First find the sentence of the document that answers the question. "
    "Then write only the few words of it that are the answer."
)


def _answer(value: JsonValue) -> ParsedOutput:
    if value is None:
        return ParsedOutput(value=NO_ANSWER)
    return json_output(value)


def _settled(parsed: ParsedOutput) -> ParsedOutput:
    if isinstance(parsed.value, str) and bare(parsed.value) == NO_ANSWER:
        return ParsedOutput(value=NO_ANSWER)
    return parsed


def _short(fingerprint: Fingerprint) -> str:
    literal = fingerprint.answers_in_document
    if literal is None or literal >= 0.5:
        return "Give the shortest answer, copied word for word from the document."
    if fingerprint.expected_words.median <= 10:
        return "Answer in a few words."
    return f"Answer in about {round(fingerprint.expected_words.median)} words."


def _unanswerable(fingerprint: Fingerprint) -> str:
    if not fingerprint.unanswerable:
        return ""
    return f'If the document does not hold the answer, write "{NO_ANSWER}".'
