"""Compare with DSPy's optimisers, cell by cell, and write the report.

    python -m benchmarks.compare --harness DIR --data DIR --models DIR --peers-python FILE --out RESULTS.jsonl
    python -m benchmarks.compare --out RESULTS.jsonl --report docs/benchmarks.md

The folder of `--harness` holds `serve.py` (a counting server), `metrics.py` (the scorer), `peer_dspy.py` and `ours.py`;
that of `--data` a folder by kind of task with its sets (`train.jsonl`, `dev.jsonl`, `test.jsonl`); that of `--models`
GGUF files. In each cell the peers are measured first, at their native settings; ours is then capped at a share of the
calls and tokens of the best of them, and measured again where a cheaper one becomes the best. What else
RESULTS.jsonl holds is not measured again, so the command may be stopped at any time and called again.
"""

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.compare.records import PEERS, SHARES, Cell, Store, best_peer, is_within
from benchmarks.compare.report import write_report
from benchmarks.compare.running import Bench


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="RESULTS.jsonl")
    parser.add_argument("--harness", type=Path, metavar="DIR", help="nothing is measured without it")
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--models", type=Path, metavar="DIR")
    parser.add_argument("--peers-python", type=Path, default=Path(sys.executable), metavar="FILE")
    parser.add_argument("--logs", type=Path, default=Path("/tmp"), metavar="DIR")
    parser.add_argument("--only-model", action="append", metavar="NAME", help="name of a GGUF file without its ending")
    parser.add_argument("--only-data", action="append", metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--shares", nargs="*", choices=list(SHARES), default=["third"])
    parser.add_argument("--test", type=int, default=100, help="test rows")
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", type=Path, metavar="FILE.md")
    return parser.parse_args()


def measure(given: argparse.Namespace, store: Store) -> None:
    """Measure what is missing, one cell after the other."""
    bench = Bench(
        harness=given.harness.resolve(),
        data=given.data.resolve(),
        peers_python=given.peers_python.absolute(),
        logs=given.logs,
        test=given.test,
        port=given.port,
        threads=given.threads,
    )
    sets = sorted(folder.parent for folder in given.data.glob("*/*/test.jsonl"))
    sets = _named(sets, given.only_data, what="sets")
    models = _named(sorted(given.models.glob("*.gguf")), given.only_model, what="models")
    for weights, seed, folder in itertools.product(models, given.seeds, sets):
        cell = Cell(model=weights.stem, task=folder.parent.name, data=folder.name, seed=seed)
        done = {record.system for record in store.read() if record.cell == cell}
        peers = [optimizer for optimizer in given.peers if optimizer not in done]
        if not peers and not _missing_shares(store, cell, given.shares):
            continue
        with bench.serving(weights) as url:
            for optimizer in peers:
                store.add(bench.peer(cell, optimizer, url))
            best = best_peer(store.read(), cell)
            for share in _missing_shares(store, cell, given.shares):
                if best is not None:
                    store.add(bench.ours(cell, share, best, url))


def _named(found: Sequence[Path], wanted: Sequence[str] | None, *, what: str) -> list[Path]:
    """Return what is called as wanted; names are those of folders, or of files without their ending."""
    names = {file.stem if file.is_file() else file.name: file for file in found}
    if unknown := [name for name in wanted or () if name not in names]:
        raise SystemExit(f"There are no {what} {', '.join(unknown)}; there are {', '.join(names)}.")
    return [names[name] for name in wanted or names]


def _missing_shares(store: Store, cell: Cell, shares: Sequence[str]) -> list[str]:
    """Return the shares that were not measured, or above what the best peer by now allows."""
    records = store.read()
    best = best_peer(records, cell)
    ours = {record.system: record for record in records if record.cell == cell}
    return [
        share
        for share in shares
        if (found := ours.get(f"ours-{share}")) is None or (best is not None and not is_within(found, best, share))
    ]


def main() -> None:
    """Measure where a harness is given, then report where a file is."""
    given = options()
    store = Store(given.out)
    if given.harness:
        measure(given, store)
    if given.report:
        write_report(store.read(), given.report)


if __name__ == "__main__":
    main()
