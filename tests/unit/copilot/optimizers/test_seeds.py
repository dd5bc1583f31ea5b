"""The first candidates and their demonstrations."""

from collections import Counter
from dataclasses import replace

from copilot.domain.run import Switches
from copilot.optimizers import demonstrations
from copilot.optimizers.seeds import Ground, first_candidates


def test_the_users_prompt_comes_first_and_word_for_word(ground: Ground) -> None:
    first = first_candidates(ground, 8)[0]
    assert first.is_user_prompt and first.id == "user"
    assert first.template.instruction == "Sort!"


def test_candidates_are_distinct_and_mixed(ground: Ground) -> None:
    candidates = first_candidates(ground, 9)
    assert len(candidates) == 9
    assert len({candidate.template.content_hash for candidate in candidates}) == 9
    shots = [len(candidate.template.demonstrations) for candidate in candidates]
    assert 0 in shots and 4 in shots


def test_switches_leave_parts_out(ground: Ground) -> None:
    off = Switches(demonstrations=False, label_scoring=False, constrained=False)
    templates = [candidate.template for candidate in first_candidates(replace(ground, switches=off), 20)]
    assert len(templates) > 2
    assert not any(template.demonstrations for template in templates)
    assert not any(template.label_scoring for template in templates)
    assert all(template.contract.constraint is None for template in templates)


def test_demonstrations_are_balanced_over_labels_and_repeatable(ground: Ground) -> None:
    contract = first_candidates(ground, 2)[1].template.contract
    chosen = demonstrations.choose(ground.pool, count=4, draw=7, kind=ground.kind, contract=contract)
    assert Counter(shown.output for shown in chosen) == {"billing": 2, "delivery": 2}
    assert chosen == demonstrations.choose(ground.pool, count=4, draw=7, kind=ground.kind, contract=contract)
    others = [
        demonstrations.choose(ground.pool, count=4, draw=draw, kind=ground.kind, contract=contract) for draw in range(5)
    ]
    assert any(other != chosen for other in others)


def test_a_small_pool_gives_what_it_has(ground: Ground) -> None:
    contract = first_candidates(ground, 2)[1].template.contract
    assert len(demonstrations.choose(ground.pool[:3], count=8, draw=1, kind=ground.kind, contract=contract)) == 3
    assert demonstrations.choose((), count=4, draw=1, kind=ground.kind, contract=contract) == ()
