"""The first candidates: the user's own prompt, always, and the task library's, with and without demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from copilot.domain.completion import Decoding
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import Switches
from copilot.optimizers import demonstrations
from tasks.fingerprint import Fingerprint
from tasks.kinds.base import Kind
from tasks.model import Example, SeedPrompt, Task

USER_ID = "user"
FIRST_COUNTS: tuple[int, ...] = (4, 2)
"""Demonstrations tried beside none among the first candidates; other numbers come as children of the best."""
RETRIEVED = 3
"""Demonstrations chosen per input, where they fit."""
LABEL_SAMPLES = 5
"""Answers per row where labels' probabilities are estimated from answers."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every candidate of a run is built on."""

    task: Task
    kind: Kind
    fingerprint: Fingerprint
    pool: tuple[Example, ...]
    demonstration_counts: tuple[int, ...]
    """Numbers of demonstrations that the model's context has room for."""
    switches: Switches
    seed: int
    passing: tuple[Example, ...] = ()
    """Examples of the pool with an output that passed in this run in place of the expected one, which is not known."""
    alike: frozenset[tuple[str, ...]] = frozenset()
    """Sets of labels, or of codes for them, that the model cannot tell apart: they begin alike for it."""

    @property
    def prompts(self) -> list[SeedPrompt]:
        """The library's prompts that this run may try."""
        return [
            prompt
            for prompt in self.kind.seeds(self.task, self.fingerprint)
            if not prompt.label_scoring or (self.switches.label_scoring and prompt.contract.answers not in self.alike)
        ]

    @property
    def shown(self) -> tuple[Example, ...]:
        """What demonstrations are made of: expected outputs where any is known, else outputs that passed."""
        if any(example.expected is not None for example in self.pool):
            return self.pool
        return self.passing if self.switches.passing else ()

    @property
    def samples_labels(self) -> bool:
        """Tell whether labels' probabilities are estimated from answers where the server shows none."""
        return self.switches.label_sampling and self.switches.calibration

    def template(self, prompt: SeedPrompt) -> PromptTemplate:
        """Return the prompt of the library as a template without demonstrations."""
        contract = prompt.contract
        if not self.switches.constrained:
            contract = contract.model_copy(update={"constraint": None})
        return PromptTemplate(
            kind=self.task.kind,
            variables=self.task.fields or self.fingerprint.fields or self.kind.fields,
            system=prompt.system,
            instruction=prompt.instruction,
            item=prompt.item,
            contract=contract,
            decoding=Decoding(max_tokens=prompt.max_output_tokens),
            label_scoring=prompt.label_scoring,
            label_samples=LABEL_SAMPLES if prompt.label_scoring and self.samples_labels else 0,
        )

    def demonstrated(self, template: PromptTemplate, count: int, *, draw: int) -> PromptTemplate:
        """Return the template with `count` demonstrations of the given draw."""
        chosen = demonstrations.choose(
            self.shown, count=count, draw=1000 * self.seed + draw, kind=self.kind, contract=template.contract
        )
        return template.model_copy(update={"demonstrations": chosen, "retrieval": None, "decision": None})

    def retrieving(self, template: PromptTemplate) -> PromptTemplate | None:
        """Return the template with demonstrations chosen per input; None where it is off or there is no choice."""
        if not (self.switches.demonstrations and self.switches.retrieval):
            return None
        count = min(RETRIEVED, max(self.demonstration_counts, default=0))
        bank = demonstrations.bank(self.shown, count=count, kind=self.kind, contract=template.contract)
        if bank is None:
            return None
        return template.model_copy(update={"demonstrations": (), "retrieval": bank, "decision": None})


class _Arm(NamedTuple):
    """A prompt of the library with a number of demonstrations."""

    prompt: SeedPrompt
    shots: int = 0
    retrieved: bool = False


def user_candidate(ground: Ground) -> Candidate:
    """Return the user's own prompt, verbatim."""
    prompt = ground.kind.user_prompt(ground.task, ground.fingerprint)
    return Candidate(
        id=USER_ID,
        template=ground.template(prompt),
        operator="user",
        rationale="Your own prompt, word for word." if ground.task.prompt else "A plain prompt from your description.",
        is_user_prompt=True,
    )


def first_candidates(ground: Ground, count: int, *, counts: Sequence[int] = FIRST_COUNTS) -> tuple[Candidate, ...]:
    """Return up to `count` distinct candidates, the user's prompt first.

    The library's prompts take turns: each alone, then the first ones with demonstrations, so that a small count
    still holds both wordings and demonstrations.

    Args:
        ground: what they are built on.
        count: how many, at most.
        counts: numbers of demonstrations to try, in this order.
    """
    prompts = ground.prompts
    shots = [n for n in counts if n in ground.demonstration_counts] if ground.switches.demonstrations else []
    shown = [_Arm(prompt, n) for n in shots for prompt in prompts]
    # One is enough to see whether choosing per input pays; the operator of the same name spreads it.
    shown[1:1] = [_Arm(prompt, retrieved=True) for prompt in prompts[:1] if shots and ground.switches.retrieval]
    candidates = [user_candidate(ground)]
    seen = {candidates[0].template.content_hash}
    for arm in _interleaved([_Arm(prompt) for prompt in prompts], shown):
        template = _made(ground, arm)
        if template is None or template.content_hash in seen:
            continue
        if len(candidates) == count:
            break
        seen.add(template.content_hash)
        candidates.append(_candidate(arm, template, number=len(candidates)))
    return tuple(candidates)


def _made(ground: Ground, arm: _Arm) -> PromptTemplate | None:
    template = ground.template(arm.prompt)
    if arm.retrieved:
        return ground.retrieving(template)
    if not arm.shots:
        return template
    template = ground.demonstrated(template, arm.shots, draw=0)
    return template if template.demonstrations else None


def _candidate(arm: _Arm, template: PromptTemplate, *, number: int) -> Candidate:
    operator, suffix = "library", ""
    if template.retrieval:
        operator, suffix = "retrieve_demonstrations", f" with {template.retrieval.count} examples chosen per input"
    elif arm.shots:
        operator, suffix = "demonstrations", f" with {arm.shots} worked examples"
    return Candidate(
        id=f"seed-{number}",
        template=template,
        operator=operator,
        rationale=f"The task library's prompt '{arm.prompt.name}'{suffix}.",
    )


def _interleaved(first: Sequence[_Arm], second: Sequence[_Arm]) -> list[_Arm]:
    """Return the items of both in turn, so that a short beginning is mixed."""
    result: list[_Arm] = []
    rest_first, rest_second = list(first), list(second)
    while rest_first or rest_second:
        result += rest_first[:1]
        del rest_first[:1]
        result += rest_second[:1]
        del rest_second[:1]
    return result
