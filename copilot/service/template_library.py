"""The template library: what is saved, how it changed, where its labels point, and how it leaves."""

from collections.abc import Sequence

from pydantic import JsonValue, ValidationError

from copilot.domain.difference import FieldDifference, diff_templates
from copilot.domain.library import (
    LabelMove,
    PromptEdit,
    TemplateDifference,
    TemplateEntry,
    TemplateExport,
    TemplateForm,
)
from copilot.domain.prompt import SLOT, Demonstration, PromptTemplate
from copilot.domain.reference import check_label, check_name, parse_reference
from copilot.domain.saved import LabelChange, TemplateVersion
from copilot.errors import TemplateError
from copilot.service import templates
from copilot.service.handles import Template
from copilot.service.portal import Portal
from copilot.service.results import Piece, word_diff
from copilot.service.runs import get_run
from copilot.service.template_export import export_text
from copilot.service.workspace import Workspace
from copilot.storage import preferences
from copilot.storage import template_tags as tag_storage
from copilot.storage import templates as storage

_EDIT = "template_edit:"
MOST_TAGS = 20
LONGEST_TAG = 40


class TemplateLibrary:
    """The saved templates of an installation; got as `Copilot.template_library`.

    Args:
        workspace: where they are saved.
        portal: where models are asked.
        model: what templates run on unless another is named.
    """

    def __init__(self, workspace: Workspace, portal: Portal, *, model: str) -> None:
        self._workspace = workspace
        self._portal = portal
        self.model = model

    def list(self, *, search: str = "", tag: str = "", label: str = "") -> tuple[TemplateEntry, ...]:
        """Return templates by name.

        Args:
            search: text in name, task, note, prompt, labels or tags, in any case.
            tag: only those with this tag.
            label: only those with this label.
        """
        with self._workspace.database.reading() as session:
            found = tag_storage.list_entries(session, search=search)
        return tuple(
            entry for entry in found if (not tag or tag in entry.tags) and (not label or label in entry.labels)
        )

    def versions(self, name: str) -> tuple[TemplateVersion, ...]:
        """Return all versions, newest first.

        Raises:
            TemplateError: there is no such template.
        """
        return templates.versions(self._workspace, name)

    def get(self, reference: str) -> TemplateVersion:
        """Return a version by `NAME` (the newest), `NAME@LABEL` or `NAME@3`.

        Raises:
            TemplateError: there is none; the message says what there is.
        """
        return templates.get(self._workspace, reference)

    def template(self, reference: str, *, model: str | None = None) -> Template:
        """Return a version to run.

        Args:
            reference: as in `get`.
            model: name or URL; None: the one that was chosen for tasks.

        Raises:
            TemplateError: there is none.
        """
        return Template(self._workspace, self._portal, self.get(reference).template, model or self.model)

    def exists(self, name: str) -> bool:
        """Whether a template is called so."""
        return any(saved.name == name for saved in templates.list_all(self._workspace))

    def of_run(self, run_id: str) -> tuple[TemplateVersion, ...]:
        """Return the versions saved from a run, or holding the very prompt it ended with, newest first.

        Raises:
            UserError: there is no such run.
        """
        result = get_run(self._workspace, run_id).result
        with self._workspace.database.reading() as session:
            return tag_storage.versions_of_run(
                session, run_id=run_id, content_hash=result.template.content_hash if result else None
            )

    def diff(self, name: str, before: int, after: int) -> TemplateDifference:
        """Return what differs between two versions, part by part.

        Raises:
            TemplateError: one of them is not there.
        """
        first, second = self.get(f"{name}@{before}"), self.get(f"{name}@{after}")
        return TemplateDifference(before=first, after=second, fields=self.compare(first.template, second.template))

    def compare(self, before: PromptTemplate, after: PromptTemplate) -> tuple[FieldDifference, ...]:
        """Return what differs between two prompts, saved or not, part by part."""
        return diff_templates(before, after)

    def words(self, before: str, after: str) -> tuple[Piece, ...]:
        """Return two texts as one, word by word: what is the same, what is gone, what is new."""
        return word_diff(before, after)

    def edited(self, template: PromptTemplate, edit: PromptEdit) -> PromptTemplate:
        """Return a prompt with a person's changes; nothing is saved.

        Raises:
            TemplateError: the text lost a field, or names one that the template does not have.
        """
        slots = set(SLOT.findall(edit.item))
        if missing := [name for name in template.variables if name not in slots]:
            raise TemplateError(
                f"The text for each input no longer holds the field {_braced(missing)}; put it where the input belongs."
            )
        if unknown := sorted(slots - set(template.variables) - set(SLOT.findall(template.item))):
            raise TemplateError(
                f"The text for each input names {_braced(unknown)}, which this template does not have; "
                f"its fields are {_braced(template.variables)}."
            )
        shown = tuple(
            Demonstration(inputs=old.inputs, output=output, example_id=old.example_id)
            for old, output in zip(template.demonstrations, edit.outputs, strict=True)
            if output is not None
        )
        changes = {"system": edit.system, "instruction": edit.instruction, "item": edit.item, "demonstrations": shown}
        try:
            return PromptTemplate.model_validate({**dict(template), **changes})
        except ValidationError as error:
            raise TemplateError(f"The prompt cannot be kept like this: {error.errors()[0]['msg']}.") from error

    def keep_edit(self, name: str, version: int, edit: PromptEdit | None) -> None:
        """Keep changes to a version that are not saved as one yet; None: forget them."""
        kept: JsonValue = None if edit is None else {"version": version, "edit": edit.model_dump(mode="json")}
        with self._workspace.database.writing() as session:
            preferences.save_choices(session, choices={_EDIT + name: kept})

    def kept_edit(self, name: str, version: int) -> PromptEdit | None:
        """Return changes to a version that were kept and not saved; None: there are none."""
        with self._workspace.database.reading() as session:
            kept = preferences.load_choices(session).get(_EDIT + name)
        if not isinstance(kept, dict) or kept.get("version") != version:
            return None
        return PromptEdit.model_validate(kept["edit"])

    def save(
        self,
        name: str,
        template: PromptTemplate,
        *,
        note: str = "",
        author: str = "",
        labels: Sequence[str] = (),
    ) -> TemplateVersion:
        """Save a prompt as the next version; the same content as the newest makes no new version.

        Raises:
            TemplateError: name or label cannot be used.
        """
        for label in labels:
            check_label(label)
        saved = templates.save(self._workspace, name, template, origin=templates.Origin(note=note, author=author))
        return self._labelled(saved, labels, author=author)

    def save_run(
        self, run_id: str, name: str, *, note: str = "", author: str = "", labels: Sequence[str] = ()
    ) -> TemplateVersion:
        """Save the prompt that a run ended with as the next version of a name.

        Args:
            run_id: a finished run.
            name: the template's.
            note: why; empty: the verdict's sentence.
            author: who saves it.
            labels: pointed at the version.

        Raises:
            TemplateError: name or label cannot be used.
            UserError: there is no such run, or it is not finished.
        """
        check_name(name)
        for label in labels:
            check_label(label)
        run = get_run(self._workspace, run_id)
        if run.result is None:
            raise TemplateError("This run has no prompt to save yet: wait for its verdict.")
        origin = templates.Origin(
            task=run.plan.task.name, run_id=run_id, note=note or run.result.verdict.sentence, author=author
        )
        saved = templates.save(self._workspace, name, run.result.template, origin=origin)
        return self._labelled(saved, labels, author=author)

    def move(self, name: str, label: str, version: int) -> LabelMove:
        """Return what `promote` would replace; nothing is changed.

        Raises:
            TemplateError: there is no such template or version, or the label cannot be used.
        """
        check_label(label)
        target = self.get(f"{name}@{version}")
        there = [saved for saved in self.versions(name) if label in saved.labels]
        return LabelMove(name=name, label=label, replaces=there[0] if there else None, version=target)

    def promote(self, name: str, label: str, version: int, *, author: str = "") -> LabelChange:
        """Point a label at a version.

        Raises:
            TemplateError: there is no such template or version, or the label cannot be used.
        """
        return templates.label(self._workspace, name, label, version=version, author=author)

    def unlabel(self, name: str, label: str, *, author: str = "") -> LabelChange:
        """Take a label away.

        Raises:
            TemplateError: there is no such template or label.
        """
        return templates.unlabel(self._workspace, name, label, author=author)

    def previous(self, name: str, label: str) -> int | None:
        """Return the version that a label pointed at before the one it points at now; None: there was none.

        Going back is no step forward: after a rollback from 3 to 2, the one before is what came before 2.

        Raises:
            TemplateError: there is no such template.
        """
        there = {saved.version for saved in self.versions(name)}
        passed: list[int] = []
        for change in reversed(self.history(name)):
            if change.label != label:
                continue
            if change.after is None:
                passed.clear()
            elif len(passed) > 1 and passed[-2] == change.after:
                passed.pop()
            elif not passed or passed[-1] != change.after:
                passed.append(change.after)
        return next((version for version in reversed(passed[:-1]) if version in there), None)

    def rollback(self, name: str, label: str = "production", *, author: str = "") -> LabelChange:
        """Point a label back at the version before; `undo` takes it forward again.

        Raises:
            TemplateError: there is no such template, or no version to go back to.
        """
        version = self.previous(name, label)
        if version is None:
            raise TemplateError(f"The label '{label}' of '{name}' has pointed at no other version before.")
        return self.promote(name, label, version, author=author)

    def undo(self, change: LabelChange, *, author: str = "") -> LabelChange:
        """Take a move of a label back, where nobody has moved it since.

        Raises:
            TemplateError: the label has moved on, or its former version is gone.
        """
        there = [saved.version for saved in self.versions(change.name) if change.label in saved.labels]
        if (there[0] if there else None) != change.after:
            raise TemplateError(f"The label '{change.label}' has been moved since; nothing was changed.")
        if change.before is None:
            return self.unlabel(change.name, change.label, author=author)
        return self.promote(change.name, change.label, change.before, author=author)

    def history(self, name: str) -> tuple[LabelChange, ...]:
        """Return how the labels of a template moved, newest first.

        Raises:
            TemplateError: there is no such template.
        """
        return templates.history(self._workspace, name)

    def tags(self, name: str | None = None) -> tuple[str, ...]:
        """Return the tags of a template; None: all that are in use, in their order."""
        with self._workspace.database.reading() as session:
            found = tag_storage.list_tags(session)
        return tuple(sorted({tag for tags in found.values() for tag in tags})) if name is None else found.get(name, ())

    def set_tags(self, name: str, tags: Sequence[str]) -> tuple[str, ...]:
        """Give a template these tags and no others; return them as they are kept.

        Raises:
            TemplateError: there is no such template, or a tag is too long.
        """
        kept = tuple(sorted({" ".join(tag.split()) for tag in tags} - {""}))
        if any(len(tag) > LONGEST_TAG or not tag.isprintable() for tag in kept) or len(kept) > MOST_TAGS:
            raise TemplateError(
                f"A template has at most {MOST_TAGS} tags of at most {LONGEST_TAG} printable characters each."
            )
        with self._workspace.database.writing() as session:
            tag_storage.set_tags(session, name=name, tags=kept)
        return kept

    def delete(self, name: str) -> None:
        """Delete a template with all its versions.

        Raises:
            TemplateError: there is no such template, or labels point at it.
        """
        with self._workspace.database.writing() as session:
            storage.delete_template(session, name=name)

    def delete_version(self, name: str, version: int) -> None:
        """Delete one version; its number is not given again.

        Raises:
            TemplateError: there is no such version, a label points at it, or it is the only one.
        """
        with self._workspace.database.writing() as session:
            storage.delete_version(session, name=name, version=version)

    def export_text(self, reference: str, form: TemplateForm) -> TemplateExport:
        """Return a template as text: its file, or code for LangChain, Python or a shell, with what the form lacks.

        Raises:
            TemplateError: there is no such template.
        """
        saved = self.get(reference)
        parsed = parse_reference(reference)
        pinned = reference if parsed.label else f"{saved.name}@{saved.version}"
        return export_text(saved, form, reference=pinned)

    def model_of(self, reference: str) -> str | None:
        """Return the model that a version was scored with; None: it comes from no run of this installation.

        Raises:
            TemplateError: there is no such template.
        """
        return templates.model_of(self._workspace, self.get(reference).run_id)

    def _labelled(self, saved: TemplateVersion, labels: Sequence[str], *, author: str) -> TemplateVersion:
        for label in labels:
            templates.label(self._workspace, saved.name, label, version=saved.version, author=author)
        return self.get(f"{saved.name}@{saved.version}")


def _braced(names: Sequence[str]) -> str:
    return ", ".join("{{" + name + "}}" for name in names)
