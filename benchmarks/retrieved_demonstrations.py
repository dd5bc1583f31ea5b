"""Worked examples chosen per input against the same fixed ones for all, on the same rows.

    python benchmarks/retrieved_demonstrations.py --data DIR --task KIND --url URL [--pool 20] [--rows 30] [--count 3]

DIR has train.jsonl (the pool is drawn from it) and dev.jsonl (scored), in the columns of the kind. Prints after every
row both means by the kind's own criteria, the paired difference with its standard error, and tokens a row: prompt,
cached, completion; where labels are scored, at the end both means with cross-fitted decision layers. Two calls a row.
"""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path
from statistics import fmean, stdev

from copilot.domain.completion import Usage
from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import Budget, Role, Switches
from copilot.evaluation.gateway import Gateway
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers, Rubric
from copilot.evaluation.trials import Evaluation
from copilot.models.connect import connect
from copilot.models.connection import ModelConnection
from copilot.optimizers import decision
from copilot.optimizers.seeds import RETRIEVED, Ground
from copilot.service.tasks import load_examples
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task, TaskKind


def rows(path: Path, task: Task, count: int) -> tuple[Example, ...]:
    """Return some rows of a file, the same ones every time."""
    examples = load_examples(path, task).dataset.examples
    return tuple(random.Random(1).sample(examples, min(count, len(examples))))


def arms(task: Task, pool: tuple[Example, ...], known: Dataset, count: int) -> tuple[dict[str, PromptTemplate], Rubric]:
    """Return the library's first prompt with fixed and with retrieved examples, and the kind's criteria."""
    kind = kinds.get(task.kind)
    facts = fingerprint(task.kind, known, labels=task.labels)
    ground = Ground(
        task=task,
        kind=kind,
        fingerprint=facts,
        pool=pool,
        demonstration_counts=(0, count),
        switches=Switches(retrieval=True),
        seed=1,
    )
    seeds = kind.seeds(task, facts)
    plain = ground.template(next((seed for seed in seeds if seed.label_scoring), seeds[0]))
    retrieved = ground.retrieving(plain)
    assert retrieved is not None, "the pool holds too few different examples"
    made = {"fixed": ground.demonstrated(plain, count, draw=0), "retrieved": retrieved}
    return made, Rubric.of(kind.default_criteria(task, facts))


async def main(options: argparse.Namespace) -> None:
    """Try both on each row in turn."""
    task = Task(name="benchmark", kind=TaskKind(options.task), description=options.description)
    pool = rows(options.data / "train.jsonl", task, options.pool)
    scored = rows(options.data / "dev.jsonl", task, options.rows)
    templates, rubric = arms(task, pool, Dataset(examples=(*pool, *scored)), options.count)
    model = connect(ModelConnection(address=options.url), home=Path(tempfile.mkdtemp()))
    budget = Budget(max_calls=max(1, 4 * len(scored)))
    gateway = Gateway(model, Role.TASK, ledger=MemoryLedger(), meter=Meter(budget), concurrency=1)
    evaluation = Evaluation(gateway=gateway, rubric=rubric, helpers=Helpers())
    values: dict[str, list[float]] = {name: [] for name in templates}
    usage = {name: Usage() for name in templates}
    seen: dict[str, list[tuple[dict[str, float], str]]] = {name: [] for name in templates}
    for example in scored:
        for name, template in templates.items():
            trial = await evaluation.trial(Candidate(id=name, template=template, operator=name), example)
            values[name].append(trial.value or 0.0)
            usage[name] += trial.usage
            if trial.label_logprobs and example.expected:
                seen[name].append((trial.label_logprobs, example.expected[0]))
        n = len(values["fixed"])
        gains = [after - before for before, after in zip(values["fixed"], values["retrieved"], strict=True)]
        error = stdev(gains) / n**0.5 if n > 1 else float("nan")
        parts = [f"n {n}", f"difference {fmean(gains):+.3f} (s.e. {error:.3f})"]
        for name, spent in usage.items():
            tokens = (spent.prompt_tokens, spent.cached_tokens, spent.completion_tokens)
            parts.append(f"{name} {fmean(values[name]):.3f}, tokens {' '.join(str(round(one / n)) for one in tokens)}")
        print("; ".join(parts), flush=True)
    for name, pairs in seen.items():
        if pairs:
            given = decision.cross_fitted(decision.Scored.of(tuple(pairs[0][0]), pairs), seed=1)
            right = fmean(label == gold for (label, _, _), (_, gold) in zip(given, pairs, strict=True))
            print(f"with a decision layer: {name} {right:.3f}")
    await gateway.aclose()
    await model.aclose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--task", required=True, choices=[kind.value for kind in TaskKind])
    parser.add_argument("--url", required=True)
    parser.add_argument("--description", default="")
    parser.add_argument("--pool", type=int, default=20)
    parser.add_argument("--rows", type=int, default=30)
    parser.add_argument("--count", type=int, default=RETRIEVED)
    asyncio.run(main(parser.parse_args()))
