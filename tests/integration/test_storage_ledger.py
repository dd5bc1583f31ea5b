"""The ledger on both databases, shared by threads, and after a killed process."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from copilot.domain.completion import Completion, Usage
from copilot.domain.ledger import Ledger
from copilot.storage.database import Database, open_database
from copilot.storage.ledger import CACHED, DatabaseLedger


def _completion(text: str) -> Completion:
    return Completion(
        text=text,
        usage=Usage(calls=2, prompt_tokens=30, cached_tokens=20, completion_tokens=4),
        finish_reason="length",
        latency_seconds=0.1234567891234,
        label_logprobs={"yes": -0.10000000000000002, "no": -12.25},
        constraint_used="schema",
    )


@pytest.mark.parametrize("text", ["", "caf\u00e9 \U0001f985\r\n", "a\x00b\u2028", "half a pair \ud83e"])
def test_a_completion_comes_back_exactly(database: Database, text: str) -> None:
    ledger: Ledger = DatabaseLedger(database)
    ledger.put("k", _completion(text), model="embedded")
    assert DatabaseLedger(database).get("k") == _completion(text)
    assert ledger.get("other") is None


def test_the_first_answer_stays_whoever_writes(database: Database) -> None:
    one, other = DatabaseLedger(database), DatabaseLedger(database)
    one.put("k", _completion("first"), model="m")
    other.put("k", _completion("second"), model="m")
    one.put("k", _completion("third"), model="m")
    for ledger in (one, other, DatabaseLedger(database)):
        found = ledger.get("k")
        assert found is not None
        assert found.text == "first"


def test_threads_share_a_ledger(database: Database) -> None:
    ledger = DatabaseLedger(database)

    def work(number: int) -> None:
        for n in range(50):
            ledger.put(f"{number}-{n}", _completion(f"{number}-{n}"), model="m")
            assert ledger.get(f"{number}-{n}") is not None

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = DatabaseLedger(database)
    for number in range(4):
        for n in range(50):
            found = fresh.get(f"{number}-{n}")
            assert found is not None
            assert found.text == f"{number}-{n}"


def test_memory_stays_bounded_and_nothing_is_forgotten(tmp_path: Path) -> None:
    opened = open_database(tmp_path)
    ledger = DatabaseLedger(opened)
    for n in range(CACHED + 10):
        ledger.put(str(n), _completion(str(n)), model="m")
    assert len(ledger._recent) == CACHED
    found = ledger.get("0")
    assert found is not None
    assert found.text == "0"
    ledger.close()
    opened.close()


@pytest.mark.postgres
def test_a_lost_connection_is_opened_again(postgres_url: str) -> None:
    opened = open_database(postgres_url, upgrade=True)
    ledger = DatabaseLedger(opened)
    ledger.put("a", _completion("a"), model="m")
    with opened.engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.exec_driver_sql(f"{others} AND pid <> pg_backend_pid()")
    ledger.put("b", _completion("b"), model="m")
    found = DatabaseLedger(opened).get("b")
    assert found is not None
    assert found.text == "b"
    opened.close()


WRITER = """
import sys
from copilot.domain.completion import Completion, Usage
from copilot.storage.database import open_database
from copilot.storage.ledger import DatabaseLedger
ledger = DatabaseLedger(open_database(sys.argv[1]))
for n in range(10**9):
    ledger.put(f"{sys.argv[2]}-{n}", Completion(text=f"answer {n}", usage=Usage(calls=1)), model="m")
    sys.stdout.write(f"{sys.argv[2]}-{n}\\n")
    sys.stdout.flush()
"""


def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    chance = random.Random(7)
    open_database(tmp_path).close()
    acknowledged: list[str] = []
    for attempt in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(attempt)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        acknowledged.append(writer.stdout.readline().strip())
        # It now writes thousands of entries a second; whenever the signal comes, it is in the midst of one.
        killer = threading.Timer(chance.uniform(0.005, 0.3), writer.send_signal, [signal.SIGKILL])
        killer.start()
        # The last line may be torn; only whole ones are acknowledgements.
        acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
    started = time.monotonic()
    opened = open_database(tmp_path)
    assert time.monotonic() - started < 10
    ledger = DatabaseLedger(opened)
    missing = [key for key in acknowledged if ledger.get(key) is None]
    assert len(acknowledged) > 10
    assert missing == []
    with opened.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    ledger.close()
    opened.close()
