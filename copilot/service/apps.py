"""Apps: made from a template, tried, published, used one form or one sheet at a time."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from copilot.domain.apps import AppDraft, AppForm, AppProblem, SavedApp, fitting, planned_field, problems
from copilot.domain.reference import NEWEST, parse_reference
from copilot.domain.run import RunStatus
from copilot.domain.saved import TemplateVersion
from copilot.domain.sheets import RowOutput, SheetProgress
from copilot.errors import UserError
from copilot.service import app_files, sheets, templates
from copilot.service.app_files import BatchPreview
from copilot.service.handles import Template
from copilot.service.portal import Portal
from copilot.service.sheet_handles import Sheet
from copilot.service.workspace import Workspace
from copilot.storage import apps as storage


class Apps:
    """The apps of an installation; got as `Copilot.apps`."""

    def __init__(self, workspace: Workspace, portal: Portal, *, model: str, made_in_code: Collection[str]) -> None:
        self._workspace = workspace
        self._portal = portal
        self._model = model
        self._made_in_code = made_in_code

    def draft(self, template: str) -> AppDraft:
        """Return an app as it could be made from a template, with a field for each of its variables.

        Args:
            template: `NAME@LABEL` follows promotions of that label, `NAME` every new version, `NAME@3` stays.

        Raises:
            TemplateError: there is none.
        """
        found = templates.get(self._workspace, template)
        title = found.name.replace("_", " ").replace("-", " ")
        fields = tuple(planned_field(name) for name in found.template.variables)
        return AppDraft(title=title[:1].upper() + title[1:], template=template, fields=fields)

    def create(self, draft: AppDraft) -> SavedApp:
        """Keep a new app that nobody but its maker sees until it is published.

        Raises:
            TemplateError: there is no such template.
        """
        templates.get(self._workspace, draft.template)
        with self._workspace.database.writing() as session:
            return storage.create_app(session, draft=draft)

    def update(self, slug: str, draft: AppDraft) -> SavedApp:
        """Keep what its maker changed; people see it when it is published.

        Raises:
            UserError: there is no such app.
        """
        return self._changed(slug, lambda app: app.model_copy(update={"draft": draft}))

    def publish(self, app: AppDraft | str) -> SavedApp:
        """Let people use an app as it stands now: a new one, or one that is kept, by its name in links.

        Raises:
            UserError: something is missing; the sentence says what.
            TemplateError: there is no such template.
        """
        draft = self.get(app).draft if isinstance(app, str) else app
        for problem in problems(draft):
            raise UserError(problem.sentence)
        found = templates.get(self._workspace, draft.template)
        draft = draft.model_copy(update={"fields": fitting(draft.fields, found.template.variables)})
        slug = app if isinstance(app, str) else self.create(draft).slug
        live = {"draft": draft, "published": draft, "withdrawn": False}
        return self._changed(slug, lambda kept: kept.model_copy(update=live))

    def problems(self, draft: AppDraft) -> tuple[AppProblem, ...]:
        """Return what keeps an app from being published; nothing where it can be."""
        return problems(draft)

    def discard(self, slug: str) -> SavedApp:
        """Go back to what people see.

        Raises:
            UserError: there is no such app.
        """
        return self._changed(slug, lambda app: app.model_copy(update={"draft": app.published or app.draft}))

    def get(self, slug: str) -> SavedApp:
        """Return an app.

        Raises:
            UserError: there is no such app.
        """
        with self._workspace.database.reading() as session:
            return storage.get_app(session, slug=slug)

    def list(self, *, search: str = "") -> tuple[SavedApp, ...]:
        """Return apps by title, drafts and those withdrawn, too."""
        with self._workspace.database.reading() as session:
            return storage.list_apps(session, search=search)

    def delete(self, slug: str) -> SavedApp:
        """Take an app out of use; `restore` puts it back as it was.

        Raises:
            UserError: there is no such app.
        """
        return self._changed(slug, lambda app: app.model_copy(update={"withdrawn": True}))

    def restore(self, slug: str) -> SavedApp:
        """Put an app that was taken out of use back as it was.

        Raises:
            UserError: there is no such app.
        """
        return self._changed(slug, lambda app: app.model_copy(update={"withdrawn": False}))

    def form(self, slug: str, *, draft: bool = False) -> AppForm:
        """Return an app with the template that it runs now.

        Args:
            slug: the app.
            draft: as its maker works on it, instead of as people use it.

        Raises:
            UserError: there is no such app, or nobody may use it.
            TemplateError: its template is gone.
        """
        return self._form(self.get(slug), draft=draft)[0]

    def run(self, slug: str, inputs: Mapping[str, str], *, draft: bool = False) -> RowOutput:
        """Fill the form once.

        Args:
            slug: the app.
            inputs: a text for each field, by its `name`.
            draft: as its maker works on it, instead of as people use it.

        Raises:
            UserError: there is no such app, or a field that must be filled is empty.
            ModelError: the server failed.
        """
        form, saved = self._form(self.get(slug), draft=draft)
        for field in form.fields:
            if not field.optional and not inputs.get(field.name, "").strip():
                raise UserError(f"The field '{field.label}' is empty; fill it in.")
        given = {field.name: inputs.get(field.name, "") for field in form.fields}
        return Template(self._workspace, self._portal, saved.template, form.model).run(given)

    def read_document(self, path: str | Path) -> str:
        """Return the text of a .txt, .pdf or .docx file.

        Raises:
            ImportRefused: it cannot be read; the message says what to do.
        """
        return app_files.read_document(Path(path))

    def write_sheet_template(self, slug: str, path: str | Path) -> None:
        """Write an .xlsx or .csv with a column for each field and one example row.

        Raises:
            UserError: there is no such app.
            StorageError: the file cannot be written.
        """
        app_files.write_sheet_template(self.form(slug), Path(path))

    def preview(self, slug: str, path: str | Path, *, sheet: str | None = None) -> BatchPreview:
        """Say what a file of rows holds and which column fills which field; nothing is kept of it.

        Raises:
            UserError: there is no such app.
        """
        return app_files.preview(self.form(slug), Path(path), sheet=sheet)

    def submit(
        self,
        slug: str,
        path: str | Path,
        *,
        columns: Mapping[str, str],
        sheet: str | None = None,
        seen: BatchPreview | None = None,
    ) -> Sheet:
        """Run the rows of a file in the background; return at once.

        Args:
            slug: the app.
            path: the file, in any format that is read.
            columns: which column holds each field, by its `name`.
            sheet: name of the file's sheet; None: the first visible one with data.
            seen: what `preview` told of the same file, which is then read once less.

        Raises:
            ImportRefused: the file cannot be taken, or a field has no column.
            UserError: there is no such app, or its model was made in this program.
        """
        form, saved = self._form(self.get(slug), draft=False)
        if form.model in self._made_in_code:
            raise UserError(
                f"The model '{form.model}' was made in this program, so a process in the background cannot use it. "
                "Name a model by its URL."
            )
        chosen = app_files.checked_columns(form, columns)
        checked = seen.report if seen and seen.report.outcome != "refuse" else None
        source = sheets.from_file(Path(path), sheet=sheet, checked=checked)
        return Sheet(
            self._workspace,
            sheets.submit(self._workspace, saved.template, source, model=form.model, columns=chosen, app=form),
        )

    def batches(self, slug: str, *, limit: int = 50) -> tuple[SheetProgress, ...]:
        """Return the sheets that went through an app and how far they are, newest first."""
        with self._workspace.database.reading() as session:
            return storage.list_batches(session, slug=slug, limit=limit)

    def batch(self, slug: str, sheet_id: str) -> Sheet:
        """Return a sheet that went through an app.

        Raises:
            UserError: there is no such sheet, or it belongs to something else.
        """
        sheet = Sheet(self._workspace, sheet_id)
        if sheet.plan.app != slug:
            raise UserError(f"The app has no batch {sheet_id}.")
        return sheet

    def wake(self, sheet_id: str) -> None:
        """Make sure that somebody works on a sheet that waits, such as after the machine was switched off.

        Raises:
            UserError: there is no such sheet.
        """
        state = sheets.progress(self._workspace, sheet_id)
        if state.status is RunStatus.QUEUED and not state.workers:
            sheets.ensure_worker(self._workspace)

    def _changed(self, slug: str, change: Callable[[SavedApp], SavedApp]) -> SavedApp:
        with self._workspace.database.writing() as session:
            return storage.save_app(session, app=change(storage.get_app(session, slug=slug, for_update=True)))

    def _form(self, app: SavedApp, *, draft: bool) -> tuple[AppForm, TemplateVersion]:
        shown = app.draft if draft else app.published
        if shown is None:
            raise UserError(f"The app '{app.draft.title}' is not published yet.")
        if app.withdrawn and not draft:
            raise UserError(f"The app '{shown.title}' was withdrawn by its maker.")
        saved = templates.get(self._workspace, shown.template)
        wanted = parse_reference(shown.template)
        fields = fitting(shown.fields, saved.template.variables)
        planned = {field.name for field in shown.fields}
        form = AppForm(
            slug=app.slug,
            title=shown.title,
            about=shown.about,
            fields=fields,
            template=saved.name,
            version=saved.version,
            follows="" if wanted.version is not None else wanted.label or NEWEST,
            model=templates.model_of(self._workspace, saved.run_id) or self._model,
            unplanned=tuple(field.name for field in fields if field.name not in planned),
        )
        return form, saved
