"""Answers that came before their turn: rows are written in order, so a killed job would have to pay for them again."""

import json
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from copilot.domain.completion import Completion
from copilot.errors import StorageError
from copilot.storage.content import dump, load

LINES = 1000
"""The file is cut down when it has grown to so many."""


class AnswersAhead:
    """The newest answers of a job in a file beside it; a ledger for the rows that an earlier session did not write.

    Args:
        path: the file; it is deleted when the job is done.
        keep: answers that may be waiting for their turn.

    Raises:
        StorageError: the disk refuses.
    """

    def __init__(self, path: Path, *, keep: int) -> None:
        self._path = path
        self._known = _read(path)
        self._newest: deque[str] = deque((_line(*item) for item in self._known.items()), maxlen=keep)
        self._lines = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._cut_down()
        except OSError as error:
            raise self._refused(error) from error

    def get(self, key: str) -> Completion | None:
        """Return what an earlier session was answered."""
        return self._known.get(key)

    def put(self, key: str, completion: Completion, *, model: str) -> None:
        """Keep an answer; it has reached the operating system on return.

        Raises:
            StorageError: the disk refuses.
        """
        line = _line(key, completion)
        self._newest.append(line)
        try:
            if self._lines >= LINES:
                self._stream.close()
                self._stream = self._cut_down()
                return
            self._stream.write(line)
            self._stream.flush()
            self._lines += 1
        except OSError as error:
            raise self._refused(error) from error

    def close(self, *, done: bool) -> None:
        """Let go of the file; when the job is done it is deleted."""
        with suppress(OSError):
            self._stream.close()
        if done:
            self._path.unlink(missing_ok=True)

    def _cut_down(self) -> TextIO:
        """Put a file with the newest answers only in place at once, and go on in it."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text("".join(self._newest), encoding="ascii")
        fresh.replace(self._path)
        self._lines = len(self._newest)
        return self._path.open("a", encoding="ascii")

    def _refused(self, error: OSError) -> StorageError:
        reason = error.strerror or str(error)
        return StorageError(
            f"Answers could not be kept in '{self._path}' ({reason[:1].lower()}{reason[1:]}); make room there and "
            "start again: the rows written so far are kept."
        )


def _line(key: str, completion: Completion) -> str:
    return json.dumps([key, dump(completion, compact=True)]) + "\n"


def _read(path: Path) -> dict[str, Completion]:
    """Return what a file holds; a line that a kill has cut off is none."""
    known = {}
    with suppress(OSError, ValueError), path.open(encoding="ascii") as stream:
        for line in stream:
            key, content = json.loads(line)
            known[key] = load(Completion, content)
    return known
