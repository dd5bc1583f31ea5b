"""The examples of saved tasks: they come and go one by one, unlike the sealed data set of a run."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, case, delete, func, insert, update
from sqlmodel import Session, col, select

from copilot.domain.saved_tasks import ExampleCounts, Origin, SavedExample
from copilot.storage.content import dump, load
from copilot.storage.desk_tables import SavedExampleRow
from tasks.model import Example

_NO_EXPECTED = '%"expected":null%'
_AT_ONCE = 500
"""Ids in one statement: databases bound the number of its parameters."""


def list_examples(
    session: Session,
    *,
    task_id: str,
    accepted: bool | None = None,
    search: str = "",
    offset: int = 0,
    limit: int | None = None,
) -> tuple[SavedExample, ...]:
    """Return examples in their order.

    Args:
        session: the caller's.
        task_id: whose.
        accepted: only those that count, or only those that do not yet; None: all.
        search: part of an input or of the expected output.
        offset: after leaving out so many.
        limit: at most so many; None: all.
    """
    query = select(SavedExampleRow).where(*_chosen(task_id, accepted, search)).order_by(col(SavedExampleRow.position))
    if limit is not None:
        query = query.limit(limit)
    if offset:
        query = query.offset(offset) if limit is not None else query.limit(2**31).offset(offset)
    return tuple(_saved(row) for row in session.exec(query))


def count_matching(session: Session, *, task_id: str, accepted: bool | None = None, search: str = "") -> int:
    """Return how many examples `list_examples` would go through."""
    return session.exec(
        select(func.count()).select_from(SavedExampleRow).where(*_chosen(task_id, accepted, search))
    ).one()


def count_examples(session: Session, *, task_ids: Sequence[str]) -> dict[str, ExampleCounts]:
    """Return how many examples each task has."""
    counts = (
        func.sum(case((col(SavedExampleRow.accepted), 1), else_=0)),
        func.sum(case((col(SavedExampleRow.accepted), 0), else_=1)),
        func.sum(case((col(SavedExampleRow.accepted) & ~col(SavedExampleRow.content).like(_NO_EXPECTED), 1), else_=0)),
    )
    query = select(SavedExampleRow.task_id, *counts).group_by(col(SavedExampleRow.task_id))
    found = {task_id: ExampleCounts() for task_id in task_ids}
    for task_id, accepted, drafted, expected in session.exec(query.where(col(SavedExampleRow.task_id).in_(task_ids))):
        found[task_id] = ExampleCounts(accepted=accepted, drafted=drafted, expected=expected)
    return found


def add_examples(
    session: Session, *, task_id: str, rows: Iterable[Example], origin: Origin, accepted: bool = True
) -> tuple[SavedExample, ...]:
    """Add examples at the end; one whose id is taken gets the next free number."""
    last = session.exec(select(func.max(SavedExampleRow.position)).where(SavedExampleRow.task_id == task_id)).one()
    taken = set(session.exec(select(SavedExampleRow.example_id).where(SavedExampleRow.task_id == task_id)))
    position, number, added = -1 if last is None else last, 0, []
    for example in rows:
        name = example.id
        while not name or name in taken:
            number += 1
            name = str(number)
        taken.add(name)
        position += 1
        whole = example if name == example.id else example.model_copy(update={"id": name})
        added.append(SavedExample(example=whole, origin=origin, accepted=accepted, position=position))
    put_back(session, task_id=task_id, rows=added)
    return tuple(added)


def put_back(session: Session, *, task_id: str, rows: Sequence[SavedExample]) -> None:
    """Store examples where their positions say; these must be free."""
    if not rows:
        return
    values = [
        {
            "task_id": task_id,
            "position": row.position,
            "example_id": row.example.id,
            "origin": row.origin,
            "accepted": row.accepted,
            "content": dump(row.example),
        }
        for row in rows
    ]
    session.connection().execute(insert(SavedExampleRow), values)


def remove_examples(
    session: Session, *, task_id: str, example_ids: Iterable[str] | None = None
) -> tuple[SavedExample, ...]:
    """Remove examples (None: all) and return them, so that `put_back` can undo it."""
    removed: list[SavedExample] = []
    for where in _parts(task_id, example_ids):
        removed += [_saved(row) for row in session.exec(select(SavedExampleRow).where(*where))]
        session.connection().execute(delete(SavedExampleRow).where(*where))
    return tuple(sorted(removed, key=lambda row: row.position))


def replace_example(session: Session, *, task_id: str, row: SavedExample) -> None:
    """Put an example, its origin included, in the place of the one that has its id."""
    remove_examples(session, task_id=task_id, example_ids=[row.example.id])
    put_back(session, task_id=task_id, rows=[row])


def accept_examples(
    session: Session, *, task_id: str, example_ids: Iterable[str] | None = None, accepted: bool = True
) -> int:
    """Let examples count (None: all), or not; return how many there are."""
    changed = 0
    for where in _parts(task_id, example_ids):
        changed += (
            session.connection().execute(update(SavedExampleRow).where(*where).values(accepted=accepted)).rowcount
        )
    return changed


def edit_examples(session: Session, *, task_id: str, rows: Iterable[Example]) -> int:
    """Replace the examples that have these ids; return how many there were."""
    changed = 0
    for example in rows:
        statement = update(SavedExampleRow).where(
            col(SavedExampleRow.task_id) == task_id, col(SavedExampleRow.example_id) == example.id
        )
        changed += session.connection().execute(statement.values(content=dump(example))).rowcount
    return changed


def _chosen(task_id: str, accepted: bool | None, search: str) -> list[ColumnElement[bool]]:
    where = [col(SavedExampleRow.task_id) == task_id]
    if accepted is not None:
        where.append(col(SavedExampleRow.accepted).is_(accepted))
    if search:
        where.append(col(SavedExampleRow.content).icontains(search, autoescape=True))
    return where


def _parts(task_id: str, example_ids: Iterable[str] | None) -> list[list[ColumnElement[bool]]]:
    whole = [col(SavedExampleRow.task_id) == task_id]
    if example_ids is None:
        return [whole]
    ids = list(dict.fromkeys(example_ids))
    return [
        [*whole, col(SavedExampleRow.example_id).in_(ids[start : start + _AT_ONCE])]
        for start in range(0, len(ids), _AT_ONCE)
    ]


def _saved(row: SavedExampleRow) -> SavedExample:
    return SavedExample(
        example=load(Example, row.content), origin=row.origin, accepted=row.accepted, position=row.position
    )
