"""The languages of a few texts."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock, Timer
from typing import Any

SAMPLE = 50
KEPT_SECONDS = 60.0
"""The model that tells languages takes 80 MB and half a second to load: it goes when nobody has asked for so long."""
_MIN_WORDS = 3
"""A language guessed from fewer words is mostly wrong."""


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """Return the share of each ISO 639-1 language among up to 50 of the texts, most frequent first.

    The sample is spread evenly over the sorted texts, so that the order of the rows plays no part.
    """
    long_enough = sorted(text for text in texts if len(text.split()) >= _MIN_WORDS)
    step = max(1, -(-len(long_enough) // SAMPLE))
    sample = long_enough[::step]
    return dict(_shares(tuple(text[:1000] for text in sample))) if sample else {}


@lru_cache(maxsize=64)
def _shares(sample: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    identifier = _KEPT.identifier()
    counts = Counter(str(identifier.classify(text)[0]) for text in sample)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((language, count / len(sample)) for language, count in ranked)


class _Keeper:
    """Holds the model while it is in use, and a minute longer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: Any = None
        self._leaving: Timer | None = None

    def identifier(self) -> Any:
        """Return the model, loaded where it is not there."""
        with self._lock:
            if self._leaving is not None:
                self._leaving.cancel()
            self._leaving = Timer(KEPT_SECONDS, self.release)
            self._leaving.daemon = True
            self._leaving.start()
            if self._loaded is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                self._loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
            return self._loaded

    def release(self) -> None:
        """Let the model go; who is using it keeps it until then."""
        with self._lock:
            self._loaded = None


_KEPT = _Keeper()
