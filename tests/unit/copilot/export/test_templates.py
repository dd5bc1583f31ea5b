"""Template files: the same bytes back, and sentences for what is wrong."""

import os
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from copilot.domain.completion import Decoding
from copilot.domain.prompt import DecisionLayer, Demonstration, PromptTemplate, Retrieval
from copilot.errors import StorageError, TemplateError
from copilot.export.templates import format_template, load_template_file, parse_template, save_template_file
from tasks.model import ChoiceConstraint, OutputContract, RegexConstraint, SchemaConstraint, TaskKind

TEMPLATE = PromptTemplate(
    kind=TaskKind.CLASSIFICATION,
    variables=("text",),
    system="You sort mail.\nAnswer with one label.\n",
    instruction="Blanks at the end  \nof lines\t\r\nand other line ends\r",
    item="Text: {{text}}\nLabel: ",
    demonstrations=(Demonstration(inputs={"text": "yes: # no", "a": ""}, output="yes", example_id="7"),),
    contract=OutputContract(form="label", labels=("yes", "no", "1.0"), constraint=ChoiceConstraint(choices=("yes",))),
    decoding=Decoding(max_tokens=3, temperature=1e-05, stop=("\n", "\n\n")),
    label_scoring=True,
    decision=DecisionLayer(
        method="logistic",
        labels=("yes", "no"),
        weights=((0.1, 1 / 3), (-0.0, 2e300)),
        biases=(1e22, 5e-324),
    ),
)
# A lone surrogate is no text: neither a file nor a hash can hold it.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    " \t\n\r\x85\u2028:#-'\"\\|>a", max_size=20
)


@given(
    system=TEXTS,
    instruction=TEXTS,
    item=TEXTS,
    stops=st.lists(TEXTS, max_size=4),
    inputs=st.dictionaries(TEXTS, TEXTS, max_size=3),
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4),
    pattern=TEXTS,
)
def test_a_file_gives_back_every_character(
    system: str,
    instruction: str,
    item: str,
    stops: list[str],
    inputs: dict[str, str],
    numbers: list[float],
    pattern: str,
) -> None:
    decision = DecisionLayer(
        method="prior", labels=(system, item), weights=(tuple(numbers[:2]), tuple(numbers[2:])), biases=(0.0, 1.0)
    )
    template = TEMPLATE.model_copy(
        update={
            "system": system,
            "instruction": instruction,
            "item": item,
            "decoding": Decoding(max_tokens=1, stop=tuple(stops)),
            "demonstrations": (Demonstration(inputs=inputs, output=system),),
            "contract": OutputContract(form="text", constraint=RegexConstraint(pattern=pattern)),
            "decision": decision,
        }
    )
    file = parse_template(format_template(template, name=item, task=system, note=instruction).encode().decode())
    assert file.template == template
    assert file.template.content_hash == template.content_hash
    assert (file.name, file.task, file.note) == (item, system, instruction)
    assert not file.edited
    assert file.warnings == ()


def test_a_saved_file_is_readable_and_loads_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "mail.yaml"
    save_template_file(path, TEMPLATE, name="Mail", task="Tickets", note="better", run_id="run-1")
    assert "  system: |\n    You sort mail.\n    Answer with one label.\n" in path.read_text()
    assert "    biases: [1.0e+22, 5.0e-324]\n" in path.read_text()
    file = load_template_file(path)
    assert file.template == TEMPLATE
    assert (file.name, file.task, file.note, file.run_id) == ("Mail", "Tickets", "better", "run-1")
    assert path.stat().st_mode & 0o444 == 0o444 & ~_umask()
    assert list(tmp_path.iterdir()) == [path]


def test_a_bank_travels_in_the_file_and_chooses_the_same(tmp_path: Path) -> None:
    bank = tuple(Demonstration(inputs={"text": f"{word}: yes\n", "a": ""}, output=word) for word in ("on", "no", "1.0"))
    template = TEMPLATE.model_copy(update={"retrieval": Retrieval(count=2, bank=bank)})
    path = tmp_path / "mail.yaml"
    save_template_file(path, template, name="Mail")
    file = load_template_file(path)
    assert file.template == template and not file.edited
    row = {"text": "no!", "a": "x"}
    assert file.template.render(row) == template.render(row)
    assert "retrieval" not in format_template(TEMPLATE, name="Mail")


def test_a_bank_edited_to_nothing_is_refused_with_its_line() -> None:
    bank = tuple(Demonstration(inputs={"text": word, "a": ""}, output=word) for word in ("on", "no", "1.0"))
    text = format_template(TEMPLATE.model_copy(update={"retrieval": Retrieval(count=2, bank=bank)}), name="Mail")
    line = text[: text.index("  retrieval:")].count("\n") + 1
    with pytest.raises(TemplateError, match=rf"line {line}: prompt.retrieval is wrong.*more than 3 different"):
        parse_template(text.replace("count: 2", "count: 3"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_editors_of_other_systems_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "mail.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + format_template(TEMPLATE, name="Mail").replace("\n", "\r\n").encode())
    assert load_template_file(path).template == TEMPLATE


def test_an_edited_prompt_is_taken_and_said_to_be_another() -> None:
    text = format_template(TEMPLATE, name="Mail").replace("You sort mail", "You sort letters")
    file = parse_template(text, source="mail.yaml")
    assert file.edited
    assert file.content_hash == TEMPLATE.content_hash
    assert file.template.system.startswith("You sort letters")
    [warning] = file.warnings
    assert warning.startswith("The prompt in mail.yaml was changed after it was saved")


def test_a_hand_written_file_needs_little() -> None:
    schema = SchemaConstraint(json_schema={"type": "object", "properties": {"a": {"type": "string"}}})
    text = """
schema_version: 1
prompt:
  kind: custom
  variables: [text]
  item: "{{text}}"
  contract:
    form: json
    json_key: a
    constraint: {type: json_schema, json_schema: {type: object, properties: {a: {type: string}}}}
  decoding: {max_tokens: 20}
"""
    file = parse_template(text)
    assert file.template.contract.constraint == schema
    assert not file.edited


GOOD = format_template(TEMPLATE, name="Mail")


def _line(word: str) -> int:
    return 1 + next(number for number, line in enumerate(GOOD.split("\n")) if word in line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2\nb: 3\n", r"^t\.yaml, line 2: this is not valid YAML"),
        ("just words", r"^t\.yaml, line 1: a template begins with"),
        ("", r"^t\.yaml, line 1: a template begins with"),
        ("schema_version: 1\n", r"^t\.yaml, line 1: the part 'prompt' is missing"),
        ("a: 1\n\nb: \x01\n", r"^t\.yaml, line 3: the character U\+0001"),
        ("a: 1\na: 2\n", r"^t\.yaml, line 2: .*'a' stands there twice"),
        ("a: &x 1\nb: *x\n", r"^t\.yaml, line 2: .*references"),
        ("prompt: !!python/object:os.system {}\n", r"^t\.yaml, line 1: this is not valid YAML"),
        ("a: 2026-99-99\n", r"^t\.yaml: a value in the file cannot be read"),
        ("[" * 3000, r"^t\.yaml"),
        (GOOD.replace("schema_version: 1", "schema_version: 2"), r"line 2: .*schema_version 2.*Install a newer"),
        (GOOD.replace("schema_version: 1\n", ""), r"schema_version is missing"),
        (GOOD.replace("name: Mail", "nmae: Mail"), r"line 3: 'nmae' is not part of a template file"),
        (
            GOOD.replace("max_tokens: 3", "max_tokens: many"),
            rf"line {_line('max_tokens')}: prompt\.decoding\.max_tokens is wrong: input",
        ),
        (GOOD.replace("kind: classification", "kind: poem"), r"line 6: prompt\.kind is wrong"),
        (GOOD.replace("  system:", "  sytsem:"), r"line 9: prompt\.sytsem is not part of a template"),
    ],
)
def test_mistakes_are_said_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        parse_template(text, source="t.yaml")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="There is no file"):
        load_template_file(tmp_path / "none.yaml")
    with pytest.raises(TemplateError, match="cannot be read: Is a directory"):
        load_template_file(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(TemplateError, match=r"line 2: the text is not UTF-8"):
        load_template_file(latin)
    with pytest.raises(StorageError, match=re.escape(f"{tmp_path / 'no' / 't.yaml'}: No such file")):
        save_template_file(tmp_path / "no" / "t.yaml", TEMPLATE, name="Mail")


def test_the_file_is_plain_yaml_for_other_programs() -> None:
    assert yaml.safe_load(GOOD)["prompt"]["decision"]["method"] == "logistic"
