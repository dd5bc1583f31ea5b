"""The catalogue of success criteria in plain words: groups, titles, settings, choices."""

from app.wording import t


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
