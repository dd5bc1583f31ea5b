"""Why a criterion is suggested, in the reader's language."""

from collections.abc import Mapping

from app.formatting.criteria_names import languages
from app.formatting.told import told
from app.wording import t
from copilot.types import Suggestion


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
    return told(suggestion.reason)
