"""Is what the output says found in the document? Checked by letters, without a model."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import regex
from pydantic import Field

from evaluators import normalise, texts
from evaluators.base import EvaluationContext, Evaluator, Need, Score
from evaluators.keywords import listed
from evaluators.wording import NO_DOCUMENT, listing, quote

_DOCUMENT: frozenset[Need] = frozenset({"document"})
_NUMBER = regex.compile(r"\d{1,3}(?:[.,'\u2019\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_NAME_PART = r"(?:\p{Lu}[\p{L}\p{M}\p{N}'\u2019&-]*)"
_NAME = regex.compile(rf"{_NAME_PART}(?:[ \u00a0]{_NAME_PART})*")
_QUOTED = regex.compile(
    r'"([^"\n]{2,})"|\u201c([^\u201d\n]{2,})\u201d|\u201e([^\u201c\u201d\n]{2,})[\u201c\u201d]|\u00ab\s*([^\u00bb\n]{2,}?)\s*\u00bb'
)
# The period of an abbreviation of one or two letters, as in "U.S. market", ends no clause.
_CLAUSE_END = regex.compile(r"[;:!?()\n]|,\s|(?<=\w{3})\.\s")
_SENTENCE_START = regex.compile(r"(?:^|[.!?:;\n*\u2022\"\u201c\u201e(-])\s*$")
_NUMERALS = dict(
    zip(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        map(str, range(1, 13)),
        strict=True,
    )
)


@lru_cache(maxsize=512)
def _stems(document: str) -> str:
    """Return the document's stems between blanks, clause by clause: a phrase is found as whole words in one clause."""
    return "".join(f" {normalise.stem_phrase(clause)} \n" for clause in _CLAUSE_END.split(document))


@dataclass(frozen=True, kw_only=True)
class KeywordsInDocument(Evaluator):
    """Share of the given keywords that occur in the document, inflections apart."""

    name: ClassVar[str] = "keywords_in_document"
    title: ClassVar[str] = "Keywords occur in the document"
    description: ClassVar[str] = "Which share of the keywords stands in the document, in whatever inflection."
    kinds: ClassVar[tuple[str, ...]] = ("keyword_extraction",)
    needs: ClassVar[frozenset[Need]] = _DOCUMENT

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for each keyword."""
        if not context.document.strip():
            return self.score(None, NO_DOCUMENT)
        keywords = {normalise.stem_phrase(keyword): keyword for keyword in listed(context)}
        keywords.pop("", None)
        if not keywords:
            return self.score(0.0, "The output has no keywords.")
        stems = _stems(context.document)
        absent = [keyword for stem, keyword in keywords.items() if f" {stem} " not in stems]
        value = 1 - len(absent) / len(keywords)
        return self.score(
            value, f"Not in the document: {listing(absent)}." if absent else "Every keyword stands in the document."
        )


@dataclass(frozen=True, kw_only=True)
class QuoteInDocument(Evaluator):
    """Share of the quotations that stand word for word in the document."""

    name: ClassVar[str] = "quote_in_document"
    title: ClassVar[str] = "Quotations are word for word"
    description: ClassVar[str] = (
        "The output, or every passage of it in quotation marks, stands in the document word for word; "
        "capitals, blanks and the shape of quotation marks and dashes make no difference."
    )
    kinds: ClassVar[tuple[str, ...]] = ("document_qa", "summarization", "custom")
    needs: ClassVar[frozenset[Need]] = _DOCUMENT

    what: Annotated[
        Literal["whole", "quoted"],
        Field(description="`whole`: the output is one quotation; `quoted`: what stands in quotation marks"),
    ] = "whole"

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for each quotation."""
        if not context.document.strip():
            return self.score(None, NO_DOCUMENT)
        quotations = self._quotations(context.output)
        if not quotations:
            reason = "The output is empty." if self.what == "whole" else "The output quotes nothing."
            return self.score(0.0 if self.what == "whole" else 1.0, reason)
        document = texts.folded(context.document)
        absent = [quotation for quotation in quotations if texts.folded(quotation) not in document]
        value = 1 - len(absent) / len(quotations)
        if absent:
            return self.score(value, f"Not word for word in the document: {quote(absent[0], limit=120)}.")
        return self.score(value, "Stands word for word in the document.")

    def _quotations(self, output: str) -> list[str]:
        if self.what == "whole":
            bare = output.strip().strip("\"'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb").strip()
            return [bare] if bare else []
        return [next(group for group in match.groups() if group) for match in _QUOTED.finditer(output)]


@dataclass(frozen=True, kw_only=True)
class FactsInDocument(Evaluator):
    """Share of the output's numbers and names that occur in the document.

    Numbers are compared without separators, and one to twelve also as English words; sums, roundings and units are not
    worked out. Names are words with a capital that do not merely begin a sentence; every word of a name must occur. In
    languages that write all nouns with capitals, such as German, nouns count as names.
    """

    name: ClassVar[str] = "facts_in_document"
    title: ClassVar[str] = "Numbers and names occur in the document"
    description: ClassVar[str] = "Which share of the numbers and names in the output stands in the document."
    kinds: ClassVar[tuple[str, ...]] = ("summarization", "document_qa", "custom")
    needs: ClassVar[frozenset[Need]] = _DOCUMENT

    check: Annotated[tuple[Literal["numbers", "names"], ...], Field(min_length=1, description="What is looked up")] = (
        "numbers",
        "names",
    )

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for each number and name."""
        if not context.document.strip():
            return self.score(None, NO_DOCUMENT)
        known_numbers, known_words = _document_facts(context.document)
        absent: list[str] = []
        total = 0
        if "numbers" in self.check:
            numbers = list(dict.fromkeys(_NUMBER.findall(context.output)))
            absent += [number for number in numbers if _plain_number(number) not in known_numbers]
            total += len(numbers)
        if "names" in self.check:
            names = _names(context.output)
            absent += [name for name in names if not _name_words(name) <= known_words]
            total += len(names)
        if not total:
            return self.score(1.0, f"The output has no {' or '.join(self.check)}.")
        value = 1 - len(absent) / total
        if absent:
            return self.score(value, f"Not in the document: {listing(absent)}.", total=total)
        return self.score(value, f"Every one of its {' and '.join(self.check)} stands in the document.", total=total)


@lru_cache(maxsize=512)
def _document_facts(document: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the document's numbers and its words in small letters."""
    words = _name_words(document)
    numbers = {_plain_number(number) for number in _NUMBER.findall(document)}
    numbers |= {_NUMERALS[word] for word in words & _NUMERALS.keys()}
    return frozenset(numbers), frozenset(words)


def _plain_number(number: str) -> str:
    """Return the digits without separators of thousands and without zeros that say nothing: 1,250.00 and 1250 agree."""
    whole, decimals = number, ""
    cut = max(number.rfind("."), number.rfind(","))
    # A separator followed by exactly three digits divides thousands; any other is the decimal one.
    if cut >= 0 and len(number) - cut - 1 != 3:
        whole, decimals = number[:cut], number[cut + 1 :].rstrip("0")
    digits = "".join(digit for digit in whole if digit.isdigit()).lstrip("0") or "0"
    return f"{digits}.{decimals}" if decimals else digits


def _name_words(text: str) -> set[str]:
    return {word.removesuffix("'s") for word in regex.split(r"[^\p{L}\p{M}\p{N}']+", texts.folded(text)) if word}


def _names(output: str) -> list[str]:
    """Return the runs of capitalised words, without a single word that only begins a sentence."""
    names: dict[str, None] = {}
    for match in _NAME.finditer(output):
        name = match.group()
        if _SENTENCE_START.search(output[: match.start()][-3:] if match.start() else ""):
            # The first word has its capital from the sentence: what follows it may still be a name.
            name = name.partition(" ")[2] if not name.partition(" ")[0].isupper() or len(name) == 1 else name
        if len(name) > 1 and not name.startswith(("I'", "I\u2019")):
            names[name] = None
    return list(names)
