"""What a user should know about the examples, in words; nothing here changes the plan."""

import difflib
import re

from tasks.fingerprint import Fingerprint
from tasks.model import Task, TaskKind

_FEW = 20
_FEW_PER_LABEL = 5
_IMBALANCE = 0.7
_SHOWN = 5


def warnings_for(task: Task, fingerprint: Fingerprint, *, context_length: int) -> tuple[str, ...]:
    """Return the warnings, the most important first.

    Args:
        task: what is asked.
        fingerprint: what its examples look like.
        context_length: tokens the model takes for prompt and answer together.
    """
    return (
        *_about_number(fingerprint),
        *_about_labels(task, fingerprint),
        *_about_repetitions(fingerprint),
        *_about_length(fingerprint, context_length),
        *_about_prompt(task, fingerprint),
    )


def _about_number(fingerprint: Fingerprint) -> list[str]:
    found = []
    if fingerprint.n < _FEW:
        found.append(
            f"There are only {fingerprint.n} examples: a real improvement will mostly go unproven. "
            f"Add examples if you can; 80 or more make a clear verdict likely."
        )
    missing = fingerprint.n - fingerprint.labelled
    if missing == fingerprint.n and missing:
        found.append(
            "No example has an expected output: choose criteria that need none (e.g. length, readability, a judge)."
        )
    elif missing:
        found.append(
            f"{missing} of {fingerprint.n} examples have no expected output: "
            "the copilot sees them, but they are not scored."
        )
    return found


def _about_labels(task: Task, fingerprint: Fingerprint) -> list[str]:
    if fingerprint.kind is not TaskKind.CLASSIFICATION:
        return []
    found = []
    counts = fingerprint.label_counts
    if len(fingerprint.labels) < 2:
        found.append("There are fewer than two labels: list them under `labels` or add examples of the others.")
    unlisted = [label for label in counts if label not in fingerprint.labels]
    if unlisted:
        found.append(f"The examples use labels that the task does not list: {_names(unlisted)}. Add or mend them.")
    unused = [label for label in fingerprint.labels if not counts.get(label)]
    if unused:
        found.append(f"No example has the label {_names(unused)}: nothing can be said about it.")
    rare = [f"{label} ({counts[label]})" for label in fingerprint.labels if 0 < counts[label] < _FEW_PER_LABEL]
    if rare:
        found.append(f"Fewer than {_FEW_PER_LABEL} examples have the label {_names(rare)}: add some of them.")
    alike: dict[str, list[str]] = {}
    for label in counts:
        alike.setdefault(" ".join(label.casefold().split()), []).append(label)
    for labels in alike.values():
        if len(labels) > 1:
            found.append(f"These labels differ in spelling only and count as different: {_names(labels)}.")
    if fingerprint.balance is not None and fingerprint.balance < _IMBALANCE and len(fingerprint.labels) > 1:
        top = max(counts, key=lambda label: counts[label])
        share = counts[top] / sum(counts.values())
        found.append(
            f"The labels are unevenly spread: always answering '{top}' would be right for {share:.0%} of the examples. "
            "Look at the share of each label that is found, not only at the total."
        )
    return found


def _about_repetitions(fingerprint: Fingerprint) -> list[str]:
    found = []
    if fingerprint.conflicting:
        found.append(
            "One example repeats an earlier input with a different expected output: one of the two must be wrong."
            if fingerprint.conflicting == 1
            else f"{fingerprint.conflicting} examples repeat an earlier input with a different expected output: "
            "one of each pair must be wrong."
        )
    if fingerprint.duplicates:
        found.append(
            "One example repeats an earlier input: copies tell nothing new and stay in one part."
            if fingerprint.duplicates == 1
            else f"{fingerprint.duplicates} examples repeat an earlier input: "
            "copies tell nothing new and stay in one part."
        )
    if fingerprint.near_duplicates:
        found.append(
            "One example is nearly the same as another one: "
            "such rows stay in one part where possible, and count for less than they seem to."
            if fingerprint.near_duplicates == 1
            else f"{fingerprint.near_duplicates} examples are nearly the same as another one: "
            "such rows stay in one part where possible, and count for less than they seem to."
        )
    if fingerprint.n > 1 and fingerprint.groups == 1:
        found.append("All grouped examples belong to one group, which cannot be divided.")
    if fingerprint.kind is TaskKind.DOCUMENT_QA and fingerprint.n >= _FEW and fingerprint.documents < 3:
        found.append(
            f"The questions are about {fingerprint.documents} document(s): the verdict holds for these, not for others."
        )
    return found


def _about_length(fingerprint: Fingerprint, context_length: int) -> list[str]:
    longest, words = fingerprint.input_tokens.maximum, fingerprint.input_words.maximum
    found = []
    if longest > 0.8 * context_length:
        found.append(
            f"The longest input has about {words} words (some {longest} tokens), too long for the model's "
            f"{context_length} tokens: shorten it, divide it, or use a model with more room."
        )
    elif fingerprint.input_tokens.p95 > 0.4 * context_length:
        found.append(
            f"Some inputs are long (up to about {words} words): they leave little room for worked examples and "
            "make every call slow."
        )
    if len(fingerprint.languages) > 1 and sorted(fingerprint.languages.values())[-1] < 0.8:
        shares = ", ".join(
            f"{language} {share:.0%}" for language, share in list(fingerprint.languages.items())[:_SHOWN]
        )
        found.append(f"The inputs are in several languages ({shares}): one prompt may not fit all of them.")
    return found


def _about_prompt(task: Task, fingerprint: Fingerprint) -> list[str]:
    fields = task.fields or fingerprint.fields
    known = {name.casefold() for name in fields}
    slots = dict.fromkeys(re.findall(r"\{\{?\s*(\w+)\s*\}", task.prompt or ""))
    found = []
    for name in slots:
        near = difflib.get_close_matches(name.casefold(), known, n=1)
        if name.casefold() not in known and near:
            found.append(
                f"The prompt holds {{{name}}}, which is no input and stays as it is: did you mean {{{near[0]}}}?"
            )
    filled = [name for name in slots if name.casefold() in known]
    left_out = [name for name in fields if name.casefold() not in {slot.casefold() for slot in filled}]
    if filled and left_out:
        found.append(f"The prompt never shows the input {_names(left_out)} to the model.")
    return found


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
