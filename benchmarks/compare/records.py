"""What is measured, where it is kept, and what it cost."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PEERS = ("bootstrap", "mipro", "gepa")
SHARES = {"third": 3, "whole": 1, "half": 2, "quarter": 4, "eighth": 8}
"""Ours, by the divisor of the best peer's calls and tokens that caps it."""


@dataclass(frozen=True, order=True)
class Cell:
    """One data set on one model with one draw of rows."""

    model: str
    task: str
    data: str
    """Name of the set's folder."""
    seed: int

    def __str__(self) -> str:
        return f"{self.data} x {self.model}, seed {self.seed}"


@dataclass(frozen=True)
class Record:
    """One system measured in one cell."""

    cell: Cell
    system: str
    """A peer's optimiser, or `ours-` and the share of the best peer's cost."""
    rows: dict[str, float]
    """Score of each test row whose answer could be read."""
    n: int
    """Test rows in all."""
    cost: dict[str, float]
    """Of the optimisation: calls, prompt, cached and completion tokens."""
    use: dict[str, float]
    """Of the test rows."""
    seconds: float
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Mean over all test rows; one that could not be read is worth 0."""
        return sum(self.rows.values()) / self.n

    @property
    def tokens(self) -> float:
        """Prompt and completion tokens of the optimisation."""
        return self.cost["prompt_tokens"] + self.cost["completion_tokens"]

    @property
    def prompt_tokens_per_row(self) -> float | None:
        """What the shipped prompt costs at use; None where it is the unoptimised one, which is not asked again."""
        return self.use["prompt_tokens"] / self.n if self.use["calls"] else None


class Store:
    """Records in a file of JSON Lines; what is there is not measured again. A system's last record in a cell counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Record]:
        """Return all records that count."""
        if not self._path.exists():
            return []
        found: dict[tuple[Cell, str], Record] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            record = Record(**fields | {"cell": Cell(**fields["cell"])})
            found[record.cell, record.system] = record
        return list(found.values())

    def add(self, record: Record) -> None:
        """Append one record."""
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def allowance(best: Record, share: str) -> tuple[int, int]:
    """Return the calls and tokens that a share of the best peer's cost comes to."""
    return int(best.cost["calls"] / SHARES[share]), int(best.tokens / SHARES[share])


def is_within(ours: Record, best: Record, share: str) -> bool:
    """Tell whether ours kept to its share; it may not have, where another peer has become the best one since."""
    calls, tokens = allowance(best, share)
    return ours.cost["calls"] <= calls and ours.tokens <= tokens


def best_peer(records: list[Record], cell: Cell) -> Record | None:
    """Return the peer that scored best on the cell's test rows; None where none was measured."""
    peers = [record for record in records if record.cell == cell and record.system in PEERS]
    return max(peers, key=lambda record: record.score, default=None)
