"""Saved templates: versions, labels, differences."""

from collections.abc import Callable
from pathlib import Path

import yaml
from pydantic import JsonValue

from copilot.domain.difference import FieldDifference, diff_templates
from copilot.domain.prompt import PromptTemplate
from copilot.domain.saved import LabelChange, TemplateVersion
from copilot.errors import StorageError, TemplateError, UserError
from copilot.export import snippets
from copilot.export.templates import TemplateFile, format_template, load_template_file, save_template_file
from copilot.service.results import Piece, prompt_diff
from copilot.service.runs import get_run
from copilot.service.workspace import Workspace
from copilot.storage import templates as storage
from tasks.model import Frozen


class Origin(Frozen):
    """Where a template comes from."""

    task: str = ""
    run_id: str | None = None
    note: str = ""
    author: str = ""


def save(workspace: Workspace, name: str, template: PromptTemplate, *, origin: Origin | None = None) -> TemplateVersion:
    """Save a template as the next version of its name; the same content as the newest makes no new version.

    Raises:
        TemplateError: the name cannot be used.
    """
    origin = origin or Origin()
    with workspace.database.writing() as session:
        return storage.save_template(
            session,
            name=name,
            template=template,
            task=origin.task,
            note=origin.note,
            author=origin.author,
            run_id=origin.run_id,
        )


def get(workspace: Workspace, reference: str) -> TemplateVersion:
    """Return a version by `NAME` (the newest), `NAME@LABEL` or `NAME@3`.

    Raises:
        TemplateError: there is none; the message says what there is.
    """
    with workspace.database.reading() as session:
        return storage.get_template(session, reference=reference)


def list_all(workspace: Workspace, *, search: str = "") -> tuple[TemplateVersion, ...]:
    """Return the newest version of every template by name."""
    with workspace.database.reading() as session:
        return storage.list_templates(session, search=search)


def versions(workspace: Workspace, name: str) -> tuple[TemplateVersion, ...]:
    """Return all versions of a template, newest first.

    Raises:
        TemplateError: there is no such template.
    """
    with workspace.database.reading() as session:
        return storage.list_versions(session, name=name)


def diff(before: PromptTemplate, after: PromptTemplate) -> tuple[Piece, ...]:
    """Return what changed between two templates as the model sees them, word by word."""
    return prompt_diff(before, after)


def label(workspace: Workspace, name: str, label: str, *, version: int | None = None, author: str = "") -> LabelChange:
    """Point a label at a version (None: the newest).

    Raises:
        TemplateError: there is no such template or version, or the label cannot be used.
    """
    with workspace.database.writing() as session:
        return storage.set_label(session, name=name, label=label, version=version, author=author)


def unlabel(workspace: Workspace, name: str, label: str, *, author: str = "") -> LabelChange:
    """Take a label away.

    Raises:
        TemplateError: there is no such template or label.
    """
    with workspace.database.writing() as session:
        return storage.remove_label(session, name=name, label=label, author=author)


def history(workspace: Workspace, name: str) -> tuple[LabelChange, ...]:
    """Return how the labels of a template moved, newest first.

    Raises:
        TemplateError: there is no such template.
    """
    with workspace.database.reading() as session:
        return storage.label_history(session, name=name)


def read_file(path: str | Path) -> TemplateFile:
    """Read a template file.

    Raises:
        TemplateError: the file is missing or wrong; the message names file and line.
    """
    return load_template_file(Path(path).expanduser())


def export(workspace: Workspace, reference: str, path: Path) -> tuple[str, ...]:
    """Write a saved template to a file whose extension decides the form.

    `.yaml` is the template itself, which loads as the same bytes; `.json` the body of a request to an
    OpenAI-compatible server; `.py` a module that needs only the package `openai`; `.sh` a curl command.

    Returns:
        What the form cannot hold, in sentences.

    Raises:
        TemplateError: there is no such template, or the extension names no form.
        StorageError: the file cannot be written.
    """
    saved = get(workspace, reference)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        save_template_file(
            path, saved.template, name=saved.name, task=saved.task, note=saved.note, run_id=saved.run_id or ""
        )
        return ()
    forms: dict[str, Callable[[PromptTemplate], snippets.Export]] = {
        ".json": snippets.to_openai_json,
        ".py": snippets.to_python_snippet,
        ".sh": snippets.to_curl,
    }
    if suffix not in forms:
        raise TemplateError(
            f"A template cannot be exported to '{path.name}'; use a name that ends in .yaml, {', '.join(forms)}."
        )
    made = forms[suffix](saved.template)
    try:
        path.write_text(made.text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"The template cannot be written to {path}: {error.strerror}.") from error
    return made.notes


def exported(workspace: Workspace, reference: str) -> tuple[dict[str, JsonValue], str]:
    """Return a saved template as its file holds it: as a document, and as the file's text.

    Raises:
        TemplateError: there is no such template.
    """
    saved = get(workspace, reference)
    text = format_template(saved.template, name=saved.name, task=saved.task, note=saved.note, run_id=saved.run_id or "")
    document: dict[str, JsonValue] = yaml.safe_load(text)
    return document, text


def changed_fields(before: PromptTemplate, after: PromptTemplate) -> tuple[FieldDifference, ...]:
    """Return the parts that differ, those that no reader sees (decoding, decision layer) included."""
    return diff_templates(before, after)


def model_of(workspace: Workspace, run_id: str | None) -> str | None:
    """Return the model that a template was made for; None: its run is not in this installation."""
    if not run_id:
        return None
    try:
        return get_run(workspace, run_id).plan.task_model
    except UserError:
        return None
