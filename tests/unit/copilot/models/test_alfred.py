import pytest

from copilot.domain.completion import Message
from copilot.models.alfred import FORMATS, parse
from copilot.models.tgi import without_stop

CHAT = (
    Message(role="system", content="Be brief."),
    Message(role="user", content="Hello\nthere"),
    Message(role="assistant", content="Good day."),
    Message(role="user", content="Who are you?"),
)


def test_0723_is_a_dialogue() -> None:
    assert FORMATS["alfred-0723"].render(CHAT) == (
        "Be brief.\n\nUser: Hello\nthere\nAlfred: Good day.\nUser: Who are you?\nAlfred:"
    )


def test_1023_has_marks_around_messages() -> None:
    assert FORMATS["alfred-1023"].render(CHAT) == (
        "<start_system>Be brief.<end_message><start_user>Hello\nthere<end_message>"
        "<start_assistant>Good day.<end_message><start_user>Who are you?<end_message><start_assistant>"
    )


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_prompt_is_taken_apart_as_it_was_put_together(name: str) -> None:
    assert parse(FORMATS[name].render(CHAT)) == (CHAT, FORMATS[name])
    assert parse(FORMATS[name].render(CHAT[1:2])) == (CHAT[1:2], FORMATS[name])


@pytest.mark.parametrize("text", ["Hello", "User: hello", "<start_user>hello", "What does 'User: x' mean?\nAlfred:x"])
def test_any_other_text_is_one_message(text: str) -> None:
    assert parse(text) == ((Message(role="user", content=text),), None)


def test_a_trailing_answer_is_continued() -> None:
    assert FORMATS["alfred-0723"].render(CHAT[1:3]) == "User: Hello\nthere\nAlfred: Good day."


@pytest.mark.parametrize(
    ("text", "left"), [("Yes.\nUser:", "Yes.\n"), ("Yes.", "Yes."), ("User: no", "User: no"), ("", "")]
)
def test_the_stop_text_is_taken_off_the_end(text: str, left: str) -> None:
    assert without_stop(text, ("User:",)) == left
