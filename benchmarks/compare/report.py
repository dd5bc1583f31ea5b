"""Writes what was measured into the marked part of a page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks._marked import replace_marked
from benchmarks.compare.chart import draw_shares
from benchmarks.compare.comparing import Pair, hierarchical, paired
from benchmarks.compare.records import PEERS, SHARES, Cell, Record, best_peer

COMMAND = "python -m benchmarks.compare"
MAIN = "ours-third"


def write_report(records: Sequence[Record], page: Path) -> None:
    """Replace the marked part of the page, and its charts beside it."""
    pairs = _pairs(records, MAIN)
    parts = [_summary(pairs), _main_table(pairs), _systems_table(records), _speed_table(pairs)]
    chart = page.with_name(page.stem + "-calls.svg")
    if draw_shares(records, chart):
        parts.append(f"![Score against the share of the best peer's calls]({chart.name})")
    replace_marked(page, COMMAND, "\n\n".join(parts))


def _pairs(records: Sequence[Record], system: str) -> list[Pair]:
    pairs = []
    for record in sorted((record for record in records if record.system == system), key=lambda record: record.cell):
        peer = best_peer(list(records), record.cell)
        if peer is not None:
            pairs.append(Pair(ours=record, peer=peer))
    return pairs


def _summary(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return "Nothing was measured yet."
    differences = [paired(pair) for pair in pairs]
    shown = Counter("win" if d.low > 0 else "loss" if d.high < 0 else "tie" for d in differences)
    calls = sum(pair.ours.cost["calls"] for pair in pairs) / sum(pair.peer.cost["calls"] for pair in pairs)
    tokens = sum(pair.ours.tokens for pair in pairs) / sum(pair.peer.tokens for pair in pairs)
    used = [(p.ours.prompt_tokens_per_row, p.peer.prompt_tokens_per_row) for p in pairs]
    known = [(ours, peer) for ours, peer in used if ours is not None and peer is not None]
    shipped = "."
    if known:
        use = sum(ours for ours, _ in known) / sum(peer for _, peer in known)
        shipped = f"; the shipped prompt has {use:.0%} of its prompt tokens a row."
    seconds = sum(pair.ours.seconds for pair in pairs) / sum(pair.peer.seconds for pair in pairs)
    cells = "one cell" if len(pairs) == 1 else f"{len(pairs)} cells"
    return (
        f"Over {cells}, ours minus the best of DSPy's optimisers in each: **{hierarchical(pairs)} points** "
        f"(95 % interval, bootstrapped over cells and rows), with {calls:.0%} of its calls, {tokens:.0%} of its tokens "
        f"and {seconds:.0%} of its seconds{shipped} "
        f"Beyond the interval: {shown['win']} wins, {shown['tie']} ties, {shown['loss']} losses."
    )


def _main_table(pairs: Sequence[Pair]) -> str:
    titles = ("cell", "best peer", "its score", "ours", "difference [95 %]", "calls", "tokens", "seconds",
              "prompt tokens a row")  # fmt: skip
    rows = [
        (
            str(pair.ours.cell),
            pair.peer.system,
            f"{pair.peer.score:.3f}",
            f"{pair.ours.score:.3f}",
            str(paired(pair)),
            _change(pair.peer.cost["calls"], pair.ours.cost["calls"]),
            _change(pair.peer.tokens, pair.ours.tokens),
            _change(pair.peer.seconds, pair.ours.seconds),
            _change(pair.peer.prompt_tokens_per_row, pair.ours.prompt_tokens_per_row),
        )
        for pair in pairs
    ]
    return _table(titles, rows)


def _systems_table(records: Sequence[Record]) -> str:
    systems = [*PEERS, *(f"ours-{share}" for share in SHARES)]
    measured = {(record.cell, record.system): record for record in records}
    shown = [system for system in systems if any(name == system for _, name in measured)]
    rows = []
    for cell in sorted({cell for cell, _ in measured}):
        rows.append((str(cell), _unoptimised(cell, records), *(_score(measured.get((cell, s))) for s in shown)))
    return "Every system's score, with its calls:\n\n" + _table(("cell", "DSPy unoptimised", *shown), rows)


def _speed_table(pairs: Sequence[Pair]) -> str:
    titles = ("cell", "calls a second", "cached share of the prompts", "tokens of an answer")
    rows = [
        (
            str(pair.ours.cell),
            *(
                f"{measure(pair.peer):{form}} to {measure(pair.ours):{form}}"
                for measure, form in ((_rate, ".2f"), (_cached, ".0%"), (_answer_tokens, ".0f"))
            ),
        )
        for pair in pairs
    ]
    return "How fast the optimisation went on the same server, best peer to ours:\n\n" + _table(titles, rows)


def _rate(record: Record) -> float:
    return record.cost["calls"] / record.seconds


def _cached(record: Record) -> float:
    return record.cost["cached_tokens"] / record.cost["prompt_tokens"]


def _answer_tokens(record: Record) -> float:
    return record.cost["completion_tokens"] / record.cost["calls"]


def _unoptimised(cell: Cell, records: Sequence[Record]) -> str:
    found = [record.extra["before"] for record in records if record.cell == cell and "before" in record.extra]
    return f"{found[0]:.3f}" if found else ""


def _score(record: Record | None) -> str:
    return f"{record.score:.3f} ({record.cost['calls']:,.0f})" if record else ""


def _change(peer: float | None, ours: float | None) -> str:
    return " to ".join("unknown" if value is None else f"{value:,.0f}" for value in (peer, ours))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
