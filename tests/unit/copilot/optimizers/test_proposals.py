"""Deterministic children, the copilot's proposals, earlier stops, and what is turned down before a call."""

import json

import pytest

from copilot.domain.completion import CompletionRequest, Decoding, Message
from copilot.domain.feedback import Feedback
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.reviews import Said
from copilot.domain.run import Trial
from copilot.optimizers import operators, reflection, trimming, validation
from copilot.optimizers.reflection import Evidence, Tier
from copilot.optimizers.seeds import Ground, first_candidates


@pytest.fixture
def parent(ground: Ground) -> PromptTemplate:
    return next(c.template for c in first_candidates(ground, 20) if c.template.instruction and not c.is_user_prompt)


def answered(tier: Tier, answer: str, parent: PromptTemplate, *, asked: str = "What helps?") -> reflection.Proposal:
    request = CompletionRequest(messages=(Message(role="user", content=asked),), decoding=Decoding(max_tokens=60))
    return reflection.read_proposal(tier, request, answer, parent)


def problem(child: PromptTemplate, parent: PromptTemplate, ground: Ground) -> str | None:
    return validation.problem(child, parent, examples=ground.pool, known=set())


def test_children_differ_from_their_parent_and_say_why(ground: Ground, parent: PromptTemplate) -> None:
    children = list(operators.children(parent, None, ground))
    assert {"number_of_demonstrations", "label_definitions"} <= {child.operator for child in children}
    assert all(child.template.content_hash != parent.content_hash and child.rationale for child in children)


def test_no_code_loses_its_label(ground: Ground, parent: PromptTemplate) -> None:
    lettered = parent.model_copy(
        update={
            "instruction": "Sort. Answer with the letter.\n\nA. billing\nB. delivery",
            "contract": parent.contract.model_copy(update={"codes": ("A", "B")}),
        }
    )
    assert all("B. delivery" in child.template.instruction for child in operators.children(lettered, None, ground))


def test_typical_words_tell_the_labels_apart(ground: Ground) -> None:
    words = operators.typical_words(ground.pool)
    assert "invoice" in words["billing"] and "parcel" in words["delivery"]
    assert not set(words["billing"]) & set(words["delivery"])


def test_a_rule_of_a_weak_copilot_is_added(parent: PromptTemplate) -> None:
    proposal = answered(Tier.FILLS_SLOTS, '1. Rule: "late parcels are always delivery"', parent)
    assert proposal.template is not None
    assert proposal.template.instruction == parent.instruction + " Late parcels are always delivery."
    assert proposal.operator == "add_rule"


@pytest.mark.parametrize(
    "answer", ["", "Mistake 1:", "The best way is to remember that:", "So it goes on:.", "word " * 40]
)
def test_a_weak_copilots_chatter_is_no_rule(parent: PromptTemplate, answer: str) -> None:
    assert answered(Tier.FILLS_SLOTS, answer, parent).problem


@pytest.mark.parametrize("answer", ["Use only a rule of at most 25 words.", "Mistake 1: Input: Where is my parcel?"])
def test_an_echo_of_the_question_is_no_rule(parent: PromptTemplate, answer: str) -> None:
    asked = "Mistake 1:\nInput: Where is my parcel?\n\nWrite one short rule of at most 25 words."
    assert "repeats" in (answered(Tier.FILLS_SLOTS, answer, parent, asked=asked).problem or "")
    assert answered(Tier.FILLS_SLOTS, "Where a parcel is asked for, say delivery.", parent, asked=asked).template


def test_a_strong_copilot_may_rewrite(parent: PromptTemplate) -> None:
    answer = "Sure! " + json.dumps({"operator": "Edit section", "instruction": "Read, then sort.", "why": "shorter"})
    proposal = answered(Tier.REWRITES, answer, parent)
    assert proposal.template is not None and proposal.template.instruction == "Read, then sort."
    assert (proposal.operator, proposal.rationale) == ("Edit_section", "shorter")


@pytest.mark.parametrize(
    "answer", ["no json", "{", '{"instruction": 3', '{"operator": "x"}', "[]", '{"a":' + 9_000 * "["]
)
def test_an_answer_without_an_instruction_is_a_problem(parent: PromptTemplate, answer: str) -> None:
    assert answered(Tier.REWRITES, answer, parent).problem


def test_the_copilot_sees_failures_feedback_and_what_did_not_help(ground: Ground, parent: PromptTemplate) -> None:
    example = ground.pool[0]
    evidence = Evidence(
        task=ground.task,
        parent=Candidate(id="seed-1", template=parent, operator="library"),
        failures=((example, Trial(candidate_id="seed-1", example_id="0", output="delivery", value=0.0)),),
        successes=(),
        rejected=(("Adds a rule.", -0.1),),
        said=(
            Said(
                feedback=Feedback(
                    run_id="r",
                    candidate_id="seed-1",
                    example_id="0",
                    flag="down",
                    tag="wrong",
                    comment="Charges are always billing",
                    edited_output="billing, urgent",
                ),
                inputs={"text": "charged twice"},
                output="delivery of money",
            ),
        ),
        tokens_left=900,
    )
    text = reflection.proposal_request(Tier.REWRITES, evidence, index=0).messages[0].content
    for expected in (
        "billing taken for delivery",
        "invoice",
        "-10 points",
        "Input: charged twice\nAnswer: delivery of money\nThey would have written: billing, urgent\n"
        "They say: not good; wrong; Charges are always billing",
        "900",
    ):
        assert expected in text
    assert reflection.proposal_request(Tier.REWRITES, evidence, index=1) != reflection.proposal_request(
        Tier.REWRITES, evidence, index=0
    )


def test_the_self_test_tells_weak_from_strong() -> None:
    good = {"instruction": "Sort into Billing, Delivery or Returns. Late or missing parcels are Delivery, always."}
    assert reflection.tier_of(json.dumps(good)) is Tier.REWRITES
    assert reflection.tier_of("Sort the ticket into Billing, Delivery or Returns.") is Tier.FILLS_SLOTS
    assert reflection.tier_of("") is Tier.FILLS_SLOTS


def test_what_copies_an_example_is_turned_down(ground: Ground, parent: PromptTemplate) -> None:
    copied = ground.pool[1].inputs["text"]
    child = parent.model_copy(update={"instruction": f"Sort. For example: {copied}"})
    assert "copies" in (problem(child, parent, ground) or "")


@pytest.mark.parametrize("text", ["<think>hm</think> Sort.", "x" * 5000, ""])
def test_tags_length_and_emptiness_are_turned_down(ground: Ground, parent: PromptTemplate, text: str) -> None:
    child = parent.model_copy(update={"instruction": text, "system": ""})
    assert problem(child, parent, ground)


def test_item_and_contract_stay(ground: Ground, parent: PromptTemplate) -> None:
    child = parent.model_copy(update={"item": "{{text}} - what is it?"})
    assert "must stay" in (problem(child, parent, ground) or "")


def test_what_was_tried_is_not_tried_again(ground: Ground, parent: PromptTemplate) -> None:
    assert validation.problem(parent, parent, examples=(), known={parent.content_hash})


def test_an_earlier_stop_leaves_what_stood_before_it(ground: Ground) -> None:
    template = first_candidates(ground, 1)[0].template
    first_line = next(trim for trim in trimming.trims(template) if "first line" in trim.rationale)
    assert first_line.cut("billing\nbecause of the invoice") == "billing"
    assert first_line.cut("billing") == "billing"
    assert first_line.template.decoding.stop == ("\n",)


def test_enforced_forms_are_not_trimmed(ground: Ground) -> None:
    constrained = [c.template for c in first_candidates(ground, 20) if c.template.contract.constraint is not None]
    assert constrained
    assert all(trimming.trims(template) == () for template in constrained)


def test_what_a_copilot_thinks_aloud_is_neither_proposal_nor_rule(parent: PromptTemplate) -> None:
    thought = '<think>Perhaps {"instruction": "Guess."}, or {that}?</think>\n\n'
    good = {"instruction": "Sort into Billing, Delivery or Returns. Late or missing parcels are Delivery, always."}
    assert reflection.tier_of(f"{thought}```json\n{json.dumps(good)}\n```") is Tier.REWRITES
    rewritten = answered(Tier.REWRITES, thought + json.dumps(good), parent).template
    assert rewritten is not None and rewritten.instruction == good["instruction"]
    ruled = answered(Tier.FILLS_SLOTS, f"{thought}Late parcels are always delivery.", parent).template
    assert ruled is not None and ruled.instruction.endswith(" Late parcels are always delivery.")
    assert answered(Tier.FILLS_SLOTS, "<think>So what is it that they want here?", parent).problem
