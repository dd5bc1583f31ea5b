"""The template library over a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import Copilot, CopilotError, PromptTemplate
from copilot.types import PromptEdit, TemplateLibrary


def prompt(instruction: str = "Summarise the text.", **changes: object) -> PromptTemplate:
    fields = {
        "kind": "summarization",
        "variables": ("text",),
        "system": "You are brief.",
        "instruction": instruction,
        "item": "Text:\n{{text}}",
        "demonstrations": ({"inputs": {"text": "Long."}, "output": "Short."}, {"inputs": {"text": "x"}, "output": "y"}),
        "contract": {"form": "text"},
        "decoding": {"max_tokens": 40},
    }
    return PromptTemplate.model_validate(fields | changes)


def edit(**changes: object) -> PromptEdit:
    same = {"system": "You are brief.", "instruction": "Summarise the text.", "item": "Text:\n{{text}}"}
    return PromptEdit.model_validate({**same, "outputs": ("Short.", "y"), **changes})


@pytest.fixture
def library(tmp_path: Path) -> Iterator[TemplateLibrary]:
    with Copilot(tmp_path / "home", model="fake") as copilot:
        yield copilot.template_library


def test_the_list_tells_labels_tags_and_the_last_change(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt(), labels=("production",))
    library.save("Minutes", prompt("In one sentence."))
    library.save("Other", prompt("Else."))
    library.set_tags("Minutes", ["team  a", "team a", " b "])
    entry, other = library.list()
    assert (entry.name, entry.newest.version, entry.versions) == ("Minutes", 2, 2)
    assert entry.labels == {"production": 1}
    assert entry.tags == ("b", "team a")
    assert other.labels == {}
    before = entry.changed_at
    library.promote("Minutes", "production", 2)
    assert library.list()[0].changed_at > before


@pytest.mark.parametrize(
    ("wanted", "found"),
    [({"search": "ELSE"}, 1), ({"search": "team"}, 1), ({"tag": "team"}, 1), ({"label": "live"}, 1), ({"tag": "x"}, 0)],
)
def test_templates_are_found(library: TemplateLibrary, wanted: dict[str, str], found: int) -> None:
    library.save("Minutes", prompt())
    library.save("Other", prompt("Something else."), labels=("live",))
    library.set_tags("Other", ["team"])
    assert len(library.list(**wanted)) == found


def test_an_older_versions_label_is_found(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt(), labels=("live",))
    library.save("Minutes", prompt("Anew."))
    assert [entry.name for entry in library.list(search="live")] == ["Minutes"]


def test_tags_are_checked_and_go_with_their_template(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt())
    with pytest.raises(CopilotError, match="at most 20 tags"):
        library.set_tags("Minutes", ["x" * 41])
    with pytest.raises(CopilotError, match="no template 'Minuts'"):
        library.set_tags("Minuts", ["a"])
    library.set_tags("Minutes", ["a"])
    assert library.tags() == ("a",)
    library.delete("Minutes")
    assert library.tags() == ()


def test_an_edit_changes_what_was_edited_alone(library: TemplateLibrary) -> None:
    before = prompt(decoding={"max_tokens": 7, "seed": 3})
    after = library.edited(before, edit(instruction="In one line.", outputs=(None, "z")))
    assert after.instruction == "In one line."
    assert [shown.output for shown in after.demonstrations] == ["z"]
    assert after.decoding == before.decoding
    assert {part.field for part in library.compare(before, after)} == {"instruction", "demonstrations"}
    assert library.edited(before, edit()) == before


@pytest.mark.parametrize(
    ("item", "problem"),
    [("Text:", r"no longer holds the field \{\{text\}\}"), ("{{text}} {{name}}", r"names \{\{name\}\}")],
)
def test_an_edit_keeps_the_fields(library: TemplateLibrary, item: str, problem: str) -> None:
    with pytest.raises(CopilotError, match=problem):
        library.edited(prompt(), edit(item=item))


def test_a_rollback_goes_further_back_each_time(library: TemplateLibrary) -> None:
    for number in range(1, 4):
        library.save("Minutes", prompt(str(number)), labels=("production",))
    assert library.previous("Minutes", "production") == 2
    assert library.rollback("Minutes").after == 2
    assert library.rollback("Minutes").after == 1
    with pytest.raises(CopilotError, match="no other version before"):
        library.rollback("Minutes")
    library.promote("Minutes", "production", 3)
    assert library.previous("Minutes", "production") == 1


def test_a_rollback_passes_over_deleted_versions(library: TemplateLibrary) -> None:
    for number in range(1, 4):
        library.save("Minutes", prompt(str(number)), labels=("production",))
    library.delete_version("Minutes", 2)
    assert library.rollback("Minutes").after == 1


def test_a_move_is_taken_back_unless_somebody_moved_on(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt("1"))
    first = library.promote("Minutes", "live", 1)
    library.save("Minutes", prompt("2"))
    second = library.promote("Minutes", "live", 2)
    with pytest.raises(CopilotError, match="moved since"):
        library.undo(first)
    assert library.undo(second).after == 1
    assert library.undo(first).after is None
    removed = library.history("Minutes")[0]
    assert library.undo(removed).after == 1


def test_a_move_tells_what_it_replaces(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt("1"), labels=("live",))
    library.save("Minutes", prompt("2"))
    move = library.move("Minutes", "live", 2)
    assert move.replaces is not None
    assert (move.replaces.version, move.version.version) == (1, 2)
    assert library.move("Minutes", "new", 2).replaces is None
    with pytest.raises(CopilotError, match="cannot be a label"):
        library.move("Minutes", "Bad Label", 2)


def test_a_label_that_cannot_be_used_saves_nothing(library: TemplateLibrary) -> None:
    with pytest.raises(CopilotError, match="cannot be a label"):
        library.save("Minutes", prompt(), labels=("Bad Label",))
    assert not library.exists("Minutes")


def test_edits_are_kept_for_their_version(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt())
    library.keep_edit("Minutes", 1, edit(system="Half a thou"))
    assert library.kept_edit("Minutes", 1) == edit(system="Half a thou")
    assert library.kept_edit("Minutes", 2) is None
    library.keep_edit("Minutes", 1, None)
    assert library.kept_edit("Minutes", 1) is None


def test_the_differences_of_two_versions_hold_what_no_reader_sees(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt())
    library.save("Minutes", prompt(decoding={"max_tokens": 80}))
    found = library.diff("Minutes", 1, 2)
    assert [part.field for part in found.fields] == ["decoding"]
    assert (found.before.version, found.after.version) == (1, 2)


def test_a_program_asks_for_what_was_asked_for(library: TemplateLibrary) -> None:
    library.save("Minutes", prompt(), labels=("live",))
    assert "copilot.template('Minutes@live')" in library.export_text("Minutes@live", "python").text
    assert "copilot.template('Minutes@1')" in library.export_text("Minutes", "python").text


def test_the_python_snippet_runs(library: TemplateLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALCONER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FALCONER_MODEL", "fake")
    name = '"""; raise SystemExit  #'
    library.save(name, prompt())
    space: dict[str, object] = {}
    exec(compile(library.export_text(name, "python").text, "snippet", "exec"), space)
    assert getattr(space["answer"], "output", None)
    made = space["copilot"]
    assert isinstance(made, Copilot)
    made.close()
