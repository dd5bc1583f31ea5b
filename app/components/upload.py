"""Files of examples: from the browser to a look at them, to the columns, to examples."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

import streamlit as st

from app import state
from app.components.text import panel, plain
from app.formatting import tasks as words
from app.formatting.errors import message_of
from app.formatting.told import told
from app.wording import t, tn
from copilot import Examples, Task, TaskKind, UserError
from copilot.types import FilePreview, ImportReport

FORMATS = ("csv", "tsv", "xlsx", "xls", "json", "jsonl", "parquet", "txt", "pdf", "docx")


class Upload(Protocol):
    """A file as the browser sent it."""

    name: str

    def getbuffer(self) -> memoryview:
        """Return its bytes."""
        ...


class Chosen(NamedTuple):
    """How a file is read."""

    sheet: str | None = None
    header: bool | None = None
    titles: bool = True


class Pasted:
    """A table from a spreadsheet's clipboard, as a file."""

    def __init__(self, text: str) -> None:
        self.name = t("pasted") + ".tsv"
        self._content = text.encode("utf-8", "replace")

    def getbuffer(self) -> memoryview:
        """Return its bytes."""
        return memoryview(self._content)


@contextmanager
def on_disk(upload: Upload) -> Iterator[Path]:
    """Give an upload as a file of its own name in a folder that goes away; the name is hostile, too."""
    name = PurePosixPath(upload.name.replace("\\", "/")).name
    name = re.sub(r"[^\w .()+-]", "_", name).strip(" .") or "file"
    with tempfile.TemporaryDirectory(prefix="falconer-") as folder:
        path = Path(folder) / name[-120:]
        path.write_bytes(upload.getbuffer())
        yield path


def read_uploads(task: Task, uploads: Sequence[Upload], *, key: str) -> Examples | None:
    """Let the user tell sheet and columns of uploaded files, and return the examples in them.

    Args:
        task: decides what is looked for.
        uploads: the first is shown; the others are read in the same way.
        key: of the widgets.

    Returns:
        The examples of all files; None: something is still missing, and a sentence says what.
    """
    first, *others = uploads
    with st.spinner(t("Reading the file…")):
        seen, chosen = _look(task, first, key=key)
    if seen.report.outcome == "refuse":
        st.error(plain(told(seen.report.message)))
        return None
    if seen.is_document and task.kind is TaskKind.DOCUMENT_QA and not others:
        return _questions(task, seen, key=key)
    columns = _columns(seen, key="_".join(map(str, (key, *chosen))))
    _first_rows(seen, columns)
    missing = [words.field_name(name) for name in seen.inputs if not columns.get(name)]
    if missing:
        st.warning(plain(t("Say which column holds: {names}.", names=", ".join(missing))))
        return None
    found: list[Examples] = []
    for upload in (first, *others):
        try:
            with st.spinner(t("Reading the examples…")), on_disk(upload) as path:
                how = chosen if upload is first else Chosen()
                read = state.copilot().tasks.read_file(path, task=task, columns=columns, **how._asdict())
        except UserError as error:
            st.error(plain(message_of(error)))
            continue
        show_report(read.report, name=upload.name if others else "")
        found.append(read)
    if not found:
        return None
    rows = tuple(example for read in found for example in read.dataset.examples)
    whole = found[0].dataset.model_copy(update={"examples": rows})
    return found[0].model_copy(update={"dataset": whole})


def _questions(task: Task, seen: FilePreview, *, key: str) -> Examples | None:
    """Let the user ask questions about one document."""
    document = seen.rows[0]["document"]
    with st.expander(t("What was read of the document")):
        panel(words.shown(document), height=300)
    st.markdown(plain(t("Type questions about this document, each with its answer in the document's own words.")))
    grid = st.data_editor(
        [{"question": "", "answers": ""} for _ in range(5)],
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "question": st.column_config.TextColumn(words.field_name("question"), width="large"),
            "answers": st.column_config.TextColumn(words.field_name("answers"), width="large"),
        },
        key=f"{key}_questions",
        alt=t("Questions and answers to type"),
    )
    asked = [row for row in grid if str(row.get("question") or "").strip()]
    if not asked:
        return None
    rows: list[dict[str, str | list[str]]] = [
        {
            "document": document,
            "question": str(row["question"]),
            "answers": words.expected_cell(task.kind, str(row.get("answers") or "")),
        }
        for row in asked
    ]
    try:
        return state.copilot().tasks.read_rows(rows, task=task)
    except UserError as error:
        st.error(plain(message_of(error)))
        return None


def show_report(report: ImportReport, *, name: str = "") -> None:
    """Say what was read, what to look at, and, folded, what was tidied."""
    warnings, notes = words.report_lines(report)
    said = told(report.message)
    said = f"{name}: {said}" if name else said
    if warnings:
        lines = "\n".join(f"- {plain(words.shown(line))}" for line in warnings[:20])
        st.warning(f"{plain(said)}\n\n{lines}")
    else:
        st.success(plain(said))
    if notes:
        with st.expander(t("What was tidied on the way")):
            st.markdown("\n".join(f"- {plain(words.shown(line))}" for line in notes[:50]))


def _look(task: Task, upload: Upload, *, key: str) -> tuple[FilePreview, Chosen]:
    """Return the look at a file, with the sheet, the header and the title that the user chose."""
    tasks = state.copilot().tasks
    with on_disk(upload) as path:
        seen = tasks.preview(path, task=task)
        sheet: str | None = None
        if len(seen.sheets) > 1:
            sheet = st.selectbox(t("Sheet"), seen.sheets, key=f"{key}_sheet")
            seen = tasks.preview(path, task=task, sheet=sheet)
        titles = True
        if above := seen.report.titles:
            label = tn(
                "The row above the names is a title, not data",
                "The {n} rows above the names are a title, not data",
                above,
            )
            titles = st.checkbox(label, value=True, key=f"{key}_{sheet}_titles")
            if not titles:
                seen = tasks.preview(path, task=task, sheet=sheet, titles=False)
        header: bool | None = None
        is_text = path.suffix.casefold() in {".csv", ".tsv", ".txt"} or seen.report.format in {"csv", "tsv"}
        doubtful = "no data below" in seen.report.message or seen.report.format in {"csv", "tsv", "xlsx", "xls"}
        if doubtful and is_text | bool(seen.columns):
            named = not seen.generated_names
            label = (
                t("The first row after the title holds the names of the columns")
                if seen.report.titles
                else t("The first row holds the names of the columns")
            )
            chosen = st.checkbox(label, named, key=f"{key}_{sheet}_{titles}_header")
            if chosen is not named:
                header = chosen
                seen = tasks.preview(path, task=task, sheet=sheet, header=header, titles=titles)
    return seen, Chosen(sheet, header, titles)


def _columns(seen: FilePreview, *, key: str) -> dict[str, str]:
    """Ask which column holds what; what seems right is chosen already."""
    names = [*seen.inputs, seen.expected]
    chosen: dict[str, str] = {}
    places = st.columns(min(3, len(names)))
    for number, name in enumerate(names):
        last = name == seen.expected
        guess = seen.mapping.get(name)
        column = places[number % len(places)].selectbox(
            t("Column with: {name}", name=words.field_name(name)),
            seen.columns,
            index=seen.columns.index(guess) if guess in seen.columns else None,
            placeholder=t("not in this file") if last else t("choose a column"),
            key=f"{key}_column_{name}",
        )
        if column:
            chosen[name] = column
    if seen.expected not in chosen:
        st.caption(t("Without expected answers, only criteria that need none can be checked, such as length or form."))
    return chosen


def _first_rows(seen: FilePreview, columns: dict[str, str]) -> None:
    used = {column: words.field_name(name) for name, column in columns.items()}
    order = [*used, *(name for name in seen.columns if name not in used)][:12]
    config = {
        name: st.column_config.TextColumn(
            f"{used[name]} ← {name}" if name in used else name, width="large" if name in used else "small"
        )
        for name in order
    }
    rows = [{name: words.shown(words.clipped(row[name], 300)) for name in order} for row in seen.rows]
    st.caption(t("The first rows; a name with an arrow is used."))
    st.dataframe(
        rows,
        column_config=config,
        column_order=order,
        hide_index=True,
        row_height=54,
        alt=t("The first rows of the file"),
    )
