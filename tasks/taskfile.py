"""Task files: `name, kind, description` and optionally `labels, fields, prompt, criteria`, as YAML or JSON."""

from pathlib import Path

import yaml

from tasks.criteria import criteria_of, criterion_entry
from tasks.model import Task, TaskKind
from tasks.yamlnodes import TaskFileError, close_match, compose, entries, fail, is_null, read_text, text_of, texts_of

__all__ = ["TaskFileError", "dump_task", "load_task", "read_task"]

_KEYS = ("name", "kind", "description", "labels", "fields", "prompt", "criteria")
_OTHER_NAMES = {
    "summarisation": TaskKind.SUMMARIZATION,
    "summary": TaskKind.SUMMARIZATION,
    "summarize": TaskKind.SUMMARIZATION,
    "summarise": TaskKind.SUMMARIZATION,
    "qa": TaskKind.DOCUMENT_QA,
    "question_answering": TaskKind.DOCUMENT_QA,
    "classify": TaskKind.CLASSIFICATION,
    "keywords": TaskKind.KEYWORD_EXTRACTION,
    "other": TaskKind.CUSTOM,
}


def load_task(path: str | Path) -> Task:
    """Read a task from a YAML or JSON file.

    Raises:
        TaskFileError: the file is missing or wrong; the message says where and what to do.
    """
    return read_task(read_text(Path(path)), source=str(path))


def read_task(text: str, *, source: str = "task") -> Task:
    """Read a task from YAML or JSON text.

    Args:
        text: the contents of a task file.
        source: names the text in messages, e.g. the file's path.

    Raises:
        TaskFileError: the text is wrong; the message says where and what to do.
    """
    root = compose(text, source)
    if root is None or is_null(root):
        raise fail(source, "The task file is empty; it needs at least `name` and `kind`.")
    found = {key: node for key, node in entries(root, source, "A task file", _KEYS).items() if not is_null(node)}
    for key in ("name", "kind"):
        if key not in found:
            raise fail(source, f"The key '{key}' is missing; add a line `{key}: ...`.")
    name = text_of(found["name"], source, "name").strip()
    if not name:
        raise fail(source, "'name' is empty; give the task a name.", found["name"])
    kind = _kind(found["kind"], source)
    texts = {key: text_of(found[key], source, key) for key in ("description", "prompt") if key in found}
    lists = {key: texts_of(found[key], source, key) for key in ("labels", "fields") if key in found}
    task = Task(
        name=name,
        kind=kind,
        description=texts.get("description", "").strip(),
        labels=lists.get("labels", ()),
        fields=lists.get("fields", ()),
        prompt=texts["prompt"] if texts.get("prompt", "").strip() else None,
        criteria=criteria_of(found["criteria"], source) if "criteria" in found else (),
    )
    _check(task, found, source)
    return task


def dump_task(task: Task) -> str:
    """Return a task as the YAML text of a task file; `read_task` gives the same task back."""
    content: dict[str, object] = {"name": task.name, "kind": task.kind.value, "description": task.description}
    if task.labels:
        content["labels"] = list(task.labels)
    if task.fields:
        content["fields"] = list(task.fields)
    if task.prompt is not None:
        content["prompt"] = task.prompt
    if task.criteria:
        content["criteria"] = [criterion_entry(criterion) for criterion in task.criteria]
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, as a person would, and never an alias."""

    def ignore_aliases(self, data: object) -> bool:
        """Write repeated values out."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _kind(node: yaml.Node, source: str) -> TaskKind:
    written = text_of(node, source, "kind")
    name = "_".join(written.casefold().replace("-", " ").replace("_", " ").split())
    if name in {kind.value for kind in TaskKind}:
        return TaskKind(name)
    if name in _OTHER_NAMES:
        hint = f"Did you mean '{_OTHER_NAMES[name]}'?"
    else:
        hint = close_match(name, TaskKind) or f"Known are: {', '.join(TaskKind)}."
    raise fail(source, f"'{written}' is no kind of task. {hint}", node)


def _check(task: Task, found: dict[str, yaml.Node], source: str) -> None:
    """Refuse what is well formed but makes no sense."""
    if task.labels and task.kind is not TaskKind.CLASSIFICATION:
        raise fail(
            source, f"'labels' belong to the kind classification, not {task.kind}; remove them.", found["labels"]
        )
    if len(task.labels) == 1:
        raise fail(source, "'labels' holds one label only; list all labels that an answer may be.", found["labels"])
    if task.kind is TaskKind.CUSTOM and not task.description and task.prompt is None:
        raise fail(source, "A custom task needs a `description` or a `prompt` that says what to do.", found["kind"])
