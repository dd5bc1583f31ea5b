"""Classification: one label of a closed set."""

from collections.abc import Sequence
from itertools import pairwise

from tasks.fingerprint import Fingerprint, estimate_tokens
from tasks.kinds.codes import APART, letters_for, words_for
from tasks.kinds.labels import bare, label_from_json, read_label, write_label
from tasks.kinds.parsing import read_json, read_text, write_json, write_text
from tasks.kinds.prompting import from_user, input_fields, is_long, join, json_contract, plain_item, sentence
from tasks.kinds.written import JSON_TOKENS, Wording, prompts
from tasks.model import ChoiceConstraint, OutputContract, ParsedOutput, SeedPrompt, SuccessCriterion, Task, TaskKind

_KEY = "label"
_PLAIN_TOKENS = 64
_HEADS = ("Label", "Answer")


def label_set(task: Task, fingerprint: Fingerprint) -> tuple[str, ...]:
    """Return the closed label set: the task's, else that of the examples."""
    return task.labels or fingerprint.labels


def shared_start(labels: Sequence[str]) -> int:
    """Return how many letters the two labels that are most alike at the start have in common."""
    ordered = sorted(label.casefold().strip() for label in labels)
    return max((_common(one, other) for one, other in pairwise(ordered)), default=0)


def begin_alike(labels: Sequence[str]) -> bool:
    """Tell whether two labels probably share their first token: three letters, or a sign that both begin with."""
    signs = [label.strip()[:1] for label in labels]
    return shared_start(labels) >= APART or any(not sign.isalnum() and signs.count(sign) > 1 for sign in signs)


class Classification:
    """Assign each text to one of the labels."""

    kind = TaskKind.CLASSIFICATION
    title = "Classify"
    fields: tuple[str, ...] = ("text",)
    expected_columns: tuple[str, ...] = ("label", "expected")

    def user_prompt(self, task: Task, fingerprint: Fingerprint) -> SeedPrompt:
        """Return the user's prompt, or the description and the labels as one would write them today."""
        fields, labels = input_fields(task, fingerprint, self.fields), label_set(task, fingerprint)
        contract = _plain(labels)
        if task.prompt:
            return from_user(task, fields, contract, _longest(labels))
        choices = f"Answer with one of these labels: {_listed(labels)}" if labels else "Answer with the label only."
        return SeedPrompt(
            name="user",
            instruction=f"{_what(task)}\n\n{choices}",
            item=plain_item(fields),
            contract=contract,
            max_output_tokens=max(_PLAIN_TOKENS, 2 * _longest(labels)),
        )

    def seeds(self, task: Task, fingerprint: Fingerprint) -> tuple[SeedPrompt, ...]:
        """Return prompts whose labels are scored by probability, then written under a constraint, freely, as JSON."""
        fields, labels = input_fields(task, fingerprint, self.fields), label_set(task, fingerprint)
        if len(labels) < 2:
            return (self.user_prompt(task.model_copy(update={"prompt": None}), fingerprint),)
        scored = _scored(task, fields, labels)
        letters = _coded(task, fields, labels, "letter")
        # Labels that begin alike cannot be told apart by their first token: a word or letter stands for each then.
        if begin_alike(labels):
            words = _coded(task, fields, labels, "word")
            first, second = (words, [*letters[:1], *scored[:1]]) if words else (letters, scored[:1])
        else:
            first, second = scored, (letters or _coded(task, fields, labels, "word"))[:1]
        return (*first, *second, *_written(task, fields, labels))

    def parse(self, text: str, contract: OutputContract) -> ParsedOutput:
        """Read the label."""
        if contract.form == "json":
            return read_json(text, contract, lambda value: label_from_json(value, contract))
        return read_label(text, contract) if contract.labels else read_text(text, _HEADS)

    def demonstrate(self, expected: tuple[str, ...], contract: OutputContract) -> str:
        """Return the label, its code, or the object that holds it."""
        label = expected[0] if expected else ""
        if contract.form == "json":
            return write_json(contract, label)
        return write_label(label, contract) if contract.labels else write_text(label, _HEADS)

    def default_criteria(self, task: Task, fingerprint: Fingerprint) -> tuple[SuccessCriterion, ...]:
        """Return: the label is the expected one."""
        return (SuccessCriterion(evaluator="exact_match"),)


def _scored(task: Task, fields: tuple[str, ...], labels: tuple[str, ...]) -> list[SeedPrompt]:
    what, listed = _what(task), _listed(labels)
    item = plain_item(fields)
    head, ask = (what, "") if is_long(task.description) else ("", what)
    after = join(ask, f"Which label fits best: {listed[:-1]}?")
    wordings = (
        Wording(
            name="score-terse",
            instruction=f"{_brief(task)} The label is one of: {listed}",
            item=f"{item}\n\nLabel:",
        ),
        Wording(name="score-after", instruction=head, item=f"{item}\n\n{after}\nLabel:"),
        Wording(name="score-system", system=f"{what} Answer with one label only: {listed}", item=item),
    )
    return prompts(wordings, contract=_constrained(labels), max_output_tokens=_longest(labels), label_scoring=True)


def _coded(task: Task, fields: tuple[str, ...], labels: tuple[str, ...], name: str) -> list[SeedPrompt]:
    """Return prompts whose answer is a letter or word that stands for a label; none where labels need none."""
    if shared_start(labels) < 1 or any(len(bare(label)) < 2 for label in labels):
        return []
    codes = letters_for(labels) if name == "letter" else words_for(labels)
    if codes is None:
        return []
    sign = "." if name == "letter" else ":"
    options = "\n".join(f"{code}{sign} {label}" for code, label in zip(codes, labels, strict=True))
    contract = OutputContract(form="label", labels=labels, codes=codes, constraint=ChoiceConstraint(choices=codes))
    item = plain_item(fields)
    head, ask = (_what(task), "") if is_long(task.description) else ("", _what(task))
    after = join(ask, "Which one fits best?")
    wordings = (
        Wording(
            name=f"{name}-terse",
            instruction=f"{_what(task)} Answer with the {name}.\n\n{options}",
            item=f"{item}\n\n{name.title()}:",
        ),
        Wording(name=f"{name}-after", instruction=head, item=f"{item}\n\n{after}\n{options}\n{name.title()}:"),
    )
    longest = 4 if name == "letter" else _longest(codes)
    return prompts(wordings, contract=contract, max_output_tokens=longest, label_scoring=True)


def _written(task: Task, fields: tuple[str, ...], labels: tuple[str, ...]) -> list[SeedPrompt]:
    what, listed, item, tokens = _what(task), _listed(labels), plain_item(fields), _longest(labels)
    one_of = "\n".join(f"- {label}" for label in labels)
    return [
        SeedPrompt(
            name="choice",
            instruction=f"{what} Answer with exactly one of these labels: {listed}",
            item=f"{item}\n\nLabel:",
            contract=_constrained(labels),
            max_output_tokens=tokens,
        ),
        SeedPrompt(
            name="rules",
            instruction=f"{what}\n\nLabels:\n{one_of}\n\nPick the label of the main topic. Write the label only.",
            item=item,
            contract=_plain(labels),
            max_output_tokens=tokens,
        ),
        SeedPrompt(
            name="json",
            instruction=f'{what} Labels: {listed}\nAnswer with a JSON object: {{"{_KEY}": "..."}}',
            item=item,
            contract=json_contract(_KEY, {"type": "string", "enum": list(labels)}, labels=labels),
            max_output_tokens=tokens + JSON_TOKENS,
        ),
    ]


def _plain(labels: tuple[str, ...]) -> OutputContract:
    return OutputContract(form="label", labels=labels) if labels else OutputContract(form="text")


def _constrained(labels: tuple[str, ...]) -> OutputContract:
    return OutputContract(form="label", labels=labels, constraint=ChoiceConstraint(choices=labels))


def _common(one: str, other: str) -> int:
    length = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        length += 1
    return length


def _what(task: Task) -> str:
    return join(sentence(task.description)) or "Classify the text."


def _brief(task: Task) -> str:
    """The smallest models do better with a short sentence than with a long description."""
    return "Classify the text." if is_long(task.description) else _what(task)


def _listed(labels: tuple[str, ...]) -> str:
    separator = "; " if any("," in label for label in labels) else ", "
    return separator.join(labels) + "."


def _longest(labels: tuple[str, ...]) -> int:
    return max(8, 4 + max((estimate_tokens(label) for label in labels), default=_PLAIN_TOKENS - 4))
