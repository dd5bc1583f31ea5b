"""The gallery and the making of an app."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import PromptTemplate, TaskKind
from copilot.domain.completion import Decoding
from copilot.types import AppDraft, AppField
from tasks.model import OutputContract

OpenPage = Callable[..., AppTest]


def template(*variables: str) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=variables,
        item=" ".join("{{" + name + "}}" for name in variables),
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=50),
    )


@pytest.fixture
def slug(home: object) -> str:
    """A published app with two fields."""
    state.copilot().save_template("reply", template("text", "tone"), labels=("production",))
    tone = AppField(name="tone", label="Tone", type="choice", options=("warm", "short"), example="warm")
    text = AppField(name="text", label="Message", example="Where is my parcel?", help="As it came")
    draft = AppDraft(title="Answer mail", about="Writes it", template="reply@production", fields=(text, tone))
    return state.copilot().apps.publish(draft).slug


def shown(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption, *page.warning, *page.success])


def test_an_empty_gallery_teaches_and_leads_on(open_page: OpenPage) -> None:
    page = open_page("apps")
    assert "page with a form" in shown(page)
    page.button[0].click().run()
    assert page.title[0].value == "Make an app"
    assert "none is saved yet" in shown(page)
    assert not page.exception


def test_an_app_is_begun_from_a_template_that_the_link_names(open_page: OpenPage) -> None:
    state.copilot().save_template("other", template("a"))
    state.copilot().save_template("reply", template("text", "tone"), labels=("production",))
    page = open_page("apps", template="reply", version="1")
    assert [box.value for box in page.selectbox] == ["reply", "reply@1"]
    page.button(key="begin_app").click().run()
    assert not page.exception
    assert page.title[0].value == "Edit the app"
    made = state.copilot().apps.get("reply")
    assert (made.draft.template, made.published) == ("reply@1", None)


def test_the_label_for_production_is_offered_first(open_page: OpenPage) -> None:
    state.copilot().save_template("reply", template("text"), labels=("alpha", "production"))
    page = open_page("apps", tab="new")
    assert page.selectbox[1].value == "reply@production"
    assert "follows promotions" in page.selectbox[1].options[page.selectbox[1].index or 0]


def test_what_is_typed_is_kept_and_published_on_request(open_page: OpenPage, slug: str) -> None:
    page = open_page("apps", app=slug)
    page.text_input[0].set_value("Answer all mail").run()
    assert state.copilot().apps.get(slug).draft.title == "Answer all mail"
    assert state.copilot().apps.form(slug).title == "Answer mail"
    page.button(key="publish_app").click().run()
    assert state.copilot().apps.form(slug).title == "Answer all mail"
    assert "Published" in shown(page)
    assert not page.exception


def test_changes_are_thrown_away_on_request(open_page: OpenPage, slug: str) -> None:
    page = open_page("apps", app=slug)
    page.text_input[0].set_value("Wrong").run()
    page.button(key="discard_app").click().run()
    assert page.text_input[0].value == "Answer mail"
    assert not state.copilot().apps.get(slug).changed


def test_a_choice_without_options_cannot_be_published(open_page: OpenPage, slug: str) -> None:
    page = open_page("apps", app=slug)
    options = next(area for area in page.text_area if area.label == "Options, one per line")
    options.set_value("warm").run()
    assert "needs at least two different options" in shown(page)
    page.button(key="publish_app").click().run()
    assert state.copilot().apps.get(slug).changed, "nobody sees it"
    assert not page.exception


def test_a_field_moves_up(open_page: OpenPage, slug: str) -> None:
    page = open_page("apps", app=slug)
    next(button for button in page.button if button.label == "Move up").click().run()
    assert [field.name for field in state.copilot().apps.get(slug).draft.fields] == ["tone", "text"]
    assert not page.exception


def test_the_preview_runs_what_is_not_published_yet(open_page: OpenPage, slug: str) -> None:
    page = open_page("apps", app=slug)
    page.button(key=f"try_{slug}_example").click().run()
    next(button for button in page.button if button.label == "Try it").click().run()
    assert page.session_state[f"try_{slug}_answer"].output
    assert page.code[0].value


def test_apps_are_found_withdrawn_and_put_back(open_page: OpenPage, slug: str) -> None:
    page = open_page("apps")
    assert "Answer mail" in shown(page)
    page.text_input(key="app_search").set_value("nothing").run()
    assert "No app fits" in shown(page)
    page.text_input(key="app_search").set_value("MAIL").run()
    page.button(key=f"withdraw_{slug}").click().run()
    assert not state.copilot().apps.get(slug).live
    page.button(key="undo").click().run()
    assert state.copilot().apps.get(slug).live
    assert not page.exception


def test_an_unknown_app_is_one_sentence_and_a_way_back(open_page: OpenPage) -> None:
    page = open_page("apps", app="nowhere")
    assert "There is no app" in shown(page)
    assert not page.exception


def test_hostile_titles_are_shown_as_text(open_page: OpenPage, slug: str) -> None:
    apps = state.copilot().apps
    apps.update(slug, apps.get(slug).draft.model_copy(update={"title": "![x](http://evil/x.png) <b>", "about": "$x$"}))
    apps.publish(slug)
    page = open_page("apps")
    assert not page.exception
    assert "![x](" not in shown(page)
    assert r"\!\[x\]\(http" in shown(page)
