"""Demonstrations chosen per input from a bank in the template."""

import time

import pytest
from pydantic import ValidationError

from copilot.domain.completion import Decoding
from copilot.domain.prompt import BANK_CHARACTERS, Demonstration, PromptTemplate, Retrieval
from copilot.domain.similarity import most_similar
from copilot.errors import TemplateError
from tasks.model import OutputContract, TaskKind

TEXTS = ("the parcel is late", "the invoice is wrong", "my parcel arrived broken", "please cancel the invoice")
BANK = tuple(
    Demonstration(inputs={"text": text}, output=output)
    for text, output in zip(TEXTS, ("d", "b", "d", "b"), strict=True)
)


def template(retrieval: Retrieval | None, *, shown: tuple[Demonstration, ...] = ()) -> PromptTemplate:
    return PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=("text",),
        system="Sort.",
        instruction="Which desk?",
        item="T: {{text}}",
        demonstrations=shown,
        retrieval=retrieval,
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=3),
    )


def test_the_most_similar_stands_last_next_to_the_item_and_the_instruction_first() -> None:
    messages = template(Retrieval(count=2, bank=BANK)).render({"text": "Where is the parcel? It is late!"})
    assert [message.role for message in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[1].content.startswith("Which desk?\n\nT: ")
    assert messages[3].content == "T: the parcel is late"
    assert messages[4].content == "d"
    assert messages[5].content == "T: Where is the parcel? It is late!"


def test_fixed_demonstrations_come_before_the_chosen_ones() -> None:
    shown = Demonstration(inputs={"text": "fixed"}, output="f")
    messages = template(Retrieval(count=1, bank=BANK), shown=(shown,)).render({"text": "an invoice to cancel"})
    assert [message.content for message in messages[1:5]] == [
        "Which desk?\n\nT: fixed",
        "f",
        "T: please cancel the invoice",
        "b",
    ]


@pytest.mark.parametrize("row", ["the parcel is late", "The parcel is LATE!  "])
def test_a_row_never_demonstrates_itself(row: str) -> None:
    chosen = Retrieval(count=3, bank=BANK).choose({"text": row})
    assert len(chosen) == 3
    assert BANK[0] not in chosen


@pytest.mark.parametrize("row", ["", "zzz", "\u65e5\u672c"])
def test_where_nothing_is_similar_the_first_of_the_bank_are_shown(row: str) -> None:
    assert Retrieval(count=2, bank=BANK).choose({"text": row}) == (BANK[1], BANK[0])


def test_the_same_row_gets_the_same_demonstrations_from_a_loaded_template() -> None:
    original = template(Retrieval(count=2, bank=BANK))
    loaded = PromptTemplate.model_validate_json(original.model_dump_json())
    assert loaded == original
    assert loaded.content_hash == original.content_hash
    row = {"text": "a broken invoice for a parcel"}
    assert loaded.render(row) == original.render(row)


def test_the_bank_is_part_of_the_hash_and_its_absence_changes_no_older_one() -> None:
    plain = template(None)
    assert "retrieval" not in plain.model_dump() and "retrieval" not in plain.model_dump_json()
    hashes = {plain.content_hash, *(template(Retrieval(count=n, bank=BANK)).content_hash for n in (1, 2))}
    assert len(hashes) == 3
    # Written by the version before there was retrieval.
    assert plain.content_hash == "6551c90b98a6df67"


def test_what_cannot_choose_shows_the_first_of_the_bank() -> None:
    fixed = template(Retrieval(count=2, bank=BANK)).fixed
    assert fixed.demonstrations == BANK[:2]
    assert fixed.retrieval is None
    assert template(None).fixed == template(None)


@pytest.mark.parametrize(
    ("bank", "said"),
    [
        (BANK[:2], "more than 2 different"),
        ((*BANK[:2], BANK[0]), "more than 2 different"),
        ((), "more than 2 different"),
        ((*BANK, Demonstration(inputs={"other": "x"}, output="y")), "same inputs"),
        ((*BANK, Demonstration(inputs={"text": "x" * BANK_CHARACTERS}, output="y")), "characters"),
        (tuple(Demonstration(inputs={"text": str(i)}, output="y") for i in range(41)), "at most 40"),
    ],
)
def test_a_bank_without_choice_or_bounds_is_refused(bank: tuple[Demonstration, ...], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Retrieval(count=2, bank=bank)


def test_a_missing_input_is_named() -> None:
    with pytest.raises(TemplateError, match="'text'"):
        template(Retrieval(count=2, bank=BANK)).render({"body": "x"})


def test_rare_words_count_more_than_common_ones_and_long_texts_less() -> None:
    texts = ("the cat and the dog and the bird", "the fox", "a fox and a great many other things besides it", "the")
    assert most_similar("the fox", ("the cat", "a fox", "the dog", "the bird"))[0] == 1
    assert most_similar("fox!", texts)[:2] == [1, 2]


def test_choosing_costs_far_less_than_a_call() -> None:
    bank = tuple(Demonstration(inputs={"text": f"{text} {i} " * 20}, output="x") for i in range(10) for text in TEXTS)
    retrieval = Retrieval(count=3, bank=bank)
    row = {"text": "my parcel is late and the invoice is wrong " * 10}
    retrieval.choose(row)
    started = time.process_time()
    for _ in range(50):
        retrieval.choose(row)
    assert (time.process_time() - started) / 50 < 0.001
