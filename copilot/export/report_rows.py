"""A row of a run's table as the cells of a spreadsheet: every input, answer, score, reason and remark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.domain.feedback import Feedback
from copilot.domain.run import Trial
from copilot.domain.snapshot import ResultRow

STATES = {"error": "error", "failed": "failed", "unscored": "not scored", "passed": "passed"}
PARTS = {"holdout": "kept aside", "dev": "used to choose the prompt", "pool": "used as worked examples"}
_BEFORE = ("example", "result", "score")
_AFTER = (
    "problem",
    "part",
    "answer of the other prompt",
    "score of the other prompt",
    "prompt tokens",
    "answer tokens",
    "seconds",
    "thumbs",
    "rating",
    "tag",
    "comment",
    "edited answer",
    "said by",
)


@dataclass(frozen=True)
class RowLayout:
    """The columns of a table; a name that comes twice gets a number."""

    columns: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    """Input and its column."""
    criteria: tuple[str, ...]
    """Columns of the scores; that of the reason is called `X: why`."""

    @classmethod
    def of(cls, inputs: Sequence[str], criteria: Sequence[str]) -> "RowLayout":
        """Arrange the columns of a table with these inputs and criteria."""
        taken = {*_BEFORE, *_AFTER, "expected", "answer"}
        named = []
        for name in inputs:
            named.append((name, _free(name, taken)))
        scores = tuple(_free(title, taken) for title in criteria)
        why = [name for score in scores for name in (score, f"{score}: why")]
        columns = (*_BEFORE, *[column for _, column in named], "expected", "answer", *why, *_AFTER)
        return cls(columns=columns, inputs=tuple(named), criteria=scores)

    def cells(self, row: ResultRow, said: Iterable[Feedback] = ()) -> dict[str, JsonValue]:
        """Return one row; what was not scored stays empty, it is no 0."""
        trial, other, remarks = row.trial, row.other, list(said)
        cells: dict[str, JsonValue] = {
            "example": row.example.id,
            "result": STATES[row.state],
            "score": trial.value,
            "expected": _list(row.example.expected),
            "answer": _answer(trial),
            "problem": trial.problem,
            "part": PARTS[row.split],
            "answer of the other prompt": _answer(other) if other else None,
            "score of the other prompt": other.value if other else None,
            "prompt tokens": trial.usage.prompt_tokens,
            "answer tokens": trial.usage.completion_tokens,
            "seconds": round(trial.latency_seconds, 3),
            "thumbs": _lines(remark.flag for remark in remarks),
            "rating": _lines(None if remark.value is None else f"{remark.value:g}" for remark in remarks),
            "tag": _lines(remark.tag for remark in remarks),
            "comment": _lines(remark.comment for remark in remarks),
            "edited answer": _lines(remark.edited_output for remark in remarks),
            "said by": _lines(remark.author for remark in remarks),
        }
        cells |= {column: row.example.inputs.get(name) for name, column in self.inputs}
        for column, score in zip(self.criteria, trial.scores, strict=False):
            cells[column] = score.value
            cells[f"{column}: why"] = score.explanation
        return cells


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken |= {free, f"{free}: why"}
    return free


def _answer(trial: Trial) -> JsonValue:
    # Where nothing could be read, what the model wrote tells why.
    return trial.raw if trial.output is None else _list(trial.output)


def _list(value: str | tuple[str, ...] | None) -> JsonValue:
    if value is None or isinstance(value, str):
        return value
    return value[0] if len(value) == 1 else list(value)


def _lines(texts: Iterable[str | None]) -> str | None:
    return "\n".join(text for text in texts if text) or None
