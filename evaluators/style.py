"""How the output reads: its difficulty, its language, and whether it refuses."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import Field

from evaluators import texts
from evaluators.base import EvaluationContext, Evaluator, Score
from evaluators.wording import quote

_FEWEST_LETTERS = 20
"""Below this a language cannot be told with any confidence."""

_REFUSALS = re.compile(
    r"\bI(?:'m| am)(?: really| truly| very)? (?:sorry|afraid)\b[^.!?\n]{0,60}"
    r"\b(?:can(?:'t|not| not)|unable|won't|not able)\b"
    r"|\bI (?:can(?:'t|not| not)|won't|will not|must decline to|am (?:unable|not able) to|'m (?:unable|not able) to) "
    r"(?:help|assist|provide|answer|comply|fulfil+|do (?:that|this)|complete|support|engage|discuss|share|create|write)"
    r"|\bI'm (?:unable|not able) to\b|\bI (?:must|have to) (?:decline|refuse)\b"
    r"|\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b"
    r"|\b(?:goes )?against my (?:guidelines|programming|policy|policies)\b"
    r"|\bich kann (?:Ihnen |dir )?(?:dabei |damit )?(?:leider )?nicht (?:helfen|weiterhelfen)\b"
    r"|\bje ne peux pas (?:vous |t')?(?:aider|répondre|fournir)\b"
    r"|\b(?:lo siento,? (?:pero )?)?no puedo (?:ayudar|responder|proporcionar)"
    r"|\bals KI-(?:Modell|Sprachmodell|Assistent)\b|\ben tant qu'(?:IA|intelligence artificielle)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Readability(Evaluator):
    """1 up to the wanted school grade, then one tenth less for each grade above it.

    The grade is the Automated Readability Index of textstat (letters per word and words per sentence). textstat's other
    English formulas download a dictionary of syllables at first use, and this product never calls home.
    """

    name: ClassVar[str] = "readability"
    title: ClassVar[str] = "Easy to read"
    description: ClassVar[str] = "The text can be read at the given US school grade (Automated Readability Index)."

    maximum_grade: Annotated[float, Field(ge=1, le=20, description="School grade, e.g. 8 for plain language")] = 10.0

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Compute the grade."""
        if not texts.words(context.output):
            return self.score(None, "Not scored: the output has no words.")
        from textstat import textstat

        grade = float(textstat.automated_readability_index(context.output))
        value = min(1.0, max(0.0, 1 - (grade - self.maximum_grade) / 10))
        verdict = "as wanted" if grade <= self.maximum_grade else "use shorter words and sentences"
        return self.score(value, f"Reads at grade {grade:.1f}, at most {self.maximum_grade:g} wanted: {verdict}.")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@dataclass(frozen=True, kw_only=True)
class LanguageIs(Evaluator):
    """Probability that the output is written in the given language."""

    name: ClassVar[str] = "language_is"
    title: ClassVar[str] = "Written in this language"
    description: ClassVar[str] = "How probable it is that the output is in the given language."
    default_threshold: ClassVar[float] = 0.5

    language: Annotated[str, Field(pattern="^[a-z]{2}$", description="ISO 639-1 code: en, de, fr, ...")]

    def __post_init__(self) -> None:
        if self.language not in _identifier().nb_classes:
            raise ValueError(f"the language '{self.language}' cannot be recognised")

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Identify the language."""
        letters = sum(letter.isalpha() for letter in context.output)
        if letters < _FEWEST_LETTERS:
            return self.score(None, "Not scored: the output is too short to tell its language.")
        ranking: dict[str, float] = {code: float(p) for code, p in _identifier().rank(context.output)}
        value = min(1.0, ranking.get(self.language, 0.0))
        likeliest = max(ranking, key=lambda code: ranking[code])
        if likeliest == self.language:
            return self.score(value, f"Is written in '{self.language}' as wanted.")
        return self.score(value, f"Is written in '{likeliest}', but '{self.language}' is wanted.")


@dataclass(frozen=True, kw_only=True)
class NoRefusal(Evaluator):
    """0 where the output refuses to do the task or speaks about being an AI, else 1."""

    name: ClassVar[str] = "no_refusal"
    title: ClassVar[str] = "Does not refuse"
    description: ClassVar[str] = (
        "The output does the task instead of declining it. Known phrases in English, German, French and Spanish."
    )

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Look for the phrases with which models decline."""
        if not context.output.strip():
            return self.score(0.0, "The output is empty.")
        found = _REFUSALS.search(context.output.replace("\u2019", "'"))
        if found:
            return self.score(0.0, f"Refuses: {quote(found.group())}.")
        return self.score(1.0, "Does not refuse.")
