"""What must and must not stand in the output: given texts and patterns."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import regex
from pydantic import Field

from evaluators.base import EvaluationContext, Evaluator, EvaluatorFailure, Score
from evaluators.wording import alternatives, listing, quote

_TIMEOUT_SECONDS = 1.0
"""A pattern that needs longer for one output would hold up everything else."""


@lru_cache(maxsize=512)
def _compiled(pattern: str, ignore_case: bool) -> "regex.Pattern[str]":
    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)


@lru_cache(maxsize=2048)
def _word_pattern(value: str, ignore_case: bool) -> "regex.Pattern[str]":
    return _compiled(rf"(?<!\w){regex.escape(value)}(?!\w)", ignore_case)


@dataclass(frozen=True, kw_only=True)
class _Contains(Evaluator):
    """Looks for given texts in the output."""

    values: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1, description="The texts")]
    ignore_case: Annotated[bool, Field(description="Capitals make no difference")] = True
    whole_words: Annotated[bool, Field(description="'art' is not found in 'start'")] = False

    def _found(self, output: str) -> list[str]:
        if self.whole_words:
            return [value for value in self.values if _word_pattern(value, self.ignore_case).search(output)]
        text = output.casefold() if self.ignore_case else output
        return [value for value in self.values if (value.casefold() if self.ignore_case else value) in text]


@dataclass(frozen=True, kw_only=True)
class ContainsAll(_Contains):
    """Share of the texts that occur in the output."""

    name: ClassVar[str] = "contains_all"
    title: ClassVar[str] = "Contains all of these"
    description: ClassVar[str] = "Which share of the given texts occurs in the output; 1 when all do."

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for every text."""
        found = self._found(context.output)
        missing = [value for value in self.values if value not in found]
        value = len(found) / len(self.values)
        return self.score(value, f"Missing: {listing(missing)}." if missing else "Contains everything that it should.")


@dataclass(frozen=True, kw_only=True)
class ContainsAny(_Contains):
    """1 where at least one of the texts occurs."""

    name: ClassVar[str] = "contains_any"
    title: ClassVar[str] = "Contains one of these"
    description: ClassVar[str] = "At least one of the given texts occurs in the output."

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for any text."""
        found = self._found(context.output)
        if found:
            return self.score(1.0, f"Contains {quote(found[0])}.")
        return self.score(0.0, f"Contains none of {alternatives(self.values)}.")


@dataclass(frozen=True, kw_only=True)
class ContainsNone(_Contains):
    """1 where none of the texts occurs."""

    name: ClassVar[str] = "contains_none"
    title: ClassVar[str] = "Contains none of these"
    description: ClassVar[str] = "None of the given texts occurs in the output."

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for every text."""
        found = self._found(context.output)
        if found:
            return self.score(0.0, f"Contains what it should not: {listing(found)}.")
        return self.score(1.0, "Contains nothing that it should not.")


@dataclass(frozen=True, kw_only=True)
class RegexMatch(Evaluator):
    """1 where the output meets a regular expression."""

    name: ClassVar[str] = "regex"
    title: ClassVar[str] = "Matches a pattern"
    description: ClassVar[str] = "The output matches a regular expression: somewhere, as a whole, or nowhere."

    pattern: Annotated[str, Field(min_length=1, description="The regular expression")]
    match: Annotated[
        Literal["anywhere", "whole", "nowhere"],
        Field(description="Where the pattern must match; `nowhere`: it must not"),
    ] = "anywhere"
    ignore_case: Annotated[bool, Field(description="Capitals make no difference")] = False

    def __post_init__(self) -> None:
        try:
            _compiled(self.pattern, self.ignore_case)
        except regex.error as error:
            raise ValueError(f"the pattern is no valid regular expression ({error})") from None

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Match, within a time limit."""
        compiled = _compiled(self.pattern, self.ignore_case)
        try:
            if self.match == "whole":
                found = compiled.fullmatch(context.output, timeout=_TIMEOUT_SECONDS)
            else:
                found = compiled.search(context.output, timeout=_TIMEOUT_SECONDS)
        except TimeoutError:
            raise EvaluatorFailure(
                f"the pattern {quote(self.pattern)} took more than a second; write it without nested repetitions."
            ) from None
        if self.match == "nowhere":
            if found is None:
                return self.score(1.0, f"Nothing matches the forbidden pattern {quote(self.pattern)}.")
            return self.score(0.0, f"{quote(found.group())} matches the forbidden pattern {quote(self.pattern)}.")
        if found is not None:
            return self.score(1.0, f"{quote(found.group())} matches the pattern {quote(self.pattern)}.")
        pattern, output = quote(self.pattern), quote(context.output)
        if self.match == "whole":
            return self.score(0.0, f"The output as a whole does not match the pattern {pattern}: {output}.")
        return self.score(0.0, f"Nothing in the output matches the pattern {pattern}: {output}.")
