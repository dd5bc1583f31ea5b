"""A template with a bank, used: one row, many, and inside LangChain, by the same examples as it was scored with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import Copilot, FakeModel
from copilot.domain.completion import CompletionRequest, Decoding
from copilot.domain.prompt import Demonstration, PromptTemplate, Retrieval
from copilot.export.templates import save_template_file
from tasks.model import OutputContract, TaskKind

BANK = tuple(
    Demonstration(inputs={"text": text}, output=output)
    for text, output in (
        ("my parcel is late", "delivery"),
        ("money back please", "refund"),
        ("the lamp is broken", "repair"),
    )
)
TEMPLATE = PromptTemplate(
    kind=TaskKind.CUSTOM,
    variables=("text",),
    instruction="Sort.",
    item="{{text}}",
    retrieval=Retrieval(count=2, bank=BANK),
    contract=OutputContract(form="text"),
    decoding=Decoding(max_tokens=8),
)
ROWS = {"where is the parcel": "delivery", "I want money": "refund", "a broken lamp": "repair"}


def last_shown(request: CompletionRequest) -> str:
    """A model that repeats the answer that stands nearest to the item."""
    return request.messages[-2].content


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    save_template_file(tmp_path / "desk.yaml", TEMPLATE, name="desk")
    with Copilot(tmp_path / "home", model=FakeModel(last_shown)) as opened:
        yield opened


def test_rows_see_the_examples_most_like_them(copilot: Copilot, tmp_path: Path) -> None:
    template = copilot.template(tmp_path / "desk.yaml")
    assert [template.run({"text": row}).output for row in ROWS] == list(ROWS.values())
    assert [row.output for row in template.map({"text": row} for row in ROWS)] == list(ROWS.values())
    runnable = template.as_runnable()
    assert runnable.batch([{"text": row} for row in ROWS]) == list(ROWS.values())
