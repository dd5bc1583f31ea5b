"""The comparison with peers: what is paired, which peer counts, and what the report says of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.compare import __main__ as command
from benchmarks.compare.comparing import Pair, hierarchical, paired
from benchmarks.compare.records import Cell, Record, Store, best_peer, is_within
from benchmarks.compare.report import COMMAND, write_report

CELL = Cell(model="small", task="classification", data="mails", seed=1)
COST: dict[str, float] = {"calls": 90, "prompt_tokens": 900, "cached_tokens": 600, "completion_tokens": 180}


def record(system: str, scores: dict[str, float], *, n: int = 4, calls: int = 90) -> Record:
    return Record(cell=CELL, system=system, rows=scores, n=n, cost=COST | {"calls": calls}, use=COST, seconds=30.0)


def test_a_row_without_an_answer_is_worth_nothing_on_either_side() -> None:
    ours = record("ours-third", {"a": 1.0, "b": 1.0, "c": 0.5})
    peer = record("bootstrap", {"b": 1.0, "c": 1.0})

    pair = Pair(ours=ours, peer=peer)

    assert sorted(pair.differences) == [-0.5, 0.0, 0.0, 1.0]
    assert paired(pair).mean == pytest.approx(ours.score - peer.score) == pytest.approx(0.125)


def test_equal_rows_have_an_interval_of_no_width() -> None:
    pair = Pair(ours=record("ours-third", {"a": 1.0}), peer=record("gepa", {"a": 1.0}))

    assert str(hierarchical([pair, pair])) == "+0.0 [+0.0, +0.0]"


def test_the_interval_over_cells_is_wider_than_that_of_one_where_cells_disagree() -> None:
    rows = {str(number): float(number % 2) for number in range(100)}
    better = Pair(ours=record("ours-third", rows, n=100), peer=record("mipro", {}, n=100))
    worse = Pair(ours=record("ours-third", {}, n=100), peer=record("mipro", rows, n=100))

    over_cells = hierarchical([better, worse])

    assert over_cells.mean == 0.0
    assert over_cells.high - over_cells.low > paired(better).high - paired(better).low


def test_only_peers_of_the_cell_can_be_the_best_one() -> None:
    elsewhere = Record(
        cell=Cell(model="large", task="classification", data="mails", seed=1),
        system="gepa", rows={"a": 1.0}, n=1, cost=COST, use=COST, seconds=1.0,
    )  # fmt: skip
    records = [
        record("mipro", {"a": 0.5}),
        record("bootstrap", {"a": 1.0}),
        record("ours-third", {"a": 1.0}),
        elsewhere,
    ]

    best = best_peer(records, CELL)

    assert best is not None and best.system == "bootstrap"
    assert best_peer([elsewhere], CELL) is None


def test_the_store_gives_back_what_was_added(tmp_path: Path) -> None:
    store = Store(tmp_path / "results.jsonl")
    assert store.read() == []

    store.add(record("mipro", {"é": 0.25}))

    assert store.read() == [record("mipro", {"é": 0.25})]

    store.add(record("mipro", {"é": 0.5}))

    assert store.read() == [record("mipro", {"é": 0.5})]


def test_ours_keeps_to_its_share_of_calls_and_of_tokens() -> None:
    best = record("gepa", {}, calls=90)

    assert not is_within(record("ours-third", {}, calls=31), best, "third")
    assert not is_within(record("ours-third", {}, calls=30), best, "third"), "as many tokens as the peer"
    assert is_within(record("ours-third", {}, calls=90), best, "whole")


def test_the_report_replaces_its_own_part_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    mark = f"<!-- measured: written by `{COMMAND}` -->"
    page.write_text(f"# Before\n\n{mark}\nold\n<!-- end of what was measured -->\n\nAfter.\n", encoding="utf-8")

    write_report([record("bootstrap", {"a": 1.0}), record("ours-third", {"a": 1.0, "b": 1.0}, calls=30)], page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n\n{mark}\n") and text.endswith("<!-- end of what was measured -->\n\nAfter.\n")
    assert "old" not in text
    assert "| mails x small, seed 1 | bootstrap | 0.250 | 0.500 | +25.0 [+0.0, +75.0] | 90 to 30 |" in text
    assert "3.00 to 1.00 | 67% to 67% | 2 to 6 |" in text


def test_an_unoptimised_prompt_that_is_not_asked_again_has_no_price(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"<!-- measured: written by `{COMMAND}` -->\n<!-- end of what was measured -->\n", encoding="utf-8")

    write_report([replace(record("gepa", {}), use=dict.fromkeys(COST, 0.0)), record("ours-third", {})], page)

    text = page.read_text(encoding="utf-8")
    assert "| unknown to 225 |" in text
    assert "of its seconds. Beyond" in text


def test_a_page_without_the_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Mine\n", encoding="utf-8")

    with pytest.raises(SystemExit, match="lacks the line"):
        write_report([], page)

    assert page.read_text(encoding="utf-8") == "# Mine\n"


@pytest.mark.parametrize(("option", "name"), [("--only-data", "squad"), ("--only-model", "falcon")])
def test_a_name_that_nothing_has_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str
) -> None:
    data, models = tmp_path / "data" / "document_qa" / "squad-v1.1", tmp_path / "models"
    data.mkdir(parents=True)
    models.mkdir()
    (data / "test.jsonl").touch()
    (models / "small-v1.5.gguf").touch()
    given = ["--out", tmp_path / "out.jsonl", "--harness", tmp_path, "--data", tmp_path / "data", "--models", models]
    monkeypatch.setattr("sys.argv", ["compare", *map(str, given), option, name])
    with pytest.raises(SystemExit, match=rf"no (sets|models) {name}; there are (squad-v1\.1|small-v1\.5)\."):
        command.main()
