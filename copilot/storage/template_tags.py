"""Words by which templates are found, and what a list of templates shows beside their newest versions."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from copilot.domain.library import TemplateEntry
from copilot.domain.saved import TemplateVersion
from copilot.errors import TemplateError
from copilot.storage.desk_tables import TemplateTagRow
from copilot.storage.tables import TemplateLabelChangeRow, TemplateLabelRow, TemplateRow, TemplateVersionRow
from copilot.storage.templates import list_templates, list_versions


def list_entries(session: Session, *, search: str = "") -> tuple[TemplateEntry, ...]:
    """Return all templates by name, with labels, tags and last change.

    Args:
        session: the caller's.
        search: text in the name, task, note, prompt, labels or tags, in any case; empty: all.
    """
    labels: dict[str, dict[str, int]] = defaultdict(dict)
    for name, label, version in session.exec(
        select(TemplateRow.name, TemplateLabelRow.label, TemplateLabelRow.version).join(
            TemplateLabelRow, col(TemplateLabelRow.template_id) == col(TemplateRow.id)
        )
    ):
        labels[name][label] = version
    counts = _counts(session)
    moved = _moved(session)
    tags = list_tags(session)
    saved = list_templates(session)
    if search:
        wanted = search.casefold()
        words = {one.name: (*labels[one.name], *tags.get(one.name, ())) for one in saved}
        found = {one.name for one in list_templates(session, search=search)}
        found |= {name for name in words if any(wanted in word.casefold() for word in words[name])}
        saved = tuple(one for one in saved if one.name in found)
    return tuple(
        TemplateEntry(
            newest=one,
            labels=labels[one.name],
            tags=tags.get(one.name, ()),
            versions=counts[one.name],
            changed_at=max(one.created_at, moved.get(one.name, one.created_at)),
        )
        for one in saved
    )


def list_tags(session: Session) -> dict[str, tuple[str, ...]]:
    """Return the tags of every template that has some, by its name."""
    query = (
        select(TemplateRow.name, TemplateTagRow.tag)
        .join(TemplateTagRow, col(TemplateTagRow.template_id) == col(TemplateRow.id))
        .order_by(col(TemplateTagRow.tag))
    )
    found: dict[str, tuple[str, ...]] = {}
    for name, tag in session.exec(query):
        found[name] = (*found.get(name, ()), tag)
    return found


def set_tags(session: Session, *, name: str, tags: tuple[str, ...]) -> None:
    """Give a template these tags and no others.

    Raises:
        TemplateError: there is no such template.
    """
    template_id = session.exec(select(TemplateRow.id).where(TemplateRow.name == name).with_for_update()).first()
    if template_id is None:
        raise TemplateError(f"There is no template '{name}'.")
    session.exec(delete(TemplateTagRow).where(col(TemplateTagRow.template_id) == template_id))
    session.add_all([TemplateTagRow(template_id=template_id, tag=tag) for tag in tags])


def versions_of_run(session: Session, *, run_id: str, content_hash: str | None) -> tuple[TemplateVersion, ...]:
    """Return the versions that were saved from a run, or hold the very prompt it ended with, newest first.

    Args:
        session: the caller's.
        run_id: the run's.
        content_hash: its prompt's; None: it has not ended.
    """
    query = select(TemplateRow.name).join(
        TemplateVersionRow, col(TemplateVersionRow.template_id) == col(TemplateRow.id)
    )
    same = col(TemplateVersionRow.content_hash) == content_hash
    of_run = col(TemplateVersionRow.run_id) == run_id
    names = sorted(set(session.exec(query.where(of_run if content_hash is None else of_run | same))))
    found = (saved for name in names for saved in list_versions(session, name=name))
    mine = [saved for saved in found if saved.run_id == run_id or saved.content_hash == content_hash]
    return tuple(sorted(mine, key=lambda saved: saved.created_at, reverse=True))


def _counts(session: Session) -> dict[str, int]:
    query = (
        select(TemplateRow.name, func.count())
        .join(TemplateVersionRow, col(TemplateVersionRow.template_id) == col(TemplateRow.id))
        .group_by(TemplateRow.name)
    )
    return dict(session.exec(query).all())


def _moved(session: Session) -> dict[str, datetime]:
    query = (
        select(TemplateRow.name, func.max(TemplateLabelChangeRow.changed_at))
        .join(TemplateLabelChangeRow, col(TemplateLabelChangeRow.template_id) == col(TemplateRow.id))
        .group_by(TemplateRow.name)
    )
    return dict(session.exec(query).all())
