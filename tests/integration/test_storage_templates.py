"""Templates, their versions and labels on both databases."""

import threading

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import delete

from copilot.domain.completion import Decoding
from copilot.domain.prompt import Demonstration, PromptTemplate
from copilot.errors import TemplateError
from copilot.storage import templates
from copilot.storage.database import Database
from copilot.storage.tables import TemplateVersionRow
from tasks.model import OutputContract, TaskKind


def _template(instruction: str) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=("text",),
        instruction=instruction,
        item="{{text}}\x00",
        # The order of the inputs counts for the hash.
        demonstrations=(Demonstration(inputs={"z": "1", "a": "2"}, output="o"),),
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=5),
    )


def test_a_new_version_only_for_new_content(database: Database) -> None:
    with database.writing() as session:
        first = templates.save_template(session, name="Mail", template=_template("one"), note="n", author="A", task="T")
        again = templates.save_template(session, name="Mail", template=_template("one"), note="other")
        second = templates.save_template(session, name="Mail", template=_template("two"), run_id="elsewhere-1")
        third = templates.save_template(session, name="Mail", template=_template("one"))
        assert (first.version, again.version, second.version, third.version) == (1, 1, 2, 3)
        assert (again.note, again.author, third.task) == ("n", "A", "T")
    with database.reading() as session:
        found = templates.get_template(session, reference="Mail@1")
        assert found.template == _template("one")
        assert found.template.content_hash == found.content_hash == _template("one").content_hash
        assert [one.version for one in templates.list_versions(session, name="Mail")] == [3, 2, 1]
        assert templates.get_template(session, reference="Mail").version == 3
        assert templates.get_template(session, reference="Mail@latest").version == 3
        assert templates.get_template(session, reference="Mail@2").run_id == "elsewhere-1"
        [difference] = templates.diff_saved(session, before="Mail@1", after="Mail@2")
        assert difference.field == "instruction"
        assert difference.lines == ("- one", "+ two")


def test_labels_move_with_their_history_and_protect_what_they_point_at(database: Database) -> None:
    with database.writing() as session:
        for text in ("one", "two", "three"):
            templates.save_template(session, name="Mail", template=_template(text))
        assert templates.set_label(session, name="Mail", label="production", version=1, author="A").before is None
        moved = templates.set_label(session, name="Mail", label="production", version=2)
        assert (moved.before, moved.after) == (1, 2)
        assert templates.set_label(session, name="Mail", label="staging").after == 3
    with database.writing() as session:
        assert templates.get_template(session, reference="Mail@production").labels == ("production",)
        with pytest.raises(TemplateError, match="carries the label production, staging"):
            templates.delete_template(session, name="Mail")
        with pytest.raises(TemplateError, match="carries the label production"):
            templates.delete_version(session, name="Mail", version=2)
        with pytest.raises(TemplateError, match=r"no label 'draft'\. Its labels: production, staging"):
            templates.get_template(session, reference="Mail@draft")
        with pytest.raises(TemplateError, match=r"no version 9\. Its newest is 3"):
            templates.set_label(session, name="Mail", label="draft", version=9)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.exec(delete(TemplateVersionRow))
    with database.writing() as session:
        templates.remove_label(session, name="Mail", label="production")
        templates.remove_label(session, name="Mail", label="staging")
        history = templates.label_history(session, name="Mail")
        assert [(one.label, one.before, one.after) for one in history] == [
            ("staging", 3, None),
            ("production", 2, None),
            ("staging", None, 3),
            ("production", 1, 2),
            ("production", None, 1),
        ]
        templates.delete_version(session, name="Mail", version=3)
        assert templates.save_template(session, name="Mail", template=_template("four")).version == 4
        templates.delete_template(session, name="Mail")
        assert templates.list_templates(session) == ()
        with pytest.raises(TemplateError, match="no template 'Mail'"):
            templates.get_template(session, reference="Mail")


def test_the_only_version_is_not_deleted_alone(database: Database) -> None:
    with database.writing() as session:
        templates.save_template(session, name="Mail", template=_template("one"))
        with pytest.raises(TemplateError, match="is the only one"):
            templates.delete_version(session, name="Mail", version=1)


@pytest.mark.parametrize(
    ("search", "names"),
    [("", ["Invoices", "Mail"]), ("\u00c9T\u00c9", ["Mail"]), ("invoi", ["Invoices"]), ("PRODUCTION", ["Invoices"])],
)
def test_search_looks_into_prompts_in_any_case(database: Database, search: str, names: list[str]) -> None:
    with database.writing() as session:
        templates.save_template(session, name="Mail", template=_template("cet \u00e9t\u00e9"))
        templates.save_template(session, name="Invoices", template=_template("sum"))
        templates.set_label(session, name="Invoices", label="production")
        assert [one.name for one in templates.list_templates(session, search=search)] == names


def test_a_misspelt_name_is_answered_with_the_right_one(database: Database) -> None:
    with database.writing() as session:
        templates.save_template(session, name="support-mail", template=_template("one"))
        with pytest.raises(TemplateError, match="Did you mean 'support-mail'"):
            templates.get_template(session, reference="suport-mail@production")


def test_people_who_save_at_once_get_different_versions(database: Database) -> None:
    def save(number: int) -> None:
        with database.writing() as session:
            templates.save_template(session, name="Mail", template=_template(str(number)))

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert [one.version for one in templates.list_versions(session, name="Mail")] == [4, 3, 2, 1]
