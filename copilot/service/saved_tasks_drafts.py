"""Examples that the copilot's model writes; they count once a person has accepted them."""

import asyncio
import difflib
import json
import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.run import Budget, Role
from copilot.domain.saved_tasks import SavedExample, SavedTask
from copilot.errors import BudgetExhausted, ImportRefused, UserError
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.service import saved_tasks as service
from copilot.service.saved_tasks_files import needed, read_rows
from copilot.service.workspace import Workspace
from tasks.loading.cells import Cell
from tasks.model import Example, Frozen, SchemaConstraint, Task, TaskKind

AT_ONCE_MOST = 50
ATTEMPTS = 2
"""How often an example is asked for, at most."""
SHOWN = 3
"""Examples shown to the model."""
EXCERPT = 600
LEAST_WORDS = 4
TOO_ALIKE = 0.9
TELLTALE_WORDS = 5
"""So many words in a row from the question are no coincidence."""
_ASKED = "Invent one realistic example for this task. It is used to test how well the task is done."
_NEW = "Write a new example, different from those, number"
_NOTES = {
    TaskKind.SUMMARIZATION: "document is a text of 80 to 150 words, summary is its summary in one or two sentences",
    TaskKind.DOCUMENT_QA: "question can be answered from the document, answers is the short answer in its words",
    TaskKind.KEYWORD_EXTRACTION: "document is a text of 50 to 120 words, keywords are its 3 to 6 main words",
    TaskKind.CLASSIFICATION: "text is what a real person would write, 10 to 50 words",
    TaskKind.CUSTOM: "expected is the right answer to it",
}


class _Wish(Frozen):
    """One example to be written, and what of it is given."""

    index: int
    given: dict[str, str]


async def draft(workspace: Workspace, model_name: str, task_id: str, n: int) -> tuple[SavedExample, ...]:
    """Let a model write up to `n` examples, and keep those that are of use.

    Raises:
        UserError: there is no such task, or the model wrote nothing of use.
        ModelError: its server failed.
    """
    n = max(1, min(n, AT_ONCE_MOST))
    saved = service.get(workspace, task_id)
    if not needed(saved.task)[0]:
        raise UserError("Say first which inputs the task has, so that examples can be written for them.")
    known = tuple(row.example for row in service.list_examples(workspace, task_id))
    model = await workspace.model(model_name)
    meter = Meter(Budget(max_calls=ATTEMPTS * n))
    gateway = Gateway(model, Role.COPILOT, ledger=workspace.ledger, meter=meter)
    kept: list[Example] = []
    try:
        for attempt in range(ATTEMPTS):
            wishes = _wishes(saved, known, range(attempt * n + len(kept), (attempt + 1) * n))
            asked = [gateway.complete(_request(saved.task, wish, known)) for wish in wishes]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            for wish, answer in zip(wishes, answers, strict=True):
                if isinstance(answer, BudgetExhausted):
                    continue
                if isinstance(answer, BaseException):
                    raise answer
                example = read_draft(saved.task, answer.text, wish.given)
                if example is not None and is_new(example, (*known, *kept)):
                    kept.append(example)
            if len(kept) >= n:
                break
    finally:
        await gateway.aclose()
    if not kept:
        raise UserError(
            f"The model '{model_name}' wrote no example of use: it is too small for this, or the description is too "
            "short. Type a few examples by hand, or connect a larger model in the settings."
        )
    return service.set_examples(workspace, task_id, kept[:n], origin="drafted", replace=False)


def _wishes(saved: SavedTask, known: Sequence[Example], indices: range) -> list[_Wish]:
    """Labels take turns, and so do the documents that are there: questions are asked about real ones."""
    wishes = []
    labels = saved.task.labels or tuple(sorted({row.expected[0] for row in known if row.expected}))
    documents = tuple(dict.fromkeys(row.inputs.get("document", "") for row in known))
    # Asked again, the next turn goes on where the last one ended: the same request would bring the same answer.
    for index in indices:
        turn = index + len(known)
        given = {}
        if saved.task.kind is TaskKind.CLASSIFICATION and labels:
            given["label"] = labels[turn % len(labels)]
        if saved.task.kind is TaskKind.DOCUMENT_QA and documents:
            given["document"] = documents[turn % len(documents)]
        wishes.append(_Wish(index=turn, given=given))
    return wishes


def _request(task: Task, wish: _Wish, known: Sequence[Example]) -> CompletionRequest:
    inputs, expected = needed(task)
    names = (*inputs, expected)
    open_names = [name for name in names if name not in wish.given]
    lines = [
        _ASKED,
        f"Task: {task.name}. {task.description}".strip(),
        f"Every example has {', '.join(names)}: {_NOTES[task.kind]}.",
    ]
    like = [row for row in known if "label" not in wish.given or row.expected == (wish.given["label"],)]
    # Others each time, so that not the same is written again.
    start = wish.index % max(1, len(like))
    for row in (like[start:] + like[:start])[:SHOWN] if like else ():
        lines.append(f"An example that is there already: {json.dumps(_shown(row, expected), ensure_ascii=False)}")
    lines += [f"The {name} of the new example is: {text[: 4 * EXCERPT]}" for name, text in wish.given.items()]
    lines.append(
        f"{_NEW} {wish.index + 1} of many. Answer with JSON only: an object "
        f"with {' and '.join(json.dumps(name) for name in open_names)}."
    )
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in open_names},
        "required": list[JsonValue](open_names),
        "additionalProperties": False,
    }
    return CompletionRequest(
        messages=(Message(role="user", content="\n".join(lines)),),
        decoding=Decoding(max_tokens=400, temperature=0.9, top_p=0.95, seed=wish.index + 1),
        constraint=SchemaConstraint(json_schema=schema),
        sample_index=wish.index,
    )


def _shown(example: Example, expected: str) -> dict[str, str]:
    shown = {name: text[:EXCERPT] for name, text in example.inputs.items()}
    if example.expected:
        shown[expected] = "; ".join(example.expected)[:EXCERPT]
    return shown


def read_draft(task: Task, answer: str, given: Mapping[str, str]) -> Example | None:
    """Read one example from a model's answer, or None where it is of no use.

    Args:
        task: decides what an example holds.
        answer: hostile; with or without JSON around the values.
        given: what the model was not asked for.
    """
    inputs, expected = needed(task)
    names = (*inputs, expected)
    values = _object(answer) or _lines(answer, names)
    row: dict[str, Cell] = {name: _cell(values.get(name)) for name in names}
    row |= given
    if any(not row[name] for name in names):
        return None
    told = [str(row[name]) for name in inputs if name not in given]
    if sum(len(text.split()) for text in told) < LEAST_WORDS or _is_parroted(task, told):
        return None
    try:
        read = read_rows([row], task=task).dataset.examples
    except ImportRefused:
        return None
    return read[0].model_copy(update={"id": "", "group": read[0].group if "document" in given else None})


def is_new(example: Example, known: Sequence[Example]) -> bool:
    """Return whether an example says something else than those that are there."""
    text = _whole(example)
    for other in known:
        matcher = difflib.SequenceMatcher(None, _whole(other)[:EXCERPT], text[:EXCERPT], autojunk=False)
        if matcher.real_quick_ratio() > TOO_ALIKE and matcher.quick_ratio() > TOO_ALIKE and matcher.ratio() > TOO_ALIKE:
            return False
    return True


def _whole(example: Example) -> str:
    texts = [text for name, text in example.inputs.items() if name != "document" or len(example.inputs) == 1]
    return " ".join(" ".join(texts).casefold().split())


def _is_parroted(task: Task, texts: Sequence[str]) -> bool:
    """Small models repeat the question instead of answering it."""
    question = f"{_ASKED} {_NOTES[task.kind]} {task.name}. {task.description}"
    asked = _sequences(question) | _sequences(_NEW)
    return any(_sequences(text) & asked for text in texts) or any(text.casefold() in question for text in texts)


def _sequences(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return set(zip(*(words[start:] for start in range(TELLTALE_WORDS)), strict=False))


def _object(answer: str) -> dict[str, JsonValue] | None:
    decoder = json.JSONDecoder(strict=False)
    for opening in re.finditer(r"\{", answer):
        try:
            found, _ = decoder.raw_decode(answer, opening.start())
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(found, dict) and found:
            inner = next((value for value in found.values() if isinstance(value, dict)), None)
            return {str(name).strip().casefold(): value for name, value in (inner or found).items()}
    return None


def _lines(answer: str, names: Sequence[str]) -> dict[str, JsonValue]:
    """Read `name: value` lines, which models write that know no JSON."""
    either = "|".join(re.escape(name) for name in names)
    parts = re.split(rf"(?im)^\W*({either})\W*:\s*", answer)
    return {name.casefold(): text.strip().strip('"') for name, text in zip(parts[1::2], parts[2::2], strict=False)}


def _cell(value: JsonValue | None) -> Cell:
    if isinstance(value, list):
        return [str(item).strip() for item in value if isinstance(item, str | int | float) and str(item).strip()]
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
