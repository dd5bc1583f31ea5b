from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.model import Requirement, SuccessCriterion, Task, TaskKind
from tasks.taskfile import TaskFileError, dump_task, load_task, read_task

FULL = """\
name: Mail
kind: Document-QA
description: Answer our mail.
fields: [document, question]
prompt: |
  Hello {question}

  Bye
criteria:
  - rouge_l
  - length: {maximum: 40, unit: words}
  - regex: {pattern: "^x"}
    must: true
    weight: 2
  - evaluator: no_refusal
    threshold: 0.5
    requirement: must
"""


def test_every_key_is_read() -> None:
    assert read_task(FULL) == Task(
        name="Mail",
        kind=TaskKind.DOCUMENT_QA,
        description="Answer our mail.",
        fields=("document", "question"),
        prompt="Hello {question}\n\nBye\n",
        criteria=(
            SuccessCriterion(evaluator="rouge_l"),
            SuccessCriterion(evaluator="length", parameters={"maximum": 40, "unit": "words"}),
            SuccessCriterion(evaluator="regex", parameters={"pattern": "^x"}, requirement=Requirement.MUST, weight=2),
            SuccessCriterion(evaluator="no_refusal", threshold=0.5, requirement=Requirement.MUST),
        ),
    )


def test_values_that_look_like_others_stay_texts() -> None:
    task = read_task("name: 2024\nkind: classification\nlabels: [yes, no, 1, 1.0, null, 2024-05-01]")

    assert task.name == "2024"
    assert task.labels == ("yes", "no", "1", "1.0", "null", "2024-05-01")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "x", "kind": "custom", "description": "\\ud83d\\ude00"}',
        '{\n\t"name": "x",\n\t"kind": "custom",\n\t"description": "😀"\n}',
    ],
)
def test_json_is_read_too(text: str) -> None:
    assert read_task(text) == Task(name="x", kind=TaskKind.CUSTOM, description="😀")


BOMB = "a: &a [x, x, x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(['*' + chr(97 + level)] * 9)}]\n" for level in range(8)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.yaml: The task file is empty; it needs at least `name` and `kind`."),
        ("# nothing\n", "t.yaml: The task file is empty; it needs at least `name` and `kind`."),
        ("- a", "t.yaml, line 1: A task file holds `key: value` pairs, but this is a list."),
        ("hello", "t.yaml, line 1: A task file holds `key: value` pairs, but this is the text 'hello'."),
        ("name: x\nkind: : y", "t.yaml, line 2: This is not valid YAML (mapping values are not allowed here)."),
        ("\x00", "t.yaml: The file holds characters that YAML does not allow; save it as plain text."),
        ("[" * 100_000, "t.yaml: The values are nested too deeply."),
        (
            BOMB,
            "t.yaml: The file repeats itself too often through aliases (&name, *name); write the values out.",
        ),
        (
            "a: &a [*a]",
            "t.yaml: The file repeats itself too often through aliases (&name, *name); write the values out.",
        ),
        ("name: x", "t.yaml: The key 'kind' is missing; add a line `kind: ...`."),
        ("name: ''\nkind: custom", "t.yaml, line 1: 'name' is empty; give the task a name."),
        ("name: [x]\nkind: custom", "t.yaml, line 1: 'name' must be a text, but it is a list."),
        ("nmae: x\nkind: custom", "t.yaml, line 1: A task file has no key 'nmae'. Did you mean 'name'?"),
        ("name: x\nname: y", "t.yaml, line 2: The key 'name' is given twice; keep one."),
        (
            "name: x\nkind: sumarization",
            "t.yaml, line 2: 'sumarization' is no kind of task. Did you mean 'summarization'?",
        ),
        ("name: x\nkind: QA", "t.yaml, line 2: 'QA' is no kind of task. Did you mean 'document_qa'?"),
        (
            "name: x\nkind: zzz",
            "t.yaml, line 2: 'zzz' is no kind of task. Known are: summarization, document_qa, classification, "
            "keyword_extraction, custom.",
        ),
        (
            "name: x\nkind: custom",
            "t.yaml, line 2: A custom task needs a `description` or a `prompt` that says what to do.",
        ),
        (
            "name: x\nkind: classification\nlabels:\n  - a\n  - b\n  - a",
            "t.yaml, line 6: 'labels' holds 'a' twice; keep one.",
        ),
        (
            "name: x\nkind: classification\nlabels: [a, ' ']",
            "t.yaml, line 3: 'labels' holds an empty entry; remove it or fill it in.",
        ),
        (
            "name: x\nkind: classification\nlabels: a, b",
            "t.yaml, line 3: 'labels' must be a list, e.g. [first, second], but it is the text 'a, b'.",
        ),
        (
            "name: x\nkind: classification\nlabels: [a]",
            "t.yaml, line 3: 'labels' holds one label only; list all labels that an answer may be.",
        ),
        (
            "name: x\nkind: summarization\nlabels: [a, b]",
            "t.yaml, line 3: 'labels' belong to the kind classification, not summarization; remove them.",
        ),
    ],
)
def test_error_says_where_and_what_to_do(text: str, message: str) -> None:
    with pytest.raises(TaskFileError) as caught:
        read_task(text, source="t.yaml")

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ("rouge_l", "'criteria' must be a list, one `- name` a line, but it is the text 'rouge_l'."),
        ("['']", "A criterion has an empty name; write e.g. `- rouge_l`."),
        ("[{weight: 2}]", "A criterion needs a name: write `evaluator: name`, e.g. `evaluator: rouge_l`."),
        ("[{a: {}, parameters: {}}]", "The criterion 'a' has parameters twice; keep one."),
        (
            "[{evaluator: a, maximum: 3}]",
            "The criterion 'a' has no key 'maximum'. Settings of the evaluator go under `parameters`.",
        ),
        ("[{evaluator: a, wieght: 3}]", "The criterion 'a' has no key 'wieght'. Did you mean 'weight'?"),
        ("[{a: 3}]", "The parameters of 'a' must be `key: value` pairs, but they are the text '3'."),
        ("[{a: {x: 2024-01-01}}]", "The parameters of 'a' must be texts, numbers, yes/no, or lists of them."),
        ("[{evaluator: a, weight: much}]", "'weight' must be a number, but it is the text 'much'."),
        ("[{evaluator: a, weight: -1}]", "'weight' must be a number from 0 up, but it is -1."),
        ("[{evaluator: a, weight: nan}]", "'weight' must be a number from 0 up, but it is nan."),
        ("[{evaluator: a, threshold: 50}]", "'threshold' must be between 0 and 1, but it is 50."),
        ("[{evaluator: a, requirement: maybe}]", "'requirement' is either must or should, but it is 'maybe'."),
        ("[{evaluator: a, must: maybe}]", "'must' is either true or false, but it is the text 'maybe'."),
        (
            "[{evaluator: a, must: true, requirement: must}]",
            "The criterion 'a' has both `must` and `requirement`; keep one.",
        ),
    ],
)
def test_error_in_a_criterion(criteria: str, message: str) -> None:
    with pytest.raises(TaskFileError) as caught:
        read_task(f"name: x\nkind: summarization\ncriteria: {criteria}", source="t.yaml")

    assert str(caught.value) == f"t.yaml, line 3: {message}"


def test_file_is_named_in_errors(tmp_path: Path) -> None:
    missing, latin = tmp_path / "no.yaml", tmp_path / "latin.yaml"
    latin.write_bytes("name: Größe".encode("latin-1"))
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)

    for path, message in (
        (missing, "There is no such file; check the path."),
        (tmp_path, "This is a folder; give the path of the task file in it."),
        (latin, "The file is not UTF-8 text; save it as UTF-8."),
        (large, "The file is larger than 1 MB, which no task file is; check the path."),
    ):
        with pytest.raises(TaskFileError) as caught:
            load_task(path)
        assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_file_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "task.yaml"
    path.write_text("name: Größe\nkind: summarization\n", encoding=encoding)

    assert load_task(path).name == "Größe"


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)


@given(
    texts,
    st.text(st.sampled_from("ab:#-|>\n \t{}'\"&*")).filter(str.strip),
    st.lists(st.sampled_from(["yes", "no", "1", "~", "a: b", "# x", "é", "- c"]), min_size=2, unique=True),
    st.dictionaries(texts, st.none() | st.booleans() | st.integers() | texts | st.lists(texts), max_size=3),
)
def test_what_is_written_is_read_back(
    name: str, prompt: str, labels: list[str], parameters: dict[str, bool | int | str | list[str] | None]
) -> None:
    task = Task.model_validate(
        {
            "name": name,
            "kind": "classification",
            "description": name,
            "labels": labels,
            "prompt": prompt,
            "criteria": [{"evaluator": "a", "parameters": parameters, "weight": 0.5}, {"evaluator": "b"}],
        }
    )

    assert read_task(dump_task(task)) == task
