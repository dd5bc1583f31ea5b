"""From the rows of a table to the examples of a task."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tasks.loading.cells import Row, one_line
from tasks.loading.columns import match_columns
from tasks.loading.lists import split_values
from tasks.loading.names import normal
from tasks.loading.report import Findings, ImportRefused, ImportReport, enumerated, plural, quoted
from tasks.loading.table import Table
from tasks.model import Dataset, Example, TaskKind

INPUTS: dict[TaskKind, tuple[str, ...]] = {
    TaskKind.CLASSIFICATION: ("text",),
    TaskKind.DOCUMENT_QA: ("document", "question"),
    TaskKind.SUMMARIZATION: ("document",),
    TaskKind.KEYWORD_EXTRACTION: ("document",),
    TaskKind.CUSTOM: (),
}
EXPECTED: dict[TaskKind, str] = {
    TaskKind.CLASSIFICATION: "label",
    TaskKind.DOCUMENT_QA: "answers",
    TaskKind.SUMMARIZATION: "summary",
    TaskKind.KEYWORD_EXTRACTION: "keywords",
    TaskKind.CUSTOM: "expected",
}
_REFERENCES = "summaries"
_IDS = ("id", "uid", "uuid", "example id")


@dataclass
class _Reading:
    """What is needed to read one row after the other."""

    kind: TaskKind
    fields: tuple[str, ...]
    columns: dict[str, str]
    labels: dict[str, str]
    """Normal form -> label of a closed set; empty: any label."""
    findings: Findings
    seen_labels: Counter[str] = field(default_factory=Counter)


def to_examples(
    table: Table,
    *,
    kind: TaskKind,
    fields: Sequence[str] = (),
    labels: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
    expected_required: bool = True,
) -> tuple[Dataset, ImportReport]:
    """Return the examples in a table, and its report with everything that was odd about them added.

    Rows without an input, and rows without the expected output where one is required, are kept out, each named in
    the report. Examples with the same document (document_qa) or the same inputs share a group.

    Args:
        table: The rows.
        kind: Decides the names of the columns and how the expected output is read.
        fields: Names of the inputs; empty: the kind's own.
        labels: The closed set of a classification; empty: whatever labels occur.
        mapping: Field, or the kind's expected name -> column; wins over the matching by names.
        expected_required: False where examples without an expected output are of use (custom tasks: always).

    Raises:
        ImportRefused: a column is missing, or no row can be used.
    """
    inputs = tuple(fields) or INPUTS[kind] or _custom_fields(table, mapping)
    expected = EXPECTED[kind]
    required = expected_required and kind is not TaskKind.CUSTOM
    findings = Findings()
    findings.unit = "line" if table.report.format in {"csv", "tsv", "jsonl", "json"} else "row"
    match = match_columns(
        table.columns,
        wanted=(*inputs, expected) if required else inputs,
        optional=() if required else (expected,),
        mapping=mapping,
        generated_names=table.generated_names,
    )
    for note in match.notes:
        (findings.warn if table.generated_names else findings.note)(note)
    closed = {normal(label): label for label in labels}
    columns = match.columns | _references(table, kind, match.columns)
    reading = _Reading(kind, inputs, columns, closed, findings)
    ids = _ids(table, findings)
    examples = [
        example
        for place, row in enumerate(table.rows)
        if (example := _example(row, reading, line=_line(table, place), name=ids[place], required=required)) is not None
    ]
    _tell_unused(table, columns, findings)
    _tell_labels(reading)
    if not examples:
        warnings = findings.listed()[0]
        why = f" {warnings[0].message}" if warnings else ""
        raise ImportRefused(f"None of the {plural(len(table.rows), 'row')} can be used as an example.{why}")
    return Dataset(examples=tuple(_grouped(examples, kind, findings))), _report(table, findings, used=len(examples))


def _custom_fields(table: Table, mapping: Mapping[str, str] | None) -> tuple[str, ...]:
    """Without named fields, every column of a custom task but the id and the expected output is an input."""
    told = set((mapping or {}).values())
    expected = match_columns(table.columns, wanted=(), optional=("expected",)).columns.get("expected")
    return tuple(name for name in table.columns if name not in told | {expected} and normal(name) not in _IDS)


def _references(table: Table, kind: TaskKind, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the column with further references, where a file has one beside that with the first of them."""
    if kind is not TaskKind.SUMMARIZATION or normal(columns.get("summary", "")) != "summary":
        return {}
    free = [name for name in table.columns if normal(name) == _REFERENCES and name not in columns.values()]
    return {_REFERENCES: free[0]} if free else {}


def _line(table: Table, place: int) -> int:
    return table.lines[place] if table.lines else place + 1


def _ids(table: Table, findings: Findings) -> list[str]:
    column = next((name for wanted in _IDS for name in table.columns if normal(name) == wanted), None)
    numbers = [str(place) for place in range(1, len(table.rows) + 1)]
    if column is None:
        return numbers
    ids = [cell.strip() if isinstance(cell := row[column], str) else "" for row in table.rows]
    if all(ids) and len(set(ids)) == len(ids):
        return ids
    repeated = [name for name, count in Counter(ids).items() if count > 1 and name][:3]
    what = f"some occur twice ({enumerated(repeated)})" if repeated else "some are missing"
    findings.warn(f"The ids in '{column}' cannot be used, since {what}; the rows were numbered.", column=column)
    return numbers


def _text(row: Row, column: str) -> str:
    cell = row[column]
    return cell if isinstance(cell, str) else "\n".join(cell)


def _example(row: Row, reading: _Reading, *, line: int, name: str, required: bool) -> Example | None:
    inputs = {wanted: _text(row, reading.columns[wanted]) for wanted in reading.fields}
    empty = [wanted for wanted, text in inputs.items() if not text.strip()]
    every = reading.kind is TaskKind.DOCUMENT_QA
    if inputs and (len(empty) == len(inputs) or (every and empty)):
        reading.findings.count(f"{{where}}: the {enumerated(empty)} is empty; kept out.", line)
        return None
    column = reading.columns.get(EXPECTED[reading.kind])
    if column is None:
        return Example(id=name, inputs=inputs)
    expected = _READERS[reading.kind](row, column, reading, line)
    if expected is None and required:
        return None
    return Example(id=name, inputs=inputs, expected=expected)


def _label(row: Row, column: str, reading: _Reading, line: int) -> tuple[str, ...] | None:
    cell = row[column]
    values = [one_line(part) for part in ([cell] if isinstance(cell, str) else cell)]
    values = [value for value in values if value]
    if not values:
        reading.findings.count("{where}: the label is empty; kept out.", line, column=column)
        return None
    if len(values) > 1:
        reading.findings.count("{where}: more than one label; kept out.", line, column=column)
        return None
    label = values[0]
    if reading.labels:
        known = reading.labels.get(normal(label))
        if known is None:
            reading.findings.count(
                f"{{where}}: the label '{label[:40]}' is not one of {enumerated(reading.labels.values())}; kept out.",
                line,
                column=column,
            )
            return None
        if known != label:
            reading.findings.count(f"{{where}}: the label '{label[:40]}' was read as '{known}'.", line, note=True)
        label = known
    reading.seen_labels[label] += 1
    return (label,)


def _answers(row: Row, column: str, reading: _Reading, line: int) -> tuple[str, ...]:
    values, separator = split_values(row[column], separators="|;")
    if separator is not None:
        reading.findings.count(
            f"{{where}}: the answers were divided at '{separator}', every part counts as right.", line, column=column
        )
    if not values:
        reading.findings.count("{where}: no answer, so the question counts as not answerable.", line, note=True)
    return values


def _summaries(row: Row, column: str, reading: _Reading, line: int) -> tuple[str, ...] | None:
    columns = [column, *(reading.columns[name] for name in (_REFERENCES,) if name in reading.columns)]
    values = tuple(dict.fromkeys(value for name in columns for value in split_values(row[name], separators="")[0]))
    if not values:
        reading.findings.count("{where}: the summary is empty; kept out.", line, column=column)
        return None
    return values


def _keywords(row: Row, column: str, reading: _Reading, line: int) -> tuple[str, ...] | None:
    values, separator = split_values(row[column], separators=";|\n,")
    if not values:
        reading.findings.count("{where}: the keywords are empty; kept out.", line, column=column)
        return None
    if separator is not None:
        shown = "line breaks" if separator == "\n" else f"'{separator}'"
        reading.findings.count(f"{{where}}: the keywords were divided at {shown}.", line, column=column, note=True)
    return values


def _any(row: Row, column: str, reading: _Reading, line: int) -> tuple[str, ...] | None:
    text = _text(row, column)
    if not text.strip():
        reading.findings.count("{where}: no expected output.", line, column=column, note=True)
        return None
    return (text,)


_READERS = {
    TaskKind.CLASSIFICATION: _label,
    TaskKind.DOCUMENT_QA: _answers,
    TaskKind.SUMMARIZATION: _summaries,
    TaskKind.KEYWORD_EXTRACTION: _keywords,
    TaskKind.CUSTOM: _any,
}


def _tell_unused(table: Table, used: Mapping[str, str], findings: Findings) -> None:
    unused = [name for name in table.columns if name not in used.values() and normal(name) not in _IDS]
    if unused:
        more = f" and {len(unused) - 8} more" if len(unused) > 8 else ""
        findings.note(f"Not used: {quoted(unused[:8])}{more}.")


def _tell_labels(reading: _Reading) -> None:
    alike: dict[str, list[str]] = {}
    for label in reading.seen_labels:
        alike.setdefault(normal(label), []).append(label)
    for labels in alike.values():
        if len(labels) > 1:
            reading.findings.warn(
                f"The labels {quoted(labels)} differ only in spelling and count as different; "
                "write them alike, or name the labels in the task."
            )


def _grouped(examples: list[Example], kind: TaskKind, findings: Findings) -> list[Example]:
    """Keep what must not be divided between splits together, and report rows that occur twice."""
    same: dict[str, list[Example]] = {}
    for example in examples:
        same.setdefault(_digest(*example.inputs.values()), []).append(example)
    twice = [group for group in same.values() if len(group) > 1]
    if twice:
        shown = enumerated(" = ".join(example.id for example in group[:4]) for group in twice[:5])
        more = " ..." if len(twice) > 5 else ""
        extra = sum(len(group) - 1 for group in twice)
        findings.warn(f"{plural(extra, 'row')} with the same input as another (rows {shown}{more}); all were kept.")
    differing = [group for group in twice if len({example.expected for example in group}) > 1]
    if differing:
        shown = enumerated(" and ".join(example.id for example in group[:2]) for group in differing[:5])
        findings.warn(f"The same input has different expected outputs (rows {shown}); please check which is right.")
    repeated = {key for key, group in same.items() if len(group) > 1}
    result = []
    for example in examples:
        key = _digest(*example.inputs.values())
        group = key if key in repeated else None
        if kind is TaskKind.DOCUMENT_QA:
            group = _digest(example.inputs.get("document", next(iter(example.inputs.values()), "")))
        result.append(example if group is None else example.model_copy(update={"group": group}))
    return result


def _digest(*texts: str) -> str:
    joined = "\x1f".join(one_line(text).casefold() for text in texts)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def _report(table: Table, findings: Findings, *, used: int) -> ImportReport:
    warnings, notes = findings.listed()
    base = table.report
    every = (*base.warnings, *warnings)
    taken, rows, things = plural(used, "example"), plural(len(table.rows), "row"), plural(len(every), "thing")
    if used == len(table.rows):
        message = f"{taken} read; {things} to look at." if every else f"{taken} read."
    else:
        message = f"{taken} of {rows} read; {things} to look at." if every else f"{taken} of {rows} read."
    return base.model_copy(
        update={
            "outcome": "import_with_warning" if every else "import",
            "rows": used,
            "warnings": every,
            "notes": (*base.notes, *notes),
            "message": message,
        }
    )
