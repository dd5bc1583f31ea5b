"""The settings: model servers, which of them does what, language, light and dark, data."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot.types import ConnectionDraft

Open = Callable[..., AppTest]
SERVER = "http://127.0.0.1:9/v1"


def add(name: str = "office", **fields: object) -> None:
    state.copilot().connections.add(ConnectionDraft.model_validate({"name": name, "address": SERVER, **fields}))


def said(page: AppTest) -> str:
    return "\n".join(
        element.value for element in [*page.markdown, *page.caption, *page.success, *page.error, *page.warning]
    )


def test_without_any_server_the_embedded_model_and_the_data_are_shown(open_page: Open) -> None:
    page = open_page("settings")
    assert not page.exception
    assert page.title[0].value == "Settings"
    assert "no key, no network" in said(page).replace("\\", "")
    assert "Nothing leaves this computer" in said(page)
    assert [button.label for button in page.button if button.proto.type == "primary"] == ["Add a model"]


def test_a_server_is_added_and_listed_with_its_price_and_missing_key(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OFFICE_KEY", raising=False)
    page = open_page("settings", connection="+")
    page.text_input(key="name").set_value("office")
    page.text_input(key="address-openai").set_value(SERVER)
    page.text_input(key="key_variable").set_value("OFFICE_KEY")
    page.number_input(key="prompt_price").set_value(0.5)
    page.button(key="save").click().run()
    saved = state.copilot().connections.get("office")
    assert (saved.url, saved.key_variable) == (SERVER, "OFFICE_KEY")
    text = said(open_page("settings")).replace("\\", "")
    assert "key missing: the variable OFFICE_KEY is empty" in text
    assert "US$0.50 per million tokens read" in text
    assert "to nobody else: 127.0.0.1:9." in text


@pytest.mark.parametrize(
    ("name", "address", "sentence"),
    [
        ("", SERVER, "Give the model a name."),
        ("office", "http://host:8000", "does not end in /v1"),
        ("embedded", SERVER, "choose another name"),
    ],
)
def test_what_cannot_be_right_is_said_beside_the_form(open_page: Open, name: str, address: str, sentence: str) -> None:
    page = open_page("settings", connection="+")
    page.text_input(key="name").set_value(name)
    page.text_input(key="address-openai").set_value(address)
    page.button(key="save").click().run()
    assert sentence in said(page).replace("\\", "")
    assert len(state.copilot().connections.list()) == 1


def test_a_test_says_what_is_wrong(open_page: Open) -> None:
    add()
    page = open_page("settings")
    page.button(key="test-office").click().run()
    assert "cannot be reached; check the URL" in page.error[0].value.replace("\\", "")


def test_a_server_is_changed_and_keeps_what_the_form_does_not_show(open_page: Open) -> None:
    add(concurrency=3)
    page = open_page("settings", connection="office")
    assert page.text_input(key="address-openai").value == SERVER
    assert page.number_input(key="concurrency").value == 3
    page.text_input(key="name").set_value("bureau")
    page.button(key="save").click().run()
    assert [connection.name for connection in state.copilot().connections.list()] == ["embedded", "bureau"]
    assert state.copilot().connections.get("bureau").options["concurrency"] == 3


def test_a_removed_server_comes_back(open_page: Open) -> None:
    add()
    page = open_page("settings")
    page.button(key="remove-office").click().run()
    assert len(state.copilot().connections.list()) == 1
    page.button(key="undo_remove").click().run()
    assert len(state.copilot().connections.list()) == 2


def test_models_language_and_look_are_kept_as_soon_as_they_are_chosen(open_page: Open) -> None:
    add()
    page = open_page("settings")
    page.selectbox(key="choice-model").set_value("office").run()
    page.selectbox(key="choice-language").set_value("de").run()
    page.selectbox(key="choice-appearance").set_value("dark").run()
    assert not page.exception
    chosen = state.copilot().preferences.get()
    assert (chosen.model, chosen.language, chosen.appearance) == ("office", "de", "dark")
    assert state.copilot().preferences.models().task == "office"


def test_an_unknown_connection_in_the_link_leads_back(open_page: Open) -> None:
    page = open_page("settings", connection="gone")
    assert not page.exception
    assert "no model connection 'gone'" in page.warning[0].value.replace("\\", "")
    page.button(key="back").click().run()
    assert page.title[0].value == "Settings"


def test_hostile_names_are_shown_as_text(open_page: Open) -> None:
    add(model="<img src=x onerror=alert(1)> ![x](http://evil.example/a.png)")
    page = open_page("settings")
    assert "![x](http" not in said(page)
    assert "<img" not in said(page).replace("\\<img", "")
