"""Writes the reference from the code itself: `python docs/reference/build.py`, or `--check` to compare only.

`cli.md` comes from the command line's own help, `sdk.md` from signatures and docstrings of what `copilot` exports,
`criteria.md` from the catalogue of evaluators, `settings.md` from the settings' own docstrings.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import griffe
import typer.main
from pydantic_core import PydanticUndefined
from typer.cli import get_docs_for_click

from copilot.settings import Settings
from evaluators.registry import Parameter, catalogue

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
NOTE = "<!-- Written by `python3 dev.py docs`; change the code's own words instead. -->\n\n"
FIRST = ("Copilot", "Run", "Template")
INTRODUCTION = """# Python reference

Everything that `from copilot import ...` offers. What is not listed here may change without notice.

"""

CRITERIA = """# Success criteria

What can stand under `criteria` in a task file. Every score lies between 0 and 1, and higher is better; an output that
cannot be scored is kept apart and never counted as 0.

```yaml
criteria:
  - evaluator: rouge_l
  - evaluator: length
    parameters: {maximum: 40, unit: words}
    weight: 0.5          # share in the total, relative to the other criteria
    requirement: must    # an output that misses it is worth nothing; otherwise `should`
```"""
SETTINGS = """# Settings

What the environment decides. A wrong value is refused at the start, in a sentence. Keys of model servers are read from
variables of your own choice, which a connection names ([how](../how-to/models.md)).

| variable | meaning | default |
| --- | --- | --- |"""
NEEDS = {
    "expected": "expected outputs",
    "document": "a document among the inputs",
    "judge": "a model that judges",
    "embedder": "a server for embeddings",
}


def command_line() -> str:
    """Return the help of every command as Markdown."""
    from copilot.cli.app import app

    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="falconer")
    text = get_docs_for_click(obj=command, ctx=context, name="falconer", title="Command line reference")
    return NOTE + "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def sdk() -> str:
    """Return every public name with its signature and docstring as Markdown."""
    loader = griffe.GriffeLoader(search_paths=[ROOT], docstring_parser=griffe.Parser.google)
    package = [loader.load(name) for name in ("evaluators", "tasks", "copilot")][-1]
    names = sorted((str(name) for name in package.exports or ()), key=lambda name: (name not in FIRST, name))
    blocks = [_block(package[name], level=2) for name in names]
    return NOTE + INTRODUCTION + "\n\n".join(blocks).rstrip() + "\n"


def criteria() -> str:
    """Return the catalogue of success criteria as Markdown."""
    parts = [CRITERIA]
    for entry in catalogue():
        parts += [f"## `{entry.name}`", f"**{entry.title}.** {entry.description}"]
        needs = [NEEDS[need] for need in sorted(entry.needs) if need in NEEDS]
        if needs:
            parts.append(f"Needs {' and '.join(needs)}.")
        if entry.parameters:
            parts.append(_items((_parameter_title(parameter), parameter.description) for parameter in entry.parameters))
    return NOTE + "\n\n".join(parts) + "\n"


def settings() -> str:
    """Return the environment's variables as Markdown."""
    module = griffe.load("copilot.settings", search_paths=[ROOT])
    fields = module["Settings"].attributes
    rows = []
    for name, field in fields.items():
        if name in Settings.model_fields and field.docstring:
            variable, _, words = field.docstring.value.partition(":")
            default = Settings.model_fields[name].get_default()
            shown = f"`{default}`" if default not in (None, "", PydanticUndefined) else ""
            rows.append(f"| `{variable.strip(' .')}` | {_flat(words)} | {shown} |")
    return "\n".join([NOTE + SETTINGS, *rows, ""])


def _parameter_title(parameter: Parameter) -> str:
    default = "required" if parameter.required else f"default `{json.dumps(parameter.default)}`"
    choices = f": {', '.join(f'`{choice}`' for choice in parameter.choices)}" if parameter.choices else ""
    return f"`{parameter.name}` ({parameter.type}{choices}; {default})"


def _block(item: griffe.Object | griffe.Alias, *, level: int) -> str:
    target = item.final_target if isinstance(item, griffe.Alias) else item
    parts = [f"{'#' * level} `{_title(target, level)}`", *_signature(target), *_docstring(target)]
    if isinstance(target, griffe.Attribute):
        parts.append(f"```python\n{target.name} = {target.value}\n```")
    if isinstance(target, griffe.Class):
        parts += _fields(target)
        parts += [_block(method, level=level + 1) for method in _methods(target)]
    return "\n\n".join(parts)


def _title(target: griffe.Object, level: int) -> str:
    parent = target.parent
    return f"{parent.name}.{target.name}" if level > 2 and parent is not None else target.name


def _signature(target: griffe.Object) -> Iterator[str]:
    if not isinstance(target, griffe.Function):
        return
    shown = [_parameter(parameter) for parameter in target.parameters if parameter.name not in ("self", "cls")]
    keyword_only = [p for p in target.parameters if p.kind is griffe.ParameterKind.keyword_only]
    if keyword_only and not any(p.kind is griffe.ParameterKind.var_positional for p in target.parameters):
        shown.insert(len(shown) - sum(p in keyword_only for p in target.parameters), "*")
    one_line = f"{target.name}({', '.join(shown)}) -> {target.returns}"
    if len(one_line) > 100:
        one_line = f"{target.name}(\n" + "".join(f"    {part},\n" for part in shown) + f") -> {target.returns}"
    prefix = "async def " if "async" in target.labels else "def "
    yield f"```python\n{prefix}{one_line}\n```"


def _parameter(parameter: griffe.Parameter) -> str:
    stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
    text = stars.get(parameter.kind, "") + parameter.name if parameter.kind else parameter.name
    text += f": {parameter.annotation}" if parameter.annotation is not None else ""
    return text if parameter.default is None or text.startswith("*") else f"{text} = {parameter.default}"


def _docstring(target: griffe.Object) -> Iterator[str]:
    if target.docstring is None:
        return
    for section in target.docstring.parsed:
        if isinstance(section, griffe.DocstringSectionText):
            yield section.value
        elif isinstance(section, griffe.DocstringSectionParameters):
            yield "Arguments:\n\n" + _items((f"`{entry.name}`", entry.description) for entry in section.value)
        elif isinstance(section, griffe.DocstringSectionReturns | griffe.DocstringSectionYields):
            word = "Returns" if isinstance(section, griffe.DocstringSectionReturns) else "Yields"
            yield f"{word}: " + " ".join(_flat(entry.description) for entry in section.value)
        elif isinstance(section, griffe.DocstringSectionRaises):
            yield "Raises:\n\n" + _items((f"`{entry.annotation}`", entry.description) for entry in section.value)
        elif isinstance(section, griffe.DocstringSectionExamples):
            yield "\n\n".join(f"```python\n{text}\n```" for _, text in section.value)


def _fields(target: griffe.Class) -> Iterator[str]:
    choices = any(str(base).endswith("Enum") for base in target.bases)
    found = [
        (f"`{name}{_type(field)}{_default(field)}`", field.docstring.value if field.docstring else "")
        for name, field in target.attributes.items()
        if not name.startswith("_") and (field.annotation is not None or choices) and name != "model_config"
    ]
    if found:
        yield _items(found)


def _type(field: griffe.Attribute) -> str:
    return "" if field.annotation is None else f": {field.annotation}"


def _default(field: griffe.Attribute) -> str:
    value = str(field.value) if field.value is not None else ""
    if value.startswith("Field("):
        given = re.search(r"default=([^,()]+)", value)
        value = given[1] if given else ""
    return f" = {value}" if value and len(value) < 40 else ""


def _methods(target: griffe.Class) -> list[griffe.Function]:
    return [method for name, method in target.functions.items() if not name.startswith("_")]


def _items(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- {name}: {_flat(words)}" if words else f"- {name}" for name, words in pairs)


def _flat(text: str) -> str:
    return " ".join(text.split())


def main() -> int:
    """Write or compare all pages; the exit code is 1 where one is out of date."""
    parser = argparse.ArgumentParser(description="Write the reference from the code.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args().check
    stale = []
    pages = {"cli.md": command_line, "sdk.md": sdk, "criteria.md": criteria, "settings.md": settings}
    for name, write in pages.items():
        text = write()
        file = FOLDER / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                file.write_text(text, encoding="utf-8")
    if check and stale:
        sys.stderr.write(f"Out of date: docs/reference/{', docs/reference/'.join(stale)}. Run `python3 dev.py docs`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
