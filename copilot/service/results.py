"""What a finished run shows: the RESULT.json document, its failures, the prompt's changes word by word."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Literal

import yaml
from pydantic import JsonValue

from copilot.domain.prompt import PromptTemplate
from copilot.domain.run import Comparison, Role, RunResult, Trial
from copilot.domain.saved import SavedRun
from copilot.export.templates import format_template
from copilot.service.workspace import Workspace
from copilot.storage.datasets import find_example
from copilot.storage.events import list_trials
from copilot.storage.trial_rows import split_counts
from tasks.kinds.prompting import plural
from tasks.model import Example, Frozen

_WORD = re.compile(r"\s+|[^\s]+")
USER = "user"
"""Id of the candidate that is the user's own prompt."""


Head = Literal["system", "user", "assistant", "chosen_anew"]
_TITLES: Mapping[Head, str] = {
    "system": "System",
    "user": "User",
    "assistant": "Answer",
    "chosen_anew": "Chosen anew for every input",
}


Change = Literal["same", "gone", "new"]
ALIKE = 0.5
"""From this share of common words on, one message is taken to have become another."""


class PromptPart(Frozen):
    """A message of a prompt, or that worked examples are chosen for every input."""

    head: Head | None = None
    """None: it is all of the prompt."""
    about: str = ""
    """What the head says besides."""
    text: str = ""


class Piece(Frozen):
    """A stretch of text that is in both prompts or in one only."""

    change: Change
    text: str
    head: Head | None = None
    """No words of the prompt: the head of its part, e.g. whose message follows."""


class Failure(Frozen):
    """One example for which the chosen prompt failed."""

    example: Example
    trial: Trial
    reasons: tuple[str, ...]
    """Why, a sentence each."""


def document(run: SavedRun, result: RunResult) -> dict[str, JsonValue]:
    """Return RESULT.json."""
    verdict = result.verdict
    usage = {str(role): result.usage[role].model_dump(mode="json") for role in Role if role in result.usage}
    return {
        "verdict": verdict.outcome,
        "sentence": verdict.sentence,
        "holdout": _comparison(verdict.holdout),
        "dev": _comparison(verdict.dev),
        "optimism": verdict.optimism,
        "baselines": [baseline.model_dump(mode="json") for baseline in verdict.baselines],
        "cross_fitted": verdict.cross_fitted,
        "holdout_used_before": verdict.holdout_used_before,
        "notes": list(verdict.notes),
        "stop_reason": result.stop_reason,
        "usage": {str(role): usage.get(str(role), _NOTHING) for role in Role},
        "replayed_calls": result.replayed_calls,
        "candidates": [candidate.model_dump(mode="json") for candidate in result.candidates],
        "template": template_document(run, result.template),
        "user_template": template_document(run, result.user_template),
        "seconds": result.seconds,
        "run": run.plan.id,
        "task": run.plan.task.name,
        "model": run.plan.task_model,
        "seed": run.plan.config.seed,
    }


def template_document(run: SavedRun, template: PromptTemplate) -> JsonValue:
    """Return a template as its file holds it."""
    text = format_template(template, name=run.plan.task.name, task=run.plan.task.name, run_id=run.plan.id)
    content: JsonValue = yaml.safe_load(text)
    return content


_NOTHING: JsonValue = {"calls": 0, "prompt_tokens": 0, "cached_tokens": 0, "completion_tokens": 0}


def _comparison(comparison: Comparison) -> JsonValue:
    content: JsonValue = comparison.model_dump(mode="json")
    return content


def failures(workspace: Workspace, run: SavedRun, *, limit: int = 3) -> tuple[Failure, ...]:
    """Return examples for which the prompt to use failed, the worst first; unseen ones before those tuned on."""
    with workspace.database.reading() as session:
        wanted = chosen(run, split_counts(session, run_id=run.plan.id))
        finished = [
            (split, event.trial)
            for split in ("holdout", "dev")
            for event in list_trials(session, run_id=run.plan.id, split=split, candidate_id=wanted)
        ]
        failed = [(split, trial) for split, trial in finished if trial.passed is False or trial.problem]
        failed.sort(key=lambda pair: (pair[0] != "holdout", pair[1].value or 0.0))
        found = []
        for _, trial in failed[:limit]:
            example = find_example(session, version=run.plan.dataset_version, example_id=trial.example_id)
            if example is not None:
                found.append(Failure(example=example, trial=trial, reasons=_reasons(trial)))
    return tuple(found)


def finalist(run: SavedRun, counts: Mapping[tuple[str, str], int]) -> str:
    """Return the id of the prompt that was compared with the user's, or that leads as yet.

    Args:
        run: the run.
        counts: how many trials each candidate has in each part of the data, by (split, candidate).
    """
    held = [name for split, name in counts if split == "holdout" and name != USER]
    if held:
        return held[-1]
    if run.result is not None:
        ranked = [line.id for line in run.result.candidates if line.id != USER and line.score is not None]
    else:
        met = {name: number for (split, name), number in counts.items() if split == "dev" and name != USER}
        ranked = sorted(met, key=lambda name: -met[name])
    return ranked[0] if ranked else USER


def chosen(run: SavedRun, counts: Mapping[tuple[str, str], int]) -> str:
    """Return the id of the prompt to use; while there is no verdict, of the one that leads."""
    if run.result is not None and run.result.template == run.result.user_template:
        return USER
    return finalist(run, counts)


def _reasons(trial: Trial) -> tuple[str, ...]:
    if trial.problem:
        return (trial.problem,)
    low = [score for score in trial.scores if score.value is None or score.value < 1.0]
    return tuple(score.explanation for score in low)


def prompt_parts(template: PromptTemplate) -> tuple[PromptPart, ...]:
    """Return a whole prompt with its slots, message by message; a prompt of one message needs no head."""
    slots = {name: "{{" + name + "}}" for name in template.variables}
    messages = template.fixed.render(slots)
    if len(messages) == 1:
        return (PromptPart(text=messages[0].content),)
    parts = [PromptPart(head=message.role, text=message.content) for message in messages]
    if template.retrieval is not None:
        shown, bank = plural(template.retrieval.count, "example"), len(template.retrieval.bank)
        about = f": the {shown} of {bank} whose inputs are most like it."
        parts.append(PromptPart(head="chosen_anew", about=about))
    return tuple(parts)


def prompt_text(template: PromptTemplate) -> str:
    """Return a whole prompt as one text, with its slots, as a person reads it."""
    return "\n\n".join(map(_headed, prompt_parts(template)))


def _headed(part: PromptPart) -> str:
    return f"{_title(part)}\n{part.text}" if part.head and part.text else _title(part) or part.text


def _title(part: PromptPart) -> str:
    return f"[{_TITLES[part.head]}{part.about}]" if part.head else ""


def prompt_diff(before: PromptTemplate, after: PromptTemplate) -> tuple[Piece, ...]:
    """Return two prompts as one, message by message, and word by word where one message became another.

    The heads of messages are pieces of their own. What is not new is the text of the one prompt, what is not gone that
    of the other.
    """
    pieces: list[Piece] = []

    def add(change: Change, text: str, head: Head | None = None) -> None:
        if text:
            pieces.append(Piece(change=change, text=text, head=head))

    def both(old: str, new: str, heads: tuple[Head | None, Head | None] = (None, None)) -> None:
        if old == new:
            add("same", old, heads[0])
        else:
            add("gone", old, heads[0])
            add("new", new, heads[1])

    gaps = ("", "")
    for old, new in _aligned(prompt_parts(before), prompt_parts(after)):
        one, other = old or PromptPart(), new or PromptPart()
        both(gaps[0] if old else "", gaps[1] if new else "")
        both(_title(one), _title(other), (one.head, other.head))
        both("\n" if one.head and one.text else "", "\n" if other.head and other.text else "")
        pieces += word_diff(one.text, other.text)
        gaps = ("\n\n" if old else gaps[0], "\n\n" if new else gaps[1])
    return tuple(pieces)


_Pairs = list[tuple[PromptPart | None, PromptPart | None]]


def _aligned(old: Sequence[PromptPart], new: Sequence[PromptPart]) -> _Pairs:
    """Return which part became which: the first instructions and the last message always, the rest by likeness."""
    first: _Pairs = []
    last: _Pairs = []
    if old[0].head == new[0].head == "system":
        first, old, new = [(old[0], new[0])], old[1:], new[1:]
    ends = [parts[-1] if parts[-1].head == "chosen_anew" else None for parts in (old, new)]
    old, new = (parts[:-1] if end else parts for parts, end in zip((old, new), ends, strict=True))
    if any(ends):
        last = [(ends[0], ends[1])] if ends[0] == ends[1] else [(ends[0], None), (None, ends[1])]
        last = [pair for pair in last if any(pair)]
    last = [(old[-1], new[-1]), *last]
    middle: _Pairs = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old[:-1], new[:-1], autojunk=False).get_opcodes():
        gone, made = old[i:j], new[k:m]
        if tag == "equal" or (len(gone) == len(made) and all(map(_alike, gone, made))):
            middle += zip(gone, made, strict=True)
        else:
            middle += [(part, None) for part in gone]
            middle += [(None, part) for part in made]
    return [*first, *middle, *last]


def _alike(old: PromptPart, new: PromptPart) -> bool:
    words = difflib.SequenceMatcher(None, old.text.split(), new.text.split(), autojunk=False)
    return old.head == new.head and words.ratio() >= ALIKE


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return both texts as one, word by word: what is the same, what is gone, what is new."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[Piece] = []

    def add(change: Change, words: list[str]) -> None:
        if words:
            pieces.append(Piece(change=change, text="".join(words)))

    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            add("same", old[i:j])
        else:
            add("gone", old[i:j])
            add("new", new[k:m])
    return tuple(pieces)
