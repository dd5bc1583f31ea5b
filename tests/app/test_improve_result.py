"""Improve and Result, headless: each in its states, on runs that were really made with the scripted model."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import Dataset, Example, Run, SuccessCriterion, Task, TaskKind
from copilot.domain.snapshot import Show
from copilot.types import SavedTask

ROWS = Dataset(
    examples=tuple(
        Example(
            id=f"row-{n}", inputs={"text": f"message {n} about {'money' if n % 2 else 'parcels'}"}, expected=(label,)
        )
        for n, label in ((n, "billing" if n % 2 else "delivery") for n in range(60))
    )
)
TASK = Task(
    name="Sort *mail*",
    kind=TaskKind.CLASSIFICATION,
    labels=("billing", "delivery"),
    description="Sort messages by team.",
    prompt="Which team?\n\n{text}",
    criteria=(SuccessCriterion(evaluator="exact_match"),),
)
Open = Callable[..., AppTest]


@pytest.fixture
def saved(home: object) -> SavedTask:
    """A task with examples and no run."""
    return state.copilot().tasks.create(TASK, examples=ROWS)


@pytest.fixture
def finished(saved: SavedTask) -> Run:
    """Its finished run."""
    copilot = state.copilot()
    run = copilot.improve(TASK, ROWS)
    copilot.tasks.link_run(saved.id, run.id)
    return run


def texts(page: AppTest) -> str:
    """Everything a page says."""
    parts = [
        *page.title,
        *page.subheader,
        *page.markdown,
        *page.caption,
        *page.info,
        *page.success,
        *page.warning,
        *page.error,
    ]
    return "\n".join(str(part.value) for part in parts)


def test_improve_offers_three_efforts_with_their_quotes(saved: SavedTask, open_page: Open) -> None:
    page = open_page("improve", task=saved.id)
    assert not page.exception and not page.error
    assert len(page.radio(key="effort").options) == 3
    assert page.number_input(key="cap_standard").value == 300
    assert page.button(key="start_run").label == "Start improving"


def test_a_prompt_is_saved_as_it_is_written(saved: SavedTask, open_page: Open) -> None:
    page = open_page("improve", task=saved.id)
    page.text_area(key=f"own_prompt_{saved.id}").set_value("Say the team: {text}").run()
    assert state.copilot().tasks.get(saved.id).task.prompt == "Say the team: {text}"
    assert "Saved" in texts(page)


def test_improve_without_examples_leads_to_them(open_page: Open) -> None:
    empty = state.copilot().tasks.create(TASK)
    page = open_page("improve", task=empty.id)
    assert "no examples yet" in texts(page)


@pytest.mark.parametrize("view", ["improve", "result"])
def test_a_link_to_no_task_says_so(view: str, open_page: Open) -> None:
    page = open_page(view, task="nowhere")
    assert not page.exception and page.warning


def test_a_finished_run_leads_from_improve_to_its_result(saved: SavedTask, finished: Run, open_page: Open) -> None:
    page = open_page("improve", task=saved.id)
    assert page.button(key="see_result")
    page.button(key="start_run").click().run()
    assert not page.exception


def test_result_without_a_run_teaches_the_next_step(saved: SavedTask, open_page: Open) -> None:
    assert "Nothing has been tried" in texts(open_page("result", task=saved.id))


def test_result_shows_verdict_rows_and_what_to_do(saved: SavedTask, finished: Run, open_page: Open) -> None:
    page = open_page("result", task=saved.id, run=finished.id)
    assert not page.exception and not page.error, texts(page)
    assert page.button(key="use_prompt")
    assert len(page.dataframe[0].value) == finished.rows().total
    assert "Sort \\*mail\\*" in page.markdown[1].value or "Sort" in texts(page)


def test_a_row_opens_by_its_link(saved: SavedTask, finished: Run, open_page: Open) -> None:
    row = finished.rows().rows[0]
    page = open_page("result", task=saved.id, run=finished.id, row=row.example.id)
    assert not page.exception
    assert any(row.example.inputs["text"] in code.value for code in page.code)
    missing = open_page("result", task=saved.id, run=finished.id, row="nowhere")
    assert not missing.exception and missing.warning


@pytest.mark.parametrize("shown", ["all", "failures", "passes", "errors", "different"])
def test_the_filter_of_the_link_is_applied(shown: Show, saved: SavedTask, finished: Run, open_page: Open) -> None:
    page = open_page("result", task=saved.id, run=finished.id, filter=shown)
    assert not page.exception
    total = finished.rows().counts[shown]
    assert (len(page.dataframe[0].value) if page.dataframe else 0) == total


def test_stopped_runs_can_be_gone_on_with(saved: SavedTask, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALCONER_START_WORKER", "false")
    state.copilot.clear()
    run = state.copilot().tasks.start_run(saved.id, max_calls=60)
    assert "Waiting to start" in texts(open_page("improve", task=saved.id))
    run.stop()
    page = open_page("improve", task=saved.id)
    assert "Stopped" in texts(page)
    assert page.button(key="go_on").label == "Go on"
    assert "was stopped" in texts(open_page("result", task=saved.id))


@pytest.fixture
def earlier(saved: SavedTask) -> Run:
    """Another run of the same task, with another division of the examples."""
    copilot = state.copilot()
    run = copilot.improve(TASK, ROWS, seed=5)
    copilot.tasks.link_run(saved.id, run.id)
    return run


def test_prompts_of_two_runs_are_compared_by_their_link(
    saved: SavedTask, earlier: Run, finished: Run, open_page: Open
) -> None:
    page = open_page("result", task=saved.id, run=finished.id, against=f"{earlier.id}/user")
    assert not page.exception and not page.error, texts(page)
    found = state.copilot().comparisons.between(f"{finished.id}/{finished.finalist_id}", f"{earlier.id}/user")
    assert f"Compared on the {found.shared.aside} examples" in texts(page)
    assert len(page.dataframe[0].value) == found.shared.aside
    (toggle,) = page.toggle
    toggle.set_value(True).run()
    assert f"Compared on the {found.shared.n} examples" in texts(page) and "favours" in texts(page)
    assert page.query_params["tab"] == "all"


def test_the_run_is_chosen_first_then_the_prompt(
    saved: SavedTask, earlier: Run, finished: Run, open_page: Open
) -> None:
    page = open_page("result", task=saved.id, run=finished.id)
    runs = next(box for box in page.selectbox if box.label == "Compared with a prompt from")
    assert len(runs.options) == 2 and "Standard" in runs.options[0]
    runs.select(earlier.id).run()
    assert not page.exception
    chosen = earlier.chosen_id
    assert page.query_params["against"] == f"{earlier.id}/{chosen}"
    prompts = next(box for box in page.selectbox if box.label == "Compared with")
    assert prompts.value == chosen and len(prompts.options) == len(
        state.copilot().comparisons.prompts(earlier.id).prompts
    )


def test_a_link_to_a_prompt_that_is_not_there_shows_another(saved: SavedTask, finished: Run, open_page: Open) -> None:
    page = open_page("result", task=saved.id, run=finished.id, candidate="nowhere/seed-1")
    assert not page.exception and "another one is shown" in texts(page).replace("\\", "")
    assert page.dataframe
