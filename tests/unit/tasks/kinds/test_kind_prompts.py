import pytest

from tasks import kinds
from tasks.fingerprint import Fingerprint, fingerprint
from tasks.kinds.classification import begin_alike, shared_start
from tasks.model import ChoiceConstraint, Dataset, Example, SchemaConstraint, SeedPrompt, Task, TaskKind

LABELS = ("World", "Sports", "Business")


def facts(kind: TaskKind, *expected: tuple[str, ...], text: str = "The roof leaks since the storm.") -> Fingerprint:
    fields = kinds.get(kind).fields or ("review",)
    inputs = dict.fromkeys(fields, text)
    examples = tuple(Example(id=str(number), inputs=inputs, expected=one) for number, one in enumerate(expected))
    return fingerprint(kind, Dataset(examples=examples), fields=fields)


def shown(prompt: SeedPrompt) -> str:
    return "\n".join((prompt.system, prompt.instruction, prompt.item))


def test_every_kind_is_there_under_its_name() -> None:
    assert [kind.kind for kind in kinds.all_kinds()] == list(TaskKind)
    assert kinds.get("classification") is kinds.get(TaskKind.CLASSIFICATION)
    with pytest.raises(ValueError, match="banana"):
        kinds.get("banana")


@pytest.mark.parametrize("kind", list(TaskKind))
@pytest.mark.parametrize("labels", [("a", "b"), ("refund request", "refund status"), ()])
@pytest.mark.parametrize("description", ["", "Sort {{the}} mail"])
def test_seeds_are_distinct_and_hold_every_input(kind: TaskKind, labels: tuple[str, ...], description: str) -> None:
    task = Task(name="t", kind=kind, labels=labels if kind is TaskKind.CLASSIFICATION else (), description=description)
    measured = facts(kind, ("roof",), ("leak",))
    seeds = kinds.get(kind).seeds(task, measured)

    assert len({seed.name for seed in seeds}) == len(seeds)
    assert len({seed.model_copy(update={"name": ""}).model_dump_json() for seed in seeds}) == len(seeds)
    assert 5 <= len(seeds) <= 8
    for seed in seeds:
        assert all("{{" + field + "}}" in seed.item for field in measured.fields)
        assert description in shown(seed)


@pytest.mark.parametrize("kind", list(TaskKind))
def test_own_prompt_without_slots_is_followed_by_the_item(kind: TaskKind) -> None:
    prompt = "  Do this: {x} or {{y}}.\n"
    task = Task(name="t", kind=kind, prompt=prompt)
    made = kinds.get(kind).user_prompt(task, facts(kind, ("roof",), ("leak",)))

    assert made.instruction == prompt
    assert "{{" in made.item and "Do this" not in made.item
    assert not made.label_scoring and made.contract.constraint is None and not made.system


@pytest.mark.parametrize(
    ("prompt", "item"),
    [
        ("Q: {question}\nT: {document}", "Q: {{question}}\nT: {{document}}"),
        ("{{ question }} {{document}}", "{{question}} {{document}}"),
        ('{Question} as {"a": {document}} or {other}', '{{question}} as {"a": {{document}}} or {other}'),
        ("only {question}", "only {{question}}"),
    ],
)
def test_own_prompt_with_slots_becomes_the_item(prompt: str, item: str) -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA, prompt=prompt)
    made = kinds.get(task.kind).user_prompt(task, facts(task.kind, ("roof",)))

    assert (made.item, made.instruction) == (item, "")


def test_field_names_may_hold_any_characters() -> None:
    task = Task(name="t", kind=TaskKind.CUSTOM, fields=("Preis (EUR)", "Größe"), prompt="{Preis (EUR)} bei {größe}")
    made = kinds.get(task.kind).user_prompt(task, facts(task.kind, ("x",)))

    assert made.item == "{{Preis (EUR)}} bei {{Größe}}"


def test_prompt_that_asks_for_reasons_has_room_for_them() -> None:
    task = Task(name="t", kind=TaskKind.CLASSIFICATION, labels=LABELS, prompt="Think step by step.")
    brief = task.model_copy(update={"prompt": "Which section?"})
    kind, measured = kinds.get(task.kind), facts(task.kind, ("World",))

    assert kind.user_prompt(task, measured).max_output_tokens == 512
    assert kind.user_prompt(brief, measured).max_output_tokens == 128


def test_without_own_prompt_the_description_and_the_labels_are_asked() -> None:
    task = Task(name="t", kind=TaskKind.CLASSIFICATION, labels=LABELS, description="Sort the news")
    made = kinds.get(task.kind).user_prompt(task, facts(task.kind, ("World",)))

    assert made.instruction == "Sort the news.\n\nAnswer with one of these labels: World, Sports, Business."
    assert made.item == "{{text}}"
    assert made.contract.labels == LABELS
    assert made.contract.constraint is None and not made.label_scoring


def test_labels_are_scored_written_under_a_constraint_and_as_json() -> None:
    task = Task(name="t", kind=TaskKind.CLASSIFICATION, labels=LABELS)
    seeds = kinds.get(task.kind).seeds(task, facts(task.kind, ("World",)))

    scored = [seed for seed in seeds if seed.label_scoring]
    assert [seed.contract.labels for seed in scored] == [LABELS] * 3
    assert all(seed.contract.constraint == ChoiceConstraint(choices=LABELS) for seed in scored)
    assert not any(seed.contract.codes for seed in seeds)
    assert isinstance(seeds[-1].contract.constraint, SchemaConstraint)
    assert seeds[-1].contract.constraint.json_schema["properties"] == {
        "label": {"type": "string", "enum": list(LABELS)}
    }


def test_labels_that_begin_alike_get_a_word_of_their_own_and_letters() -> None:
    task = Task(name="t", kind=TaskKind.CLASSIFICATION, labels=("refund request", "refund status", "other"))
    seeds = kinds.get(task.kind).seeds(task, facts(task.kind, ("other",)))

    assert [seed.contract.codes for seed in seeds if seed.contract.codes] == [
        ("request", "status", "other"),
        ("request", "status", "other"),
        ("A", "B", "C"),
    ]
    assert "status: refund status" in seeds[0].instruction and "B. refund status" in seeds[2].instruction
    assert seeds[2].contract.by_label({"A": -1.0, "B": -2.0, "C": -3.0}) == {
        "refund request": -1.0,
        "refund status": -2.0,
        "other": -3.0,
    }


def test_labels_without_a_word_of_their_own_get_letters() -> None:
    task = Task(name="t", kind=TaskKind.CLASSIFICATION, labels=("complaint", "compliment", "other"))
    seeds = kinds.get(task.kind).seeds(task, facts(task.kind, ("other",)))

    assert {seed.contract.codes for seed in seeds if seed.contract.codes} == {("A", "B", "C")}


@pytest.mark.parametrize(
    ("labels", "length"), [(("yes", "no"), 0), (("Sports", "Science"), 1), (("unhappy", "Unsure"), 2), (("a",), 0)]
)
def test_shared_start(labels: tuple[str, ...], length: int) -> None:
    assert shared_start(labels) == length


@pytest.mark.parametrize(
    ("labels", "alike"),
    [
        (("yes", "no"), False),
        (("Sports", "Science"), False),
        (("complaint", "compliment"), True),
        (("[claim]", "[quote]"), True),
        (("#1", "#2", "none"), True),
        (("[claim]", "quote"), False),
    ],
)
def test_labels_that_probably_share_their_first_token(labels: tuple[str, ...], alike: bool) -> None:
    assert begin_alike(labels) is alike


def test_labels_in_brackets_are_answered_by_their_words() -> None:
    labels = ("[claim]", "[quote]", "[data]")
    task = Task(name="t", kind=TaskKind.CLASSIFICATION, labels=labels)
    seeds = kinds.get(task.kind).seeds(task, facts(task.kind, labels))
    assert seeds[0].contract.codes == ("claim", "quote", "data")


def test_no_letters_for_labels_that_look_like_letters_or_are_too_many() -> None:
    kind = kinds.get(TaskKind.CLASSIFICATION)
    for labels in (("A", "A+", "B"), tuple(f"topic {number}" for number in range(30))):
        task = Task(name="t", kind=kind.kind, labels=labels)

        assert not any(seed.contract.codes for seed in kind.seeds(task, facts(kind.kind, (labels[0],))))


def test_unanswerable_is_spoken_of_only_where_examples_are() -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA)
    kind = kinds.get(task.kind)
    without, some = facts(task.kind, ("roof",), ("storm",)), facts(task.kind, ("roof",), ())

    assert not any("unanswerable" in shown(seed) for seed in kind.seeds(task, without))
    assert all('write "unanswerable"' in shown(seed) for seed in kind.seeds(task, some))


def test_question_comes_after_the_document() -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA, fields=("question", "document"))

    for seed in kinds.get(task.kind).seeds(task, facts(task.kind, ("roof",))):
        assert seed.item.index("{{document}}") < seed.item.index("{{question}}")


def test_answers_are_copied_where_the_examples_are() -> None:
    task = Task(name="t", kind=TaskKind.DOCUMENT_QA)
    kind = kinds.get(task.kind)

    assert "word for word" in shown(kind.seeds(task, facts(task.kind, ("roof",)))[0])
    assert "word for word" not in shown(kind.seeds(task, facts(task.kind, ("tiles",)))[0])


def test_summaries_are_as_long_as_the_references() -> None:
    task = Task(name="t", kind=TaskKind.SUMMARIZATION)
    kind = kinds.get(task.kind)
    reference = "The roof of the hall leaks since the storm, and Hansen mends it on the first dry day of May."

    assert all(
        "one sentence of about 20 words" in shown(seed) for seed in kind.seeds(task, facts(task.kind, (reference,)))
    )
    assert "3 sentences of about 15 words in all." in shown(
        kind.seeds(
            task, facts(task.kind, ("It rained hard today. The roof leaks very much. Hansen mends it all soon.",))
        )[0]
    )


def test_keywords_are_as_many_as_in_the_examples() -> None:
    task = Task(name="t", kind=TaskKind.KEYWORD_EXTRACTION)
    kind = kinds.get(task.kind)
    copied = kind.seeds(task, facts(task.kind, ("roof", "storm", "leaks")))
    free = kind.seeds(task, facts(task.kind, ("weather", "building")))

    assert all("about 3 keywords" in shown(seed) and "word for word" in shown(seed) for seed in copied)
    assert all("about 2 keywords" in shown(seed) and "word for word" not in shown(seed) for seed in free)


def test_answers_are_asked_for_in_the_examples_language() -> None:
    task = Task(name="t", kind=TaskKind.SUMMARIZATION)
    measured = facts(task.kind, ("Das Dach leckt.",), text="Das Dach der Halle leckt seit dem Sturm im letzten Winter.")

    assert all("German" in shown(seed) for seed in kinds.get(task.kind).seeds(task, measured))


def test_several_inputs_go_by_their_names() -> None:
    task = Task(name="t", kind=TaskKind.CUSTOM, description="Reply", fields=("customer_name", "mail"))
    measured = fingerprint(task.kind, Dataset(examples=()), fields=task.fields)

    assert kinds.get(task.kind).user_prompt(task, measured).item == "Customer name: {{customer_name}}\n\nMail: {{mail}}"


@pytest.mark.parametrize("kind", list(TaskKind))
def test_long_description_stands_before_the_items_once_and_a_short_prompt_goes_without(kind: TaskKind) -> None:
    description = "Mind this rule of our house. " * 10
    task = Task(name="t", kind=kind, description=description)
    seeds = kinds.get(kind).seeds(task, facts(kind, ("roof",), ("leak",)))

    assert not any("rule of our house" in seed.item for seed in seeds)
    told = ["rule of our house" in shown(seed) for seed in seeds]
    assert sum(told) >= len(seeds) - 2
    assert all(told) == (kind is TaskKind.CUSTOM)
