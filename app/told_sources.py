"""Finds the sentences that the layers below the app make, by reading their code."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.told_left_out import LEFT_OUT

DEEP = 10
"""How many steps a slot's value is followed back."""
QUOTES = "'\"“”`"
_SENTENCE = re.compile(r"^[\"'“`]?(?:[A-Z0-9]|\{).*[.!?:][\"'”)]? ?(?:\{\w+\})?$", re.S)
_BRACES = re.compile(r"\{[a-z_]+\}|[{}]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(r"[\\^$|<>]|\(\?|::|%s|^\{\w+\}/")
_RAISED = re.compile(r"(Error|Refused|Failure|Exhausted|Rejected|Unreachable|Overloaded|Fault|Failed|Found|Overflow)$")
_COUNTED = {"plural", "counted"}
"""Functions that put a number before a noun."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def collect(root: Path, layers: Iterable[str]) -> frozenset[str]:
    """Return every template found in the code of some layers."""
    code = _Code()
    for layer in layers:
        for file in sorted((root / layer).rglob("*.py")):
            code.read(file.relative_to(root).as_posix(), ast.parse(file.read_text(encoding="utf-8")))
    return frozenset(code.templates())


def template_of(node: ast.Constant | ast.JoinedStr, constants: Mapping[str, str] = {}) -> str:
    """Return a literal as a template: its placeholders become slots with the names that the code uses."""
    if isinstance(node, ast.Constant):
        return _plain(str(node.value))
    parts: list[str] = []
    names: list[str] = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            if isinstance(value.value, ast.Name) and value.value.id in constants:
                parts.append(_plain(constants[value.value.id]))
                continue
            name = _slot(value.value)
            names.append(name)
            again = names.count(name)
            parts.append("{" + (f"{name}_{again}" if again > 1 else name) + "}")
        elif isinstance(value, ast.Constant):
            parts.append(_plain(str(value.value)))
    return "".join(parts)


def quoted(before: str, after: str) -> bool:
    """Return whether what stands between two texts stands in quotation marks."""
    return before[-1:] in QUOTES and after[:1] in QUOTES and bool(before and after)


def _plain(text: str) -> str:
    """Return a text for a template: what stands in braces like a slot is one, other braces are characters."""
    return _BRACES.sub(lambda found: found[0] if found[0][1:] else 2 * found[0], text)


def _slot(node: ast.expr) -> str:
    """Return what a placeholder is called."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower() or "value"
        case ast.Call(func=ast.Name(id=function), args=[_, ast.Constant(value=str(noun))]) if function in _COUNTED:
            return noun.replace(" ", "_")
        case ast.Call(func=ast.Name(id="len"), args=[_, *_]):
            return "n"
        case ast.Call(args=[ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() as first, *_]):
            return _slot(first)
        case ast.Call(func=ast.Attribute(value=base)) | ast.Subscript(value=base):
            return _slot(base)
        case ast.Call(func=ast.Name(id=name)):
            return name.strip("_")
        case ast.BinOp(left=ast.Constant(), right=other) | ast.BinOp(left=other):
            return _slot(other)
    return "value"


@dataclass
class _Code:
    """The code of the layers, with what is needed to follow a value back."""

    functions: dict[str, list[tuple[str, Function]]] = field(default_factory=lambda: defaultdict(list))
    constants: dict[tuple[str, str], list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[tuple["_Place", ast.Call]]] = field(default_factory=lambda: defaultdict(list))
    literals: list[tuple["_Place", ast.Constant | ast.JoinedStr, bool]] = field(default_factory=list)
    followed: dict[int, int] = field(default_factory=dict)
    """How many steps each expression was followed already."""
    imported: dict[tuple[str, str], str] = field(default_factory=dict)

    def read(self, file: str, tree: ast.Module) -> None:
        """Take in one file."""
        for node in tree.body:
            for name, value in _assigned(node):
                self.constants[file, name].append(value)
        self._visit(tree, _Place(file, None))

    def _visit(self, node: ast.AST, place: "_Place") -> None:
        raised = isinstance(node, ast.Call) and bool(_RAISED.search(_called(node)))
        for child in ast.iter_child_nodes(node):
            inside = place
            if isinstance(child, Function):
                self.functions[child.name].append((place.file, child))
                inside = _Place(place.file, child)
            elif isinstance(child, ast.ClassDef) and place.function is None:
                inside = _Place(place.file, None, child.name)
            elif isinstance(child, ast.ImportFrom) and child.module:
                for alias in child.names:
                    self.imported[place.file, alias.asname or alias.name] = f"{child.module.replace('.', '/')}.py"
            elif isinstance(child, ast.Call):
                self.calls[_called(child)].append((place, child))
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant):
                continue
            if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
                self.literals.append((place, child, raised))
            self._visit(child, inside)

    def _words(self, file: str) -> dict[str, str]:
        """Return the constants of a file that are parts of sentences, its own and those that it imports."""
        found = {}
        for (home, name), values in self.constants.items():
            if name.isupper() and (home == file or self.imported.get((file, name)) == home) and len(values) == 1:
                match values[0]:
                    case ast.Constant(value=str(text)) if " " in text:
                        found[name] = text
        return found

    def templates(self) -> Iterator[str]:
        """Yield every template that a page can show."""
        for place, node, raised in self.literals:
            if place.left_out:
                continue
            text = template_of(node, self._words(place.file)).strip()
            if _is_sentence(text) or (raised and " " in text and _worded(text)):
                yield text
                if isinstance(node, ast.JoinedStr):
                    yield from self._pieces(node, place, DEEP)

    def _pieces(self, node: ast.JoinedStr, place: "_Place", deep: int) -> Iterator[str]:
        """Yield what can stand in the slots of a template, slots in quotation marks left out: they hold users' text."""
        texts = [str(value.value) if isinstance(value, ast.Constant) else "" for value in node.values]
        for value, before, after in zip(node.values, ["", *texts], [*texts[1:], ""], strict=False):
            if isinstance(value, ast.FormattedValue) and not quoted(before, after):
                yield from self._follow(value.value, place, deep)

    def _follow(self, node: ast.expr, place: "_Place", deep: int) -> Iterator[str]:
        """Yield the literals that an expression can stand for."""
        if deep <= self.followed.get(id(node), 0) or place.left_out:
            return
        self.followed[id(node)] = deep
        match node:
            case ast.Constant(value=str(text)):
                if " " in text.strip() and _worded(text):
                    yield template_of(node).strip()
            case ast.JoinedStr():
                told = template_of(node, self._words(place.file)).strip()
                if _worded(told):
                    yield told
                yield from self._pieces(node, place, deep - 1)
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
                yield from self._follow(one, place, deep)
                yield from self._follow(other, place, deep)
            case ast.BoolOp(values=several) | ast.Tuple(elts=several) | ast.List(elts=several):
                for one in several:
                    yield from self._follow(one, place, deep)
            case ast.Dict(values=several):
                for one in several:
                    yield from self._follow(one, place, deep - 1)
            case ast.Subscript(value=base) | ast.GeneratorExp(elt=base) | ast.ListComp(elt=base):
                yield from self._follow(base, place, deep - 1)
            case ast.Name(id=name):
                yield from self._named(name, place, deep - 1)
            case ast.Call():
                yield from self._call(node, place, deep - 1)

    def _named(self, name: str, place: "_Place", deep: int) -> Iterator[str]:
        for value in place.values_of(name):
            yield from self._follow(value, place, deep)
        source = place.file if (place.file, name) in self.constants else self.imported.get((place.file, name), "")
        for value in self.constants.get((source, name), ()):
            yield from self._follow(value, _Place(source, None), deep)
        if place.function is not None:
            for where, value in self._given(place.function, name):
                yield from self._follow(value, where, deep)

    def _given(self, function: Function, name: str) -> Iterator[tuple["_Place", ast.expr]]:
        """Yield what callers hand over for a parameter."""
        positions = [argument.arg for argument in function.args.args if argument.arg != "self"]
        if name not in {*positions, *(argument.arg for argument in function.args.kwonlyargs)}:
            return
        for where, call in self.calls.get(function.name, ()):
            yield from ((where, keyword.value) for keyword in call.keywords if keyword.arg == name)
            if name in positions and positions.index(name) < len(call.args):
                yield where, call.args[positions.index(name)]

    def _call(self, node: ast.Call, place: "_Place", deep: int) -> Iterator[str]:
        name = _called(node)
        if name in _COUNTED and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            noun = str(node.args[1].value)
            yield from (f"1 {noun}", f"{{n}} {noun}s")
            return
        match node:
            case ast.Call(
                func=ast.Attribute(attr="join") | ast.Name(id="str" | "next" | "enumerated" | "listing"),
                args=[first, *_],
            ):
                yield from self._follow(first, place, deep)
                return
            case ast.Call(
                func=ast.Attribute(value=base, attr="get" | "strip" | "rstrip" | "items" | "values"), args=several
            ):
                for one in (base, *several):
                    yield from self._follow(one, place, deep)
                return
        source = self.imported.get((place.file, name), place.file)
        for file, function in self.functions.get(name, ()):
            if file == source:
                for part in ast.walk(function):
                    if isinstance(part, ast.Return) and part.value is not None:
                        yield from self._follow(part.value, _Place(file, function), deep)


@dataclass(frozen=True)
class _Place:
    """Where in the code something stands."""

    file: str
    function: Function | None
    owner: str = ""

    @property
    def left_out(self) -> bool:
        """Whether no page can show what is said here."""
        name = self.function.name if self.function else self.owner
        return any(
            re.fullmatch(pattern, self.file) or re.fullmatch(pattern, f"{self.file}:{name}") for pattern in LEFT_OUT
        )

    def values_of(self, name: str) -> Iterator[ast.expr]:
        """Yield what a name is given in the function, also what is appended to it."""
        if self.function is None:
            return
        for node in ast.walk(self.function):
            yield from (value for target, value in _assigned(node) if target == name)
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr="append"), args=[value]):
                    if target == name:
                        yield value
                case ast.For(target=aim, iter=value) | ast.comprehension(target=aim, iter=value):
                    if any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(aim)):
                        yield value


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
            for one, value in zip(names, values, strict=True):
                if isinstance(one, ast.Name):
                    yield one.id, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=value):
            for one in names:
                if isinstance(one, ast.Name):
                    yield one.id, value
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            | ast.AugAssign(target=ast.Name(id=name), value=value)
        ):
            yield name, value


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _bare(text: str) -> str:
    """Return a template's own words."""
    return re.sub(r"\{\w+\}", " ", text)


def _worded(text: str) -> bool:
    return bool(_WORD.search(_bare(text))) and not _CODE.search(text)


def _is_sentence(text: str) -> bool:
    words = len(_WORD.findall(_bare(text)))
    return bool(_SENTENCE.match(text)) and words > ("{" not in text) and not _CODE.search(text) and " " in text
