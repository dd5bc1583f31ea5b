"""A small classification ground that the tests of operators, seeds and demonstrations share."""

import pytest

from copilot.domain.run import Switches
from copilot.optimizers.seeds import Ground
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.model import Dataset, Example, Task, TaskKind

TEXTS = {
    "billing": "the invoice shows a wrong charge number {}",
    "delivery": "the parcel with the lamp is late by {} days",
}


def examples(n: int) -> tuple[Example, ...]:
    labels = tuple(TEXTS)
    return tuple(
        Example(id=str(i), inputs={"text": TEXTS[labels[i % 2]].format(i)}, expected=(labels[i % 2],)) for i in range(n)
    )


@pytest.fixture
def ground() -> Ground:
    pool = examples(12)
    task = Task(
        name="tickets",
        kind=TaskKind.CLASSIFICATION,
        description="Sort the ticket.",
        labels=tuple(TEXTS),
        prompt="Sort!",
    )
    return Ground(
        task=task,
        kind=kinds.get(task.kind),
        fingerprint=fingerprint(task.kind, Dataset(examples=pool), labels=task.labels),
        pool=pool,
        demonstration_counts=(0, 1, 2, 4, 8),
        switches=Switches(),
        seed=1,
    )
