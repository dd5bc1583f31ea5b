"""Uploads as files, and files as downloads; nothing stays on the disk."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, cast

LONGEST_NAME = 100


class _Upload(Protocol):
    name: str

    def getbuffer(self) -> memoryview: ...


@contextmanager
def as_file(upload: object) -> Iterator[Path]:
    """Give an upload as a file that is there for a while, under its own name: messages speak of it."""
    given = cast("_Upload", upload)
    with tempfile.TemporaryDirectory(prefix="falconer-") as folder:
        path = Path(folder) / safe_name(given.name)
        path.write_bytes(given.getbuffer())
        yield path


def safe_name(name: str) -> str:
    """Return a file's name without folders, characters that no disk takes, or too much length."""
    base = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(letter if letter.isprintable() else "_" for letter in base).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    kept = clean if len(clean.encode()) <= LONGEST_NAME else stem[: LONGEST_NAME // 4] + dot + suffix[:10]
    return kept or "file"


def made(name: str, write: Callable[[Path], object]) -> bytes:
    """Return what a function writes to a file of this name."""
    with tempfile.TemporaryDirectory(prefix="falconer-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
