"""The languages of a few texts."""

from collections import Counter
from collections.abc import Sequence

SAMPLE = 50
_MIN_WORDS = 3
"""A language guessed from fewer words is mostly wrong."""


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """Return the share of each ISO 639-1 language among up to 50 of the texts, most frequent first.

    The sample is spread evenly over the sorted texts, so that the order of the rows plays no part.
    """
    long_enough = sorted(text for text in texts if len(text.split()) >= _MIN_WORDS)
    step = max(1, -(-len(long_enough) // SAMPLE))
    sample = long_enough[::step]
    if not sample:
        return {}

    import py3langid

    counts = Counter(str(py3langid.classify(text[:1000])[0]) for text in sample)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {language: count / len(sample) for language, count in ranked}
