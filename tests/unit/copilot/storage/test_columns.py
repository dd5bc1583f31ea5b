"""Times and texts come back as they were, on both dialects."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import JsonValue
from sqlalchemy import Dialect, make_url

from copilot.domain.completion import Completion, Message, Usage
from copilot.storage.columns import PlainText, UtcDateTime
from copilot.storage.content import dump, load
from copilot.storage.feedback import rendered_prompt
from copilot.storage.options import dump_options, load_options

DIALECTS: list[Dialect] = [make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_time_is_kept_as_utc(dialect: Dialect) -> None:
    summer = datetime(2026, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    column = UtcDateTime()
    stored = column.process_bind_param(summer, dialect)
    assert column.process_result_value(stored, dialect) == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 7, 1), DIALECTS[0])


def test_a_nul_in_text_is_replaced() -> None:
    assert PlainText().process_bind_param("a\x00b", DIALECTS[1]) == "a\ufffdb"


@pytest.mark.parametrize("text", ["", "\x00\u2028\r\n", "\U0001f985", "half \ud83e", "\udc00"])
def test_content_comes_back_exactly(text: str) -> None:
    completion = Completion(text=text, usage=Usage(calls=1), label_logprobs={"a": -0.1})
    for compact in (True, False):
        assert load(Completion, dump(completion, compact=compact)) == completion
        # PostgreSQL takes neither NUL nor half of a surrogate pair.
        assert "\x00" not in dump(completion, compact=compact)
        assert dump(completion, compact=compact).encode()


def test_compact_content_leaves_out_defaults() -> None:
    assert dump(Completion(text="a", usage=Usage()), compact=True) == '{"text":"a","usage":{}}'


def test_options_come_back_exactly() -> None:
    options: dict[str, JsonValue] = {"save": "caf\u00e9\x00.yaml", "n": [1, None, {"a": 2.5}]}
    assert load_options(dump_options(options)) == options


def test_a_prompt_of_one_message_is_that_message() -> None:
    assert rendered_prompt((Message(role="user", content="a\nb"),)) == "a\nb"
    several = rendered_prompt((Message(role="system", content="s"), Message(role="user", content="\u00e9")))
    assert several == '[{"role": "system", "content": "s"}, {"role": "user", "content": "\u00e9"}]'
