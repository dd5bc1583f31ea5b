"""Finds the columns a task needs under whatever names a file gives them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.loading.names import SYNONYMS, normal
from tasks.loading.report import ImportRefused, enumerated


@dataclass(frozen=True)
class ColumnMatch:
    """Which column holds what."""

    columns: dict[str, str]
    """Wanted name -> the file's column; wanted names that were not found are missing."""
    notes: tuple[str, ...] = field(default=())
    """What was matched under another name, in words."""


def match_columns(
    columns: Sequence[str],
    *,
    wanted: Sequence[str],
    optional: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
    generated_names: bool = False,
) -> ColumnMatch:
    """Match wanted names to a file's columns: as told, else the same name, else the same but for case, else a synonym.

    Args:
        columns: The file's columns.
        wanted: Names that must be found.
        optional: Names that may be missing.
        mapping: Wanted name -> column, given by the user; it wins.
        generated_names: The file has no header; as many columns as wanted names are then taken in order.

    Raises:
        ImportRefused: a wanted column is missing; the sentence names what was found.
    """
    found = _told(columns, mapping or {})
    notes: list[str] = []
    names = [*wanted, *optional]
    if generated_names and not found and len(columns) == len(wanted):
        pairs = dict(zip(wanted, columns, strict=True))
        order = enumerated(f"'{name}'" for name in wanted)
        return ColumnMatch(pairs, (f"The file has no column names; its columns were taken as {order}, in this order.",))
    for name in names:
        if name not in found and (same := _same(name, columns, taken=found.values())):
            found[name] = same
            if same != name:
                notes.append(f"The column '{same}' was read as '{name}'.")
    for name in names:
        if name not in found and (other := _synonym(name, columns, taken=found.values())):
            found[name] = other
            notes.append(f"The column '{other}' was read as '{name}'.")
    missing = [name for name in wanted if name not in found]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        raise ImportRefused(
            f"There is no {word} {_quoted(missing)}; the file has {_quoted(columns)}. Rename the columns, or say which "
            "of them holds what.",
            columns=columns,
        )
    return ColumnMatch(found, tuple(notes))


def _told(columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, column in mapping.items():
        same = column if column in columns else _same(column, columns, taken=())
        if same is None:
            raise ImportRefused(
                f"There is no column '{column}' to be read as '{name}'; the file has {_quoted(columns)}.",
                columns=columns,
            )
        found[name] = same
    return found


def _same(name: str, columns: Sequence[str], *, taken: Collection[str]) -> str | None:
    free = [column for column in columns if column not in taken]
    if name in free:
        return name
    return next((column for column in free if normal(column) == normal(name)), None)


def _synonym(name: str, columns: Sequence[str], *, taken: Collection[str]) -> str | None:
    for synonym in SYNONYMS.get(normal(name), ()):
        if found := _same(synonym, columns, taken=taken):
            return found
    return None


def _quoted(names: Sequence[str]) -> str:
    shown = [f"'{name}'" for name in names[:12]]
    return enumerated(shown) + (f" (and {len(names) - 12} more)" if len(names) > 12 else "")
