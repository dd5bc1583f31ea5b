"""Labels' probabilities estimated from five answers a row, or one constrained choice a row, at equal calls.

    python benchmarks/label_sampling.py            minutes
    python benchmarks/label_sampling.py --quick    a quarter of the runs
    python benchmarks/label_sampling.py --calls 1000    another cap than 300 calls

Whole improvements on a fake classifier that shows no log-probabilities. It knows each row's label more or less, is
noisy, and leans to the first label by so many units of log-probability. At temperature 0 it says its likeliest label,
above that it draws by its own probabilities. Prompts make no difference to it: what differs is how its answers are
read. Prints the mean score on the holdout of the prompt that the search settles on, and the calls per row of using it.
"""

import argparse
import asyncio
import hashlib
import re
from collections.abc import Callable
from statistics import fmean

import numpy as np
from _synthetic import SYLLABLES

from copilot.domain.completion import CompletionRequest
from copilot.domain.events import RunFinished
from copilot.domain.ledger import MemoryLedger
from copilot.domain.run import Budget, RunConfig, RunResult, Switches
from copilot.engine import History, Models, improve
from copilot.models.fake import FakeModel
from tasks.model import Dataset, Example, Task, TaskKind

LABELS = ("account", "billing", "delivery")
ROWS = 120
KNOWLEDGE, NOISE = 1.5, 1.0
"""Log-probability that the right label is ahead by on average, and its scatter by row and label."""


def rows(*, seed: int) -> Dataset:
    """Return messages of invented words, a third of each label."""
    rng = np.random.default_rng([seed, 3])
    texts = ["".join(rng.choice(SYLLABLES, 3)) for _ in range(12 * ROWS)]
    return Dataset(
        examples=tuple(
            Example(
                id=str(i),
                inputs={"text": f"Case {i}: " + " ".join(texts[12 * i : 12 * i + 12])},
                expected=(LABELS[i % len(LABELS)],),
            )
            for i in range(ROWS)
        )
    )


def classifier(*, seed: int, lean: float) -> Callable[[CompletionRequest], str]:
    """Return the script of the classifier."""
    rng = np.random.default_rng([seed, 11])
    logits = rng.normal(0, NOISE, (ROWS, len(LABELS)))
    logits[np.arange(ROWS), np.arange(ROWS) % len(LABELS)] += KNOWLEDGE
    logits[:, 0] += lean

    def script(request: CompletionRequest) -> str:
        asked = re.findall(r"Case (\d+):", request.messages[-1].content)
        if not asked:
            return "I do not know."
        own = logits[int(asked[-1])]
        if request.decoding.temperature > 0:
            said = f"{seed} {request.sample_index} {[message.content for message in request.messages]}"
            chance = int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest())
            own = own + np.random.default_rng(chance).gumbel(size=len(own))
        wanted = request.labels or LABELS
        return wanted[int(own.argmax())]

    return script


async def improved(*, seed: int, lean: float, calls: int, sampling: bool) -> RunResult:
    """Run one improvement."""
    stream = improve(
        Task(name="cases", kind=TaskKind.CLASSIFICATION, description="Sort the message.", labels=LABELS),
        rows(seed=seed),
        config=RunConfig(seed=seed, budget=Budget(max_calls=calls), switches=Switches(label_sampling=sampling)),
        models=Models(
            task=FakeModel(classifier(seed=seed, lean=lean), shows_labels=False), copilot=FakeModel(seed=seed)
        ),
        history=History(ledger=MemoryLedger()),
        run_id=f"r{seed}",
    )
    async for event in stream:
        if isinstance(event, RunFinished):
            return event.result
    raise RuntimeError("The run ended without a verdict.")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a quarter of the runs")
    parser.add_argument("--calls", type=int, default=300, help="calls of a run")
    options = parser.parse_args()
    runs, calls = (10 if options.quick else 40), options.calls
    print("calls | lean | one choice | five answers | rows of the verdict, one / five")
    for lean in (0.0, 1.0, 2.0, 3.0):
        found = {
            sampling: [
                asyncio.run(improved(seed=seed, lean=lean, calls=calls, sampling=sampling)).verdict.holdout
                for seed in range(runs)
            ]
            for sampling in (False, True)
        }
        one, five = (fmean(c.best_score or 0.0 for c in found[sampling]) for sampling in (False, True))
        held = [fmean(c.n for c in found[sampling]) for sampling in (False, True)]
        print(f"{calls} | {lean:.0f} | {one:.3f} | {five:.3f} | {held[0]:.0f} / {held[1]:.0f}", flush=True)


if __name__ == "__main__":
    main()
