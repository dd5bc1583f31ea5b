"""Stop earlier: small models answer first and ramble after. What an earlier stop would have given is known for free.

A greedy answer up to a stop text is a prefix of the answer already paid for, so these children cost no call until
the verdict.
"""

from dataclasses import dataclass

from copilot.domain.prompt import PromptTemplate

STOPS: tuple[tuple[str, str], ...] = (
    ("\n", "the first line"),
    (". ", "the first sentence"),
    ("\n\n", "the first paragraph"),
)


@dataclass(frozen=True)
class Trim:
    """A template that stops earlier than its parent."""

    template: PromptTemplate
    rationale: str

    def cut(self, raw: str) -> str:
        """Return what the earlier stop would have left of the parent's answer."""
        ends = [raw.find(stop) for stop in self.template.decoding.stop if stop in raw]
        return raw[: min(ends)] if ends else raw


def trims(template: PromptTemplate) -> tuple[Trim, ...]:
    """Return the earlier stops worth a look for this template: none where the form of the answer is enforced."""
    if template.label_scoring or template.contract.constraint is not None or template.contract.form == "json":
        return ()
    if template.decoding.temperature > 0:
        return ()
    found = []
    for stop, words in STOPS:
        if stop in template.decoding.stop or len(template.decoding.stop) == 4:
            continue
        decoding = template.decoding.model_copy(update={"stop": (*template.decoding.stop, stop)})
        found.append(
            Trim(
                template=template.model_copy(update={"decoding": decoding}),
                rationale=f"Keep only {words} of the answer: what follows lowers the score.",
            )
        )
    return tuple(found)
