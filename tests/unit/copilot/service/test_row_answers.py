"""Answers that came before their turn."""

from pathlib import Path

import pytest

from copilot.domain.completion import Completion, Usage
from copilot.errors import StorageError
from copilot.service.row_answers import LINES, AnswersAhead


def completion(text: str) -> Completion:
    return Completion(text=text, usage=Usage(calls=1, prompt_tokens=3), label_logprobs={"a": -0.25})


def test_what_one_session_was_answered_the_next_one_knows(tmp_path: Path) -> None:
    file = tmp_path / "new" / "job.ahead"
    first = AnswersAhead(file, keep=4)
    first.put("k", completion("caf\u00e9 \ud83e\n"), model="m")
    assert first.get("k") is None
    second = AnswersAhead(file, keep=4)
    assert second.get("k") == completion("caf\u00e9 \ud83e\n") and second.get("other") is None
    first.close(done=False)
    second.close(done=True)
    assert not file.exists()


def test_a_line_that_a_kill_cut_off_is_none(tmp_path: Path) -> None:
    file = tmp_path / "job.ahead"
    ahead = AnswersAhead(file, keep=4)
    for key in "ab":
        ahead.put(key, completion(key), model="m")
    ahead.close(done=False)
    file.write_bytes(file.read_bytes()[:-9])
    again = AnswersAhead(file, keep=4)
    assert again.get("a") == completion("a") and again.get("b") is None
    again.put("c", completion("c"), model="m")
    again.close(done=False)
    third = AnswersAhead(file, keep=4)
    assert [third.get(key) is not None for key in "abc"] == [True, False, True]
    third.close(done=True)


def test_the_file_stays_small_and_holds_the_newest(tmp_path: Path) -> None:
    file = tmp_path / "job.ahead"
    ahead = AnswersAhead(file, keep=8)
    most = 0
    for number in range(3 * LINES):
        ahead.put(str(number), completion(str(number)), model="m")
        most = max(most, file.stat().st_size)
    ahead.close(done=False)
    assert most < 1.1 * LINES * 200
    again = AnswersAhead(file, keep=8)
    assert all(again.get(str(3 * LINES - 1 - back)) is not None for back in range(8))
    again.close(done=True)


def test_a_disk_that_refuses_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "job.ahead").mkdir()
    with pytest.raises(StorageError, match="could not be kept"):
        AnswersAhead(tmp_path / "job.ahead", keep=4)
