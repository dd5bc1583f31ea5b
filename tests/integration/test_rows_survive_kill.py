"""A writer that is killed, or whose disk is full, leaves rows that a second one goes on with."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copilot.export.rows import existing_rows, open_row_writer

COLUMNS = ["id", "text"]
WRITE = """
import sys
from pathlib import Path
from copilot.export.rows import open_row_writer
with open_row_writer(Path(sys.argv[1]), ["id", "text"], resume=True) as writer:
    number = writer.rows_before
    while True:
        writer.write({"id": str(number), "text": f'row {number},\\n"quoted" ' * 20})
        number += 1
"""
FULL = """
import resource, sys
from pathlib import Path
from copilot.errors import StorageError
from copilot.export.rows import open_row_writer
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with open_row_writer(Path(sys.argv[1]), ["id", "text"]) as writer:
        for number in range(10_000):
            writer.write({"id": str(number), "text": "x" * 100})
except StorageError as error:
    print(error)
"""


def rows_on_disk(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_kill_in_the_middle_of_writing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    written = path if suffix != ".xlsx" else tmp_path / "out.xlsx.partial.jsonl"
    for _ in range(2):
        before = rows_on_disk(written)
        process = subprocess.Popen([sys.executable, "-c", WRITE, str(path)])
        deadline = time.monotonic() + 60
        while rows_on_disk(written) < before + 200_000 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert rows_on_disk(written) >= before + 200_000
    # The kill may have come between two rows: tear the last one.
    os.truncate(written, rows_on_disk(written) - 7)
    with open_row_writer(path, COLUMNS, resume=True) as writer:
        count = writer.rows_before
        assert count > 100
        writer.write({"id": str(count), "text": "last"})
    rows = list(existing_rows(path))
    assert [row["id"] for row in rows] == [str(number) for number in range(count + 1)]
    assert rows[-1]["text"] == "last" and rows[0]["text"] == 'row 0,\n"quoted" ' * 20


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    result = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    assert "could not be written" in result.stdout and result.stderr == ""
    rows = list(existing_rows(path))
    assert len(rows) > 50 and rows[-1]["id"] == str(len(rows) - 1)
