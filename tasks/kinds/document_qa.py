"""Document question answering: a short answer from the document, or the statement that it holds none."""

from pydantic import JsonValue

from tasks.fingerprint import Fingerprint
from tasks.kinds.labels import bare
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

NO_ANSWER = "unanswerable"
"""What the model is asked to say where the document holds no answer."""
_HEADS = ("Final answer", "Short answer", "Answer")
_KEY = "answer"
_TEXT = OutputContract(form="text")
_TOKENS = 32
_PLAIN_TOKENS = 128


class DocumentQa:
    """Answer a question from a document."""

    kind = TaskKind.DOCUMENT_QA
    title = "Answer from documents"
    fields: tuple[str, ...] = ("document", "question")
    expected_columns: tuple[str, ...] = ("answers", "answer", "expected")

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's prompt, or the description as one would write it today."""
        fields = input_fields(task, fingerprint, self.fields)
        tokens = round(fingerprint.expected_tokens.p95)
        if task.prompt:
            return from_user(task, fields, _TEXT, tokens)
        return SeedPrompt(
            name="user",
            instruction=join(_what(task), _unanswerable(fingerprint)),
            item=plain_item(fields),
            contract=_TEXT,
            max_output_tokens=max(_PLAIN_TOKENS, 2 * tokens),
        )

    def seeds(self, task: Task, fingerprint: Fingerprint) -> tuple[SeedPrompt, ...]:
        """Return prompts that ask for the shortest answer, in the document's words where the answers are such."""
        item = plain_item(input_fields(task, fingerprint, self.fields))
        short, none = _short(fingerprint), join(_unanswerable(fingerprint), in_language(fingerprint))
        what = sentence(task.description)
        # The smallest models do better with a short sentence than with a long description.
        brief = "Answer the question." if not what or is_long(what) else what
        tokens = output_tokens(fingerprint, at_least=_TOKENS, default=_TOKENS)
        rules = "\n".join(f"- {rule}" for rule in (short, "Write no full sentence and no explanation.", none) if rule)
        wordings = (
            ("terse", "", join(what or "Answer the question.", short, none), item),
            ("after", "", what, f"{item}\n{join(short, none)}\nAnswer:"),
            ("system", join(what or "You answer questions about a document.", short, none), "", f"{item}\nAnswer:"),
            ("cue", "", join(brief, short, none), f"{item}\nShort answer:"),
            ("rules", "", f"{what or 'Read the document and answer the question.'}\n{rules}", item),
            ("steps", "", join(what, _STEPS, none), f"{item}\nAnswer:"),
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
            instruction=join(what or "Answer the question.", short, none)
            + f'\nAnswer with a JSON object: {{"{_KEY}": "..."}}',
            item=item,
            contract=json_contract(_KEY, {"type": "string"}),
            max_output_tokens=tokens + 12,
        )
        return (*plain, as_json)

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the answer; any spelling of `unanswerable` becomes that word."""
        if contract.form != "json":
            return _settled(read_text(text, _HEADS))
        return _settled(read_json(text, contract, _answer))

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the first accepted answer, or that there is none."""
        answer = expected[0] if expected else NO_ANSWER
        return write_json(contract, answer) if contract.form == "json" else write_text(answer, _HEADS)

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return: the words shared with the best accepted answer."""
        return (SuccessCriterion(evaluator="squad_f1"),)


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


def _what(task: Task) -> str:
    return sentence(task.description) or "Answer the question about the document."


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
