"""YAML as nodes that know their line, so that an error can name it. Safe against hostile files."""

import difflib
import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

_MAX_BYTES = 1_000_000
_MAX_NODES = 20_000
"""Nodes of a document, every alias counted in full: a small file cannot grow into a huge one."""
_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class TaskFileError(ValueError):
    """A task file cannot be taken; the message says file, line, key and what to do."""


def fail(source: str, message: str, node: yaml.Node | None = None) -> TaskFileError:
    """Return the error for a place in a file."""
    line = f", line {node.start_mark.line + 1}" if node is not None else ""
    return TaskFileError(f"{source}{line}: {message}")


def read_text(path: Path) -> str:
    """Return the text of a small UTF-8 (or UTF-16 with its mark) file.

    Raises:
        TaskFileError: it is missing, too large, or not text.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise fail(str(path), "The file is larger than 1 MB, which no task file is; check the path.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise fail(str(path), "There is no such file; check the path.") from None
    except IsADirectoryError:
        raise fail(str(path), "This is a folder; give the path of the task file in it.") from None
    except OSError as error:
        raise fail(str(path), f"The file cannot be read ({error.strerror}).") from None
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise fail(str(path), "The file is not UTF-8 text; save it as UTF-8.") from None


def compose(text: str, source: str) -> yaml.Node | None:
    """Return the root node, None for an empty document.

    Raises:
        TaskFileError: the text is not YAML, holds several documents, or is a bomb of aliases.
    """
    if len(text) > _MAX_BYTES:
        raise fail(source, "The text is larger than 1 MB, which no task file is.")
    try:
        root: yaml.Node | None = yaml.compose(_as_yaml(text), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise TaskFileError(f"{source}{line}: This is not valid YAML ({error.problem or error.context}).") from None
    except yaml.YAMLError:
        raise fail(source, "The file holds characters that YAML does not allow; save it as plain text.") from None
    except RecursionError:
        raise fail(source, "The values are nested too deeply.") from None
    if root is not None:
        _refuse_bomb(root, source)
    return root


def entries(node: yaml.Node, source: str, what: str, known: Iterable[str] | None = None) -> dict[str, yaml.Node]:
    """Return the entries of a mapping by key; the key's line is the value's where that is on a later one.

    Args:
        node: the mapping.
        source: the file, for messages.
        what: names the mapping in messages, e.g. "A task file".
        known: the keys that are allowed; None: all.
    """
    if not isinstance(node, yaml.MappingNode):
        raise fail(source, f"{what} holds `key: value` pairs, but this is {describe(node)}.", node)
    found: dict[str, yaml.Node] = {}
    allowed = None if known is None else list(known)
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if allowed is not None and name not in allowed:
            hint = close_match(name, allowed) or f"Known are: {', '.join(allowed)}."
            raise fail(source, f"{what} has no key '{name}'. {hint}", key)
        if name in found:
            raise fail(source, f"The key '{name}' is given twice; keep one.", key)
        found[name] = value
    return found


def text_of(node: yaml.Node, source: str, key: str) -> str:
    """Return a scalar as it is written, so that `yes`, `1` or a date stay the text they look like."""
    if not isinstance(node, yaml.ScalarNode):
        raise fail(source, f"'{key}' must be a text, but it is {describe(node)}.", node)
    return str(node.value)


def texts_of(node: yaml.Node, source: str, key: str) -> tuple[str, ...]:
    """Return a list of distinct, non-empty texts; nothing at all is an empty list."""
    if is_null(node):
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise fail(source, f"'{key}' must be a list, e.g. [first, second], but it is {describe(node)}.", node)
    found: list[str] = []
    for item in node.value:
        text = text_of(item, source, key).strip()
        if not text:
            raise fail(source, f"'{key}' holds an empty entry; remove it or fill it in.", item)
        if text in found:
            raise fail(source, f"'{key}' holds '{text}' twice; keep one.", item)
        found.append(text)
    return tuple(found)


def is_null(node: yaml.Node) -> bool:
    """Say whether a value is left empty."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def value_of(node: yaml.Node) -> object:
    """Return a node as plain Python values."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def close_match(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean ...?" or nothing."""
    matches = difflib.get_close_matches(name.casefold(), list(known), n=1, cutoff=0.6)
    return f"Did you mean '{matches[0]}'?" if matches else ""


def describe(node: yaml.Node) -> str:
    """Say in words what a node is."""
    if is_null(node):
        return "empty"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "a set of keys" if isinstance(node, yaml.MappingNode) else f"the text '{str(node.value)[:40]}'"


def _as_yaml(text: str) -> str:
    """Mend the two points in which JSON is not YAML: tabs between values, and characters as surrogate pairs."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _SURROGATES.sub(lambda pair: json.loads(f'"{pair[0]}"'), text.replace("\t", " "))


def _refuse_bomb(root: yaml.Node, source: str) -> None:
    open_nodes = [root]
    for _ in range(_MAX_NODES):
        if not open_nodes:
            return
        node = open_nodes.pop()
        if isinstance(node, yaml.SequenceNode):
            open_nodes.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            open_nodes.extend(child for pair in node.value for child in pair)
    raise fail(source, "The file repeats itself too often through aliases (&name, *name); write the values out.")
