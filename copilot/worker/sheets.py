"""One shard of a sheet, from claim to end."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from copilot.domain.saved import Claim
from copilot.domain.sheets import Cell, RowOutput, Shard, as_text
from copilot.evaluation.rows import Runner
from copilot.models.limits import LimitedModel
from copilot.storage import claims, shards
from copilot.storage.database import Database


@dataclass(frozen=True)
class ShardEnd:
    """Every row of the shard is answered."""


Item = tuple[int, RowOutput] | ShardEnd


@dataclass(frozen=True)
class ShardJob:
    """A shard, as `carry` takes it. Rows are saved as they are answered, in any order."""

    shard: Shard
    claim: Claim
    database: Database
    connect: Callable[[str], Awaitable[LimitedModel]]

    async def items(self) -> AsyncGenerator[Item, None]:
        """Run the rows that no earlier worker has done.

        Raises:
            ModelError: the server failed for every row.
            ModelConfigError: the model is not known here.
        """
        plan = self.shard.plan
        refused, rows = _checked(self.shard)
        for number, problem in refused.items():
            yield number, RowOutput(output=None, error=problem)
        if rows:
            labels = plan.form.labels if plan.form else None
            runner = Runner(plan.template, await self.connect(plan.model), labels=labels)
            try:
                results = runner.each(rows.items(), proven=self.shard.proven)
                async with aclosing(results):
                    async for numbered in results:
                        yield numbered
            finally:
                await runner.aclose()
        yield ShardEnd()

    def is_last(self, item: Item) -> bool:
        """Say whether the shard is done."""
        return isinstance(item, ShardEnd)

    def save(self, batch: list[Item]) -> None:
        """Save answers, all or none."""
        answers = [item for item in batch if not isinstance(item, ShardEnd)]
        end = len(answers) < len(batch)
        with self.database.writing() as session:
            shards.save_answers(session, claim=self.claim, sheet_id=self.shard.sheet_id, answers=answers, end=end)

    def beat(self) -> bool:
        """Give a sign of life; return whether the sheet is to stop."""
        with self.database.writing() as session:
            return shards.beat(session, claim=self.claim, sheet_id=self.shard.sheet_id)

    def fail(self, reason: str) -> None:
        """Stop the whole sheet."""
        with self.database.writing() as session:
            shards.fail_sheet(session, claim=self.claim, sheet_id=self.shard.sheet_id, error=reason)

    def stop(self) -> None:
        """Give the shard back; that its sheet is to stop is noted there."""
        self.release()

    def release(self) -> None:
        """Give the shard back, so that another worker goes on at once."""
        with self.database.writing() as session:
            claims.release(session, claim=self.claim)


def _checked(shard: Shard) -> tuple[dict[int, str], Mapping[int, Mapping[str, Cell]]]:
    """Return what is wrong with rows whose choices the app's form does not have, and the other rows."""
    form = shard.plan.form
    if form is None or not form.choices:
        return {}, shard.rows
    rows = {
        number: form.fitted({name: as_text(cell) for name, cell in row.items()}) for number, row in shard.rows.items()
    }
    told = {number: form.problem(row, row=number + 1) for number, row in rows.items()}
    refused = {number: problem for number, problem in told.items() if problem is not None}
    return refused, {number: row for number, row in rows.items() if number not in refused}


def claim_next(database: Database) -> tuple[Claim, Shard] | None:
    """Take the next shard and what is left to do of it; None: there is none."""
    with database.reading() as session:
        if not shards.shard_waits(session):
            return None
    with database.writing() as session:
        claim = shards.claim_shard(session)
        return None if claim is None else (claim, shards.load_shard(session, claim=claim))
