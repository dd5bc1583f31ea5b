"""Parquet tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.loading.cells import Cell
from tasks.loading.layout import NumberedRow
from tasks.loading.records import RecordColumns, complete
from tasks.loading.report import Findings, ImportLimits, ImportRefused

_BATCH = 1_000


def read_parquet(
    path: Path, findings: Findings, *, limits: ImportLimits
) -> tuple[tuple[str, ...], Iterator[NumberedRow]]:
    """Return the columns and rows of a Parquet file; only one batch of rows is held in memory."""
    import pyarrow
    from pyarrow import parquet

    findings.unit = "row"
    try:
        with path.open("rb") as stream:
            stream.seek(-4, 2)
            footer = stream.read(4)
        if footer == b"PARE":
            raise ImportRefused(f"The file '{path.name}' is encrypted; save it without encryption.")
        schema = parquet.read_schema(path)
        if len(schema.names) > limits.max_columns:
            raise ImportRefused(f"The table has more than {limits.max_columns:,} columns; keep the ones you need.")
        columns = _columns(schema, findings)
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(path) from error
    again = RecordColumns(Findings())

    def rows() -> Iterator[NumberedRow]:
        number = 0
        try:
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=_BATCH):
                    for record in _records(batch, schema.names):
                        number += 1
                        row: dict[str, Cell] = again.row(record, line=number)
                        yield number, row
        except (pyarrow.ArrowException, OSError) as error:
            raise _damaged(path) from error

    return columns, complete(rows(), columns)


def _damaged(path: Path) -> ImportRefused:
    return ImportRefused(f"The Parquet file '{path.name}' is damaged or was not copied completely; export it again.")


def _columns(schema: Any, findings: Findings) -> tuple[str, ...]:
    """Name the columns as the records will: a structure becomes a column for each of its fields."""
    import pyarrow

    def sample(kind: pyarrow.DataType) -> object:
        if pyarrow.types.is_struct(kind):
            return {kind.field(place).name: sample(kind.field(place).type) for place in range(kind.num_fields)}
        return None

    columns = RecordColumns(findings)
    keys = _keys(schema.names)
    columns.row({key: sample(field.type) for key, field in zip(keys, schema, strict=True)}, line=1)
    return columns.columns


def _keys(names: list[str]) -> list[str]:
    """Keep columns of the same name apart."""
    seen: dict[str, int] = {}
    keys = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        keys.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return keys


def _records(batch: Any, names: list[str]) -> Iterator[dict[str, object]]:
    keys = _keys(names)
    lists = [_values(column) for column in batch.columns]
    for values in zip(*lists, strict=True):
        yield dict(zip(keys, values, strict=True))


def _values(column: Any) -> list[object]:
    """Return Python values; times finer than a microsecond are cut, which Python cannot hold."""
    import pyarrow
    from pyarrow import compute

    kind = column.type
    if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
        column = compute.cast(column, pyarrow.timestamp("us", tz=kind.tz), safe=False)
    values: list[object] = column.to_pylist()
    if pyarrow.types.is_floating(kind):
        return [None if isinstance(value, float) and value != value else value for value in values]
    return values
