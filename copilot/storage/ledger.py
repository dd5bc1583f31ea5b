"""The ledger of completions in the database."""

from collections import OrderedDict
from threading import Lock

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from copilot.domain.completion import Completion
from copilot.storage.columns import now
from copilot.storage.content import dump, load
from copilot.storage.database import Database
from copilot.storage.prepared import KeptConnection, Prepared
from copilot.storage.tables import CompletionRow

CACHED = 4096
"""Completions kept in memory; a few megabytes."""

_SELECT = select(CompletionRow.content).where(col(CompletionRow.key) == bindparam("key"))
_COLUMNS = ("key", "model", "content", "created_at")


class DatabaseLedger:
    """Implements `copilot.domain.ledger.Ledger`; may be shared by threads.

    Every `put` is a transaction of its own on a connection that is kept: a killed process loses none, and other
    processes wait at most for one small write. The first answer to a request stays, whoever else writes one.
    """

    def __init__(self, database: Database) -> None:
        self._lock = Lock()
        self._connection = KeptConnection(database)
        self._recent: OrderedDict[str, Completion] = OrderedDict()
        insert = sqlite.insert if database.is_sqlite else postgresql.insert
        statement = insert(CompletionRow).on_conflict_do_nothing(index_elements=["key"])
        table = CompletionRow.metadata.tables["completions"]
        self._insert = Prepared(statement, database, table=table, names=_COLUMNS)
        self._select = Prepared(_SELECT, database, table=table, names=("key",))

    def get(self, key: str) -> Completion | None:
        """Return the stored completion, or None.

        Raises:
            StorageError: the database cannot be read.
        """
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                return self._recent[key]
            found = self._connection.execute(self._select, {"key": key}).fetchone()
            if found is None:
                return None
            completion = load(Completion, found[0])
            self._remember(key, completion)
            return completion

    def put(self, key: str, completion: Completion, *, model: str) -> None:
        """Store a completion; a key that is there already is left as it is.

        Raises:
            StorageError: the database cannot be written.
        """
        row = {"key": key, "model": model, "content": dump(completion, compact=True), "created_at": now()}
        with self._lock:
            if key in self._recent:
                return
            if self._connection.execute(self._insert, row).rowcount == 1:
                self._remember(key, completion)

    def close(self) -> None:
        """Give the connection back; the ledger opens another when it is used again."""
        with self._lock:
            self._connection.close()

    def _remember(self, key: str, completion: Completion) -> None:
        self._recent[key] = completion
        if len(self._recent) > CACHED:
            self._recent.popitem(last=False)
