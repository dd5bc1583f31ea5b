"""The main job, measured from outside: improve a prompt, then run it and the user's own over rows it never saw.

    python benchmarks/main_job.py --data DIR --task classification --url http://127.0.0.1:8300 --out results.jsonl
    python benchmarks/main_job_table.py results.jsonl

DIR holds `train.jsonl`, `dev.jsonl` and `test.jsonl`, an object a line, with the columns of the kind: text and label;
document, question and answers (a list); document and summary (or summaries, a list); document and keywords (a list).
Rows of train and dev are drawn by seed and handed to `falconer improve` together; it divides them as it likes. Drawn
rows of test are then run through both prompts by `falconer run` and scored with the evaluator of the kind; an answer
that cannot be read is worth 0.

The URL is that of an OpenAI-compatible server. A server that counts by name (`GET URL/NAME/usage`, models under
`URL/NAME/v1`) is asked for its own figures, too: calls above the cap, or calls that `usage` does not know of, then end
the benchmark with exit code 1; so does a new prompt that is worse than the user's beyond the interval.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from copilot.evaluation.rubric import Helpers, Rubric
from evaluators.statistics import bootstrap_difference
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.kinds.base import Kind
from tasks.loading import load_table, to_examples
from tasks.model import Dataset, Example, Task, TaskKind

FALCONER = Path(sys.executable).with_name("falconer")
DESCRIPTIONS = {
    TaskKind.CLASSIFICATION: "Classify the text into one of the labels.",
    TaskKind.DOCUMENT_QA: "Answer the question from the document with a short phrase.",
    TaskKind.SUMMARIZATION: "Summarize the document.",
    TaskKind.KEYWORD_EXTRACTION: "Extract the keywords of the document.",
}
COUNTED = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens")
Usage = dict[str, int]


@dataclass(frozen=True)
class Server:
    """Where the model answers, and whether that place counts."""

    url: str
    counts: bool

    @classmethod
    def at(cls, url: str) -> "Server":
        """Ask a server whether it counts."""
        url = url.rstrip("/")
        if urlsplit(url).path.endswith("/v1"):
            return cls(url=url, counts=False)
        try:
            answer = httpx.get(f"{url}/probe/usage", timeout=60)
            counts = answer.is_success and "calls" in answer.json()
        except ValueError:
            counts = False
        return cls(url=url, counts=counts)

    def model(self, name: str) -> str:
        """Return the base under which the calls of one purpose are counted."""
        if self.counts:
            return f"{self.url}/{name}/v1"
        return self.url if self.url.endswith("/v1") else f"{self.url}/v1"

    def usage(self, name: str) -> Usage | None:
        """Return what the server counted for one purpose; None where it does not count."""
        if not self.counts:
            return None
        found = httpx.get(f"{self.url}/{name}/usage", timeout=60).json()
        return {key: int(found.get(key, 0)) for key in COUNTED}


@dataclass(frozen=True)
class Bench:
    """One measurement: its folder, its rows, its server."""

    folder: Path
    name: str
    server: Server
    kind: Kind
    rows: dict[str, list[dict[str, Any]]]

    def falconer(self, *arguments: str | Path) -> str:
        """Run a command in a home of its own and return what it prints; progress stays on the error stream."""
        home = {"FALCONER_HOME": str(self.folder / "home")}
        done = subprocess.run([FALCONER, *arguments], env=os.environ | home, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            raise SystemExit(f"`falconer {arguments[0]}` ended with exit code {done.returncode}: its reason is above.")
        return done.stdout.decode()

    def write(self, name: str, rows: Sequence[dict[str, Any]]) -> Path:
        """Write rows as JSON Lines."""
        path = self.folder / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    def task(self) -> Path:
        """Write the task's file: a plain description, and the labels that occur."""
        kind = self.kind.kind
        task: dict[str, Any] = {"name": "benchmark", "kind": kind.value, "description": DESCRIPTIONS[kind]}
        if kind is TaskKind.CLASSIFICATION:
            task["labels"] = sorted({row["label"] for rows in self.rows.values() for row in rows})
        return self.write("task.yaml", [task])

    def use(self, purpose: str, template: Path) -> "Used":
        """Run the test rows, without their expected outputs, through a template."""
        rows = [{name: row[name] for name in self.kind.fields} for row in self.rows["test"]]
        outputs, model = self.folder / f"{purpose}-answers.jsonl", self.server.model(f"{self.name}-{purpose}")
        told = self.falconer(
            *("run", template, "--input", self.write(f"{purpose}-rows.jsonl", rows), "--output", outputs),
            *("--model", model, "--json"),
        )
        return Used(
            answers=[json.loads(line).get("output") for line in outputs.read_text(encoding="utf-8").splitlines()],
            usage=json.loads(told)["usage"],
            server=self.server.usage(f"{self.name}-{purpose}"),
        )


@dataclass(frozen=True)
class Used:
    """What running the test rows through one prompt gave, and what it cost by our count and by the server's."""

    answers: list[str | list[str] | None]
    usage: Usage
    server: Usage | None

    @property
    def tokens_per_row(self) -> dict[str, float]:
        """Return what one row costs."""
        counted = self.server or self.usage
        return {key: round(counted[key] / len(self.answers), 1) for key in COUNTED if key != "calls"}


def draw(data: Path, sizes: dict[str, int], *, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return so many rows of each split, the same ones for the same seed."""
    generator = random.Random(seed)
    drawn = {}
    for split, size in sizes.items():
        rows = [json.loads(line) for line in (data / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]
        drawn[split] = generator.sample(rows, min(size, len(rows)))
    return drawn


def expected(bench: Bench) -> tuple[Example, ...]:
    """Read the test rows with their expected outputs, as the product reads examples."""
    read, _ = to_examples(load_table(bench.write("test.jsonl", bench.rows["test"])), kind=bench.kind.kind)
    if len(read.examples) != len(bench.rows["test"]):
        raise SystemExit(f"Only {len(read.examples)} of {len(bench.rows['test'])} test rows can be used.")
    return read.examples


async def scores(kind: Kind, examples: Sequence[Example], answers: Sequence[str | list[str] | None]) -> list[float]:
    """Score answers with the criterion that a user of this kind begins with."""
    facts = fingerprint(kind.kind, Dataset(examples=tuple(examples)))
    rubric = Rubric.of(kind.default_criteria(Task(name="benchmark", kind=kind.kind), facts))
    values = []
    for example, answer in zip(examples, answers, strict=True):
        if answer is None:
            values.append(0.0)
            continue
        value = tuple(answer) if isinstance(answer, list) else answer
        context = Helpers().context(example, value, raw="", output_tokens=None)
        total = (await rubric.score(context))[1]
        values.append(total.value or 0.0)
    return values


def measure(bench: Bench, *, max_calls: int, seed: int) -> dict[str, Any]:
    """Improve, run both prompts, score them, and put all figures into one object."""
    result_file = bench.folder / "result.json"
    started = time.perf_counter()
    bench.falconer(
        *("improve", bench.task(), "--model", bench.server.model(bench.name)),
        *("--examples", bench.write("examples.jsonl", bench.rows["train"] + bench.rows["dev"])),
        *("--max-calls", str(max_calls), "--seed", str(seed), "--json", result_file),
    )
    seconds = time.perf_counter() - started
    result = json.loads(result_file.read_text(encoding="utf-8"))
    examples = expected(bench)
    used, values = {}, {}
    for purpose, key in (("user", "user_template"), ("after", "template")):
        used[purpose] = bench.use(purpose, bench.write(f"{purpose}.yaml", [result[key]]))
        values[purpose] = asyncio.run(scores(bench.kind, examples, used[purpose].answers))
    difference = bootstrap_difference(values["user"], values["after"])
    server = bench.server.usage(bench.name)
    return {
        "n": len(examples),
        "user": round(sum(values["user"]) / len(examples), 4),
        "after": round(sum(values["after"]) / len(examples), 4),
        "delta": {key: round(value, 4) for key, value in asdict(difference).items() if key in ("mean", "low", "high")},
        "verdict": result["verdict"],
        "holdout": result["holdout"],
        "usage": result["usage"],
        "server": server,
        "unaccounted": unaccounted(result["usage"], server),
        "tokens_per_row": {purpose: one.tokens_per_row for purpose, one in used.items()},
        "seconds": round(seconds, 1),
    }


def unaccounted(usage: dict[str, Usage], server: Usage | None) -> Usage | None:
    """Return what the server counted beyond `usage`, by figure; None where it does not count."""
    if server is None:
        return None
    own = {key: sum(role.get(key, 0) for role in usage.values()) for key in COUNTED}
    return {key: server[key] - own[key] for key in COUNTED}


def complaints(figures: dict[str, Any], *, max_calls: int) -> list[str]:
    """Return what breaks a promise, a sentence each."""
    found = []
    if figures["delta"]["high"] < 0:
        found.append("The new prompt is worse than the user's beyond the interval.")
    if figures["server"] and figures["server"]["calls"] > max_calls:
        found.append(f"The server counted {figures['server']['calls']} calls; the cap was {max_calls}.")
    if figures["unaccounted"] and figures["unaccounted"]["calls"]:
        found.append(f"{figures['unaccounted']['calls']} calls of the server's count are not in `usage`.")
    return found


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of train, dev and test.jsonl")
    parser.add_argument("--task", required=True, choices=[kind.value for kind in DESCRIPTIONS], metavar="KIND")
    parser.add_argument("--url", default="http://127.0.0.1:8300", help="the model's server")
    parser.add_argument("--model-name", default="", help="what to call the model in the results")
    parser.add_argument("--max-calls", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=int, default=40, help="rows drawn from train.jsonl")
    parser.add_argument("--dev", type=int, default=40, help="rows drawn from dev.jsonl")
    parser.add_argument("--test", type=int, default=100, help="rows drawn from test.jsonl")
    parser.add_argument("--out", type=Path, metavar="JSONL", help="append the result to this file")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep every file of the measurement here")
    return parser.parse_args()


def main() -> int:
    """Measure once, print one line of JSON; return the exit code."""
    given = options()
    rows = draw(given.data, {"train": given.train, "dev": given.dev, "test": given.test}, seed=given.seed)
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise SystemExit(f"The folder {folder} is not empty: name a new one with --keep.")
        bench = Bench(
            folder=folder.resolve(),
            name=f"falconer-{given.data.resolve().name}-{given.seed}-{int(time.time())}",
            server=Server.at(given.url),
            kind=kinds.get(given.task),
            rows=rows,
        )
        figures = measure(bench, max_calls=given.max_calls, seed=given.seed)
    about = {
        "data": given.data.resolve().name,
        "task": given.task,
        "model": given.model_name,
        "seed": given.seed,
        "max_calls": given.max_calls,
        "examples": len(rows["train"]) + len(rows["dev"]),
    }
    line = json.dumps(about | figures, ensure_ascii=False)
    print(line)
    if given.out:
        with given.out.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
    broken = complaints(figures, max_calls=given.max_calls)
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
