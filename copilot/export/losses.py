"""What other systems cannot hold of a template."""

from copilot.domain.prompt import PromptTemplate

_REFINEMENTS = {
    "occurring_items": "items that do not stand in the document are left out",
    "without_question": "words of the question at both ends are left out",
    "copied_words": "only the longest part that stands in the document is kept",
}


def losses(
    template: PromptTemplate, *, decoding: bool = False, schema: bool = True, retrieval: bool = False
) -> tuple[str, ...]:
    """Return what is lost, in sentences for the user.

    Args:
        template: what is exported.
        decoding: the target does not hold the decoding parameters.
        schema: the target does not hold a JSON schema.
        retrieval: the target cannot choose worked examples per input.
    """
    notes = []
    if template.retrieval and retrieval:
        shown, bank = template.retrieval.count, len(template.retrieval.bank)
        notes.append(
            f"The worked examples are always the same {shown} instead of the {shown} of {bank} that are most like each "
            "input; expect another score than the one that was measured."
        )
    if template.label_scoring:
        layer = template.decision is not None and template.decision.method != "none"
        calibrated = " and its calibration on your examples" if layer else ""
        notes.append(
            f"The label is written as free text instead of being read from the labels' probabilities{calibrated}; "
            "expect a lower score than the one that was measured."
        )
        notes.append("There is no confidence for a label.")
    constraint = template.contract.constraint
    if constraint is not None and not template.label_scoring and (schema or constraint.type != "json_schema"):
        notes.append("The model is not held to the form of the answer; check each answer's form.")
    if template.contract.refinement is not None:
        notes.append(
            f"The answer is not refined afterwards ({_REFINEMENTS[template.contract.refinement.rule]}); "
            "expect a lower score than the one that was measured."
        )
    if decoding:
        notes.append(
            f"Set the decoding parameters on the model: max_tokens={template.decoding.max_tokens}, "
            f"temperature={template.decoding.temperature:g}, top_p={template.decoding.top_p:g}, "
            f"seed={template.decoding.seed}, stop={list(template.decoding.stop)}."
        )
    if template.decoding.repetition_penalty != 1:
        notes.append(f"The repetition penalty of {template.decoding.repetition_penalty:g} is not sent.")
    return tuple(notes)
