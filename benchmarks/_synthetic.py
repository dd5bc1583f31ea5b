"""Examples and scores whose truth is known, for the benchmarks of the verdict and of the finalists."""

import random
from dataclasses import dataclass
from typing import Literal

import numpy as np

from copilot.domain.ledger import MemoryLedger
from copilot.domain.prompt import Candidate
from copilot.domain.run import Budget, Role, RunConfig, Switches, Trial
from copilot.engine import prepare
from copilot.engine.improve import Setup
from copilot.engine.search import Search
from copilot.evaluation.gateway import Gateway, ModelJudge
from copilot.evaluation.meter import Meter
from copilot.evaluation.rubric import Helpers
from copilot.evaluation.trials import Evaluation
from copilot.models.fake import FakeModel
from copilot.optimizers.seeds import first_candidates
from tasks.model import Dataset, Example, SuccessCriterion, Task, TaskKind

Scores = Literal["binary", "graded"]
KINDS: tuple[Scores, ...] = ("binary", "graded")
SYLLABLES = tuple(a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ai", "er", "on"))
CRITERIA: dict[Scores, str] = {"binary": "squad_exact_match", "graded": "squad_f1"}


def task_of(scores: Scores) -> Task:
    """Return a task whose rows are right or wrong, or right in part."""
    return Task(
        name="synthetic",
        kind=TaskKind.DOCUMENT_QA,
        description="Answer.",
        prompt="Answer the question.",
        criteria=(SuccessCriterion(evaluator=CRITERIA[scores]),),
    )


def examples(n: int, *, seed: int = 0) -> Dataset:
    """Return n questions about invented words, no two documents alike; each answer has four words."""
    rng = random.Random(seed)

    def word() -> str:
        return "".join(rng.choice(SYLLABLES) for _ in range(3))

    rows = []
    for i in range(n):
        words = [word() for _ in range(30)]
        inputs = {"document": " ".join(words), "question": f"Which words name item {i}?"}
        rows.append(Example(id=f"row-{i}", inputs=inputs, expected=(" ".join(words[3:7]),)))
    return Dataset(examples=tuple(rows))


@dataclass(frozen=True)
class Truth:
    """Rows of different difficulty. A prompt's score on a row is drawn around the row's mean, apart for each prompt.

    Without gain the rows' means are .6 on average and two prompts disagree on a third of right-or-wrong rows; the
    difference of graded scores has a standard deviation of about .24. A gain goes to the rows that are neither hopeless
    nor certain, and is exact on average.
    """

    scores: Scores

    def row_means(self, rows: int, rng: np.random.Generator) -> np.ndarray:
        """Return the mean score of each row under the user's prompt."""
        return rng.beta(1.2, 0.8, rows) if self.scores == "binary" else rng.beta(3.0, 2.0, rows)

    def draw(self, means: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
        """Return one score per row of a prompt that is better by `gain` on average over all rows."""
        shifted = self.shifted(means, gain)
        if self.scores == "binary":
            return np.asarray(rng.random(len(means)) < shifted, dtype=float)
        # Whole hundredths: with these the sign-flip test is exact and quick for any number of rows.
        return np.asarray(rng.beta(6 * shifted + 1e-9, 6 * (1 - shifted) + 1e-9).round(2), dtype=float)

    def read(self, means: np.ndarray, gain: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return whether such a prompt's labels are right, and how probable it makes the right ones."""
        surplus = self.shifted(means, gain) - rng.random(len(means))
        return np.asarray(surplus > 0, dtype=float), 1 / (1 + np.exp(-4 * surplus))

    def shifted(self, means: np.ndarray, gain: float) -> np.ndarray:
        """Return the mean score of each row under a prompt that is better by `gain`."""
        spread = 0.16 if self.scores == "binary" else 0.2  # the mean of m * (1 - m)
        return means + gain * means * (1 - means) / spread


def prepared(n: int, scores: Scores, *, seed: int = 1) -> Setup:
    """Divide n examples as a run does."""
    return prepare(task_of(scores), examples(n), config=config_of(seed), context_length=None)


def config_of(seed: int, *, calls: int = 300) -> RunConfig:
    """Return the configuration of a run with so many calls."""
    return RunConfig(seed=seed, budget=Budget(max_calls=calls), switches=Switches())


def searched(setup: Setup, *, seed: int, values: np.ndarray) -> Search:
    """Return the search in which candidates, the user's prompt first, got these values on the dev rows.

    Args:
        setup: from `prepared`.
        seed: of the run.
        values: candidates x dev rows.
    """
    meter = Meter(Budget(max_calls=1))
    gateway = Gateway(FakeModel(), Role.TASK, ledger=MemoryLedger(), meter=meter)
    evaluation = Evaluation(
        gateway=gateway, rubric=setup.rubric, helpers=Helpers(judge=ModelJudge(gateway), embedder=None)
    )
    search = Search(ground=setup.ground, evaluation=evaluation, items=setup.dev, config=config_of(seed))
    first = first_candidates(setup.ground, 2)
    # Equal prompts beside the user's: length must not decide.
    search.add([first[0], *(copy_of(first[1], number) for number in range(1, len(values)))])
    for name, row in zip(search.candidates, values, strict=True):
        search.trials[name] = {
            item.id: Trial(candidate_id=name, example_id=item.id, output="x", value=float(value))
            for item, value in zip(setup.dev, row, strict=True)
        }
    return search


def copy_of(candidate: Candidate, number: int) -> Candidate:
    """Return the candidate under another name."""
    return candidate.model_copy(update={"id": f"seed-{number}"})
