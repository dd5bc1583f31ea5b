"""Compares the catalogues with the sentences in the code: `python -m app.locales_check [--template fr]`."""

import argparse
import ast
import json
import re
import string
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.language import LANGUAGES
from app.wording import LOCALES

APP = Path(__file__).parent
COUNTED = {"t": 1, "tn": 2}
"""How many sentences each function takes."""


_SPACED = ("a common space, which a line may break at, before a percent sign", re.compile(" %"))
_STRAIGHT = ("a straight quotation mark or apostrophe", re.compile("[\"']"))
SET = {
    "de": (_SPACED, _STRAIGHT, ("quotation marks other than „…“", re.compile("[”«»]|(?<![^\\s(])“"))),
    "fr": (
        _SPACED,
        _STRAIGHT,
        ("quotation marks other than « … »", re.compile("[„“”]|«(?!\u00a0)|(?<!\u00a0)»")),
        (
            "no unbreakable space before a double sign",
            re.compile("(?<=[^\u00a0\u202f:/?!])[;!?](?!\\w)|(?<=\\w):(?=\\s)"),
        ),
    ),
    "es": (_SPACED, _STRAIGHT, ("quotation marks other than «…»", re.compile("[„“”]"))),
}
"""What must not stand in the sentences of a language, each with the name of the fault."""


@dataclass(frozen=True)
class Sentences:
    """What the code says."""

    keys: frozenset[str]
    plural: frozenset[str]
    """Those that are said of a number, which may hold `{n}` in one language and not in another."""
    faults: tuple[str, ...]
    """Places where something else than a literal is handed over, which no catalogue can hold."""


def collect(folder: Path = APP) -> Sentences:
    """Return all sentences of the code."""
    keys, plural, faults = set(), set(), []
    for file in sorted(folder.rglob("*.py")):
        if file.name == "wording.py":
            continue
        for name, call in _calls(ast.parse(file.read_text(encoding="utf-8"))):
            for argument in call.args[: COUNTED[name]]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    keys.add(argument.value)
                    if name == "tn":
                        plural.add(argument.value)
                else:
                    place = f"{file.relative_to(folder.parent)}:{call.lineno}"
                    faults.append(f"{place}: {name}() needs a literal, not {ast.unparse(argument)}")
    return Sentences(frozenset(keys), frozenset(plural), tuple(faults))


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in COUNTED:
            yield node.func.id, node


def slots(text: str) -> frozenset[str]:
    """Return the names in braces.

    Raises:
        ValueError: the braces do not match.
    """
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def compare(catalogue: dict[str, str], sentences: Sentences) -> tuple[str, ...]:
    """Return what is wrong with a catalogue, in sentences."""
    said = [f"missing: {key!r}" for key in sorted(sentences.keys - catalogue.keys())]
    said += [f"no longer used: {key!r}" for key in sorted(catalogue.keys() - sentences.keys)]
    for key in sorted(catalogue.keys() & sentences.keys):
        free = {"n"} if key in sentences.plural else set()
        try:
            fits = slots(catalogue[key]) - free == slots(key) - free
        except ValueError as error:
            fits = False
            said.append(f"braces do not match ({error}): {catalogue[key]!r}")
        if not fits:
            said.append(f"other slots than the English sentence: {key!r}")
        if not catalogue[key].strip():
            said.append(f"empty: {key!r}")
    return tuple(said)


def typography(code: str, catalogue: dict[str, str]) -> tuple[str, ...]:
    """Return the sentences of a catalogue that are not set as its language is."""
    return tuple(f"{fault}: {text!r}" for text in catalogue.values() for fault, sign in SET[code] if sign.search(text))


def load(code: str) -> dict[str, str]:
    """Return a catalogue; an empty one where there is none."""
    file = LOCALES / f"{code}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell what each catalogue lacks; with `--template`, write what is still to be translated as JSON."""
    parser = argparse.ArgumentParser(prog="python -m app.locales_check", description=__doc__)
    parser.add_argument("--template", choices=[code for code in LANGUAGES if code != "en"])
    code = parser.parse_args(arguments).template
    sentences = collect()
    if code:
        missing = {key: "" for key in sorted(sentences.keys - load(code).keys())}
        sys.stdout.write(json.dumps(missing, ensure_ascii=False, indent=2) + "\n")
        return 0
    faults = list(sentences.faults)
    for other in LANGUAGES:
        if other != "en":
            faults += [
                f"{other}: {fault}" for fault in (*compare(load(other), sentences), *typography(other, load(other)))
            ]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "All catalogues are complete.\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
