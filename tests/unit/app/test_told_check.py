"""The catalogues hold every sentence that the layers below the app make, and the sentences are collected from code."""

import ast
import re
from pathlib import Path

import pytest

from app.formatting.told import NUMBERS, TEXT_SLOTS, WORD_SLOTS
from app.language import LANGUAGES
from app.locales_check import slots
from app.told_check import LAYERS, ROOT, faults, load, main, templates
from app.told_left_out import LEFT_OUT, PROMPTS
from app.told_sources import collect

OTHERS = sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("code", OTHERS)
def test_every_catalogue_holds_every_sentence_with_its_slots(code: str) -> None:
    assert faults(code) == ()
    assert len(load(code)) > 500


def test_the_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == "All catalogues are complete.\n"


def test_what_is_still_to_be_translated_is_written_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--template", "fr"]) == 0
    assert capsys.readouterr().out == "{}\n"


def test_all_that_is_left_out_is_there() -> None:
    places = set()
    for file in (file for layer in LAYERS for file in (ROOT / layer).rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        inside = [
            node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        places |= {name, f"{name}:", *(f"{name}:{one}" for one in inside)}
    for pattern in LEFT_OUT:
        assert any(re.fullmatch(pattern, place) for place in places), pattern
    assert collect(ROOT, LAYERS) >= PROMPTS


def test_slots_that_are_treated_apart_are_there() -> None:
    known = {slot for template in templates() for slot in slots(template)}
    assert known >= WORD_SLOTS | TEXT_SLOTS | NUMBERS.keys()


def _collected(folder: Path, code: str) -> frozenset[str]:
    (folder / "layer").mkdir()
    (folder / "layer" / "things.py").write_text(code, encoding="utf-8")
    return collect(folder, ["layer"])


def test_an_f_string_becomes_a_template_with_a_slot_for_each_placeholder(tmp_path: Path) -> None:
    code = (
        "def said(path, rows):\n    return f\"The file '{path.name}' has {len(rows):,} rows and {rows[0]!r} first.\"\n"
    )
    assert _collected(tmp_path, code) == {"The file '{name}' has {n} rows and {rows} first."}


def test_a_constant_in_a_sentence_is_a_part_of_it(tmp_path: Path) -> None:
    code = 'SLOW = "did not answer in time"\n\n\ndef said(server):\n    return f"{server} {SLOW}."\n'
    assert "{server} did not answer in time." in _collected(tmp_path, code)


def test_what_can_stand_in_a_slot_is_followed_back(tmp_path: Path) -> None:
    code = (
        "def plural(n, noun):\n    return f'{n} {noun}s'\n\n\n"
        "def why(deep):\n    return 'it is too deep' if deep else 'it has no end'\n\n\n"
        "def said(rows, deep):\n    known = plural(rows, 'table row')\n"
        "    return f'There are {known}, but {why(deep)}.'\n"
    )
    assert _collected(tmp_path, code) == {
        "There are {known}, but {deep}.",
        "1 table row",
        "{n} table rows",
        "it is too deep",
        "it has no end",
    }


def test_somebodys_text_in_quotation_marks_is_not_followed(tmp_path: Path) -> None:
    code = "def said(found):\n    name = 'two words' if found else ''\n    return f\"There is no '{name}'.\"\n"
    assert _collected(tmp_path, code) == {"There is no '{name}'."}


def test_what_is_raised_needs_no_full_stop_and_docstrings_are_nothing(tmp_path: Path) -> None:
    code = 'def fail():\n    """Say a thing. Nobody reads it."""\n    raise ValueError("it must be short")\n'
    assert _collected(tmp_path, code) == {"it must be short"}


def test_braces_that_are_written_out_stay_braces(tmp_path: Path) -> None:
    code = "def said(name):\n    return f'The prompt holds {{{name}}} twice.', 'In {where}, there is nothing.'\n"
    assert _collected(tmp_path, code) == {"The prompt holds {{{name}}} twice.", "In {where}, there is nothing."}
