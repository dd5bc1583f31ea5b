"""Saved templates: versions that never change, and labels that point at them."""

import difflib
import json
from collections import defaultdict
from typing import TypedDict, Unpack

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from copilot.domain.difference import FieldDifference, diff_templates
from copilot.domain.migration import bring_forward
from copilot.domain.prompt import PromptTemplate
from copilot.domain.reference import check_label, check_name, parse_reference
from copilot.domain.saved import LabelChange, TemplateVersion
from copilot.errors import TemplateError
from copilot.storage.columns import now
from copilot.storage.content import dump
from copilot.storage.datasets import upsert
from copilot.storage.tables import TemplateLabelChangeRow, TemplateLabelRow, TemplateRow, TemplateVersionRow


class Origin(TypedDict, total=False):
    """Where a template version comes from; what is left out is not known."""

    task: str
    """The task's name."""
    note: str
    author: str
    run_id: str | None
    """The run that made it."""


def save_template(
    session: Session, *, name: str, template: PromptTemplate, **origin: Unpack[Origin]
) -> TemplateVersion:
    """Save a template as the next version of its name; the same content as the newest makes no new version.

    Args:
        session: the caller's.
        name: under which it is found.
        template: what is kept, byte for byte.
        **origin: its `task`, the `run_id` it comes from, `author` and `note`.

    Raises:
        TemplateError: the name cannot be used.
    """
    check_name(name)
    new = {"name": name, "task": origin.get("task", ""), "last_version": 0, "created_at": now()}
    session.connection().execute(upsert(session, "templates").on_conflict_do_nothing(index_elements=["name"]), new)
    row = _template(session, name, for_update=True)
    newest = _newest(session, row)
    if newest is None or newest.content_hash != template.content_hash:
        newest = TemplateVersionRow(
            template_id=_id(row),
            version=row.last_version + 1,
            content=dump(template),
            content_hash=template.content_hash,
            note=origin.get("note", ""),
            author=origin.get("author", ""),
            run_id=origin.get("run_id"),
        )
        session.add(newest)
        row.last_version = newest.version
        row.task = origin.get("task", "") or row.task
        session.add(row)
        session.flush()
    return _saved(row, newest, _labels(session, _id(row)))


def get_template(session: Session, *, reference: str) -> TemplateVersion:
    """Return a version by `NAME` (the newest), `NAME@LABEL` or `NAME@3`.

    Raises:
        TemplateError: there is no such template, label or version; the message says what there is.
    """
    wanted = parse_reference(reference)
    row = _template(session, wanted.name)
    labels = _labels(session, _id(row))
    version = wanted.version
    if wanted.label is not None:
        if wanted.label not in labels:
            there = ", ".join(sorted(labels)) or "none"
            raise TemplateError(f"The template '{row.name}' has no label '{wanted.label}'. Its labels: {there}.")
        version = labels[wanted.label]
    found = _newest(session, row) if version is None else session.get(TemplateVersionRow, (_id(row), version))
    if found is None:
        newest = _newest(session, row)
        raise TemplateError(
            f"The template '{row.name}' has no version {version}. Its newest is {newest.version if newest else 0}."
        )
    return _saved(row, found, labels)


def list_templates(session: Session, *, search: str = "") -> tuple[TemplateVersion, ...]:
    """Return the newest version of every template by name.

    Args:
        session: the caller's.
        search: text in the name, task, note, prompt or labels of the newest version, in any case; empty: all.
    """
    newest = (
        select(TemplateVersionRow.template_id, func.max(TemplateVersionRow.version).label("version"))
        .group_by(col(TemplateVersionRow.template_id))
        .subquery()
    )
    query = (
        select(TemplateRow, TemplateVersionRow)
        .join(TemplateVersionRow, col(TemplateVersionRow.template_id) == col(TemplateRow.id))
        .join(
            newest,
            (newest.c.template_id == TemplateVersionRow.template_id) & (newest.c.version == TemplateVersionRow.version),
        )
        .order_by(col(TemplateRow.name))
    )
    labels: dict[int, dict[str, int]] = defaultdict(dict)
    for label in session.exec(select(TemplateLabelRow)):
        labels[label.template_id][label.label] = label.version
    found = (_saved(row, version, labels[_id(row)]) for row, version in session.exec(query))
    # SQLite folds the case of ASCII alone, so the comparison is made here.
    return tuple(saved for saved in found if _mentions(saved, search))


def list_versions(session: Session, *, name: str) -> tuple[TemplateVersion, ...]:
    """Return all versions of a template, newest first.

    Raises:
        TemplateError: there is no such template.
    """
    row = _template(session, name)
    labels = _labels(session, _id(row))
    query = select(TemplateVersionRow).where(TemplateVersionRow.template_id == row.id)
    versions = session.exec(query.order_by(col(TemplateVersionRow.version).desc()))
    return tuple(_saved(row, version, labels) for version in versions)


def diff_saved(session: Session, *, before: str, after: str) -> tuple[FieldDifference, ...]:
    """Return what differs between two saved templates, each given as in `get_template`.

    Raises:
        TemplateError: one of them is not there.
    """
    return diff_templates(
        get_template(session, reference=before).template, get_template(session, reference=after).template
    )


def set_label(session: Session, *, name: str, label: str, version: int | None = None, author: str = "") -> LabelChange:
    """Point a label at a version (None: the newest); return what it pointed at before.

    Raises:
        TemplateError: there is no such template or version, or the label cannot be used.
    """
    check_label(label)
    row = _template(session, name, for_update=True)
    wanted = get_template(session, reference=name if version is None else f"{name}@{version}").version
    current = session.get(TemplateLabelRow, (_id(row), label))
    before = None if current is None else current.version
    if current is None:
        current = TemplateLabelRow(template_id=_id(row), label=label, version=wanted)
    current.version = wanted
    session.add(current)
    return _note_change(session, row, label=label, before=before, after=wanted, author=author)


def remove_label(session: Session, *, name: str, label: str, author: str = "") -> LabelChange:
    """Take a label away; return what it pointed at.

    Raises:
        TemplateError: there is no such template or label.
    """
    row = _template(session, name, for_update=True)
    current = session.get(TemplateLabelRow, (_id(row), label))
    if current is None:
        raise TemplateError(f"The template '{name}' has no label '{label}'.")
    session.delete(current)
    return _note_change(session, row, label=label, before=current.version, after=None, author=author)


def label_history(session: Session, *, name: str) -> tuple[LabelChange, ...]:
    """Return how the labels of a template moved, newest first.

    Raises:
        TemplateError: there is no such template.
    """
    row = _template(session, name)
    query = select(TemplateLabelChangeRow).where(TemplateLabelChangeRow.template_id == row.id)
    changes = session.exec(query.order_by(col(TemplateLabelChangeRow.id).desc()))
    return tuple(_change(row, change) for change in changes)


def delete_template(session: Session, *, name: str) -> None:
    """Delete a template with all its versions and their history.

    Raises:
        TemplateError: there is no such template, or labels point at it.
    """
    row = _template(session, name, for_update=True)
    _refuse_labelled(name, sorted(_labels(session, _id(row))))
    session.exec(delete(TemplateRow).where(col(TemplateRow.id) == row.id))
    session.expunge(row)


def delete_version(session: Session, *, name: str, version: int) -> None:
    """Delete one version; its number is not given again.

    Raises:
        TemplateError: there is no such version, labels point at it, or it is the only one.
    """
    row = _template(session, name, for_update=True)
    found = get_template(session, reference=f"{name}@{version}")
    _refuse_labelled(f"{name}@{version}", list(found.labels))
    if len(list_versions(session, name=name)) == 1:
        raise TemplateError(f"Version {version} is the only one of '{name}'. Delete the template instead.")
    session.delete(session.get_one(TemplateVersionRow, (_id(row), version)))
    session.flush()


def _template(session: Session, name: str, *, for_update: bool = False) -> TemplateRow:
    query = select(TemplateRow).where(TemplateRow.name == name)
    row = session.exec(query.with_for_update() if for_update else query).first()
    if row is None:
        names = list(session.exec(select(TemplateRow.name)))
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean '{close[0]}'?" if close else "`falconer template list` shows what is saved."
        raise TemplateError(f"There is no template '{name}'. {hint}")
    return row


def _id(row: TemplateRow) -> int:
    assert row.id is not None, "the row comes from the database"
    return row.id


def _newest(session: Session, row: TemplateRow) -> TemplateVersionRow | None:
    query = select(TemplateVersionRow).where(TemplateVersionRow.template_id == row.id)
    return session.exec(query.order_by(col(TemplateVersionRow.version).desc())).first()


def _labels(session: Session, template_id: int) -> dict[str, int]:
    rows = session.exec(select(TemplateLabelRow).where(TemplateLabelRow.template_id == template_id))
    return {row.label: row.version for row in rows}


def _mentions(saved: TemplateVersion, search: str) -> bool:
    if not search:
        return True
    template = saved.template
    shown = [demonstration.output for demonstration in template.fixed.demonstrations]
    texts = [saved.name, saved.task, saved.note, template.system, template.instruction, template.item, *shown]
    return any(search.casefold() in text.casefold() for text in [*texts, *saved.labels])


def _saved(row: TemplateRow, version: TemplateVersionRow, labels: dict[str, int]) -> TemplateVersion:
    return TemplateVersion(
        name=row.name,
        version=version.version,
        template=PromptTemplate.model_validate(bring_forward(json.loads(version.content))),
        content_hash=version.content_hash,
        task=row.task,
        note=version.note,
        author=version.author,
        run_id=version.run_id,
        labels=tuple(sorted(label for label, at in labels.items() if at == version.version)),
        created_at=version.created_at,
    )


def _refuse_labelled(what: str, labels: list[str]) -> None:
    if labels:
        raise TemplateError(f"{what} carries the label {', '.join(labels)}. Move or remove it before you delete.")


def _note_change(
    session: Session, row: TemplateRow, *, label: str, before: int | None, after: int | None, author: str
) -> LabelChange:
    change = TemplateLabelChangeRow(template_id=_id(row), label=label, before=before, after=after, author=author)
    session.add(change)
    session.flush()
    return _change(row, change)


def _change(row: TemplateRow, change: TemplateLabelChangeRow) -> LabelChange:
    return LabelChange(
        name=row.name,
        label=change.label,
        before=change.before,
        after=change.after,
        author=change.author,
        changed_at=change.changed_at,
    )
