"""The first candidates: the user's own prompt, always, and the task library's, with and without demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.domain.completion import Decoding
from copilot.domain.prompt import Candidate, PromptTemplate
from copilot.domain.run import Switches
from copilot.optimizers import demonstrations
from tasks.fingerprint import Fingerprint
from tasks.kinds.base import Kind
from tasks.model import Example, SeedPrompt, Task

USER_ID = "user"
FIRST_COUNTS = (4, 2)
"""Demonstrations tried beside none among the first candidates; other numbers come as children of the best."""


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
        )

    def demonstrated(self, template: PromptTemplate, count: int, *, draw: int) -> PromptTemplate:
        """Return the template with `count` demonstrations of the given draw."""
        chosen = demonstrations.choose(
            self.pool, count=count, draw=1000 * self.seed + draw, kind=self.kind, contract=template.contract
        )
        return template.model_copy(update={"demonstrations": chosen, "decision": None})


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


def first_candidates(ground: Ground, count: int) -> tuple[Candidate, ...]:
    """Return up to `count` distinct candidates, the user's prompt first.

    The library's prompts take turns: each alone, then the first ones with demonstrations, so that a small count
    still holds both wordings and demonstrations.
    """
    prompts = [
        prompt
        for prompt in ground.kind.seeds(ground.task, ground.fingerprint)
        if ground.switches.label_scoring or not prompt.label_scoring
    ]
    counts = [n for n in FIRST_COUNTS if n in ground.demonstration_counts] if ground.switches.demonstrations else []
    plain = [(prompt, 0) for prompt in prompts]
    shown = [(prompt, n) for n in counts for prompt in prompts]
    candidates = [user_candidate(ground)]
    seen = {candidates[0].template.content_hash}
    for prompt, shots in _interleaved(plain, shown):
        template = ground.template(prompt)
        if shots:
            template = ground.demonstrated(template, shots, draw=0)
        if template.content_hash in seen or (shots and not template.demonstrations):
            continue
        if len(candidates) == count:
            break
        seen.add(template.content_hash)
        suffix = f" with {shots} worked examples" if shots else ""
        candidates.append(
            Candidate(
                id=f"seed-{len(candidates)}",
                template=template,
                operator="demonstrations" if shots else "library",
                rationale=f"The task library's prompt '{prompt.name}'{suffix}.",
            )
        )
    return tuple(candidates)


def _interleaved(
    first: Sequence[tuple[SeedPrompt, int]], second: Sequence[tuple[SeedPrompt, int]]
) -> list[tuple[SeedPrompt, int]]:
    """Return the items of both in turn, so that a short beginning is mixed."""
    result: list[tuple[SeedPrompt, int]] = []
    rest_first, rest_second = list(first), list(second)
    while rest_first or rest_second:
        result += rest_first[:1]
        del rest_first[:1]
        result += rest_second[:1]
        del rest_second[:1]
    return result
