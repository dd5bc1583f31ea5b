"""Choices outlive a visit, and the models that were chosen are used."""

from pathlib import Path

import pytest

from copilot import Copilot
from copilot.domain.preferences import Choices
from copilot.errors import UserError
from copilot.storage.preferences import save_choices
from copilot.types import ConnectionDraft
from tasks.model import Dataset, Example, Task, TaskKind

SERVER = "http://127.0.0.1:9/v1"


def draft(name: str) -> ConnectionDraft:
    return ConnectionDraft(name=name, address=SERVER)


def test_a_choice_is_kept_and_others_stay(tmp_path: Path) -> None:
    with Copilot(tmp_path, model="fake") as copilot:
        assert copilot.preferences.get() == Choices()
        copilot.preferences.update(language="fr")
        copilot.preferences.update(appearance="dark")
    with Copilot(tmp_path, model="fake") as again:
        assert again.preferences.get() == Choices(language="fr", appearance="dark")


def test_what_cannot_be_chosen_is_refused(tmp_path: Path) -> None:
    with Copilot(tmp_path, model="fake") as copilot:
        with pytest.raises(UserError, match="no choice 'colour'"):
            copilot.preferences.update(colour="red")
        with pytest.raises(UserError, match="'language' cannot be 'tlh'"):
            copilot.preferences.update(language="tlh")


def test_choices_of_another_version_do_no_harm(tmp_path: Path) -> None:
    with Copilot(tmp_path, model="fake") as copilot:
        with copilot.workspace.database.writing() as session:
            save_choices(session, choices={"language": "it", "later": {"a": 1}, "appearance": "light"})
        assert copilot.preferences.get() == Choices(appearance="light")


def test_models_are_those_chosen_else_those_of_the_program(tmp_path: Path) -> None:
    with Copilot(tmp_path, model="fake", copilot_model="embedded") as copilot:
        copilot.connections.add(draft("office"))
        before = copilot.preferences.models()
        assert (before.task, before.proposing, before.judge) == ("fake", "embedded", None)
        copilot.preferences.update(model="office", judge_model="embedded")
        chosen = copilot.preferences.models()
        assert (chosen.task, chosen.proposing, chosen.judge) == ("office", "office", "embedded")
        copilot.connections.remove("office")
        assert copilot.preferences.models().task == "fake"


def test_a_task_is_quoted_for_the_chosen_model(tmp_path: Path) -> None:
    examples = tuple(
        Example(id=str(n), inputs={"document": f"word {n} " * 50}, expected=("a short summary",)) for n in range(60)
    )
    with Copilot(tmp_path, model="fake") as copilot:
        task = Task(name="t", kind=TaskKind.SUMMARIZATION, description="Summarise.")
        saved = copilot.tasks.create(task, examples=Dataset(examples=examples))
        assert copilot.tasks.estimate(saved.id, max_calls=100).money is None
        copilot.connections.add(ConnectionDraft(name="paid", address=SERVER, prompt_price=1.0, currency="EUR"))
        copilot.preferences.update(model="paid")
        assert copilot.tasks.estimate(saved.id, max_calls=100).currency == "EUR"


def test_where_data_lies_is_told(tmp_path: Path) -> None:
    with Copilot(tmp_path, model="fake") as copilot:
        place = copilot.preferences.place()
    assert (place.folder, place.on_server) == (str(tmp_path), False)
    assert place.bytes > 10_000
