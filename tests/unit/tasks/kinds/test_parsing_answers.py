import pytest

from tasks import kinds
from tasks.kinds.labels import read_label
from tasks.kinds.lists import read_list
from tasks.kinds.parsing import read_text
from tasks.kinds.prompting import json_contract
from tasks.model import OutputContract, TaskKind

LABELS = OutputContract(form="label", labels=("billing", "delivery", "Sci/Tech", "not relevant", "relevant"))
CODES = OutputContract(form="label", labels=("refund request", "refund status", "other"), codes=("A", "B", "C"))
YES_NO = OutputContract(form="label", labels=("yes", "no"))
SUMMARY = ("Summary",)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("billing", "billing"),
        (" Billing.\n", "billing"),
        ('"BILLING"', "billing"),
        ("**Delivery**", "delivery"),
        ("Label: delivery", "delivery"),
        ("**Answer:** delivery!", "delivery"),
        ("sci tech", "Sci/Tech"),
        ("Science? No: Sci/Tech.", "Sci/Tech"),
        ("The message is about billing.", "billing"),
        ("not relevant", "not relevant"),
        ("This is not relevant to us.", "not relevant"),
        ("<think>billing or delivery?</think>delivery", "delivery"),
        ("maybe billing</think>\ndelivery", "delivery"),
        ("```\nbilling\n```", "billing"),
        ("billing\n\nThe customer asks about the delivery of an invoice.", "billing"),
        ("It mentions delivery and billing.\nLabel: billing", "billing"),
    ],
)
def test_label_is_read_from_its_wrapping(text: str, label: str) -> None:
    assert read_label(text, LABELS).value == label


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The answer is empty."),
        (
            "<think>billing",
            "The model was still thinking when its answer ended: switch thinking off on its server, or choose another "
            "model.",
        ),
        ("billing or delivery", "The answer names two labels: billing and delivery."),
        ("Label: billing\nLabel: delivery", "The answer names two labels: billing and delivery."),
        ("This is not billing.", "The answer says that 'billing' is not the label, but not which is."),
        (
            "banana",
            "The answer names none of the labels: billing, delivery, Sci/Tech, not relevant, relevant.",
        ),
        ("word " * 30 + "billing", "The answer is a long text that names 'billing' in passing."),
    ],
)
def test_unclear_label_is_a_problem_and_no_guess(text: str, problem: str) -> None:
    parsed = read_label(text, LABELS)

    assert parsed.value is None
    assert parsed.problem == problem


def test_three_labels_are_counted() -> None:
    assert read_label("billing, delivery, Sci/Tech", LABELS).problem == (
        "The answer names 3 labels: billing, delivery, Sci/Tech."
    )


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("No", "no"),
        ("No, it does not.", "no"),
        ("The answer is yes.", "yes"),
        ("I have no idea", None),
        ("Nobody knows", None),
    ],
)
def test_everyday_words_count_as_labels_only_where_they_stand_out(text: str, label: str | None) -> None:
    assert read_label(text, YES_NO).value == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("B", "refund status"),
        ("b", "refund status"),
        ("(B)", "refund status"),
        ("B. refund status", "refund status"),
        ("Option B", "refund status"),
        ("Answer: C", "other"),
        ("refund request", "refund request"),
        ("A customer asks for help", None),
        ("D", None),
    ],
)
def test_letter_codes_stand_for_labels(text: str, label: str | None) -> None:
    assert read_label(text, CODES).value == label


def test_letter_that_disagrees_with_its_text_is_a_problem() -> None:
    assert read_label("A. refund status", CODES).problem == (
        "The answer names two labels: refund request and refund status."
    )


def test_labels_that_differ_in_punctuation_only_are_told_apart() -> None:
    contract = OutputContract(form="label", labels=("C", "C++", "C#"))

    assert [read_label(text, contract).value for text in ("C", "C++", "c#", "++")] == ["C", "C++", "C#", None]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("solar panel, roof, warranty.", ("solar panel", "roof", "warranty")),
        ("Keywords: solar panel; roof", ("solar panel", "roof")),
        ("**Keywords:** roof, Roof, wall", ("roof", "wall")),
        ("- solar panel\n- roof", ("solar panel", "roof")),
        ("Here are the keywords:\n1. solar panel\n2. roof\nI hope this helps!", ("solar panel", "roof")),
        ("1. solar panel, 2. roof, 3. wall", ("solar panel", "roof", "wall")),
        ('["solar panel", "roof", 3]', ("solar panel", "roof", "3")),
        ("'solar panel', \"roof\"", ("solar panel", "roof")),
        ("solar panel\nroof\n", ("solar panel", "roof")),
        ("roof", ("roof",)),
    ],
)
def test_list_is_read_from_its_wrapping(text: str, items: tuple[str, ...]) -> None:
    assert read_list(text, ("Keywords",)).value == items


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" \n", "The answer is empty."),
        ("Keywords:", "The answer is empty."),
        (", ;", "The answer holds no items."),
        (
            "This document tells of a roof that was repaired after the storm in the spring of last year",
            "The answer is running text, not a list of items.",
        ),
    ],
)
def test_what_is_no_list_is_a_problem(text: str, problem: str) -> None:
    parsed = read_list(text, ("Keywords",))

    assert (parsed.value, parsed.problem) == (None, problem)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Summary: The roof leaks.", "The roof leaks."),
        ("## Summary:\nThe roof leaks.", "The roof leaks."),
        ("Sure! Here is a short summary of the text:\n\nThe roof leaks.", "The roof leaks."),
        ("```text\nThe roof leaks.\n```", "The roof leaks."),
        ('"The roof leaks."', "The roof leaks."),
        ('"Roof" and "leak"', '"Roof" and "leak"'),
        ("Here are three reasons: one, two, three.", "Here are three reasons: one, two, three."),
        ("<think>\nhm\n</think>\n\nThe roof leaks.", "The roof leaks."),
        ("The roof\nleaks.", "The roof\nleaks."),
    ],
)
def test_text_is_read_without_wrapping(text: str, value: str) -> None:
    assert read_text(text, SUMMARY).value == value


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ('{"answer": "blue"}', "blue", None),
        ('Sure: {"Answer": 42} Bye', "42", None),
        ('```json\n{"answer": ["blue"]}\n```', "blue", None),
        ('{"a": {"answer": "no"}} {"answer": "blue"}', "blue", None),
        ('{"reply": "blue"}', None, "The answer's JSON has no key 'answer'; it has 'reply'."),
        ('{"answer": "light bl', "light bl", None),
        ('{"answer": "blue", "because', "blue", None),
        ('{"answer":', None, "The answer's JSON is cut off or malformed."),
        ('{"answer": "the "blue" one"}', None, "The answer's JSON is cut off or malformed."),
        ("blue", None, "The answer is not a JSON object with the key 'answer'."),
        ('{"answer": {"x": 1}}', None, "The answer's JSON holds no text."),
        ("", None, "The answer is empty."),
    ],
)
def test_json_answer(text: str, value: str | None, problem: str | None) -> None:
    parsed = kinds.get(TaskKind.CUSTOM).parse(text, json_contract("answer", {"type": "string"}))

    assert (parsed.value, parsed.problem) == (value, problem)


def test_a_list_cut_off_keeps_its_whole_items() -> None:
    contract = json_contract("keywords", {"type": "array", "items": {"type": "string"}})

    parsed = kinds.get(TaskKind.KEYWORD_EXTRACTION).parse('{"keywords": ["roof", "leaking gut', contract)

    assert parsed.value == ("roof",)


def test_a_label_cut_off_is_none() -> None:
    contract = json_contract("label", {"type": "string"}).model_copy(update={"labels": ("yes", "yes, partly")})

    parsed = kinds.get(TaskKind.CLASSIFICATION).parse('{"label": "yes', contract)

    assert parsed.value is None


HUGE = {
    "open reasoning": "<think>" * 20_000,
    "open objects": '{"label": ' * 20_000,
    "open lists": "[" * 50_000,
    "braces": "{" * 50_000,
    "digits": '{"answer": ' + "9" * 10_000 + "}",
    "fences": "```" * 10_000,
    "lead-ins": "here is " * 5_000 + "summary",
    "bullets": "* " * 20_000,
    "blanks": "A" + " " * 50_000 + "x",
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE.keys())
@pytest.mark.parametrize("contract", [LABELS, CODES, OutputContract(form="text"), json_contract("answer", {})])
def test_huge_answers_are_read_without_error(text: str, contract: OutputContract) -> None:
    for kind in kinds.all_kinds():
        parsed = kind.parse(text, contract)

        assert (parsed.value is None) == (parsed.problem is not None)


@pytest.mark.parametrize("text", ["unanswerable", "Unanswerable.", 'Answer: "UNANSWERABLE"', '{"answer": null}'])
def test_statement_that_there_is_no_answer_has_one_spelling(text: str) -> None:
    contract = json_contract("answer", {"type": "string"}) if text[0] == "{" else OutputContract(form="text")

    assert kinds.get(TaskKind.DOCUMENT_QA).parse(text, contract).value == "unanswerable"
