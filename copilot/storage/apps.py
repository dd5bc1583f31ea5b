"""Apps: kept as a whole, found by the part of the link that names them."""

from itertools import count

from sqlmodel import Session, col, select

from copilot.domain.apps import AppDraft, SavedApp, slug_of
from copilot.domain.sheets import SheetProgress
from copilot.errors import UserError
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.datasets import upsert
from copilot.storage.desk_tables import AppRow
from copilot.storage.sheets import progress_of
from copilot.storage.tables import SheetRow
from tasks.model import Frozen


class _Content(Frozen):
    draft: AppDraft
    published: AppDraft | None = None
    withdrawn: bool = False


def create_app(session: Session, *, draft: AppDraft) -> SavedApp:
    """Keep a new app that nobody but its maker sees."""
    time = now()
    for number in count(1):
        slug = slug_of(draft.title) if number == 1 else f"{slug_of(draft.title)}-{number}"
        new = {"slug": slug, "content": dump(_Content(draft=draft)), "created_at": time, "updated_at": time}
        add = upsert(session, "apps").on_conflict_do_nothing(index_elements=["slug"])
        if session.connection().execute(add.returning(col(AppRow.slug)), new).first():
            break
    return get_app(session, slug=slug)


def get_app(session: Session, *, slug: str, for_update: bool = False) -> SavedApp:
    """Return an app.

    Args:
        session: the caller's.
        slug: its name in links.
        for_update: keep others from changing it until the transaction ends.

    Raises:
        UserError: there is none of this name.
    """
    return _saved(_row(session, slug, for_update=for_update))


def save_app(session: Session, *, app: SavedApp) -> SavedApp:
    """Replace what is kept of an app.

    Raises:
        UserError: there is none of this name.
    """
    row = _row(session, app.slug, for_update=True)
    row.content = dump(_Content(draft=app.draft, published=app.published, withdrawn=app.withdrawn))
    row.updated_at = now()
    session.add(row)
    session.flush()
    return _saved(row)


def list_apps(session: Session, *, search: str = "") -> tuple[SavedApp, ...]:
    """Return apps by title, those that were withdrawn, too.

    Args:
        session: the caller's.
        search: text in the title, the line about it or the template's name, in any case; empty: all.
    """
    found = [_saved(row) for row in session.exec(select(AppRow))]
    wanted = search.strip().casefold()
    mentioned = [app for app in found if any(wanted in text.casefold() for text in _texts(app))]
    return tuple(sorted(mentioned, key=lambda app: (_shown(app).title.casefold(), app.slug)))


def list_batches(session: Session, *, slug: str, limit: int) -> tuple[SheetProgress, ...]:
    """Return the sheets that went through an app, newest first."""
    # A quote inside a text of the plan is written with a backslash before it, so only the plan's own entry matches.
    mine = col(SheetRow.plan).contains(f'"app":"{slug}"', autoescape=True)
    query = select(SheetRow).where(col(SheetRow.ready), mine)
    newest = query.order_by(col(SheetRow.created_at).desc(), col(SheetRow.id).desc()).limit(limit)
    return progress_of(session, session.exec(newest).all())


def _row(session: Session, slug: str, *, for_update: bool) -> AppRow:
    row = session.get(AppRow, slug, with_for_update=for_update)
    if row is None:
        raise UserError(f"There is no app '{slug}'; look for it among the apps.")
    return row


def _saved(row: AppRow) -> SavedApp:
    content = load(_Content, row.content)
    return SavedApp(
        slug=row.slug,
        draft=content.draft,
        published=content.published,
        withdrawn=content.withdrawn,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _shown(app: SavedApp) -> AppDraft:
    return app.published or app.draft


def _texts(app: SavedApp) -> tuple[str, str, str]:
    shown = _shown(app)
    return shown.title, shown.about, shown.template
