"""Success criteria in plain words: what each checks, how it is set, and what a check found."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.wording import t, tn
from copilot import SuccessCriterion
from copilot.types import Agreement, CheckedRow, CriterionCheck, CriterionEntry, Suggestion

BULLETS = r"(?:[ \t]*(?:[-*•\u2013]|\d+[.)])[ \t]+\S[^\n]*\n*)+"
"""The pattern that is suggested where a description asks for a list."""
LIGHT, NORMAL, HEAVY = 0.5, 1.0, 2.0
LEVELS = ("5", "3", "1")
"""Ratings of a judge that may be described one by one."""
_LEVEL = re.compile(r"^(?P<rating>[531]): (?P<text>.*)$")


def group_title(group: str) -> str:
    """Return what people want to check."""
    return {
        "answer": t("Is it the right answer?"),
        "faithful": t("Does it stay with the document?"),
        "form": t("Length and form"),
        "wording": t("Words and language"),
        "safety": t("Safety"),
        "judged": t("Judged by a model"),
    }.get(group, t("Other"))


def title(name: str) -> str:
    """Return what a criterion is called."""
    titles = {
        "exact_match": t("Exactly the expected answer"),
        "squad_exact_match": t("One of the right answers"),
        "squad_f1": t("Shares its words with the right answer"),
        "keyword_f1": t("The right keywords, and no others"),
        "keyword_recall": t("Finds the expected keywords"),
        "keyword_precision": t("Gives no wrong keywords"),
        "rouge_l": t("Close to your text, in the same order"),
        "rouge_1": t("Shares single words with your text"),
        "rouge_2": t("Shares word pairs with your text"),
        "chrf": t("Close to your text, letter by letter"),
        "semantic_similarity": t("Means the same"),
        "facts_in_document": t("No made-up numbers or names"),
        "keywords_in_document": t("Keywords stand in the text"),
        "quote_in_document": t("Quotes the document word for word"),
        "length": t("Length"),
        "compression_ratio": t("Shorter than the document"),
        "one_of": t("One of these answers"),
        "json_schema": t("Data with the right fields"),
        "regex": t("Follows a pattern"),
        "contains_all": t("Contains all of these"),
        "contains_any": t("Contains at least one of these"),
        "contains_none": t("Contains none of these"),
        "language_is": t("In one language"),
        "readability": t("Easy to read"),
        "no_personal_data": t("No personal data"),
        "no_refusal": t("Does not refuse"),
        "judge": t("A model judges by your rules"),
        "pairwise_judge": t("As good as your text, says a model"),
    }
    return titles.get(name, name.replace("_", " "))


def explanation(name: str, fallback: str = "") -> str:
    """Return in one sentence what a criterion checks."""
    sentences = {
        "exact_match": t("The answer is the expected one and nothing else."),
        "squad_exact_match": t(
            "The answer is one of the accepted ones; capitals, punctuation and articles make no difference."
        ),
        "squad_f1": t("The more words an answer has in common with an accepted one, the better."),
        "keyword_f1": t("Weighs how many expected keywords are found against how many others are given."),
        "keyword_recall": t("How many of the expected keywords are found; further ones do no harm."),
        "keyword_precision": t("How many of the given keywords are expected; missing ones do no harm."),
        "rouge_l": t("The more words of your expected text come in the same order, the better."),
        "rouge_1": t("The more words of your expected text come, in whatever order, the better."),
        "rouge_2": t("The more pairs of neighbouring words of your expected text come, the better."),
        "chrf": t("Compares letters instead of words: fit for every script, and mild on endings."),
        "semantic_similarity": t("Compares the meaning with your expected text, whatever the words. English only."),
        "facts_in_document": t("Every number and every name in the answer stands in the document, too."),
        "keywords_in_document": t("Each keyword stands in the text, in whatever inflection."),
        "quote_in_document": t("What the answer quotes stands in the document exactly so."),
        "length": t("The answer is neither too long nor too short; the further off, the fewer points."),
        "compression_ratio": t("The answer is short compared with its document."),
        "one_of": t("The answer is one of a fixed list, though not necessarily the right one."),
        "json_schema": t("The answer is nothing but data that other programs can read, with the fields you name."),
        "regex": t("The answer has a certain form, such as an order number or a list with dashes."),
        "contains_all": t("All the words or phrases you list occur in the answer."),
        "contains_any": t("At least one of the words or phrases you list occurs in the answer."),
        "contains_none": t("None of the words or phrases you list occurs in the answer."),
        "language_is": t("The answer is written in the language you choose."),
        "readability": t("Short words and short sentences. Made for English."),
        "no_personal_data": t(
            "No e-mail address, phone, account or card number and no internet address. Names are not checked."
        ),
        "no_refusal": t("The answer does the work instead of declining it. Knows English, French, German and Spanish."),
        "judge": t("A language model reads each answer and rates it from 1 to 5 by the rules you write."),
        "pairwise_judge": t("A language model compares each answer with your expected one, both ways round."),
    }
    return sentences.get(name, fallback)


def parameter_label(evaluator: str, name: str, fallback: str) -> str:
    """Return what a setting is called."""
    own = {
        ("one_of", "values"): t("Allowed answers, one a line"),
        ("compression_ratio", "maximum"): t("At most this share of the document's words"),
        ("compression_ratio", "minimum"): t("At least this share"),
        ("pairwise_judge", "rubric"): t("What makes an answer better"),
    }
    common = {
        "minimum": t("At least"),
        "maximum": t("At most"),
        "unit": t("Counted in"),
        "values": t("Words or phrases, one a line"),
        "ignore_case": t("Capitals make no difference"),
        "ignore_form": t("Capitals, quotation marks and a final dot make no difference"),
        "whole_words": t("Whole words only: “art” is not found in “start”"),
        "pattern": t("Pattern (a regular expression)"),
        "match": t("Where it must be found"),
        "language": t("Language"),
        "maximum_grade": t("For readers up to school year"),
        "kinds_of_data": t("What is looked for"),
        "region": t("Country whose phone numbers are known without prefix (two letters)"),
        "check": t("What is looked up"),
        "what": t("What is quoted"),
        "against": t("Compared with"),
        "rubric": t("What a good answer is, in your own words"),
        "show_expected": t("Show the model the expected answer"),
        "json_schema": t("Form (JSON Schema)"),
    }
    return own.get((evaluator, name), common.get(name, fallback))


def choice_label(value: str) -> str:
    """Return what a choice of a setting is called."""
    return {
        "words": t("words"),
        "sentences": t("sentences"),
        "characters": t("characters"),
        "tokens": t("pieces of words, as models count"),
        "anywhere": t("anywhere in the answer"),
        "whole": t("the whole answer"),
        "nowhere": t("nowhere: it is forbidden"),
        "quoted": t("what stands in quotation marks"),
        "expected": t("the expected answer"),
        "document": t("the document"),
        "numbers": t("numbers"),
        "names": t("names"),
        "email": t("e-mail addresses"),
        "phone": t("phone numbers"),
        "iban": t("bank accounts"),
        "credit_card": t("card numbers"),
        "ip_address": t("internet addresses"),
    }.get(value, value)


def languages() -> dict[str, str]:
    """Return the languages that can be chosen, by code."""
    return {
        "en": t("English"),
        "fr": t("French"),
        "de": t("German"),
        "es": t("Spanish"),
        "it": t("Italian"),
        "pt": t("Portuguese"),
        "nl": t("Dutch"),
        "pl": t("Polish"),
        "sv": t("Swedish"),
        "da": t("Danish"),
        "cs": t("Czech"),
        "ar": t("Arabic"),
        "zh": t("Chinese"),
        "ja": t("Japanese"),
    }


def summary(criterion: SuccessCriterion) -> str:
    """Return what matters of a criterion's settings in a few words; empty: nothing does."""
    given = criterion.parameters
    match criterion.evaluator:
        case "length":
            return _bounds(given)
        case "contains_all" | "contains_any" | "contains_none" | "one_of":
            return _listed(_texts(given.get("values")))
        case "language_is":
            code = str(given.get("language", ""))
            return languages().get(code, code)
        case "regex":
            pattern = str(given.get("pattern", ""))
            return t("a list, each line with a dash, a dot or a number") if pattern == BULLETS else pattern
        case "judge":
            return shortened(split_rubric(str(given.get("rubric", "")))[0], 120)
        case "readability":
            return t("up to school year {n}", n=f"{given.get('maximum_grade', 10):g}")
        case "json_schema":
            return _listed(fields_of(given.get("json_schema")))
        case "compression_ratio":
            return t("at most {share} of its words", share=percent(_number(given.get("maximum"), 0.3)))
    return ""


def shortened(text: str, most: int) -> str:
    """Return a text on one line, cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{share * 100:.0f} %"


def weight_word(weight: float) -> str | None:
    """Return which of the plain choices a weight is; None: a number of its own."""
    return {LIGHT: "light", NORMAL: "normal", HEAVY: "heavy"}.get(weight)


def weight_label(word: str) -> str:
    """Return what a plain choice of weight is called."""
    return {"light": t("a little"), "normal": t("normally"), "heavy": t("a lot")}[word]


def weight_of(word: str) -> float:
    """Return the weight of a plain choice."""
    return {"light": LIGHT, "normal": NORMAL, "heavy": HEAVY}[word]


def standing(criterion: SuccessCriterion) -> str:
    """Return whether a criterion must or should be met, and how much it counts."""
    if criterion.requirement == "must":
        return t("Must: an answer that misses it is worth nothing.")
    word = weight_word(criterion.weight)
    if word is None:
        return t("Should; counts {n} times.", n=f"{criterion.weight:g}")
    return {
        "light": t("Should; counts a little."),
        "normal": t("Should; counts normally."),
        "heavy": t("Should; counts a lot."),
    }[word]


def check_sentence(check: CriterionCheck) -> str:
    """Return what a check found, or why there was none."""
    match check.obstacle:
        case "bad_parameter":
            return problem_sentence(check.problem)
        case "no_examples":
            return t("This task has no examples yet, so there is nothing to check it on.")
        case "no_expected":
            return t("None of your examples has an expected answer, so there is nothing to check it on.")
        case "no_embedder":
            return t("This installation lacks the small model that compares meanings, so it cannot be checked.")
        case "asks_model":
            return t("A model has to read each answer for this, so it is tried only when you ask.")
    if not check.scored:
        return t("Not one of your {n} expected answers could be scored.", n=len(check.unscored))
    if check.compares:
        return tn(
            "{n} of {total} examples has an expected answer to compare with.",
            "{n} of {total} examples have an expected answer to compare with.",
            check.scored,
            total=check.looked_at,
        )
    return tn(
        "{passed} of {n} expected answer passes this.",
        "{passed} of {n} expected answers pass this.",
        check.scored,
        passed=check.passed,
    )


def check_notes(check: CriterionCheck) -> list[str]:
    """Return what else is to be said about a check, a sentence each."""
    if check.obstacle:
        return []
    notes = []
    if check.total > check.looked_at:
        notes.append(t("Looked at {n} of {total} examples, evenly drawn.", n=check.looked_at, total=f"{check.total:,}"))
    if check.without_expected:
        notes.append(
            tn(
                "{n} example has no expected answer.",
                "{n} examples have no expected answer.",
                check.without_expected,
            )
        )
    unscored = check.looked_at - check.without_expected - check.scored
    if check.scored and unscored > 0:
        notes.append(
            tn("{n} expected answer could not be scored.", "{n} expected answers could not be scored.", unscored)
        )
    return notes


def check_tone(check: CriterionCheck) -> str:
    """Return how a check looks: `good`, `mixed` (half of the rows contradict it), or `none`."""
    if check.obstacle == "bad_parameter":
        return "mixed"
    if check.obstacle or not check.scored or check.compares:
        return "none"
    return "good" if check.passed >= 0.5 * check.scored else "mixed"


def problem_sentence(problem: str) -> str:
    """Return why settings cannot be used, without names of the programming interface."""
    needed = re.match(r"The criterion '(\w+)' needs the parameter '(\w+)'", problem)
    if needed:
        label = parameter_label(needed[1], needed[2], needed[2])
        return t("Fill in “{label}” first.", label=label)
    named = re.match(
        r"The parameter '(\w+)[.\d]*' of the criterion '(\w+)' cannot be .*: (?P<why>[^:]+?)\.?$", problem, re.S
    )
    if named:
        label = parameter_label(named[2], named[1], named[1])
        return t("“{label}” does not work like this: {why}.", label=label, why=named["why"])
    general = re.match(r"The criterion '\w+' cannot be set up like this: (?P<why>.+?)\.?$", problem, re.S)
    if general:
        return t("This does not work yet: {why}.", why=general["why"])
    return problem


def missing(entry: CriterionEntry, criterion: SuccessCriterion) -> str:
    """Return the label of the first setting that has to be filled in and is empty; empty: none."""
    for parameter in entry.parameters:
        if parameter.required and criterion.parameters.get(parameter.name) in (None, "", []):
            return parameter_label(entry.name, parameter.name, parameter.description)
    return ""


def reason(suggestion: Suggestion) -> str:
    """Return why a criterion is suggested."""
    values: Mapping[str, str] = suggestion.values
    match suggestion.rule:
        case "default_exact_match":
            return t("Each example has one right answer, so an answer can be compared with it.")
        case "default_squad_f1":
            return t("Answers that share most words with the right one count as nearly right.")
        case "default_keyword_f1":
            return t("Your examples list the right keywords: finding them and adding no others both count.")
        case "default_rouge_l":
            return t("Your examples hold a good text each, and answers are compared with it word by word.")
        case "labels":
            return t("An answer is one of your {n} labels; anything else is of no use.", n=values["n"])
        case "length_asked" | "language_asked" | "structure_asked" | "says" | "personal_asked" | "plain":
            return t("Your description says “{words}”.", words=values["words"])
        case "length_seen":
            return t("{k} of your {n} expected answers have at most {maximum} words.", **values)
        case "language_seen":
            return t(
                "{share} of your expected answers are in {language}, but not all your texts.",
                share=values["share"],
                language=languages().get(values["language"], values["language"]),
            )
        case "structure_seen":
            return t("Your expected answers are data with the same fields: {fields}.", fields=values["fields"])
        case "bullets":
            return t(
                "Your description says “{words}”: every line begins with a dash, a dot or a number.",
                words=values["words"],
            )
        case "no_names":
            return t(
                "Your description says “{words}”; only a model can tell names from other words.", words=values["words"]
            )
        case "personal_seen":
            return t(
                "{k} of {n} texts hold e-mail addresses, phone or account numbers, and no expected answer does.",
                **values,
            )
        case "facts":
            return t("A summary must not hold numbers or names that its text does not have.")
        case "keywords_stand":
            return t("{share} of your expected keywords stand in their text, so others are probably made up.", **values)
        case "answers_stand":
            return t("{share} of your expected answers stand in their document word for word.", **values)
        case "tone":
            return t("Your description says “{words}”, and only a model can judge that.", words=values["words"])
        case "refusal":
            return t("It costs nothing and finds answers that decline the work.")
    return suggestion.reason


def found(entries: Sequence[CriterionEntry], search: str) -> list[CriterionEntry]:
    """Return the criteria whose words hold every word of a search, in their order."""
    words = search.casefold().split()
    return [
        entry
        for entry in entries
        if all(
            word in f"{title(entry.name)} {explanation(entry.name)} {entry.title} {group_title(entry.group)}".casefold()
            for word in words
        )
    ]


def trust_sentence(agreement: Agreement) -> str:
    """Return how far the model's ratings may be trusted."""
    match agreement.trust:
        case "good":
            return t("It agrees well with you: you can rely on it.")
        case "partial":
            return t("It agrees partly with you: make the rules clearer, or let it count only a little.")
        case "low":
            return t("It does not agree with you better than chance would: do not rely on it as it is.")
        case "one_sided":
            return t("Your ratings are all the same, which any model could match: rate outputs of the other sort, too.")
    if agreement.wanted:
        return tn(
            "Too few ratings to tell: rate {n} more output.",
            "Too few ratings to tell: rate {n} more outputs.",
            agreement.wanted,
        )
    return t("You have rated enough; now let the model rate the same outputs.")


def trust_numbers(agreement: Agreement) -> str:
    """Return the figures behind the trust, with their interval; empty: there are none."""
    if not agreement.n:
        return ""
    share = t("Same opinion on {same} of {n} outputs", same=round((agreement.share or 0) * agreement.n), n=agreement.n)
    if agreement.kappa is None or agreement.trust == "too_few":
        return f"{share}."
    return t(
        "{share}; agreement beyond chance (kappa) {kappa}, 95 % interval {low} to {high}.",
        share=share,
        kappa=f"{agreement.kappa:.2f}",
        low=f"{agreement.low or 0:.2f}",
        high=f"{agreement.high or 0:.2f}",
    )


def rating(row: CheckedRow) -> str:
    """Return what a model rated, on its own scale."""
    return t("none") if row.value is None else t("{n} of 5", n=f"{1 + 4 * row.value:.1f}")


def split_rubric(text: str) -> tuple[str, dict[str, str]]:
    """Return the rules of a judge, and what its ratings 5, 3 and 1 mean where the text says so at its end."""
    lines = text.rstrip().splitlines()
    levels: dict[str, str] = {}
    while lines and (match := _LEVEL.match(lines[-1])):
        levels[match["rating"]] = match["text"]
        lines.pop()
    return "\n".join(lines).strip(), levels


def joined_rubric(text: str, levels: Mapping[str, str]) -> str:
    """Return the rules with the meanings of the ratings at their end; empty ones are left out."""
    said = [f"{rating}: {' '.join(levels[rating].split())}" for rating in LEVELS if levels.get(rating, "").strip()]
    return "\n".join([text.strip(), *said]) if text.strip() else ""


def fields_of(schema: object) -> list[str]:
    """Return the names of the fields that data must have."""
    required = schema.get("required") if isinstance(schema, Mapping) else None
    return _texts(required)


def with_fields(schema: object, names: Sequence[str]) -> dict[str, Any]:
    """Return a form of data that asks for these fields and keeps what else it says."""
    kept = {str(key): value for key, value in schema.items()} if isinstance(schema, Mapping) else {}
    return {**kept, "type": "object", "required": list(names)}


def lines(text: str) -> list[str]:
    """Return the texts that were typed one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def read_object(text: str) -> dict[str, Any] | None:
    """Return the object that was typed, or None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _bounds(given: Mapping[str, object]) -> str:
    low, high = given.get("minimum"), given.get("maximum")
    unit = str(given.get("unit", "words"))
    if low is not None and high is not None:
        return t("{low} to {counted}", low=low, counted=_counted(high, unit))
    if high is not None:
        return t("at most {counted}", counted=_counted(high, unit))
    return t("at least {counted}", counted=_counted(low, unit)) if low is not None else ""


def _counted(number: object, unit: str) -> str:
    n = int(_number(number, 0))
    match unit:
        case "words":
            return tn("{n} word", "{n} words", n)
        case "sentences":
            return tn("{n} sentence", "{n} sentences", n)
        case "characters":
            return tn("{n} character", "{n} characters", n)
    return f"{n} {choice_label(unit)}"


def _listed(texts: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(shortened(text, 40) for text in texts[:most])
    return t("{shown} and {n} more", shown=shown, n=len(texts) - most) if len(texts) > most else shown


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default
