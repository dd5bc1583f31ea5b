"""What each part of the optimiser is worth: the same improvements with one part switched off at a time.

    python benchmarks/ablations.py --data DIR --task KIND [...] --url URL --model NAME --out ABLATIONS.jsonl
    python benchmarks/ablations.py --out ABLATIONS.jsonl --report FILE.md

DIR holds train.jsonl, dev.jsonl and test.jsonl in the columns of the kind. All arms of a set share one home, so that a
call which two arms have in common is asked once and counted in both. Test rows are scored by the criteria that the kind
begins with; which rows are drawn depends on the seed. What is in the file is not measured again. NAME only says in the
table what was measured; the report replaces what stands between the marks of this command.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from _marked import replace_marked

from copilot import Budget, Copilot, PromptTemplate, Switches
from copilot.domain.prompt import Candidate
from copilot.domain.run import Role
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.evaluation.trials import Evaluation
from copilot.service.tasks import load_examples
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task, TaskKind

DESCRIPTIONS = {
    TaskKind.CLASSIFICATION: "Classify the text into one of the labels.",
    TaskKind.DOCUMENT_QA: "Answer the question from the document with a short phrase.",
    TaskKind.SUMMARIZATION: "Summarize the document.",
    TaskKind.KEYWORD_EXTRACTION: "Extract the keywords of the document.",
}
WHOLE = Switches()
ARMS = {
    "whole": {},
    **{name: {name: not getattr(WHOLE, name)} for name in Switches.model_fields if name not in ("passing",)},
}
"""Every switch turned over; `passing` does nothing where outputs are known."""
OTHER_COPILOT = "another copilot"
"""The whole, but another model proposes."""
LABELS_ONLY = frozenset({"label_scoring", "calibration", "label_sampling"})
RESAMPLES = 10_000
COMMAND = "python benchmarks/ablations.py"


def rows(folder: Path, split: str, task: Task, count: int, *, seed: int) -> tuple[Example, ...]:
    """Return drawn rows of a split, the same ones for the same seed."""
    found = load_examples(folder / f"{split}.jsonl", task).dataset.examples
    return tuple(random.Random(seed).sample(found, min(count, len(found))))


async def scored(
    copilot: Copilot, url: str, task: Task, template: PromptTemplate, test: Sequence[Example]
) -> list[float]:
    """Return the score of each test row; answers are kept, so that equal prompts are asked once."""
    facts = fingerprint(task.kind, Dataset(examples=tuple(test)), labels=task.labels)
    rubric = Rubric.of(kinds.get(task.kind).default_criteria(task, facts))
    model = await copilot.workspace.model(url)
    meter = Meter(Budget(max_calls=10 * len(test)))
    gateway = Gateway(model, Role.TASK, ledger=copilot.workspace.ledger, meter=meter, concurrency=4)
    evaluation = Evaluation(gateway=gateway, rubric=rubric, helpers=Helpers())
    candidate = Candidate(id="shipped", template=template, operator="shipped")
    trials = await asyncio.gather(*(evaluation.trial(candidate, example) for example in test))
    return [trial.value or 0.0 for trial in trials]


def measure(given: argparse.Namespace, folder: Path, kind: TaskKind, seed: int) -> None:
    """Measure every arm of one set and seed that is missing."""
    plain = Task(name="benchmark", kind=kind, description=DESCRIPTIONS[kind])
    labelled = [rows(folder, split, plain, count, seed=seed) for split, count in (("train", 40), ("dev", 40))]
    test = rows(folder, "test", plain, given.test, seed=seed)
    labels = sorted({e.expected[0] for e in (*labelled[0], *labelled[1], *test) if e.expected})
    task = plain.model_copy(update={"labels": tuple(labels) if kind is TaskKind.CLASSIFICATION else ()})
    examples = Dataset(examples=(*labelled[0], *labelled[1]))
    name = f"{folder.name} x {given.model}"
    for arm in (*ARMS, *([OTHER_COPILOT] if given.copilot_url else [])):
        if arm in LABELS_ONLY and kind is not TaskKind.CLASSIFICATION:
            continue
        if any((known["arm"], known["set"], known["seed"]) == (arm, name, seed) for known in read(given.out)):
            continue
        proposing = given.copilot_url if arm == OTHER_COPILOT else None
        switches = Switches(**ARMS.get(arm, {}))
        with Copilot(given.home, model=given.url, copilot_model=proposing, switches=switches) as copilot:
            run = copilot.improve(task, examples, budget=Budget(max_calls=given.max_calls), seed=seed)
            values = copilot.portal.call(scored(copilot, given.url, task, run.result.template, test))
        record = {
            "arm": arm,
            "set": name,
            "seed": seed,
            "scores": [round(value, 4) for value in values],
            "calls": sum(usage.calls for usage in run.usage.values()),
            "prompt_tokens": run.candidates[0].prompt_tokens,
        }
        with given.out.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        print(f"{name}, seed {seed}, {arm}: {fmean(values):.3f}", flush=True)


def read(path: Path) -> list[dict[str, object]]:
    """Return what was measured."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def table(records: Sequence[dict[str, object]]) -> str:
    """Return what the part of each switch is worth: whole minus the switch turned over, in points and in calls."""
    calls = {(str(r["set"]), int(str(r["seed"])), str(r["arm"])): int(str(r["calls"])) for r in records}
    scores = {(str(r["set"]), int(str(r["seed"])), str(r["arm"])): np.array(r["scores"]) for r in records}
    sets = sorted({name for name, _, _ in scores})
    lines = [["switch turned over", *sets, "all [95 %]", "calls"], ["---"] * (len(sets) + 3)]
    generator = np.random.default_rng(1)
    for arm in ("whole", *(arm for arm in (*ARMS, OTHER_COPILOT) if arm != "whole")):
        of_arm = [(name, seed) for name, seed, of in scores if of == arm and (name, seed, "whole") in scores]
        if arm == "whole":
            means = [fmean(scores[*cell, arm].mean() for cell in of_arm if cell[0] == name) for name in sets]
            spent = fmean(calls[*cell, arm] for cell in of_arm)
            lines.append(["(score of the whole)", *(f"{mean:.3f}" for mean in means), "", f"{spent:.0f}"])
        elif of_arm:
            worth = {cell: scores[*cell, "whole"] - scores[*cell, arm] for cell in of_arm}
            found = [[100 * v.mean() for cell, v in worth.items() if cell[0] == name] for name in sets]
            title = f"`{arm}`" if arm in ARMS else arm
            means = [f"{fmean(points):+.1f}" if points else "" for points in found]
            spent = fmean(calls[*cell, "whole"] - calls[*cell, arm] for cell in of_arm)
            lines.append([title, *means, _with_interval(list(worth.values()), generator), f"{spent:+.0f}"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _with_interval(worth: Sequence[np.ndarray], generator: np.random.Generator) -> str:
    """Return the mean over cells in points; its interval resamples cells, and rows within them."""
    means = [
        fmean(
            generator.choice(worth[cell], len(worth[cell])).mean()
            for cell in generator.integers(len(worth), size=len(worth))
        )
        for _ in range(RESAMPLES)
    ]
    low, high = 100 * np.quantile(means, [0.025, 0.975])
    return f"{100 * fmean(values.mean() for values in worth):+.1f} [{low:+.1f}, {high:+.1f}]"


def main() -> None:
    """Read the command line; measure, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--task", action="append", default=[], choices=[kind.value for kind in TaskKind])
    parser.add_argument("--url")
    parser.add_argument("--model", default="model")
    parser.add_argument("--copilot-url", help="of a stronger model, say; adds an arm")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--home", type=Path, default=Path("/tmp/falconer-ablations"))
    parser.add_argument("--max-calls", type=int, default=300)
    parser.add_argument("--test", type=int, default=60)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--report", type=Path, metavar="FILE.md")
    given = parser.parse_args()
    for seed in given.seeds:
        for folder, kind in zip(given.data, given.task, strict=True):
            measure(given, folder, TaskKind(kind), seed)
    if given.report:
        replace_marked(given.report, COMMAND, table(read(given.out)))


if __name__ == "__main__":
    main()
