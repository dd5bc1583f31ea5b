"""Score against calls: ours at shares of the best peer's budget, beside that peer."""

from collections.abc import Sequence
from pathlib import Path

import altair as alt

from benchmarks.compare.records import Record, best_peer

SYSTEMS = ["Falconer", "best of DSPy"]


def draw_shares(records: Sequence[Record], file: Path) -> bool:
    """Draw a small chart for each cell in which ours was measured at several shares; say whether there was any."""
    points = []
    for cell in sorted({record.cell for record in records}):
        ours = [record for record in records if record.cell == cell and record.system.startswith("ours-")]
        if len(ours) > 1:
            peer = best_peer(list(records), cell)
            points += [_point(record, SYSTEMS[0]) for record in ours]
            points += [_point(peer, SYSTEMS[1])] if peer else []
    if not points:
        return False
    chart = (
        alt.Chart({"values": points})
        .mark_line(point=alt.OverlayMarkDef(size=45))
        .encode(
            x=alt.X("calls:Q", title="calls", scale=alt.Scale(zero=True)),
            y=alt.Y("score:Q", title="score on test rows", scale=alt.Scale(zero=True)),
            color=alt.Color("system:N", title=None, scale=alt.Scale(domain=SYSTEMS, range=["#1F5E8C", "#B4530A"])),
            shape=alt.Shape("system:N", title=None, scale=alt.Scale(domain=SYSTEMS, range=["circle", "square"])),
        )
        .properties(width=220, height=150)
        .facet(facet=alt.Facet("cell:N", title=None), columns=4)
        .resolve_scale(x="independent")
    )
    chart.save(file)
    return True


def _point(record: Record, system: str) -> dict[str, str | float]:
    return {
        "cell": str(record.cell),
        "system": system,
        "calls": record.cost["calls"],
        "score": round(record.score, 4),
    }
