"""Reading the probabilities of labels from the alternatives that a server shows for one token."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from copilot.domain.completion import Completion
from copilot.errors import ModelRejected

UNSEEN = 1.0
"""How far (natural log) a label that the server did not show lies below the lowest one that it showed."""
FEW_SHARED = 0.1
"""Share of the labels that may begin as another one does."""
HALF = 0.5
"""What each label's count is smoothed by."""


@runtime_checkable
class LabelScorer(Protocol):
    """A model that can say beforehand whether labels can be told apart by their first token."""

    async def label_tokens(self, labels: tuple[str, ...]) -> dict[str, str] | None:
        """Return each label's first token, without a generating request; None: the server does not tell.

        Raises:
            ModelRejected: too many labels begin as another one does; letter codes (A, B, C ...) never do.
        """
        ...


@runtime_checkable
class Tokenizer(Protocol):
    """A model that can show the tokens of a text."""

    async def tokenize(self, text: str) -> list[tuple[int, str]] | None:
        """Return id and text of each token, without a generating request; None: the server does not tell."""
        ...


def require_distinct(first_tokens: Mapping[str, str]) -> None:
    """Refuse labels that begin with the same token, but for a few of many: these share its probability.

    Raises:
        ModelRejected: the sentence names two such labels and the token.
    """
    owners: dict[str, list[str]] = {}
    for label, token in first_tokens.items():
        owners.setdefault(token, []).append(label)
    shared = {token: names for token, names in owners.items() if len(names) > 1}
    if sum(map(len, shared.values())) > FEW_SHARED * len(first_tokens):
        token, (owner, label, *_) = next(iter(shared.items()))
        raise ModelRejected(
            f"The labels '{owner}' and '{label}' begin with the same token '{token}' in this model and "
            f"cannot be told apart by it; ask for letter codes (A, B, C ...) instead."
        )


def match_by_text(labels: Sequence[str], shown: Sequence[tuple[str, float]]) -> dict[str, float] | None:
    """Return each label's log-probability from the shown tokens; None where no shown token begins any label.

    A token speaks for the labels that it begins, blanks before it aside; where it begins several, they share it.
    """
    sums: dict[str, float] = {}
    for token, logprob in shown:
        text = token.lstrip()
        owners = [label for label in labels if text and label.startswith(text)]
        for label in owners:
            value = logprob - math.log(len(owners))
            before = sums.get(label, -math.inf)
            top = max(before, value)
            sums[label] = top + math.log(math.exp(before - top) + math.exp(value - top))
    return complete(labels, sums, shown) if sums else None


def complete(labels: Sequence[str], known: Mapping[str, float], shown: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Give labels that were not shown the lowest shown value minus `UNSEEN`."""
    lowest = min([*known.values(), *(value for _token, value in shown if math.isfinite(value))])
    return {label: known.get(label, lowest - UNSEEN) for label in labels}


def estimated(labels: Sequence[str], answers: Sequence[str]) -> dict[str, float] | None:
    """Return each label's log-probability as answers drawn at random show it; None where none of them is a label.

    Half an answer is added to each label's count (Krichevsky and Trofimov, 1981): a label that was never drawn is
    unlikely, not impossible, so that a decision layer can still lift it.
    """
    counts = {label: sum(answer == label for answer in answers) for label in labels}
    known = sum(counts.values())
    if not known:
        return None
    total = known + HALF * len(labels)
    return {label: math.log((count + HALF) / total) for label, count in counts.items()}


def labelled(completion: Completion, logprobs: dict[str, float]) -> Completion:
    """Return the completion with the likeliest label as its text, so that equal requests answer equally."""
    best = max(logprobs, key=lambda label: logprobs[label])
    return completion.model_copy(update={"text": best, "label_logprobs": logprobs, "finish_reason": "stop"})
