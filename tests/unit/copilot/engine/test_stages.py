"""Which children of a round go on."""

from collections import Counter

from copilot.domain.events import CandidateProposed, TrialFinished
from copilot.domain.prompt import Candidate
from copilot.domain.run import Switches
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
