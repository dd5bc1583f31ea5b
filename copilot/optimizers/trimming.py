"""Take off what small models say too much: an earlier stop, or what the inputs show to be superfluous.

What either would have given is known from the answer already paid for (a greedy answer up to a stop text is its
prefix), so these children cost no call until the verdict.
"""

from dataclasses import dataclass

from copilot.domain.prompt import PromptTemplate
from tasks.fingerprint import QUESTION
from tasks.model import Refinement

STOPS: tuple[tuple[str, str], ...] = (
    ("\n", "the first line"),
    (". ", "the first sentence"),
    ("\n\n", "the first paragraph"),
)


@dataclass(frozen=True)
class Trim:
    """A template that takes something off its parent's answers."""

    template: PromptTemplate
    operator: str
    rationale: str

    def cut(self, raw: str) -> str:
        """Return what the earlier stop would have left of the parent's answer."""
        ends = [raw.find(stop) for stop in self.template.decoding.stop if stop in raw]
        return raw[: min(ends)] if ends else raw


def trims(template: PromptTemplate, *, language: str = "en") -> tuple[Trim, ...]:
    """Return the stops and refinements worth a look for this template.

    Args:
        template: the parent.
        language: of the examples (ISO 639-1).
    """
    if template.label_scoring:
        return ()
    return (*_stops(template), *_refinements(template, language))


def _stops(template: PromptTemplate) -> list[Trim]:
    # An enforced form ends by itself; a sampled answer to a shorter request would not be a prefix of the longer one.
    enforced = template.contract.constraint is not None or template.contract.form == "json"
    if enforced or template.decoding.temperature > 0 or len(template.decoding.stop) == 4:
        return []
    found = []
    for stop, words in STOPS:
        if stop not in template.decoding.stop:
            decoding = template.decoding.model_copy(update={"stop": (*template.decoding.stop, stop)})
            shorter = template.model_copy(update={"decoding": decoding})
            found.append(Trim(shorter, "stop", f"Keep only {words} of the answer: what follows lowers the score."))
    return found


def _refinements(template: PromptTemplate, language: str) -> list[Trim]:
    if template.contract.refinement is not None:
        return []
    options = {
        "keyword_extraction": [("occurring_items", "Keep only keywords that occur in the document.")],
        "document_qa": [("copied_words", "Keep only the longest part of the answer that stands in the document.")],
    }.get(template.kind.value, [])
    if QUESTION in template.variables:
        options.append(("without_question", "Leave out the words of the question before and after the answer."))
    found = []
    for rule, rationale in options:
        refinement = Refinement.model_validate({"rule": rule, "language": language})
        contract = template.contract.model_copy(update={"refinement": refinement})
        found.append(Trim(template.model_copy(update={"contract": contract}), "refine", rationale))
    return found
