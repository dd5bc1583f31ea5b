"""What people call the columns we look for: knowing these helps to find a header and to match columns."""

import re

SYNONYMS: dict[str, tuple[str, ...]] = {
    "id": ("id", "no", "nr", "number", "row id", "example id", "uid", "uuid", "key", "nummer", "index"),
    "text": (
        "text", "message", "review", "comment", "sentence", "utterance", "content", "body", "input", "complaint",
        "description", "email", "mail", "ticket", "tweet", "feedback", "nachricht", "kommentar", "texte",
    ),
    "label": (
        "label", "labels", "category", "class", "intent", "topic", "tag", "sentiment", "target", "kategorie", "klasse",
        "gold", "gold label", "expected label", "output",
    ),
    "document": (
        "document", "context", "passage", "article", "text", "content", "body", "source", "source text", "paragraph",
        "doc", "dokument", "input", "transcript", "dialogue", "report", "abstract",
    ),
    "question": ("question", "query", "frage", "q", "prompt"),
    "answers": (
        "answers", "answer", "answers.text", "gold answer", "gold answers", "accepted answers", "expected answer",
        "expected answers", "expected", "antwort", "antworten", "response", "reference", "references", "output", "a",
    ),
    "summary": (
        "summary", "summaries", "highlights", "reference summary", "reference", "references", "target", "abstract",
        "tldr", "zusammenfassung", "expected", "expected summary", "output",
    ),
    "keywords": (
        "keywords", "keyword", "key words", "keyphrases", "key phrases", "tags", "terms", "schlagworte",
        "stichworte", "expected", "expected keywords", "output",
    ),
    "expected": (
        "expected", "expected output", "reference", "references", "target", "output", "answer", "gold", "completion",
        "response", "result", "label", "ideal",
    ),
}  # fmt: skip
"""Our name -> spellings accepted for it, the best first; case, blanks, underscores and hyphens do not matter."""

_OTHER = (
    "date", "name", "amount", "price", "value", "status", "language", "title", "subject", "customer", "country",
    "region", "product", "score", "rating", "type", "created", "author", "datum", "betrag", "betreff", "extra",
    "year", "split",
)  # fmt: skip
_FILLER = re.compile(r"[\s_\-]+")


def normal(name: str) -> str:
    """Return a column name without what does not distinguish it: case, blanks, underscores, hyphens, a "(2)"."""
    return _FILLER.sub(" ", name).strip().casefold()


KNOWN = frozenset(normal(name) for names in SYNONYMS.values() for name in names) | frozenset(_OTHER)


def is_known(name: str) -> bool:
    """Return whether this is what a column is usually called."""
    return normal(name) in KNOWN
