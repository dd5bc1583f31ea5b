"""The bank of demonstrations to choose from, and the candidates that have one."""

from collections import Counter
from dataclasses import replace

from copilot.domain.prompt import BANK_CHARACTERS, MOST_BANKED, Retrieval
from copilot.domain.run import Switches
from copilot.optimizers import demonstrations, operators
from copilot.optimizers.seeds import Ground, first_candidates
from copilot.optimizers.selection import static_characters
from tasks import kinds
from tasks.model import Example, OutputContract, TaskKind

ON = Switches(retrieval=True)
TEXT = OutputContract(form="text")


def rows(texts: list[str], outputs: list[str]) -> list[Example]:
    pairs = zip(texts, outputs, strict=True)
    return [Example(id=str(i), inputs={"text": text}, expected=(output,)) for i, (text, output) in enumerate(pairs)]


def bank(pool: list[Example], count: int = 3) -> Retrieval | None:
    return demonstrations.bank(pool, count=count, kind=kinds.get(TaskKind.CUSTOM), contract=TEXT)


def test_a_bank_is_bounded_and_its_beginning_balanced() -> None:
    made = bank(rows([f"word{i} other{i}" for i in range(200)], ["a" if i % 10 else "b" for i in range(200)]))
    assert made is not None
    assert len(made.bank) == MOST_BANKED
    assert Counter(shown.output for shown in made.bank[:20]) == {"a": 10, "b": 10}
    long = bank(rows([f"word{i} " * 1000 for i in range(40)], ["a"] * 40))
    assert long is not None
    assert sum(len(shown.inputs["text"]) for shown in long.bank) <= BANK_CHARACTERS


def test_a_bank_holds_no_copies_and_nothing_very_long() -> None:
    texts = ["one two three", "One, two three!", "four five six", "seven eight nine", "ten eleven", "long " * 50]
    made = bank(rows(texts, list("abcdef")), count=2)
    assert made is not None
    assert {shown.inputs["text"] for shown in made.bank} == {texts[0], *texts[2:5]}


def test_rows_that_another_one_nearly_repeats_are_not_unlike() -> None:
    parts = "the parcel that was sent to Lyon by road is late", "an invoice shows a charge that nobody knows of"
    pool = rows([parts[0], parts[1], parts[0] + " again"], ["a", "b", "a"])
    assert [example.id for example in demonstrations.unlike(pool)] == ["1"]
    assert len(demonstrations.distinct(pool)) == 3


def test_there_is_no_bank_without_a_choice() -> None:
    pool = rows(["one", "two", "three"], ["a", "b", "c"])
    assert bank(pool, count=3) is None
    assert bank(pool, count=0) is None
    assert bank([example.model_copy(update={"expected": None}) for example in pool], count=2) is None


def test_one_of_the_first_candidates_retrieves_where_it_is_on(ground: Ground) -> None:
    on = first_candidates(replace(ground, switches=ON), 9)
    (candidate,) = [candidate for candidate in on if candidate.template.retrieval]
    assert candidate.operator == "retrieve_demonstrations"
    assert candidate.rationale.endswith("with 3 examples chosen per input.")
    assert not candidate.template.demonstrations
    assert not any(candidate.template.retrieval for candidate in first_candidates(ground, 30))
    assert {candidate.template.content_hash for candidate in first_candidates(ground, 6)} <= {
        candidate.template.content_hash for candidate in first_candidates(replace(ground, switches=ON), 9)
    }


def test_children_retrieve_or_go_back_to_fixed_examples(ground: Ground) -> None:
    ground = replace(ground, switches=ON)
    plain = first_candidates(ground, 2)[1].template
    child = next(c for c in operators.children(plain, None, ground) if c.operator == "retrieve_demonstrations")
    assert child.template.retrieval is not None
    again = list(operators.children(child.template, None, ground))
    assert "retrieve_demonstrations" not in {one.operator for one in again}
    fixed = [one.template for one in again if one.template.demonstrations]
    assert fixed
    assert not any(template.retrieval for template in fixed)


def test_what_is_retrieved_counts_as_length(ground: Ground) -> None:
    plain = first_candidates(ground, 2)[1].template
    three = replace(ground, switches=ON).retrieving(plain)
    assert three is not None and three.retrieval is not None
    shown = [len(one.output) + len(one.inputs["text"]) for one in three.retrieval.bank]
    assert static_characters(three) - static_characters(plain) == round(3 * sum(shown) / len(shown))
