"""What the pages about templates say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.formatting.playground import answer_text, cost_line
from app.formatting.templates import (
    change_preview,
    change_sentence,
    chosen_version,
    diff_pieces,
    move_sentence,
    proposed_name,
    read_parts,
    settings_of,
    unseen_parts,
    usable_label,
    version_name,
    with_chips,
)
from copilot import PromptTemplate, RowOutput, TemplateVersion, Usage
from copilot.types import LabelChange, LabelMove, Piece

NOV = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def prompt(**changes: Any) -> PromptTemplate:
    fields: dict[str, Any] = {
        "kind": "classification",
        "variables": ("text",),
        "instruction": "Sort it.",
        "item": "Text: {{text}} {{other}}\nLabel:",
        "contract": {"form": "label", "labels": ("a", "b")},
        "decoding": {"max_tokens": 40},
    }
    return PromptTemplate.model_validate(fields | changes)


def version(number: int, *labels: str, **changes: Any) -> TemplateVersion:
    made = prompt(**changes)
    return TemplateVersion(
        name="T", version=number, template=made, content_hash=made.content_hash, labels=labels, created_at=NOV
    )


def test_a_version_is_named_with_its_labels() -> None:
    assert version_name(version(3, "production", "staging")).endswith("· production, staging")


def test_a_move_names_what_it_replaces() -> None:
    move = LabelMove(name="T", label="production", replaces=version(3), version=version(5))
    assert "now points at version 3 of 12 Nov" in move_sentence(move)
    assert "it will point at version 5 of 12 Nov" in move_sentence(move)
    new = move.model_copy(update={"replaces": None})
    assert "points at no version yet" in move_sentence(new)
    same = move.model_copy(update={"replaces": version(5)})
    assert "already" in move_sentence(same)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(None, 2, "points at version 2."), (1, 2, "it pointed at version 1"), (1, None, "taken off version 1")],
)
def test_a_change_is_told(before: int | None, after: int | None, words: str) -> None:
    change = LabelChange(name="T", label="{live}", before=before, after=after, changed_at=NOV)
    assert words in change_sentence(change)
    assert "{live}" in change_sentence(change)


def test_what_saving_does_is_told_before() -> None:
    new = prompt(instruction="New.")
    assert change_preview("T", (), "", prompt=new) == "A new template, “T”, with this prompt as version 1."
    told = change_preview("T", (version(4), version(3, "live")), "live", prompt=new)
    assert told == "“T” exists: this becomes its version 5. “live” moves there from version 3."
    assert change_preview("T", (), "live", prompt=new).endswith("“live” will point at it.")
    assert change_preview("T", (version(4),), "", prompt=prompt()).endswith(
        "holds this very prompt already, as version 4."
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Review 2", "review-2"), ("v1.2", "v1-2"), ("latest", ""), ("2nd", ""), ("  ", ""), ("é", ""), ("a" * 51, "")],
)
def test_labels_are_mended_or_refused(typed: str, kept: str) -> None:
    assert usable_label(typed) == kept


@pytest.mark.parametrize(
    ("task", "name"),
    [("Mail/Post @ work", "Mail Post work"), ("x.yaml", "x"), (" \n", "My template"), ("a" * 300, "a" * 200)],
)
def test_names_are_proposed_that_can_be_used(task: str, name: str) -> None:
    assert proposed_name(task) == name


def test_only_the_templates_own_fields_are_chips() -> None:
    assert with_chips(prompt(), prompt().item) == [
        ("Text: ", "same"),
        ("text", "variable"),
        (" {{other}}\nLabel:", "same"),
    ]


def test_what_reads_and_what_does_not_is_told_apart() -> None:
    changed = prompt(instruction="Sort.", decoding={"max_tokens": 80, "temperature": 0.7})
    assert [part.title for part in read_parts(prompt(), changed)] == ["Instruction"]
    assert [part.title for part in unseen_parts(prompt(), changed)] == ["Longest answer", "Wording"]
    assert not unseen_parts(prompt(), prompt())


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"label_scoring": True}, "How a label is read"),
        ({"decoding": {"max_tokens": 40, "seed": 4}}, "Wording"),
        ({"decoding": {"max_tokens": 40, "stop": ("\n",)}}, "Where the answer ends"),
        ({"contract": {"form": "label", "labels": ("a", "b"), "codes": ("A", "B")}}, "Form of the answer"),
        ({"contract": {"form": "label", "labels": ("a", "b"), "refinement": {"rule": "copied_words"}}}, "Afterwards"),
    ],
)
def test_nothing_differs_silently(changes: dict[str, Any], title: str) -> None:
    assert [part.title for part in unseen_parts(prompt(), prompt(**changes))] == [title]


def test_figures_without_words_are_told_at_all() -> None:
    def layer(weight: float) -> PromptTemplate:
        weights = ((weight, 0.0), (0.0, 1.0))
        decision = {"method": "logistic", "labels": ("a", "b"), "weights": weights, "biases": (0.1, -0.1)}
        return prompt(decision=decision, label_scoring=True)

    assert [part.after for part in unseen_parts(layer(1.0), layer(2.0))] == ["measured anew"]


def test_settings_are_told_in_plain_words() -> None:
    told = dict(settings_of(prompt()))
    assert told["Longest answer"] == "40 tokens, about 30 words"
    assert told["Form of the answer"] == "one of: a, b"
    assert not any(word in " ".join(told.values()) for word in ("temperature", "JSON", "hyperparameter"))


def test_a_links_version_is_found_by_number_and_label() -> None:
    versions = (version(2), version(1, "live"))
    assert chosen_version(versions, "") == versions[0]
    assert chosen_version(versions, "1") == versions[1]
    assert chosen_version(versions, "live") == versions[1]
    assert chosen_version(versions, "7") is None


def test_pieces_of_a_difference_get_their_marks() -> None:
    pieces = [Piece(change="same", text="a"), Piece(change="gone", text="b"), Piece(change="new", text="c")]
    assert diff_pieces(pieces) == [("a", "same"), ("b", "removed"), ("c", "added")]


def test_answers_and_what_they_took() -> None:
    output = RowOutput(output=("x", "y"), confidence=0.875, usage=Usage(calls=3, prompt_tokens=10, completion_tokens=2))
    assert answer_text(output) == "• x\n• y"
    assert answer_text(RowOutput(output=None, error="no")) == ""
    assert (
        cost_line(output, seconds=2.04, first=0.31)
        == "2.0 s (first word after 0.3 s) · 10 tokens read, 2 written · 3 requests · 88% sure"
    )
