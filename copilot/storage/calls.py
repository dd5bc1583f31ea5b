"""The log of a run's calls in the database: what keeps its cap over crashes, failures and other machines."""

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, func, literal_column, update
from sqlalchemy import select as columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from copilot.domain.ledger import Unanswered
from copilot.domain.run import Role, RunStatus
from copilot.domain.saved import Claim
from copilot.errors import StaleWorker
from copilot.storage.database import Database
from copilot.storage.prepared import KeptConnection, Prepared
from copilot.storage.tables import CallRow, CompletionRow, RunRow


class DatabaseCallLog:
    """Implements `copilot.domain.ledger.CallLog` for one claim; for one thread.

    Args:
        database: where the run is saved.
        claim: the right to write for the run; every note is refused once another worker has taken it over.
    """

    def __init__(self, database: Database, claim: Claim) -> None:
        self._database = database
        self._claim = claim
        self._connection = KeptConnection(database)
        self._note = _note(database, claim)

    def sent(self) -> int:
        """Return how many calls the run has sent so far.

        Raises:
            StorageError: the database cannot be read.
        """
        query = select(func.coalesce(func.sum(CallRow.calls), 0)).where(CallRow.run_id == self._claim.job_id)
        with self._database.reading() as session:
            return int(session.exec(query).one())

    def unanswered(self) -> dict[str, Unanswered]:
        """Return the requests without a stored answer, by key.

        Raises:
            StorageError: the database cannot be read.
        """
        query = (
            select(CallRow)
            .join(CompletionRow, col(CompletionRow.key) == col(CallRow.key), isouter=True)
            .where(CallRow.run_id == self._claim.job_id, col(CompletionRow.key).is_(None))
        )
        with self._database.reading() as session:
            return {
                row.key: Unanswered(role=Role(row.role), calls=row.calls, problem=row.problem, overflow=row.overflow)
                for row in session.exec(query)
            }

    def note(self, key: str, role: Role) -> None:
        """Note a call that is about to be sent.

        Raises:
            StaleWorker: another worker has taken the run over; nothing may be sent.
            StorageError: the database cannot be written.
        """
        row = {"run_id": self._claim.job_id, "key": key, "role": role.value}
        if self._connection.execute(self._note, row).rowcount != 1:
            raise StaleWorker(f"Another worker has taken over the run {self._claim.job_id}; this one stops.")

    def refuse(self, key: str, problem: str, *, overflow: bool) -> None:
        """Note that the server will never answer this request.

        Raises:
            StorageError: the database cannot be written.
        """
        statement = update(CallRow).where(col(CallRow.run_id) == self._claim.job_id, col(CallRow.key) == key)
        with self._database.writing() as session:
            session.exec(statement.values(problem=problem, overflow=overflow))

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def _note(database: Database, claim: Claim) -> Prepared:
    """Return the statement that counts one call, unless the claim is no longer the run's."""
    values: list[ColumnElement[Any]] = [bindparam("key", type_=Text), bindparam("role", type_=Text)]
    values += [literal_column(value) for value in ("1", "''", "false")]
    held = (
        columns(col(RunRow.id), *values)
        .where(
            col(RunRow.id) == bindparam("run_id"),
            col(RunRow.attempt) == literal_column(str(int(claim.attempt))),
            col(RunRow.status) == literal_column(f"'{RunStatus.RUNNING}'"),
        )
        # Whoever wants to claim the run waits for this statement, and finds its call in the sum.
        .with_for_update(read=True, key_share=True)
    )
    insert = (sqlite.insert if database.is_sqlite else postgresql.insert)(CallRow)
    statement = insert.from_select(["run_id", "key", "role", "calls", "problem", "overflow"], held)
    counted = statement.on_conflict_do_update(
        index_elements=["run_id", "key"], set_={"calls": col(CallRow.calls) + literal_column("1")}
    )
    table = CallRow.metadata.tables["run_calls"]
    return Prepared(counted, database, table=table, names=("key", "role", "run_id"))
