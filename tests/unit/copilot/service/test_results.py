from hypothesis import given
from hypothesis import strategies as st

from copilot.domain.completion import Decoding
from copilot.domain.prompt import Demonstration, PromptTemplate, Retrieval
from copilot.service.results import prompt_diff, prompt_text, word_diff
from tasks.model import OutputContract, TaskKind

texts = st.text(st.sampled_from("ab \n\t.é"), max_size=40)


@given(before=texts, after=texts)
def test_a_diff_holds_both_texts_whole(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "new") == before
    assert "".join(piece.text for piece in pieces if piece.change != "gone") == after


def test_one_changed_word_is_one_change() -> None:
    changes = [(piece.change, piece.text) for piece in word_diff("sort the mail now", "sort the tickets now")]
    assert changes == [("same", "sort the "), ("gone", "mail"), ("new", "tickets"), ("same", " now")]


def template(**fields: object) -> PromptTemplate:
    base = PromptTemplate(
        kind=TaskKind.CUSTOM,
        variables=("text",),
        item="Text: {{text}}",
        contract=OutputContract(form="text"),
        decoding=Decoding(max_tokens=8),
    )
    return base.model_copy(update=fields)


def test_a_single_message_is_shown_as_it_is_with_its_slots() -> None:
    assert prompt_text(template(instruction="Sort.")) == "Sort.\n\nText: {{text}}"


def test_several_messages_are_told_apart() -> None:
    shown = template(system="Be brief.", demonstrations=(Demonstration(inputs={"text": "hi"}, output="greeting"),))
    assert prompt_text(shown).split("\n\n") == [
        "[System]\nBe brief.",
        "[User]\nText: hi",
        "[Answer]\ngreeting",
        "[User]\nText: {{text}}",
    ]


def test_a_bank_is_said_to_be_chosen_from() -> None:
    bank = tuple(Demonstration(inputs={"text": word}, output=word.upper()) for word in ("hi", "bye", "so"))
    parts = prompt_text(template(retrieval=Retrieval(count=1, bank=bank))).split("\n\n")
    assert parts[:2] == ["[User]\nText: hi", "[Answer]\nHI"]
    assert parts[-1] == "[Chosen anew for every input: the one example of 3 whose inputs are most like it.]"


def test_heads_of_messages_are_no_words_of_the_prompt() -> None:
    before = template(system="Be brief.", instruction="Say [User] where it helps.")
    pieces = prompt_diff(before, template(system="Be exact.", instruction="Say [User] where it helps."))
    assert [piece.text for piece in pieces if piece.head] == ["[System]", "[User]"]
    assert [(piece.change, piece.text) for piece in pieces if piece.change != "same"] == [
        ("gone", "brief."),
        ("new", "exact."),
    ]
    assert "".join(piece.text for piece in pieces if piece.change != "new") == prompt_text(before)
    alone = prompt_diff(template(instruction="Sort."), before)
    assert [piece.change for piece in alone if piece.head] == ["new", "new"]


def test_that_examples_are_chosen_anew_is_one_piece() -> None:
    bank = tuple(Demonstration(inputs={"text": word}, output=word.upper()) for word in ("hi", "bye", "so"))
    before, after = (template(retrieval=Retrieval(count=count, bank=bank)) for count in (1, 2))
    said = [(piece.change, piece.text[:10]) for piece in prompt_diff(before, after) if piece.head == "chosen_anew"]
    assert said == [("gone", "[Chosen an"), ("new", "[Chosen an")]
    pieces = prompt_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "gone") == prompt_text(after)


def test_a_message_that_is_not_like_any_other_is_new_as_a_whole() -> None:
    shown = (Demonstration(inputs={"text": "I work in a house"}, output="home"),)
    before = template(instruction="You work in a house full of letters.")
    after = template(instruction="Say where it belongs.", demonstrations=shown)
    pieces = prompt_diff(before, after)
    assert [(piece.change, piece.head) for piece in pieces if piece.head] == [
        ("new", "user"),
        ("new", "assistant"),
        ("new", "user"),
    ]
    assert "".join(piece.text for piece in pieces if piece.change != "new") == prompt_text(before)
    assert "".join(piece.text for piece in pieces if piece.change != "gone") == prompt_text(after)
    turned = prompt_diff(after, before)
    assert "".join(piece.text for piece in turned if piece.change != "new") == prompt_text(after)
