"""What a task is: its kind, name and description. Saved as it is typed, from the moment it has a name."""

import secrets

import streamlit as st

from app import state
from app.components.text import plain
from app.formatting import tasks as words
from app.wording import t
from copilot import Task, TaskKind
from copilot.types import SavedTask


def task_form(saved: SavedTask | None) -> SavedTask | None:
    """Ask what the task is, and save what is said.

    Args:
        saved: the task as it stands; None: there is none yet.

    Returns:
        The task as it stands now; None: it has no name yet.
    """
    tasks = state.copilot().tasks
    fixed = saved is not None and tasks.counts(saved.id).accepted + tasks.counts(saved.id).drafted > 0
    mark = _mark(saved)
    if _key("name", mark) not in st.session_state:
        st.session_state[f"task_form_{mark}"] = saved
        st.session_state.pop(_key("seen", mark), None)
    # Defaults stay as they were when the form was opened: a changed one would make the browser forget what is typed.
    opened: SavedTask | None = st.session_state[f"task_form_{mark}"]
    before = opened.task if opened else None
    kind = _kind(before, mark=mark, fixed=fixed)
    name = st.text_input(
        t("Name"), before.name if before else "", key=_key("name", mark), max_chars=200, placeholder=t("Sort our mail")
    )
    description = st.text_area(
        t("What is to be done?"),
        before.description if before else "",
        key=_key("description", mark),
        height=140,
        placeholder=_described()[kind],
        help=t("Write it as for a new colleague: what comes in, what is to come out, and what to look out for."),
    )
    labels = _labels(before, kind, mark=mark)
    fields = _fields(before, kind, mark=mark, fixed=fixed)
    project = st.text_input(
        t("Project (optional)"),
        opened.project if opened else "",
        key=_key("project", mark),
        max_chars=100,
        help=t("Tasks of one project stand together on the start page."),
    )
    if not name.strip():
        return saved
    content = {"name": name.strip(), "kind": kind, "description": description, "labels": labels, "fields": fields}
    given = {**content, "project": project.strip()}
    seen = st.session_state.get(_key("seen", mark), given)
    st.session_state[_key("seen", mark)] = given
    if saved is None:
        created = tasks.create(Task.model_validate(content), project=project)
        st.session_state[f"task_mark_{created.id}"] = st.session_state.pop("task_mark")
        return created
    # Another window may have changed the rest meanwhile: only what was changed here is saved.
    changed = {field for field, value in given.items() if value != seen[field]}
    task = Task.model_validate({**saved.task.model_dump(), **{k: v for k, v in content.items() if k in changed}})
    if task != saved.task:
        saved = tasks.update(saved.id, task)
    return tasks.move(saved.id, project) if "project" in changed else saved


def _mark(saved: SavedTask | None) -> str:
    """Return what tells the widgets of this task from others'; a new task keeps its widgets when it gets its id."""
    if saved is not None:
        return str(st.session_state.get(f"task_mark_{saved.id}", saved.id))
    return str(st.session_state.setdefault("task_mark", secrets.token_hex(4)))


def _key(name: str, mark: str) -> str:
    return f"task_{name}_{mark}"


def _kind(before: Task | None, *, mark: str, fixed: bool) -> TaskKind:
    kinds = words.kinds()
    options = [kind for kind in kinds if not fixed or before is None or kind == before.kind]
    chosen = st.radio(
        t("What should be done?"),
        options,
        index=options.index(before.kind) if before else 0,
        format_func=lambda kind: kinds[kind][0],
        captions=[kinds[kind][1] for kind in options],
        key=_key("kind", mark),
        help=t("It stays as it is once there are examples.") if fixed else None,
    )
    return chosen or TaskKind.CLASSIFICATION


def _labels(before: Task | None, kind: TaskKind, *, mark: str) -> tuple[str, ...]:
    if kind is not TaskKind.CLASSIFICATION:
        return before.labels if before else ()
    typed = st.text_area(
        t("Categories, one on each line"),
        "\n".join(before.labels) if before else "",
        key=_key("labels", mark),
        height=120,
        placeholder=t("billing\ndelivery\nreturns"),
        help=t("Leave it empty to take the categories that your examples have."),
    )
    found = words.typed_names(typed)
    if len(found) == 1:
        st.caption(t("One category alone leaves nothing to decide: add another."))
    return found


def _fields(before: Task | None, kind: TaskKind, *, mark: str, fixed: bool) -> tuple[str, ...]:
    if kind is not TaskKind.CUSTOM:
        return () if before is None or before.kind is not kind else before.fields
    typed = st.text_area(
        t("Inputs, one on each line"),
        "\n".join(before.fields) if before else "",
        key=_key("fields", mark),
        height=100,
        disabled=fixed,
        placeholder=t("customer\noffer"),
        help=t("What is given for every answer. Leave it empty to take the columns of your file."),
    )
    found = words.input_names(typed)
    if found and found != words.typed_names(typed):
        st.caption(plain(t("In prompts they are called: {names}", names=", ".join(found))))
    return found


def _described() -> dict[TaskKind, str]:
    return {
        TaskKind.CLASSIFICATION: t("Sort every message to the team that has to act first: billing, delivery, returns."),
        TaskKind.SUMMARIZATION: t("Write the decisions of a meeting in at most two sentences, with who does what."),
        TaskKind.DOCUMENT_QA: t("Answer questions of employees from our house rules, in a few words."),
        TaskKind.KEYWORD_EXTRACTION: t("Name three to six words by which customers would look for this product."),
        TaskKind.CUSTOM: t("Write a polite reply to the customer about the offer, in at most 80 words."),
    }
