"""Which children of a round go on."""

from collections import Counter
from itertools import pairwise

import pytest

from copilot.domain.completion import CompletionRequest
from copilot.domain.events import CandidateProposed, StageStarted, TrialFinished
from copilot.domain.prompt import Candidate
from copilot.domain.run import Switches
from copilot.optimizers.reflection import SELF_TEST
from copilot.optimizers.selection import static_characters
from tests.unit.copilot.engine.test_improve import run


def test_a_longer_child_that_only_equals_its_parent_on_the_screening_rows_goes_no_further() -> None:
    _, events = run(lambda _: "Lyon, perhaps.", calls=400, switches=Switches(trimming=False))
    proposed = {event.candidate.id: event.candidate for event in events if isinstance(event, CandidateProposed)}
    met = Counter(e.trial.candidate_id for e in events if isinstance(e, TrialFinished) and e.split == "dev")

    def is_longer(child: Candidate) -> bool:
        return static_characters(child.template) > static_characters(proposed[child.parents[0]].template)

    children = [name for name, candidate in proposed.items() if candidate.parents and is_longer(candidate)]
    assert children
    assert {met[name] for name in children} == {8}


@pytest.mark.parametrize(("passes_self_test", "mends"), [(False, False), (True, True)])
def test_only_a_copilot_that_may_rewrite_is_asked_to_mend_a_proposal(passes_self_test: bool, mends: bool) -> None:
    reproached = []

    def script(request: CompletionRequest) -> str:
        if request.messages[0].content == SELF_TEST:
            rule = "Sort into Billing, Delivery or Returns. A late or missing parcel is Delivery."
            return f'{{"instruction": "{rule}", "why": ""}}' if passes_self_test else "I cannot."
        if "Try again" in request.messages[-1].content:
            reproached.append(request)
        return "Lyon, perhaps."

    run(script, calls=400)
    assert bool(reproached) is mends


@pytest.mark.parametrize("tokens", [3000, 3500])
def test_no_round_begins_whose_children_the_tokens_leave_no_room_for(tokens: int) -> None:
    _, events = run(lambda _: "Lyon, perhaps. " * 12, calls=400, tokens=tokens)
    rounds = [at for at, event in enumerate(events) if isinstance(event, StageStarted) and "Round" in event.message]
    for begin, end in pairwise([*rounds, len(events)]):
        trials = [event.trial for event in events[begin:end] if isinstance(event, TrialFinished)]
        assert any(trial.candidate_id.startswith("child-") for trial in trials)


def test_what_short_answers_leave_of_a_cap_on_tokens_is_used() -> None:
    result, events = run(lambda _: "Lyon, perhaps.", calls=400, tokens=8000)
    held_out = Counter(e.trial.candidate_id for e in events if isinstance(e, TrialFinished) and e.split == "holdout")
    assert set(held_out.values()) == {28}
    assert 0.6 * 8000 < sum(usage.tokens for usage in result.usage.values()) <= 8000
