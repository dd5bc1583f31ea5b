"""The page of success criteria, in each of its states."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from copilot import Dataset, Example, SuccessCriterion, Task, TaskKind
from evaluators.registry import EVALUATORS

Open = Callable[..., AppTest]


def _summaries() -> str:
    rows = tuple(
        Example(id=str(n), inputs={"text": f"Text number {n} about a meeting."}, expected=("word " * (n + 1),))
        for n in range(10)
    )
    task = Task(name="Notes", kind=TaskKind.SUMMARIZATION, description="Summarise in at most 5 words.")
    return state.copilot().tasks.create(task, examples=Dataset(examples=rows)).id


def _texts(page: AppTest) -> str:
    """Return what the page says, without the marks that keep texts from being read as markup."""
    shown = [*page.markdown, *page.caption, *page.warning, *page.error]
    return "\n".join(element.value for element in shown).replace("\\", "")


def test_without_a_task_it_leads_to_the_start_page(open_page: Open) -> None:
    page = open_page("criteria")
    assert not page.exception
    assert "Criteria belong to a task" in _texts(page)


def test_an_unknown_task_is_one_sentence(open_page: Open) -> None:
    page = open_page("criteria", task="nothing")
    assert not page.exception
    assert len(page.error) == 1


def test_what_counts_by_default_is_shown_and_can_be_customised(open_page: Open) -> None:
    task = _summaries()
    page = open_page("criteria", task=task)
    assert not page.exception
    assert "You have chosen nothing yet" in _texts(page)
    page.button(key="customise").click().run()
    assert [known.evaluator for known in state.copilot().tasks.get(task).task.criteria] == ["rouge_l"]
    assert "You have chosen nothing yet" not in _texts(page)


def test_a_suggestion_is_accepted_with_its_reason(open_page: Open) -> None:
    task = _summaries()
    page = open_page("criteria", task=task)
    assert "at most 5 words" in _texts(page)
    page.button(key="accept-0").click().run()
    assert not page.exception
    chosen = state.copilot().tasks.get(task).task.criteria
    # What counted by default still does.
    assert [known.evaluator for known in chosen] == ["rouge_l", "length"]
    assert chosen[1].parameters == {"unit": "words", "maximum": 5}
    assert "5 of 10 expected answers pass this." in _texts(page)


def test_the_check_follows_the_form_and_is_saved(open_page: Open) -> None:
    task = _summaries()
    state.copilot().criteria.save(task, [SuccessCriterion(evaluator="length", parameters={"maximum": 5})])
    page = open_page("criteria", task=task)
    assert "5 of 10 expected answers pass this." in _texts(page)
    page.number_input(key="criterion-0-0-maximum").set_value(8).run()
    assert "8 of 10 expected answers pass this." in _texts(page)
    assert state.copilot().tasks.get(task).task.criteria[0].parameters["maximum"] == 8
    page.number_input(key="criterion-0-0-minimum").set_value(9).run()
    assert "Not saved." in _texts(page)
    assert "minimum" not in state.copilot().tasks.get(task).task.criteria[0].parameters


def test_strictness_weight_and_threshold_are_saved(open_page: Open) -> None:
    task = _summaries()
    state.copilot().criteria.save(task, [SuccessCriterion(evaluator="length", parameters={"maximum": 5})])
    page = open_page("criteria", task=task)
    page.radio(key="criterion-0-0-requirement").set_value("must").run()
    page.select_slider(key="criterion-0-0-threshold").set_value(50).run()
    page.number_input(key="criterion-0-0-number-1").set_value(3.0).run()
    saved = state.copilot().tasks.get(task).task.criteria[0]
    assert (saved.requirement, saved.threshold, saved.weight) == ("must", 0.5, 3.0)


def test_removing_can_be_undone(open_page: Open) -> None:
    task = _summaries()
    both = [SuccessCriterion(evaluator="rouge_l"), SuccessCriterion(evaluator="no_refusal")]
    state.copilot().criteria.save(task, both)
    page = open_page("criteria", task=task)
    page.button(key="remove-0").click().run()
    assert state.copilot().tasks.get(task).task.criteria == (both[1],)
    page.button(key="undo").click().run()
    assert state.copilot().tasks.get(task).task.criteria == tuple(both)


def test_a_criterion_is_added_from_the_catalogue(open_page: Open) -> None:
    task = _summaries()
    page = open_page("criteria", task=task, filter="wording")
    page.button(key="choose-contains_none").click().run()
    assert "contains_none" in page.query_params["tab"]
    assert page.button(key="add").disabled
    page.text_area(key="draft-contains_none-values").set_value("sorry\nword").run()
    assert "0 of 10 expected answers pass this." in _texts(page)
    page.button(key="add").click().run()
    chosen = state.copilot().tasks.get(task).task.criteria
    assert chosen[-1].parameters["values"] == ["sorry", "word"]
    assert "tab" not in page.query_params


def test_the_catalogue_is_searched(open_page: Open) -> None:
    page = open_page("criteria", task=_summaries(), q="e-mail")
    keys = [button.key for button in page.button if (button.key or "").startswith("choose-")]
    assert keys == ["choose-no_personal_data"]


@pytest.mark.parametrize("name", list(EVALUATORS))
def test_each_form_opens(open_page: Open, name: str) -> None:
    page = open_page("criteria", task=_summaries(), tab=name)
    assert not page.exception
    assert page.button(key="add")


def test_a_link_to_an_unknown_criterion_leads_to_the_list(open_page: Open) -> None:
    page = open_page("criteria", task=_summaries(), tab="nothing")
    assert not page.exception
    assert "does not exist" in _texts(page)


def test_a_task_without_examples_says_so(open_page: Open) -> None:
    task = state.copilot().tasks.create(Task(name="Empty", kind=TaskKind.CUSTOM, description="Write in French."))
    page = open_page("criteria", task=task.id)
    assert not page.exception
    assert "no examples yet" in _texts(page)


def test_a_judge_is_tried_only_when_asked(open_page: Open) -> None:
    task = _summaries()
    judge = SuccessCriterion(evaluator="judge", parameters={"rubric": "Short."})
    state.copilot().criteria.save(task, [judge])
    page = open_page("criteria", task=task)
    assert "10 calls of your model." in _texts(page)
    assert "only when you ask" in _texts(page)
    page.button(key="criterion-0-0-several").click().run()
    assert not page.exception
    assert "expected answers pass this." in _texts(page)
    page.button(key="criterion-0-0-one").click().run()
    assert "Rated" in _texts(page)
    assert "Too few ratings to tell: rate 20 more outputs." in _texts(page)


def test_the_meaning_of_ratings_is_part_of_the_rules(open_page: Open) -> None:
    task = _summaries()
    state.copilot().criteria.save(task, [SuccessCriterion(evaluator="judge", parameters={"rubric": "Short."})])
    page = open_page("criteria", task=task)
    page.text_input(key="criterion-0-0-level-5").set_value("one sentence").run()
    page.text_area(key="criterion-0-0-rules").set_value("Short and kind.").run()
    rubric = state.copilot().tasks.get(task).task.criteria[0].parameters["rubric"]
    assert rubric == "Short and kind.\n5: one sentence"


def test_hostile_words_stay_words(open_page: Open) -> None:
    bad = "<script>alert(1)</script> ![x](http://evil.example/a.png)"
    task = Task(name=bad, kind=TaskKind.CUSTOM, description=f'Must say "{bad}"')
    rows = Dataset(examples=(Example(id="1", inputs={"text": bad}, expected=(bad,)),))
    page = open_page("criteria", task=state.copilot().tasks.create(task, examples=rows).id)
    assert not page.exception
    assert not any("![x]" in element.value or "<script>" in element.value for element in page.markdown)
