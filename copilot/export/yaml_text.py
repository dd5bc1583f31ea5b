"""YAML that people like to read and that loses no character; and where in it a mistake stands."""

from collections.abc import Sequence
from typing import Any

import yaml

from copilot.errors import TemplateError


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and short lists of numbers on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out in full: references help nobody who reads."""
        return True


def _text_node(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # PyYAML itself falls back to quotes where a block would lose something, e.g. blanks before a line's end.
    style = "|" if "\n" in text.strip("\n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list_node(dumper: _Dumper, values: list[Any]) -> yaml.SequenceNode:
    flat = bool(values) and all(isinstance(value, (int, float)) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flat)


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(list, _list_node)


class _Loader(yaml.SafeLoader):
    """Refuses what makes a file mean something else than it shows: repeated keys and references."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose, but without references, by which a small file can grow without bounds."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="references (*name) are not allowed", problem_mark=self.get_mark())
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct, but refuse a key that stands there twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"'{key.value}' stands there twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def write_yaml(content: dict[str, Any]) -> str:
    """Return the content as YAML; keys keep their order, and reading gives back every character."""
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    if yaml.load(text, Loader=_Loader) == content:
        return text
    # Rare characters, such as line ends of other systems in blocks, survive only as escapes.
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=False, default_style='"'))


def read_yaml(text: str, *, source: str) -> dict[str, Any]:
    """Return the mapping that the text holds.

    Args:
        text: YAML.
        source: the file's name, for messages.

    Raises:
        TemplateError: the text is no YAML or no mapping; the message names file and line.
    """
    try:
        content = yaml.load(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = f"U+{ord(text[error.position]):04X}"
        raise TemplateError(f"{source}, line {line}: the character {code} cannot stand in YAML. Remove it.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise TemplateError(
            f"{source}, line {line}: this is not valid YAML ({error.problem or error.context}). Correct the line."
        ) from error
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"{source}: a value in the file cannot be read as YAML ({error}).") from error
    if not isinstance(content, dict):
        raise TemplateError(f"{source}, line 1: a template begins with lines such as 'name: ...'; this file does not.")
    return content


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line, from 1, of the value at `path`, or of the nearest thing around it that is there."""
    node = yaml.compose(text, Loader=_Loader)
    line = 1
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        value = node.value[part]
        return value.start_mark.line + 1, value
    return None
