"""What a model writes as an example: read where it can be, dropped where it is of no use."""

import json

import pytest

from copilot import Copilot, FakeModel, UserError
from copilot.domain.completion import CompletionRequest
from copilot.service.saved_tasks_drafts import is_new, read_draft
from tasks.model import Example, Task, TaskKind

SORT = Task(name="Sort", kind=TaskKind.CLASSIFICATION, labels=("billing", "delivery"), description="Sort our mail.")
GOOD = "My parcel has not arrived for two weeks now."


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"text": GOOD}),
        f'Here you are:\n```json\n{{"Text": "{GOOD}"}}\n```\nAnything else?',
        json.dumps({"example": {"text": GOOD, "other": 1}}),
        f"text: {GOOD}",
        f'**Text:** "{GOOD}"',
    ],
)
def test_answers_are_read_with_and_without_json(answer: str) -> None:
    example = read_draft(SORT, answer, {"label": "delivery"})
    assert example is not None
    assert GOOD in example.inputs["text"]
    assert example.expected == ("delivery",)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{" * 5000,
        '{"text": ""}',
        '{"text": "too short"}',
        '{"text": ["a"], "label": {}}',
        '{"text": "It is used to test how well the task is done, my parcel"}',
        "\x00\ud800",
    ],
)
def test_what_is_of_no_use_is_dropped(answer: str) -> None:
    assert read_draft(SORT, answer, {"label": "delivery"}) is None


def test_an_unknown_label_is_of_no_use() -> None:
    assert read_draft(SORT, json.dumps({"text": GOOD, "label": "gardening"}), {}) is None


def test_the_same_again_is_not_new() -> None:
    known = [Example(id="1", inputs={"text": GOOD})]
    assert not is_new(Example(id="", inputs={"text": GOOD.upper() + " "}), known)
    assert is_new(Example(id="", inputs={"text": "Please send me the invoice of May once more."}), known)


def test_drafts_are_kept_apart_until_they_are_accepted(tmp_path_factory: pytest.TempPathFactory) -> None:
    texts = (
        "Why was the same invoice taken from my card twice?",
        "Nobody rang at my door although I waited all morning.",
        "Please change the address on my last bill.",
        "Where does the blender from order 17 travel just now?",
        "Is there a discount when I pay within ten days?",
        "Only two of three parcels have come so far.",
    )

    def write(request: CompletionRequest) -> str:
        return json.dumps({"text": texts[request.sample_index % len(texts)]})

    with Copilot(tmp_path_factory.mktemp("home"), model=FakeModel(write)) as copilot:
        task_id = copilot.tasks.create(SORT).id
        drafted = copilot.tasks.draft_examples(task_id, 4)
        assert [row.example.expected for row in drafted] == [("billing",), ("delivery",)] * 2
        assert {(row.origin, row.accepted) for row in drafted} == {("drafted", False)}
        assert copilot.tasks.dataset(task_id).examples == ()
        again = copilot.tasks.draft_examples(task_id, 2)
        assert len({row.example.inputs["text"] for row in (*drafted, *again)}) == 6


def test_a_model_that_writes_nothing_of_use_is_told_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Copilot(tmp_path_factory.mktemp("home"), model=FakeModel(lambda request: "I am a falcon.")) as copilot:
        task_id = copilot.tasks.create(SORT).id
        with pytest.raises(UserError, match="wrote no example of use"):
            copilot.tasks.draft_examples(task_id, 3)
        assert copilot.tasks.examples(task_id) == ()
