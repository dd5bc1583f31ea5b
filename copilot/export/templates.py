"""TEMPLATE.yaml: a prompt as a file that people can read, and that loads as the same bytes."""

import os
import secrets
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from copilot.domain.migration import bring_forward
from copilot.domain.prompt import SCHEMA_VERSION, PromptTemplate
from copilot.errors import StorageError, TemplateError
from copilot.export.yaml_text import line_of, read_yaml, write_yaml
from tasks.model import Frozen

_HEAD = ("name", "task", "note", "run_id", "content_hash")
_INTRODUCTION = "# A prompt saved by Falconer. Use it: falconer run THIS_FILE --input ROWS --output RESULTS\n"


class TemplateFile(Frozen):
    """What a template file holds."""

    template: PromptTemplate
    name: str = ""
    task: str = ""
    """The task's name."""
    note: str = ""
    run_id: str = ""
    content_hash: str = ""
    """As written in the file; empty: the file has none."""
    warnings: tuple[str, ...] = ()
    """What the user should know, in sentences."""

    @property
    def edited(self) -> bool:
        """Whether the prompt is another than the one that was saved, and so than the one that was scored."""
        return bool(self.content_hash) and self.content_hash != self.template.content_hash


def format_template(template: PromptTemplate, *, name: str, task: str = "", note: str = "", run_id: str = "") -> str:
    """Return the file's text."""
    head = {"name": name, "task": task, "note": note, "run_id": run_id, "content_hash": template.content_hash}
    fields = template.model_dump(mode="json")
    content: dict[str, Any] = {"schema_version": fields.pop("schema_version")}
    content |= {key: value for key, value in head.items() if value or key == "name"}
    return _INTRODUCTION + write_yaml(content | {"prompt": fields})


def parse_template(text: str, *, source: str = "the template") -> TemplateFile:
    """Read a template file's text.

    An edited prompt is accepted: the result's `edited` says so, and so does a warning.

    Args:
        text: the file's contents.
        source: its name, for messages.

    Raises:
        TemplateError: it cannot be read, or was written by a newer version; the message names file and line.
    """
    content = read_yaml(text, source=source)
    prompt = content.get("prompt")
    if not isinstance(prompt, dict):
        raise TemplateError(f"{source}, line {line_of(text, ['prompt'])}: the part 'prompt' is missing.")
    unknown = [key for key in content if key not in (*_HEAD, "schema_version", "prompt")]
    if unknown:
        raise TemplateError(
            f"{source}, line {line_of(text, unknown[:1])}: '{unknown[0]}' is not part of a template file. "
            f"It may hold: schema_version, {', '.join(_HEAD)}, prompt."
        )
    written_by = content.get("schema_version")
    try:
        current = bring_forward({**prompt, "schema_version": written_by})
    except TemplateError as error:
        raise TemplateError(f"{source}, line {line_of(text, ['schema_version'])}: {error}") from error
    try:
        template = PromptTemplate.model_validate(current)
    except ValidationError as error:
        raise TemplateError(_sentence(error, text, source)) from error
    head = {key: str(content[key]) for key in _HEAD if content.get(key) is not None}
    file = TemplateFile(template=template, **head)
    warnings = []
    if written_by != SCHEMA_VERSION:
        # The hash is one of the older form; it can no longer be compared.
        file = file.model_copy(update={"content_hash": ""})
        warnings.append(f"{source} was written by an older version and was brought up to date.")
    if file.edited:
        warnings.append(
            f"The prompt in {source} was changed after it was saved: its scores are those of the former text "
            f"(it was {file.content_hash}, it is {template.content_hash})."
        )
    return file.model_copy(update={"warnings": tuple(warnings)})


def save_template_file(
    path: str | Path, template: PromptTemplate, *, name: str, task: str = "", note: str = "", run_id: str = ""
) -> None:
    """Write a template file, whole or not at all.

    Raises:
        StorageError: the file cannot be written.
    """
    path = Path(path)
    data = format_template(template, name=name, task=task, note=note, run_id=run_id).encode()
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"The template cannot be written to {path}: {error.strerror}.") from error


def load_template_file(path: str | Path) -> TemplateFile:
    """Read a template file.

    Raises:
        TemplateError: the file is missing or cannot be read; the message names file and line.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise TemplateError(f"There is no file {path}. Check the name, or the folder you are in.") from error
    except OSError as error:
        raise TemplateError(f"The template file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise TemplateError(f"{path}, line {line}: the text is not UTF-8. Save the file as UTF-8.") from error
    return parse_template(text, source=str(path))


def _sentence(error: ValidationError, text: str, source: str) -> str:
    first = error.errors(include_url=False)[0]
    path = ["prompt", *first["loc"]]
    where = ".".join(str(part) for part in path)
    known = {"missing": "is missing", "extra_forbidden": "is not part of a template; correct or remove it"}
    reason = known.get(first["type"], f"is wrong: {first['msg'][:1].lower()}{first['msg'][1:]}")
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{source}, line {line_of(text, path)}: {where} {reason}{more}."
