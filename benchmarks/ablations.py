"""What each part of the optimiser is worth: the same improvements with one part switched off at a time.

    python benchmarks/ablations.py --data DIR --task KIND [...] --url URL --model NAME --out ABLATIONS.jsonl
    python benchmarks/ablations.py --out ABLATIONS.jsonl --report FILE.md

DIR holds train.jsonl, dev.jsonl and test.jsonl in the columns of the kind. All arms of a set share one home, so that a
call which two arms have in common is asked once and counted in both. Test rows are scored by the criteria that the kind
begins with. An arm that is in the file is not measured again. NAME only says in the table what was measured; the report
replaces what stands between the marks of this command.
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


def measure(given: argparse.Namespace, folder: Path, kind: TaskKind, home: Path) -> None:
    """Measure every arm of one set that is missing."""
    plain = Task(name="benchmark", kind=kind, description=DESCRIPTIONS[kind])
    known = [rows(folder, split, plain, count, seed=given.seed) for split, count in (("train", 40), ("dev", 40))]
    test = rows(folder, "test", plain, given.test, seed=given.seed)
    labels = sorted({e.expected[0] for e in (*known[0], *known[1], *test) if e.expected})
    task = plain.model_copy(update={"labels": tuple(labels) if kind is TaskKind.CLASSIFICATION else ()})
    examples = Dataset(examples=(*known[0], *known[1]))
    name = f"{folder.name} x {given.model}"
    for arm in (*ARMS, *([OTHER_COPILOT] if given.copilot_url else [])):
        if arm in LABELS_ONLY and kind is not TaskKind.CLASSIFICATION:
            continue
        if any(record["arm"] == arm and record["set"] == name for record in read(given.out)):
            continue
        proposing = given.copilot_url if arm == OTHER_COPILOT else None
        switches = Switches(**ARMS.get(arm, {}))
        with Copilot(home, model=given.url, copilot_model=proposing, switches=switches) as copilot:
            run = copilot.improve(task, examples, budget=Budget(max_calls=given.max_calls), seed=given.seed)
            values = copilot.portal.call(scored(copilot, given.url, task, run.result.template, test))
        record = {
            "arm": arm,
            "set": name,
            "scores": [round(value, 4) for value in values],
            "calls": sum(usage.calls for usage in run.usage.values()),
            "prompt_tokens": run.candidates[0].prompt_tokens,
        }
        with given.out.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        print(f"{name}, {arm}: {fmean(values):.3f}", flush=True)


def read(path: Path) -> list[dict[str, object]]:
    """Return what was measured."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def table(records: Sequence[dict[str, object]]) -> str:
    """Return, for each switch, what its part is worth: whole minus the switch turned over, in points."""
    scores = {(str(r["set"]), str(r["arm"])): np.array(r["scores"]) for r in records}
    sets = sorted({name for name, arm in scores if arm == "whole"})
    lines = [["switch turned over", *sets, "all [95 %]"], ["---"] * (len(sets) + 2)]
    lines.append(["(score of the whole)", *(f"{scores[name, 'whole'].mean():.3f}" for name in sets), ""])
    generator = np.random.default_rng(1)
    for arm in [arm for arm in (*ARMS, OTHER_COPILOT) if arm != "whole"]:
        worth = {name: scores[name, "whole"] - scores[name, arm] for name in sets if (name, arm) in scores}
        if not worth:
            continue
        means = [
            np.mean([generator.choice(values, len(values)).mean() for values in worth.values()])
            for _ in range(RESAMPLES)
        ]
        low, high = 100 * np.quantile(means, [0.025, 0.975])
        cells = [f"{100 * worth[name].mean():+.1f}" if name in worth else "" for name in sets]
        mean = 100 * np.mean([values.mean() for values in worth.values()])
        title = f"`{arm}`" if arm in ARMS else arm
        lines.append([title, *cells, f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, metavar="FILE.md")
    given = parser.parse_args()
    for folder, kind in zip(given.data, given.task, strict=True):
        measure(given, folder, TaskKind(kind), given.home)
    if given.report:
        replace_marked(given.report, COMMAND, table(read(given.out)))


if __name__ == "__main__":
    main()
