"""The sample tasks are what they say: valid, balanced, consistent with themselves, and varied."""

import json
from collections import Counter
from itertools import combinations
from typing import Any

import pytest
import yaml

from evaluators.registry import create
from tasks import library
from tasks.model import Task, TaskKind

COLUMNS = {
    "support_tickets": {"text", "label"},
    "policy_questions": {"document", "question", "answers"},
    "meeting_notes": {"document", "summary"},
    "product_keywords": {"document", "keywords"},
}


def task(name: str) -> Task:
    return Task.model_validate(yaml.safe_load((library.path(name) / "task.yaml").read_text(encoding="utf-8")))


def rows(name: str) -> list[dict[str, Any]]:
    text = (library.path(name) / "examples.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def words(text: str) -> int:
    return len(text.split())


def shingles(text: str) -> set[tuple[str, ...]]:
    tokens = text.lower().split()
    return {tuple(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))}


def test_library_holds_one_task_of_each_kind() -> None:
    assert [task(name).kind for name in library.names()] == [
        TaskKind.CLASSIFICATION,
        TaskKind.DOCUMENT_QA,
        TaskKind.SUMMARIZATION,
        TaskKind.KEYWORD_EXTRACTION,
    ]


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no sample task 'tickets'; choose one of support_tickets, "):
        library.path("tickets")


@pytest.mark.parametrize("name", COLUMNS)
def test_task_file_has_its_folders_name_a_description_a_prompt_and_criteria(name: str) -> None:
    sample = task(name)
    assert sample.name == name
    assert words(sample.description) > 10
    assert sample.criteria
    slots = [f"{{{column}}}" for column in COLUMNS[name] & {"text", "document", "question"}]
    assert sample.prompt is not None
    assert all(slot in sample.prompt for slot in slots)


@pytest.mark.parametrize("name", COLUMNS)
def test_criteria_are_in_the_catalogue_with_parameters_it_takes(name: str) -> None:
    for criterion in task(name).criteria:
        assert create(criterion.evaluator, criterion.parameters).name == criterion.evaluator


@pytest.mark.parametrize("name", COLUMNS)
def test_every_row_has_exactly_the_kinds_columns(name: str) -> None:
    examples = rows(name)
    assert 60 <= len(examples) <= 120
    assert all(set(row) == COLUMNS[name] for row in examples)


@pytest.mark.parametrize("name", COLUMNS)
def test_no_two_texts_are_near_duplicates(name: str) -> None:
    texts = {row.get("document") or row["text"]: None for row in rows(name)}
    if name != "policy_questions":  # there, several questions share a document
        assert len(texts) == len(rows(name))
    for first, second in combinations([shingles(text) for text in texts], 2):
        assert len(first & second) / min(len(first), len(second)) <= 0.3


def test_tickets_are_labelled_from_the_closed_set_and_balanced_within_two_to_one() -> None:
    sample, counts = task("support_tickets"), Counter(row["label"] for row in rows("support_tickets"))
    assert set(counts) == set(sample.labels)
    assert max(counts.values()) <= 2 * min(counts.values())
    assert all(15 <= words(row["text"]) <= 60 for row in rows("support_tickets"))


def test_labels_do_not_stand_in_blocks() -> None:
    labels = [row["label"] for row in rows("support_tickets")]
    assert all(len(set(labels[start : start + 20])) >= 5 for start in range(0, 120, 20))


def test_answers_stand_in_their_documents_word_for_word() -> None:
    examples = rows("policy_questions")
    assert all(answer in row["document"] for row in examples for answer in row["answers"])
    assert all(len(set(row["answers"])) == len(row["answers"]) for row in examples)
    assert 10 <= sum(not row["answers"] for row in examples) <= 12
    assert len({row["question"] for row in examples}) == len(examples)
    assert all(90 <= words(row["document"]) <= 160 for row in examples)


def test_summaries_follow_the_house_style() -> None:
    for row in rows("meeting_notes"):
        assert 90 <= words(row["document"]) <= 170
        assert 18 <= words(row["summary"]) <= 35
        decision, actions = row["summary"].split("; ")
        assert decision[0].isupper()
        assert actions.endswith(".")


def test_numbers_and_names_of_a_summary_stand_in_its_notes() -> None:
    for row in rows("meeting_notes"):
        actions = row["summary"].rstrip(".").split("; ")[1]
        names = {word.strip(",'s") for word in actions.split() if word[0].isupper() or word[0].isdigit()}
        missing = {word for word in names if word not in row["document"]}
        assert not missing, row["summary"]


def test_keywords_are_five_to_eight_phrases_that_nearly_all_stand_in_the_text() -> None:
    present = total = 0
    for row in rows("product_keywords"):
        folded = [keyword.casefold() for keyword in row["keywords"]]
        assert 5 <= len(folded) <= 8
        assert len(set(folded)) == len(folded)
        assert all(1 <= words(keyword) <= 5 for keyword in folded)
        assert 60 <= words(row["document"]) <= 110
        present += sum(keyword in row["document"].casefold() for keyword in folded)
        total += len(folded)
    assert present / total >= 0.9
