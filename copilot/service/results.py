"""What a finished run shows: the RESULT.json document, its failures, the prompt's changes word by word."""

import difflib
import re
from collections.abc import Mapping
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


class Piece(Frozen):
    """A stretch of text that is in both prompts or in one only."""

    change: Literal["same", "gone", "new"]
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


def failures(workspace: Workspace, run: SavedRun, result: RunResult, *, limit: int = 3) -> tuple[Failure, ...]:
    """Return examples for which the prompt to use failed, the worst first; unseen ones before those tuned on."""
    wanted = shown_candidate(workspace, run, result)
    with workspace.database.reading() as session:
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


def shown_candidate(workspace: Workspace, run: SavedRun, result: RunResult) -> str:
    """Return the id of the candidate that became the prompt to use."""
    if result.template == result.user_template:
        return USER
    with workspace.database.reading() as session:
        tried = [event.trial.candidate_id for event in list_trials(session, run_id=run.plan.id, split="holdout")]
    others = [candidate for candidate in dict.fromkeys(tried) if candidate != USER]
    if others:
        return others[-1]
    ranked = [candidate for candidate in result.candidates if candidate.id != USER and candidate.score is not None]
    return ranked[0].id if ranked else USER


def _reasons(trial: Trial) -> tuple[str, ...]:
    if trial.problem:
        return (trial.problem,)
    low = [score for score in trial.scores if score.value is None or score.value < 1.0]
    return tuple(score.explanation for score in low)


def prompt_parts(template: PromptTemplate) -> tuple[tuple[Head | None, str], ...]:
    """Return a whole prompt with its slots: what each part is, and its words; a prompt of one message needs no head."""
    slots = {name: "{{" + name + "}}" for name in template.variables}
    messages = template.fixed.render(slots)
    if len(messages) == 1:
        return ((None, messages[0].content),)
    parts: list[tuple[Head | None, str]] = [(message.role, message.content) for message in messages]
    if template.retrieval is not None:
        shown, bank = plural(template.retrieval.count, "example"), len(template.retrieval.bank)
        parts.append(("chosen_anew", f"the {shown} of {bank} whose inputs are most like it."))
    return tuple(parts)


def prompt_text(template: PromptTemplate) -> str:
    """Return a whole prompt as one text, with its slots, as a person reads it."""
    return "\n\n".join(_headed(head, text) for head, text in prompt_parts(template))


def _headed(head: Head | None, text: str, *, mark: str = "") -> str:
    """Return a part with its head; with a mark, the head is one word of which no text has the like."""
    if head is None:
        return text
    title = f"[{_TITLES[head]}: {text}]" if head == "chosen_anew" else f"[{_TITLES[head]}]"
    if mark:
        title = mark + title.replace(" ", mark)
    return title if head == "chosen_anew" else f"{title}\n{text}"


def prompt_diff(before: PromptTemplate, after: PromptTemplate) -> tuple[Piece, ...]:
    """Return two prompts as one, word by word; the heads of their parts are pieces of their own."""
    texts = [
        "\n\n".join(_headed(head, text, mark="\0") for head, text in prompt_parts(template))
        for template in (before, after)
    ]
    pieces: list[Piece] = []
    for piece in word_diff(*texts):
        for place, part in enumerate(re.split(r"\0(\[[^]\s]*\])", piece.text)):
            text = part.replace("\0", " ") if place % 2 else part
            if text:
                pieces.append(Piece(change=piece.change, text=text, head=_head(text) if place % 2 else None))
    return tuple(pieces)


def _head(title: str) -> Head:
    return next(head for head, word in _TITLES.items() if title.startswith((f"[{word}]", f"[{word}:")))


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return both texts as one, word by word: what is the same, what is gone, what is new."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[Piece] = []

    def add(change: Literal["same", "gone", "new"], words: list[str]) -> None:
        if words:
            pieces.append(Piece(change=change, text="".join(words)))

    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            add("same", old[i:j])
        else:
            add("gone", old[i:j])
            add("new", new[k:m])
    return tuple(pieces)
