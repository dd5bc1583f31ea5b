"""From a fingerprint to a plan, by fixed rules (in the manner of nnU-Net's self-configuration, arXiv 1904.08128).

Every rule that decides something says so in a note, in words for the user.
"""

from pydantic import Field

from tasks import kinds
from tasks.fingerprint import QUESTION, Fingerprint
from tasks.kinds.prompting import plural
from tasks.model import Frozen, SuccessCriterion, Task, TaskKind
from tasks.warnings import warnings_for

CROSS_FITTED_BELOW = 40
LARGE_FROM = 80
ASSUMED_CONTEXT = 4096
"""Tokens of prompt and answer together, where the model does not say."""
_DEMONSTRATIONS = (0, 1, 2, 4, 8)
_INSTRUCTION_TOKENS = 200
_MESSAGE_TOKENS = 12
"""What the chat format adds to each pair of messages."""
_LARGEST_FAMILY_SHARE = 0.35


class Shares(Frozen):
    """How the examples are divided; the shares sum to 1."""

    pool: float = Field(ge=0, le=1)
    dev: float = Field(ge=0, le=1)
    holdout: float = Field(ge=0, le=1)


class Plan(Frozen):
    """What follows from the examples before any model is asked."""

    shares: Shares
    cross_fitted: bool
    """True below 40 labelled examples: use `tasks.split.folds` besides `tasks.split.split`."""
    folds: int = Field(ge=2)
    """Parts for cross-fitting."""
    document_fields: tuple[str, ...]
    """Examples that repeat each other in these inputs are kept in one part."""
    link_near_duplicates: bool
    """False where near duplicates would tie most examples together; exact repetitions are always kept together."""
    criteria: tuple[SuccessCriterion, ...]
    """The task's own, else the kind's defaults."""
    first_rung: int = Field(gt=0)
    """Examples on which every candidate is tried first."""
    demonstration_counts: tuple[int, ...]
    """How many worked examples a prompt may hold, given the context length; always with 0."""
    max_output_tokens: int = Field(gt=0)
    notes: tuple[str, ...]
    """What was decided and why, a sentence each."""
    warnings: tuple[str, ...]
    """What the user should know or mend, a sentence each."""


def plan(task: Task, fingerprint: Fingerprint, *, context_length: int | None = None) -> Plan:
    """Choose split, criteria, first rung, demonstrations and answer length.

    Args:
        task: what is asked.
        fingerprint: what its examples look like.
        context_length: tokens the model takes for prompt and answer together; None: not known.
    """
    notes: list[str] = []
    shares, cross_fitted = _shares(fingerprint, notes)
    document_fields, near = _links(fingerprint, notes)
    criteria = _criteria(task, fingerprint, notes)
    max_output_tokens = _output_tokens(task, fingerprint, notes)
    counts = _demonstration_counts(fingerprint, shares, context_length, notes)
    first_rung = _first_rung(fingerprint, shares, notes)
    return Plan(
        shares=shares,
        cross_fitted=cross_fitted,
        folds=min(5, max(2, fingerprint.documents)),
        document_fields=document_fields,
        link_near_duplicates=near,
        criteria=criteria,
        first_rung=first_rung,
        demonstration_counts=counts,
        max_output_tokens=max_output_tokens,
        notes=tuple(notes),
        warnings=warnings_for(task, fingerprint, context_length=context_length or ASSUMED_CONTEXT),
    )


def usable(fingerprint: Fingerprint) -> int:
    """Return how many examples count for the split: those with an expected output, or all where none has one."""
    return fingerprint.labelled or fingerprint.n


def _shares(fingerprint: Fingerprint, notes: list[str]) -> tuple[Shares, bool]:
    n = usable(fingerprint)
    small, large = Shares(pool=0.20, dev=0.45, holdout=0.35), Shares(pool=0.25, dev=0.40, holdout=0.35)
    shares = large if n >= LARGE_FROM else small
    if n < CROSS_FITTED_BELOW:
        notes.append(
            f"With {n} examples, fewer than {CROSS_FITTED_BELOW}, each takes its turn as unseen test: the verdict "
            "then says how well improving works here rather than how good this one prompt is."
        )
        return shares, True
    pool, dev, holdout = (f"{share:.0%}".replace("%", " %") for share in (shares.pool, shares.dev, shares.holdout))
    notes.append(
        f"Of {n} examples, {pool} are shown to the copilot, {dev} choose between prompts, and {holdout} are kept "
        "unseen for the verdict."
    )
    return shares, False


def _links(fingerprint: Fingerprint, notes: list[str]) -> tuple[tuple[str, ...], bool]:
    """Keep examples about the same document together, unless that would leave nothing to divide."""
    documents = tuple(
        name for name in fingerprint.fields if not (fingerprint.kind is TaskKind.DOCUMENT_QA and name == QUESTION)
    )
    if fingerprint.largest_family <= max(1, _LARGEST_FAMILY_SHARE * fingerprint.n):
        if fingerprint.documents < fingerprint.n:
            notes.append("Examples about the same or nearly the same text stay in one part, so that nothing leaks.")
        return documents, True
    if fingerprint.kind is TaskKind.DOCUMENT_QA:
        notes.append("Most questions are about one document, so it occurs in every part; like questions stay together.")
        return (QUESTION,), True
    notes.append("Most texts share their wording, so only exact repetitions are kept in one part.")
    return documents, False


def _criteria(task: Task, fingerprint: Fingerprint, notes: list[str]) -> tuple[SuccessCriterion, ...]:
    if task.criteria:
        return task.criteria
    criteria = kinds.get(task.kind).default_criteria(task, fingerprint)
    names = ", ".join(criterion.evaluator for criterion in criteria)
    notes.append(f"No success criterion was given; the usual one for this kind of task is used: {names}.")
    return criteria


def _output_tokens(task: Task, fingerprint: Fingerprint, notes: list[str]) -> int:
    seeds = kinds.get(task.kind).seeds(task, fingerprint)
    tokens = max(seed.max_output_tokens for seed in seeds if seed.contract.form != "json" or len(seeds) == 1)
    longest = round(fingerprint.expected_words.p95)
    reason = f": the longer expected outputs have about {plural(longest, 'word')}" if longest else ""
    notes.append(f"Answers may have up to {tokens} tokens{reason}.")
    return tokens


def _demonstration_counts(
    fingerprint: Fingerprint, shares: Shares, context_length: int | None, notes: list[str]
) -> tuple[int, ...]:
    """Allow as many demonstrations as fit beside a long item, and as the pool holds."""
    context = context_length or ASSUMED_CONTEXT
    one = fingerprint.input_tokens.median + fingerprint.expected_tokens.median + _MESSAGE_TOKENS
    answer = max(32.0, 2 * fingerprint.expected_tokens.p95)
    room = context - _INSTRUCTION_TOKENS - fingerprint.input_tokens.p95 - answer
    fitting = max(0, int(room / one))
    available = int(shares.pool * fingerprint.labelled)
    most = min(fitting, available)
    counts = tuple(count for count in _DEMONSTRATIONS if count <= most)
    assumed = "" if context_length else ", assuming so many since the model does not say"
    tried = f"Prompts with up to {plural(counts[-1], 'worked example')} are tried"
    if not most:
        why = "they do not fit beside a long input" if available else "too few examples can be spared for that"
        notes.append(f"Prompts hold no worked examples: {why}.")
    elif fitting <= available:
        notes.append(f"{tried}: with about {round(one)} tokens each, {most} fit into {context} tokens{assumed}.")
    else:
        notes.append(f"{tried}; {available} are set aside for that.")
    return counts


def _first_rung(fingerprint: Fingerprint, shares: Shares, notes: list[str]) -> int:
    """Between 8 and 12 examples: two of each label if that many suffice, never more than half of the dev part."""
    wanted = min(12, max(8, 2 * len(fingerprint.labels)))
    rung = max(1, min(wanted, int(shares.dev * usable(fingerprint)) // 2))
    notes.append(f"Every prompt is first tried on {rung} examples, and only the better half goes on.")
    return rung
