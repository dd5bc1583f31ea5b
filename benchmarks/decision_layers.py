"""What the decision layer over label probabilities is worth, and by what candidates are best told apart.

    python benchmarks/decision_layers.py --data DIR --url URL --out SCORES.jsonl
    python benchmarks/decision_layers.py --out SCORES.jsonl

The first command has the library's first prompts read the labels of rows of DIR (`train.jsonl`, `dev.jsonl` and
`test.jsonl` with `text` and `label`, taken together) and keeps the probabilities; the second draws divisions of these
rows and prints three tables: the share of other rows that each layer reads rightly after so many rows to learn from,
what comes out of a search among the prompts by hits or by the probability of the right label, and the same where rows
are so few that every prompt meets all of them.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
from sklearn.linear_model import LogisticRegression

from copilot import Budget, Copilot, Switches
from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import Candidate
from copilot.domain.run import Role
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.evaluation.trials import Evaluation
from copilot.optimizers import decision, halving
from copilot.optimizers.decision import Scored
from copilot.optimizers.seeds import Ground, first_candidates
from copilot.service.tasks import load_examples
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task, TaskKind

KIND = TaskKind.CLASSIFICATION
POOL = 20
LEARNING = (8, 20, 50, 80)
FEW, FEW_FITTING = (15, 19, 30), 5
"""Rows that choose, and the pool's, where there are 20, 24 or 39 examples."""
FIRST_RUNG, DEV, FITTING, HOLDOUT = 8, 32, 16, 28
"""Rows as in a run on 80 examples; the pool's are those that no prompt shows."""
Rows = np.ndarray
Layer = Callable[[Scored, Rows], Rows]
"""From what is learnt from and log-probabilities (rows x labels) to the labels' indices."""


def _ours(method: decision.Method) -> Layer:
    def read(known: Scored, logprobs: Rows) -> Rows:
        return decision._probabilities(decision._fit(known, method, 0.3), logprobs).argmax(axis=1)

    return read


def _towards_zero(strength: float) -> Layer:
    def read(known: Scored, logprobs: Rows) -> Rows:
        if len(set(known.gold.tolist())) < 2:
            return logprobs.argmax(axis=1)
        return LogisticRegression(C=strength, max_iter=1000).fit(known.logprobs, known.gold).predict(logprobs)

    return read


def _chosen(known: Scored, logprobs: Rows) -> Rows:
    layer = decision._fit(known, *decision._chosen(known, seed=1)[0])
    return decision._probabilities(layer, logprobs).argmax(axis=1)


LAYERS: dict[str, Layer] = {
    "as the model says": _ours("none"),
    "biases that match the prior": _ours("prior"),
    "regression towards zero, 0.1": _towards_zero(0.1),
    "regression towards zero, 1": _towards_zero(1.0),
    "regression towards the identity, 0.3": _ours("logistic"),
    "the likeliest of ours (used)": _chosen,
}


def by_hits(shares: Rows, gold: Rows) -> float:
    """Return the share of rows that are read rightly."""
    return float((shares.argmax(axis=1) == gold).mean())


def by_probability(shares: Rows, gold: Rows) -> float:
    """Return the mean probability of the right label."""
    return float(shares[np.arange(len(gold)), gold].mean())


def winner(
    prompts: Sequence[Scored], dev: Rows, judge: Callable[[Rows, Rows], float], *, first_rung: int = FIRST_RUNG
) -> int:
    """Return the prompt that halving on the dev rows ends with."""
    alive = list(range(len(prompts)))
    for number, rung in enumerate(rungs := halving.schedule(len(alive), len(dev), first_rung=first_rung)):
        rows = dev[: rung.items]
        known = {name: prompts[name].part(rows) for name in alive}
        found = {name: judge(decision._chosen(one, seed=1)[1], one.gold) for name, one in known.items()}
        keep = rungs[number + 1].candidates if number + 1 < len(rungs) else 1
        alive = sorted(alive, key=lambda name: -found[name])[:keep]
    return alive[0]


def right(prompt: Scored, known: Rows, rest: Rows, layer: Layer = _chosen) -> float:
    """Return the share of the rest that a layer reads rightly after learning from known rows."""
    return float((layer(prompt.part(known), prompt.logprobs[rest]) == prompt.gold[rest]).mean())


def report(prompts: Sequence[Scored], draws: int) -> None:
    """Print the tables."""
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(prompts[0])) for _ in range(draws)]
    print("| layer | " + " | ".join(f"{n} rows" for n in LEARNING) + " |\n" + "| --- " * (len(LEARNING) + 1) + "|")
    for name, layer in LAYERS.items():
        cells = [fmean(right(p, o[:n], o[n:], layer) for p in prompts for o in orders) for n in LEARNING]
        print(f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    found: dict[str, list[float]] = {"by hits": [], "by probability": [], "... and learning from the holdout": []}
    for order in orders:
        dev, fitting, rest = order[:DEV], order[: DEV + FITTING], order[DEV + FITTING + HOLDOUT :]
        found["by hits"].append(right(prompts[winner(prompts, dev, by_hits)], fitting, rest))
        best = prompts[winner(prompts, dev, by_probability)]
        found["by probability"].append(right(best, fitting, rest))
        found["... and learning from the holdout"].append(right(best, order[: DEV + FITTING + HOLDOUT], rest))
    print(
        "\n| prompts told apart | right on other rows | difference to the first (standard error) |\n| --- | --- | --- |"
    )
    for name, values in found.items():
        print(f"| {name} | {fmean(values):.3f} | {gain(values, found['by hits'])} |")
    print("\n| rows that choose | by hits | by probability | difference (standard error) |\n" + "| --- " * 4 + "|")
    for few in FEW:
        hits, likely = ([chosen_by_few(prompts, o, few, judge) for o in orders] for judge in (by_hits, by_probability))
        print(f"| {few} | {fmean(hits):.3f} | {fmean(likely):.3f} | {gain(likely, hits)} |")


def chosen_by_few(prompts: Sequence[Scored], order: Rows, few: int, judge: Callable[[Rows, Rows], float]) -> float:
    """Return how many other rows the prompt reads rightly that all of the few rows chose."""
    known, rest = order[: few + FEW_FITTING], order[few + FEW_FITTING :]
    return right(prompts[winner(prompts, order[:few], judge, first_rung=few)], known, rest)


def gain(values: Sequence[float], others: Sequence[float]) -> str:
    """Return the mean difference in points, with its standard error."""
    differences = [after - before for after, before in zip(values, others, strict=True)]
    return f"{100 * fmean(differences):+.1f} ({100 * stdev(differences) / len(differences) ** 0.5:.1f})"


async def gather(copilot: Copilot, url: str, prompts: Sequence[Candidate], rows: Sequence[Example], out: Path) -> None:
    """Append each prompt's label probabilities to a file, but those of prompts that are in it."""
    gateway = Gateway(
        await copilot.workspace.model(url),
        Role.TASK,
        ledger=MemoryLedger(),
        meter=Meter(Budget(max_calls=len(prompts) * len(rows))),
        concurrency=4,
    )
    evaluation = Evaluation(gateway=gateway, rubric=Rubric.of(()), helpers=Helpers())
    known = {json.loads(line)["name"] for line in out.read_text().splitlines()} if out.exists() else set()
    for prompt in prompts:
        if prompt.rationale not in known:
            trials = await asyncio.gather(*(evaluation.trial(prompt, row) for row in rows))
            gold = [row.expected[0] for row in rows if row.expected]
            record = {"name": prompt.rationale, "gold": gold, "lp": [trial.label_logprobs for trial in trials]}
            with out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(record) + "\n")
    await gateway.aclose()


def prepared(folder: Path, count: int) -> tuple[list[Candidate], list[Example]]:
    """Return the library's prompts whose labels are scored, and the rows they are tried on."""
    plain = Task(name="benchmark", kind=KIND, description="Classify the text into one of the labels.")
    found = [
        example.model_copy(update={"id": f"{split}-{example.id}"})
        for split in ("train", "dev", "test")
        for example in load_examples(folder / f"{split}.jsonl", plain).dataset.examples
    ]
    random.Random(7).shuffle(found)
    pool, rows = found[:POOL], found[POOL : POOL + count]
    labels = tuple(sorted({example.expected[0] for example in found if example.expected}))
    ground = Ground(
        task=plain.model_copy(update={"labels": labels}),
        kind=kinds.get(KIND),
        fingerprint=fingerprint(KIND, Dataset(examples=tuple(found[: POOL + 60])), labels=labels),
        pool=tuple(pool),
        demonstration_counts=(1, 2, 4, 8),
        switches=Switches(),
        seed=1,
    )
    return [c for c in first_candidates(ground, 8) if c.template.label_scoring], rows


def main() -> None:
    """Gather where a server is given; report where not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--out", type=Path, required=True, metavar="SCORES.jsonl")
    parser.add_argument("--rows", type=int, default=260)
    parser.add_argument("--draws", type=int, default=60)
    given = parser.parse_args()
    if given.url:
        prompts, rows = prepared(given.data, given.rows)
        with Copilot(model=given.url) as copilot:
            copilot.portal.call(gather(copilot, given.url, prompts, rows, given.out))
        return
    records = [json.loads(line) for line in given.out.read_text(encoding="utf-8").splitlines()]
    labels = sorted(set(records[0]["gold"]))
    report([Scored.of(labels, zip(r["lp"], r["gold"], strict=True)) for r in records], given.draws)


if __name__ == "__main__":
    main()
