"""The kinds of task, one a module."""

from tasks.kinds.base import Kind
from tasks.kinds.classification import Classification
from tasks.kinds.custom import Custom
from tasks.kinds.document_qa import DocumentQa
from tasks.kinds.keyword_extraction import KeywordExtraction
from tasks.kinds.summarization import Summarization
from tasks.model import TaskKind

_KINDS: dict[TaskKind, Kind] = {
    TaskKind.SUMMARIZATION: Summarization(),
    TaskKind.DOCUMENT_QA: DocumentQa(),
    TaskKind.CLASSIFICATION: Classification(),
    TaskKind.KEYWORD_EXTRACTION: KeywordExtraction(),
    TaskKind.CUSTOM: Custom(),
}


def get(kind: TaskKind | str) -> Kind:
    """Return the one instance of a kind.

    Raises:
        ValueError: there is no such kind.
    """
    return _KINDS[TaskKind(kind)]


def all_kinds() -> tuple[Kind, ...]:
    """Return every kind, in the order they are offered to users."""
    return tuple(_KINDS.values())
