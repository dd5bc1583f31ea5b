"""What the layers below say of real things holds no English any more when a German reads it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.formatting.errors import message_of
from app.formatting.reviews import score_rows
from app.formatting.runs import why
from app.formatting.tasks import report_lines
from app.formatting.told import told
from app.language import speak
from copilot import Copilot, CopilotError, Trial
from copilot.domain.run import Switches
from copilot.models.errors import from_status, translate
from copilot.optimizers import operators, trimming
from copilot.optimizers.seeds import Ground, first_candidates
from evaluators import registry
from evaluators.base import EvaluationContext
from tasks import kinds
from tasks.fingerprint import fingerprint
from tasks.loading import ImportRefused, check_file, load_table, to_examples
from tasks.model import Dataset, Example, Task, TaskKind
from tasks.warnings import warnings_for

AWKWARD = Path(__file__).parents[1] / "fixtures" / "loading" / "awkward"
FILES = sorted(file.name for file in AWKWARD.iterdir() if file.suffix != ".md" and file.name != "expected.json")
ENGLISH = re.compile(
    r"\b(the|is|are|were|of|and|or|not|this|that|has|have|with|from|which|to|more|rows?|lines?|columns?|it|no|as|read|"
    r"expected|got|missing|missed|answer|words?|too|many|file|save|left|out|empty|examples?|label|data|check)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"„[^“]*“|'[^']*'|\"[^\"]*\"")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    speak("de")
    yield
    speak("en")


def english_in(said: str) -> list[str]:
    """Return English words outside of quotation marks."""
    return ENGLISH.findall(QUOTED.sub("", said))


@pytest.mark.parametrize("name", FILES)
def test_the_report_of_an_awkward_file(name: str) -> None:
    report = check_file(AWKWARD / name)
    warnings, notes = report_lines(report)
    said = told(report.message)
    assert said != report.message
    # Names of columns that were made up and texts of a file that were left out are not ours to translate.
    ours = [re.sub(r"column \d+|(?<=ausgelassen: ).*", "", line) for line in (said, *warnings, *notes)]
    assert [line for line in ours if english_in(line)] == []


def test_the_report_of_examples_that_need_a_look(tmp_path: Path) -> None:
    lines = ["text,label,note", "I was charged twice,Billing,a", "Where is it?,Delivry,b", ",Billing,c", "Hello,,d"]
    file = tmp_path / "tickets.csv"
    file.write_text("\n".join([*lines, "I was charged twice,Refund,e", "Thanks,billing,f"]), encoding="utf-8")
    dataset, report = to_examples(load_table(file), kind=TaskKind.CLASSIFICATION, labels=("Billing", "Refund"))
    assert len(dataset.examples) == 3
    warnings, notes = report_lines(report)
    assert len(warnings) > 3
    assert [line for line in (told(report.message), *warnings, *notes) if english_in(line)] == []


def test_a_file_without_a_needed_column_is_refused_in_german(tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("one,two,three\na,b,c\nd,e,f\n", encoding="utf-8")
    with pytest.raises(ImportRefused) as refused:
        to_examples(load_table(file), kind=TaskKind.CLASSIFICATION)
    assert english_in(message_of(refused.value)) == []


@pytest.mark.parametrize(
    ("evaluator", "parameters", "output", "expected"),
    [
        ("exact_match", {}, "a thing", ("another", "a third")),
        ("squad_f1", {}, "the blue whale there", ("blue whale in the sea",)),
        ("length", {"maximum": 2, "unit": "words"}, "one two three", None),
        ("keyword_f1", {}, "a, b", ("a", "c")),
        ("contains_all", {"values": ["x", "y"]}, "only x", None),
        ("regex", {"pattern": "^[0-9]+$"}, "abc", None),
        ("json_schema", {"json_schema": {"type": "object", "required": ["price"]}}, "{}", None),
        ("rouge_l", {}, "some other words", ("the reference text",)),
        ("no_personal_data", {}, "Write to joe@example.org or ann@example.org.", None),
        ("judge", {"rubric": "It is kind."}, "x", None),
        ("squad_f1", {}, "x", None),
    ],
)
def test_the_reason_of_a_failed_score(
    evaluator: str, parameters: dict[str, object], output: str, expected: tuple[str, ...] | None
) -> None:
    known = {entry.name for entry in registry.catalogue()}
    assert evaluator in known, sorted(known)
    made = registry.create(evaluator, parameters)  # type: ignore[arg-type]
    items = tuple(output.split(", ")) if "keyword" in evaluator else None
    score = asyncio.run(made.evaluate(EvaluationContext(output=output, items=items, expected=expected)))
    trial = Trial(candidate_id="c", example_id="e", output=output, scores=(score,))
    (said,) = list(score_rows(trial).values())[2]
    assert said != score.explanation
    assert english_in(said) == []


def test_errors_of_the_interface_for_programs(tmp_path: Path) -> None:
    said = []
    with Copilot(tmp_path / "home", model="fake") as opened:
        for fails in (
            lambda: opened.tasks.get("nothing"),
            lambda: opened.template("nothing"),
            lambda: opened.connections.remove("nothing"),
            lambda: opened.apps.get("nothing"),
            lambda: opened.reviews.undo_vote(7),
        ):
            with pytest.raises(CopilotError) as raised:
                fails()
            said.append(message_of(raised.value))
    assert len(said) == 5
    assert [line for line in said if english_in(line) or "falconer" in line] == []


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 504])
def test_errors_of_a_model_server(status: int) -> None:
    assert english_in(message_of(from_status(status, "", server="http://box:8000/v1"))) == []


def test_an_error_of_a_connection() -> None:
    error = translate(ConnectionResetError(), server="http://box:8000/v1")
    assert error is not None
    assert english_in(message_of(error)) == []


def _ground() -> Ground:
    texts = {"billing": "the invoice shows a wrong charge {}", "delivery": "the parcel with the lamp is late {}"}
    pool = tuple(
        Example(id=str(n), inputs={"text": texts[label].format(n)}, expected=(label,))
        for n, label in enumerate([*texts] * 10)
    )
    task = Task(
        name="tickets", kind=TaskKind.CLASSIFICATION, description="Sort it.", labels=tuple(texts), prompt="Sort!"
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


def test_why_prompts_were_made() -> None:
    ground = _ground()
    seeds = first_candidates(ground, count=6)
    said = [why(seed.operator, seed.rationale) for seed in seeds]
    for seed in seeds:
        said += [why(one.operator, one.rationale) for one in operators.children(seed.template, None, ground)]
        said += [why(one.operator, one.rationale) for one in trimming.trims(seed.template)]
    assert len(set(said)) > 5
    assert [line for line in said if english_in(line)] == []


def test_what_is_odd_about_examples() -> None:
    ground = _ground()
    doubled = (*ground.pool, ground.pool[0].model_copy(update={"id": "again", "expected": ("delivery",)}))
    facts = fingerprint(ground.task.kind, Dataset(examples=doubled[-9:] + doubled[:1]), labels=ground.task.labels)
    odd = warnings_for(ground.task, facts, context_length=100)
    assert len(odd) > 1
    assert [told(line) for line in odd if told(line) == line or english_in(told(line))] == []
