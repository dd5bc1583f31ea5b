"""What import-linter and ruff cannot see: libraries' homes, hidden imports, sizes.

Each check reads the source; a failure names file and line and ends with what to do instead.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("copilot", "evaluators", "tasks")
SOURCES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}

# A library may be imported below these folders only. A module that needs one from elsewhere asks its home for a
# function instead.
HOMES = {
    "sqlmodel": ("copilot/storage/",),
    "sqlalchemy": ("copilot/storage/",),
    "alembic": ("copilot/storage/",),
    "psycopg": ("copilot/storage/",),
    "openai": ("copilot/models/",),
    "huggingface_hub": ("copilot/models/",),
    "xllamacpp": ("copilot/models/",),
    "langchain": ("copilot/models/", "copilot/export/"),
    "langchain_core": ("copilot/models/", "copilot/export/"),
    "typer": ("copilot/cli/",),
    "rich": ("copilot/cli/",),
    "streamlit": ("app/",),
}
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_PARAMETERS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every import with its line, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def code_lines(function: Function) -> int:
    """Lines of a function without its docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def parameters(function: Function) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def test_the_sources_are_found() -> None:
    assert {"copilot/errors.py", "evaluators/base.py", "tasks/model.py"} <= SOURCES.keys()


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_in_its_home_only(library: str) -> None:
    strays = [
        f"{path}:{line} imports {name}"
        for path, tree in SOURCES.items()
        if not path.startswith(HOMES[library])
        for line, name in imported(tree)
        if name == library or name.startswith(library + ".")
    ]
    assert not strays, "\n".join(
        [*strays, f"{library} belongs into {' or '.join(HOMES[library])}: call it through that."]
    )


def test_nothing_is_imported_dynamically() -> None:
    strays = [
        f"{path}:{node.lineno}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in ("__import__", "import_module", "exec", "eval"))
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "import_module")
        )
    ]
    assert not strays, "\n".join([*strays, "An import by a computed name escapes every check: write a plain import."])


def test_packages_are_not_reached_through_attributes() -> None:
    """`import copilot` followed by `copilot.storage.x` would pass import-linter."""
    strays = [
        f"{path}:{line} imports {name} as a whole"
        for path, tree in SOURCES.items()
        for line, name in imported_whole(tree)
    ]
    assert not strays, "\n".join(
        [*strays, "Write `from copilot.domain.run import Budget`: then the layers can be checked."]
    )


def imported_whole(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name.split(".")[0] in PACKAGES)


def test_imports_are_absolute() -> None:
    strays = [
        f"{path}:{node.lineno}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not strays, "\n".join([*strays, "Write the import from the package's root."])


def test_files_stay_small() -> None:
    long = [
        f"{path}: {count} lines"
        for path in SOURCES
        if (count := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not long, "\n".join([*long, f"At most {MOST_LINES}: divide it where a reader would."])


def test_functions_stay_short() -> None:
    long = [
        f"{path}:{function.lineno} {function.name}: {count} lines"
        for path, tree in SOURCES.items()
        if "/migrations/" not in path
        for function in functions(tree)
        if (count := code_lines(function)) > MOST_FUNCTION_LINES
    ]
    assert not long, "\n".join([*long, f"At most {MOST_FUNCTION_LINES} without the docstring: name the steps."])


def test_functions_take_few_parameters() -> None:
    """A command of the terminal is exempt: there each option is a parameter."""
    many = [
        f"{path}:{function.lineno} {function.name}: {count} parameters"
        for path, tree in SOURCES.items()
        if not path.startswith("copilot/cli/")
        for function in functions(tree)
        if (count := parameters(function)) > MOST_PARAMETERS
    ]
    assert not many, "\n".join([*many, f"At most {MOST_PARAMETERS}: put what belongs together into one object."])
