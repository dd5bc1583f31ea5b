import json
from pathlib import Path

import pytest

from copilot.cli.output import clean, column_mapping, require_writable, write_json
from copilot.cli.progress import duration
from copilot.errors import UserError


def test_what_a_terminal_would_obey_is_taken_out() -> None:
    assert clean("red \x1b[31m, bell \x07, reversed \u202e") == "red \ufffd[31m, bell \ufffd, reversed \ufffd"
    assert clean("a\tb\nc é 👩‍🚒") == "a\tb\nc é 👩‍🚒"


def test_columns_are_read_as_pairs() -> None:
    assert column_mapping(["text=Message body", "label = Team "]) == {"text": "Message body", "label": "Team"}
    with pytest.raises(UserError, match="text=Message"):
        column_mapping(["text"])


def test_a_result_is_written_whole(tmp_path: Path) -> None:
    write_json({"é": 1}, str(tmp_path / "result.json"))
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == {"é": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]


def test_a_file_that_cannot_be_written_is_refused_beforehand(tmp_path: Path) -> None:
    require_writable(str(tmp_path / "result.json"), what="the result")
    require_writable("-", what="the result")
    with pytest.raises(UserError, match="folder"):
        require_writable(str(tmp_path), what="the result")
    with pytest.raises(UserError, match="There is no folder"):
        require_writable(str(tmp_path / "no" / "result.json"), what="the result")


@pytest.mark.parametrize(("seconds", "words"), [(5.2, "5 s"), (600, "10 min"), (9000, "2.5 h")])
def test_a_time_has_the_unit_that_suits_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words
