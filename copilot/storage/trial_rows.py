"""Trials as the rows of a table: filtered, searched, sorted and paged by the database, so that memory stays flat."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Float,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
)
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from copilot.domain.run import Trial
from copilot.domain.snapshot import Show
from copilot.storage.content import load
from copilot.storage.tables import ExampleRow, TrialRow
from tasks.model import Example

STATES = ("error", "failed", "unscored", "passed")
"""In the order in which they are shown."""
_UNREADABLE = r"\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})"
"""Escapes in JSON that PostgreSQL cannot turn into text."""

_trial, _other, _example = aliased(TrialRow), aliased(TrialRow), aliased(ExampleRow)
TRIAL, OTHER = _trial, _other
"""The tables that `joined` joins."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which trials are rows of the table, and what they are compared with."""

    run_id: str
    candidate_id: str
    dataset_version: str
    splits: tuple[str, ...]
    against: tuple[str, str]
    """Run and candidate."""
    against_version: str
    """Data set of that run: an example that was changed since is another one, whatever its id."""
    shared: bool = False
    """Only rows that both have answered."""
    aside: bool = False
    """Of these, only rows kept aside in both runs."""
    search: str = ""
    example_id: str | None = None


@dataclass(frozen=True)
class RowKey:
    """Where one row stands."""

    split: str
    example_id: str
    state: int
    other_split: str | None
    """None: the other prompt has not met this example."""


@dataclass(frozen=True)
class StoredRow:
    """One row as the database has it."""

    split: str
    state: int
    trial: Trial
    other: Trial | None
    example: Example


def split_counts(session: Session, *, run_id: str) -> dict[tuple[str, str], int]:
    """Return how many trials each candidate has in each part of the data, by (split, candidate)."""
    query = (
        columns(col(TrialRow.split), col(TrialRow.candidate_id), func.count())
        .where(col(TrialRow.run_id) == run_id)
        .group_by(col(TrialRow.split), col(TrialRow.candidate_id))
    )
    return {(split, name): n for split, name, n in session.connection().execute(query)}


def count_rows(session: Session, selection: Selection) -> dict[Show, int]:
    """Return how many rows each filter leaves, the search applied."""
    state, differs = _state(_trial), _differs(session)
    numbers: list[ColumnElement[Any]] = [func.count()]
    numbers += [func.coalesce(func.sum(case((state == number, 1), else_=0)), 0) for number in range(len(STATES))]
    numbers.append(func.coalesce(func.sum(case((differs, 1), else_=0)), 0))
    query = _from(session, selection, columns(*numbers))
    total, errors, failed, unscored, passed, different = session.connection().execute(query).one()
    return {
        "all": total,
        "failures": failed + errors,
        "passes": passed,
        "errors": errors + unscored,
        "different": different,
    }


def keys(
    session: Session, selection: Selection, *, show: Show, offset: int = 0, limit: int | None = None
) -> tuple[RowKey, ...]:
    """Return where rows stand: errors first, then failures, the lowest score first, in the order they were asked."""
    state = _state(_trial)
    wanted: list[ColumnElement[Any]] = [
        col(_trial.split).label("split"),
        col(_trial.example_id).label("example_id"),
        state.label("state"),
        func.coalesce(col(_trial.value), 0.0).label("value"),
        col(_trial.sequence).label("sequence"),
        col(_other.split).label("other_split"),
    ]
    query = _from(session, selection, columns(*wanted))
    shown = {
        "failures": state.in_([0, 1]),
        "passes": state == 3,
        "errors": state.in_([0, 2]),
        "different": _differs(session),
    }
    if show in shown:
        query = query.where(shown[show])
    # Keys alone: contents of the rows that are not shown are never carried along.
    ordered = query.order_by("state", "value", "sequence").offset(offset).limit(limit)
    found = session.connection().execute(ordered)
    return tuple(RowKey(key.split, key.example_id, key.state, key.other_split) for key in found)


def load_rows(session: Session, selection: Selection, found: Sequence[RowKey]) -> tuple[StoredRow, ...]:
    """Return the rows of these keys, in their order; a few hundred at a time."""
    ids = [key.example_id for key in found]
    run_id, candidate_id = selection.against
    mine = columns(col(TrialRow.split), col(TrialRow.example_id), col(TrialRow.content)).where(
        col(TrialRow.run_id) == selection.run_id,
        col(TrialRow.split).in_(selection.splits),
        col(TrialRow.candidate_id) == selection.candidate_id,
        col(TrialRow.example_id).in_(ids),
    )
    theirs = columns(col(TrialRow.split), col(TrialRow.example_id), col(TrialRow.content)).where(
        col(TrialRow.run_id) == run_id, col(TrialRow.candidate_id) == candidate_id, col(TrialRow.example_id).in_(ids)
    )
    shown = columns(col(ExampleRow.example_id), col(ExampleRow.content)).where(
        col(ExampleRow.dataset_version) == selection.dataset_version, col(ExampleRow.example_id).in_(ids)
    )
    connection = session.connection()
    trials = {(split, name): content for split, name, content in connection.execute(mine)}
    others = {(split, name): content for split, name, content in connection.execute(theirs)}
    examples: dict[str, str] = {name: content for name, content in connection.execute(shown)}
    return tuple(
        StoredRow(
            split=key.split,
            state=key.state,
            trial=load(Trial, trials[key.split, key.example_id]),
            other=load(Trial, others[key.other_split, key.example_id]) if key.other_split else None,
            example=_example_of(key.example_id, examples.get(key.example_id)),
        )
        for key in found
    )


def _example_of(example_id: str, content: str | None) -> Example:
    return load(Example, content) if content else Example(id=example_id, inputs={})


def input_names(session: Session, *, dataset_version: str) -> tuple[str, ...]:
    """Return the names of all inputs of a data set, those of its first example first."""
    content = col(_example.content)
    if _is_sqlite(session):
        pairs = func.json_each(content, "$.inputs").table_valued("key", "value")
    else:
        each = func.json_each_text(_json(content).op("->")("inputs"))
        pairs = each.table_valued("key", "value").render_derived()
    query = (
        columns(pairs.c.key)
        .select_from(_example)
        .join(pairs, literal(True))
        .where(col(_example.dataset_version) == dataset_version)
        .group_by(pairs.c.key)
        .order_by(func.min(col(_example.position)), func.count().desc())
    )
    return tuple(session.connection().execute(query).scalars())


def facts(session: Session, selection: Selection) -> dict[str, Any]:
    """Return one prompt's numbers over the rows: counts by state, mean, tokens and seconds a row."""
    state, value = _state(_trial), col(_trial.value)
    content = col(_trial.content)

    def average(*path: str) -> ColumnElement[Any]:
        # What equals its default, 0, is not written.
        return func.avg(func.coalesce(cast(_text(session, content, *path, whole=False), Float), 0.0))

    query = columns(
        func.count().label("n"),
        *[
            func.coalesce(func.sum(case((state == number, 1), else_=0)), 0).label(word)
            for number, word in enumerate(STATES)
        ],
        func.avg(value).label("mean"),
        func.coalesce(func.sum(case((value.not_in([0.0, 1.0]), 1), else_=0)), 0).label("between"),
        average("usage", "prompt_tokens").label("prompt_tokens"),
        average("usage", "completion_tokens").label("completion_tokens"),
        average("latency_seconds").label("latency_seconds"),
    )
    return dict(session.connection().execute(_alone(selection, query)).mappings().one())


def criteria(session: Session, selection: Selection, *, thresholds: Sequence[float]) -> tuple[dict[str, Any], ...]:
    """Return each criterion's numbers over the rows, in the order of the criteria.

    Args:
        session: the caller's.
        selection: the rows.
        thresholds: of the criteria, from which a row passes.
    """
    content = col(_trial.content)
    if _is_sqlite(session):
        listed = func.json_each(content, "$.scores").table_valued("key", "value")
        place: ColumnElement[Any] = cast(listed.c.key, Integer)
        item: ColumnElement[Any] = listed.c.value
        evaluator: ColumnElement[Any] = func.json_extract(item, "$.evaluator")
        value: ColumnElement[Any] = cast(func.json_extract(item, "$.value"), Float)
    else:
        scores = _json(content).op("->")("scores")
        lateral = func.json_array_elements(func.coalesce(scores, literal_column("'[]'::json")))
        listed = lateral.table_valued("value", with_ordinality="key").render_derived()
        place, item = cast(listed.c.key, Integer) - 1, listed.c.value
        evaluator = item.op("->>")("evaluator")
        value = cast(item.op("->>")("value"), Float)
    reaches = [and_(place == number, value >= threshold - 1e-9) for number, threshold in enumerate(thresholds)]
    numbers = columns(
        place.label("place"),
        evaluator.label("evaluator"),
        func.count().label("rows"),
        func.count(value).label("n"),
        func.avg(value).label("mean"),
        func.coalesce(func.sum(case((or_(*reaches), 1), else_=0)), 0).label("passed")
        if reaches
        else literal(0).label("passed"),
    )
    query = _alone(selection, numbers).join(listed, literal(True)).group_by(place, evaluator).order_by(place)
    return tuple(dict(row) for row in session.connection().execute(query).mappings())


def _alone(selection: Selection, query: Select[Any]) -> Select[Any]:
    return joined(selection, query) if selection.shared else query.select_from(_trial).where(*_of(selection))


def _of(selection: Selection) -> tuple[ColumnElement[bool], ...]:
    conditions = (
        col(_trial.run_id) == selection.run_id,
        col(_trial.split).in_(selection.splits),
        col(_trial.candidate_id) == selection.candidate_id,
    )
    return conditions if selection.example_id is None else (*conditions, col(_trial.example_id) == selection.example_id)


def _from(session: Session, selection: Selection, query: Select[Any]) -> Select[Any]:
    """Join what the selection is compared with and searched in."""
    needle = selection.search.strip()
    found = joined(selection, query)
    return found.where(_found(session, needle, selection.dataset_version)) if needle else found


def joined(selection: Selection, query: Select[Any]) -> Select[Any]:
    """Ask of the selection's rows, each beside what the other prompt made of the same example, if anything."""
    run_id, candidate_id = selection.against
    same = [
        col(_other.run_id) == run_id,
        col(_other.candidate_id) == candidate_id,
        col(_other.example_id) == col(_trial.example_id),
    ]
    if run_id == selection.run_id:
        same.append(col(_other.split) == col(_trial.split))
    else:
        # Another run may have divided the examples in another way: one answer a row all the same.
        same.append(_first_part(_other, run_id, candidate_id))
        if selection.shared:
            same.append(_first_part(_trial, selection.run_id, selection.candidate_id))
        if selection.against_version != selection.dataset_version:
            same.append(_unchanged(selection))
    found = query.select_from(_trial).join(_other, and_(*same), isouter=not selection.shared).where(*_of(selection))
    return found.where(*[col(row.split) == "holdout" for row in (_trial, _other)]) if selection.aside else found


def _first_part(row: Any, run_id: str, candidate_id: str) -> ColumnElement[bool]:
    """Say that of the parts of the data in which a prompt met an example, a trial is of the first."""
    alike = aliased(TrialRow)
    earliest = columns(func.min(col(alike.split))).where(
        col(alike.run_id) == run_id,
        col(alike.candidate_id) == candidate_id,
        col(alike.example_id) == col(_trial.example_id),
    )
    return col(row.split) == earliest.scalar_subquery()


def _unchanged(selection: Selection) -> ColumnElement[bool]:
    """Say that both data sets have the very same example under the trial's id."""
    before, after = aliased(ExampleRow), aliased(ExampleRow)
    return exists(
        columns(literal(1))
        .select_from(before)
        .join(after, and_(col(after.example_id) == col(before.example_id), col(after.content) == col(before.content)))
        .where(
            col(before.dataset_version) == selection.dataset_version,
            col(before.example_id) == col(_trial.example_id),
            col(after.dataset_version) == selection.against_version,
        )
    )


def _found(session: Session, needle: str, version: str) -> ColumnElement[bool]:
    """Say whether a text stands in an input, an expected output or the answer; names of fields do not count."""
    # The databases fold ASCII alone: other letters are looked for as they are mostly written.
    written = () if needle.isascii() else (needle.lower(), needle.upper(), needle.capitalize(), needle.title())
    forms = list(dict.fromkeys((needle, *written)))
    # Lists stay JSON inside, with quotation marks and line breaks escaped.
    escaped = list(dict.fromkeys([*forms, *(json.dumps(form, ensure_ascii=False)[1:-1] for form in forms)]))
    # Most rows hold nothing of it at all: only the others' JSON is taken apart. What is read as U+FFFD is an escape.
    parts = [max(form.split("\ufffd"), key=len) for form in escaped]

    def holds(text: Any, words: Sequence[str]) -> ColumnElement[bool]:
        return or_(*[func.coalesce(text, "").icontains(word, autoescape=True) for word in words])

    content = col(_example.content)
    if _is_sqlite(session):
        inputs = func.json_each(_whole(content), "$.inputs").table_valued("value", joins_implicitly=True)
    else:
        pairs = func.json_each_text(_json(content).op("->")("inputs"))
        inputs = pairs.table_valued("key", "value", joins_implicitly=True).render_derived()
    in_inputs = exists(columns(literal(1)).select_from(inputs).where(holds(inputs.c.value, forms)))
    in_example = exists(
        columns(literal(1))
        .select_from(_example)
        .where(
            col(_example.dataset_version) == version,
            and_(col(_example.example_id) == col(_trial.example_id), holds(content, parts)),
            or_(in_inputs, holds(_text(session, content, "expected"), escaped)),
        )
    )
    answer = col(_trial.content)
    return or_(and_(holds(answer, parts), holds(_text(session, answer, "output"), escaped)), in_example)


def _state(row: Any) -> ColumnElement[int]:
    """Return the place of the row's state in `STATES`."""
    # What passed is told by the column alone; only the others' contents are looked into.
    passed, value = col(row.passed), col(row.value)
    return case(
        (and_(passed.is_(True), value.is_not(None)), 3),
        (has_problem(row), 0),
        (passed.is_(False), 1),
        else_=2,
    )


def has_problem(row: Any) -> ColumnElement[bool]:
    """Say whether a trial's answer could not be read."""
    # Inside of a text the quotation marks would be escaped, so this is the trial's own key and nothing else.
    # Cut at it, the text changes: `replace` is on both databases, and many times faster than LIKE.
    content = col(row.content)
    return or_(*[func.replace(content, key, "") != content for key in (',"problem":"', ', "problem": "')])


def _differs(session: Session) -> ColumnElement[bool]:
    mine, theirs = (_text(session, col(row.content), "output", whole=False) for row in (_trial, _other))
    return and_(col(_other.run_id).is_not(None), func.coalesce(mine, "") != func.coalesce(theirs, ""))


def _text(session: Session, content: Any, *path: str, whole: bool = True) -> ColumnElement[Any]:
    """Return what stands at a place of a JSON text, as text."""
    if _is_sqlite(session):
        return cast(func.json_extract(_whole(content) if whole else content, "$." + ".".join(path)), Text)
    return func.json_extract_path_text(_json(content), *path)


def _whole(content: Any) -> ColumnElement[Any]:
    """Return a JSON text without escapes of the character at which SQLite takes a text to end."""
    return func.replace(content, r"\u0000", r"\ufffd")


def _json(content: Any) -> ColumnElement[Any]:
    """Return PostgreSQL's JSON of a text; what it cannot hold becomes a replacement character."""
    return cast(func.regexp_replace(content, _UNREADABLE, r"\\ufffd", "g"), JSON)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
