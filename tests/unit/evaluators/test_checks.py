"""Content, length, form, style, privacy and grounding: what passes, what fails, and what the user is told."""

import pytest
from pydantic import JsonValue

from evaluators.base import EvaluationContext, EvaluatorFailure, Score
from evaluators.privacy import personal_data
from evaluators.registry import create


async def run(
    name: str,
    output: str,
    *,
    document: str | None = None,
    items: tuple[str, ...] | None = None,
    tokens: int | None = None,
    **parameters: JsonValue,
) -> Score:
    inputs = {} if document is None else {"document": document}
    context = EvaluationContext(output=output, items=items, inputs=inputs, output_tokens=tokens)
    return await create(name, parameters).evaluate(context)


async def test_contains_all_gives_the_share_and_names_what_is_missing() -> None:
    score = await run("contains_all", "Order 12 is late", values=["ORDER", "late", "sorry", "refund"])
    assert score.value == 0.5
    assert score.explanation == "Missing: sorry, refund."


async def test_contains_any_and_none() -> None:
    assert (await run("contains_any", "We start today", values=["art", "end"])).value == 1
    whole = await run("contains_any", "We start today", values=["art", "end"], whole_words=True)
    assert whole.value == 0
    assert whole.explanation == "Contains none of 'art' or 'end'."
    forbidden = await run("contains_none", "Guaranteed returns!", values=["guaranteed"])
    assert forbidden.value == 0
    assert forbidden.explanation == "Contains what it should not: guaranteed."
    assert (await run("contains_none", "Guaranteed", values=["guaranteed"], ignore_case=False)).value == 1


@pytest.mark.parametrize(
    ("match", "output", "value"),
    [
        ("anywhere", "Ref. AB-123.", 1),
        ("whole", "Ref. AB-123.", 0),
        ("whole", "AB-123", 1),
        ("nowhere", "AB-123", 0),
        ("nowhere", "none", 1),
    ],
)
async def test_regex(match: str, output: str, value: float) -> None:
    assert (await run("regex", output, pattern=r"[A-Z]{2}-\d+", match=match)).value == value


async def test_a_regex_that_never_ends_is_stopped() -> None:
    with pytest.raises(EvaluatorFailure, match="more than a second"):
        await run("regex", "a" * 60 + "b", pattern=r"(a|aa)+$")


@pytest.mark.parametrize(
    ("unit", "output", "count"),
    [
        ("characters", "für", 3),
        ("words", "It's well-known: 1,250.00 people.", 4),
        ("words", "我们走 now", 4),
        ("words", "", 0),
        ("sentences", "Dr. Smith paid 3.50 EUR. He left! Why?", 3),
    ],
)
async def test_length_counts(unit: str, output: str, count: int) -> None:
    score = await run("length", output, unit=unit, maximum=1000)
    assert score.metadata["count"] == count
    assert score.value == 1


async def test_length_falls_off_in_proportion() -> None:
    score = await run("length", "one two three four", maximum=2)
    assert score.value == 0.5
    assert score.explanation == "Has 4 words; at most 2 allowed."
    short = await run("length", "one", minimum=4)
    assert short.value == 0.25
    assert short.explanation == "Has 1 word; at least 4 wanted."
    assert (await run("length", "", minimum=0, maximum=0)).value == 1


async def test_length_in_tokens_is_what_the_server_counted() -> None:
    assert (await run("length", "any", unit="tokens", maximum=10, tokens=20)).value == 0.5
    assert (await run("length", "any", unit="tokens", maximum=10)).value is None


async def test_compression_ratio() -> None:
    document = "word " * 20
    assert (await run("compression_ratio", "word " * 5, document=document)).value == 1
    long = await run("compression_ratio", "word " * 12, document=document)
    assert long.value == pytest.approx(0.5)
    assert long.explanation == "Has 12 words, 60% of the document's 20; at most 30% allowed."
    assert (await run("compression_ratio", "", document=document)).value == 0
    assert (await run("compression_ratio", "a")).value is None


SCHEMA: dict[str, JsonValue] = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}


@pytest.mark.parametrize(
    ("output", "value", "said"),
    [
        ('{"price": 3}', 1, "Is JSON of the wanted form."),
        ('{"price": "3"}', 0, "at $.price: '3' is not of type 'number'"),
        ("{}", 0, "'price' is a required property"),
        ('```json\n{"price": 3}\n```', 0, "code fence"),
        ('Sure: {"price": 3}', 0, "begins with 'Sure:"),
        ('{"price": 3', 0, "line 1, column 12"),
        ('{"price": NaN}', 0, "NaN is not JSON"),
        ("[" * 100_000, 0, "nested too deeply"),
    ],
)
async def test_json_schema(output: str, value: float, said: str) -> None:
    score = await run("json_schema", output, json_schema=SCHEMA)
    assert score.value == value
    assert said in score.explanation


async def test_json_schema_never_fetches_a_reference() -> None:
    with pytest.raises(EvaluatorFailure, match="does not hold"):
        await run("json_schema", "{}", json_schema={"$ref": "https://example.com/schema.json"})


async def test_readability() -> None:
    from textstat import textstat

    easy = "The cat sat on the mat. We all like the cat. It is a good cat."
    hard = "Notwithstanding aforementioned contractual obligations, undersigned parties shall indemnify all successors."
    assert (await run("readability", easy)).value == 1
    score = await run("readability", hard, maximum_grade=20)
    grade = textstat.automated_readability_index(hard)
    assert score.value == pytest.approx(max(0.0, 1 - (grade - 20) / 10))
    assert "use shorter words" in score.explanation
    assert (await run("readability", "…")).value is None


async def test_automated_readability_index_by_hand() -> None:
    # 4.71 x characters per word + 0.5 x words per sentence - 21.43: 10 words in 2 sentences, periods are characters.
    text = "Suppliers send every invoice late. Payment takes forty five days."
    characters, words = 9 + 4 + 5 + 7 + 5 + 7 + 5 + 5 + 4 + 5, 10
    grade = 4.71 * characters / words + 0.5 * words / 2 - 21.43
    score = await run("readability", text, maximum_grade=1)
    assert score.value == pytest.approx(1 - (grade - 1) / 10, abs=0.01)


async def test_language() -> None:
    german = "Die Rechnung wurde noch nicht bezahlt, bitte überweisen Sie den Betrag bis Freitag."
    assert (await run("language_is", german, language="de")).value == pytest.approx(1.0, abs=0.01)
    wrong = await run("language_is", german, language="en")
    assert wrong.value == pytest.approx(0.0, abs=0.01)
    assert wrong.explanation == "Is written in 'de', but 'en' is wanted."
    assert (await run("language_is", "OK", language="en")).value is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to jane.doe+x@mail.example.com.", "email"),
        ("Call (415) 555-2671 today", "phone"),
        ("Call +44 20 7946 0958 today", "phone"),
        # The example of the IBAN registry and of python-stdnum.
        ("Pay to GB82 WEST 1234 5698 7654 32 NOW", "iban"),
        # A test number published by the card networks.
        ("Card 4111-1111-1111-1111", "credit_card"),
        ("from 192.168.10.7", "ip_address"),
        ("from 2001:db8::ff00:42:8329", "ip_address"),
    ],
)
async def test_personal_data_is_found_and_not_repeated(text: str, kind: str) -> None:
    assert [found for found, _ in personal_data(text)] == [kind]
    score = await run("no_personal_data", text)
    assert score.value == 0
    assert not any(match in score.explanation for _, match in personal_data(text))


@pytest.mark.parametrize(
    "text",
    [
        "Order 1234567890123 of 2024-01-05, 10:30:45, costs 1,250.00 EUR.",
        "Card 4111-1111-1111-1112 fails its check digit.",
        "GB82 WEST 1234 5698 7654 33 fails its check digits.",
        "See section 3.1.2 and version 1.2.3.4.5, or @handle.",
        "",
    ],
)
async def test_numbers_that_are_not_personal(text: str) -> None:
    assert (await run("no_personal_data", text)).value == 1


async def test_personal_data_of_chosen_kinds() -> None:
    assert (await run("no_personal_data", "a@b.example", kinds_of_data=["phone"])).value == 1
    assert (await run("no_personal_data", "Ruf 030 901820 an", region="DE")).value == 0
    assert (await run("no_personal_data", "Ruf 030 901820 an")).value == 1


@pytest.mark.parametrize(
    "output",
    [
        "I\u2019m sorry, but I can't help with that.",
        "I cannot assist with this request.",
        "As an AI language model, I have no opinion.",
        "Das geht leider nicht: Ich kann Ihnen dabei nicht helfen.",
        "",
    ],
)
async def test_refusals(output: str) -> None:
    assert (await run("no_refusal", output)).value == 0


@pytest.mark.parametrize(
    "output", ["The customer says the agent could not help.", "billing", "We are sorry for the delay of your parcel."]
)
async def test_no_refusal(output: str) -> None:
    assert (await run("no_refusal", output)).value == 1


async def test_keywords_in_document() -> None:
    document = "The suppliers' invoices arrived late; payment of the invoice was delayed."
    score = await run(
        "keywords_in_document", "", items=("supplier", "invoices", "bank", "late payments"), document=document
    )
    assert score.value == 0.5
    assert score.explanation == "Not in the document: bank, late payments."
    assert (await run("keywords_in_document", "", items=("voice",), document=document)).value == 0
    assert (await run("keywords_in_document", "late", document=" ")).value is None


async def test_quotations() -> None:
    document = "The notice period \u2013 thirty days \u2013 applies.\nIt\u2019s final."
    assert (await run("quote_in_document", '"Notice  period - thirty days"', document=document)).value == 1
    wrong = await run("quote_in_document", "notice period of thirty days", document=document)
    assert wrong.value == 0
    assert wrong.explanation == "Not word for word in the document: 'notice period of thirty days'."
    part = 'It says \u201cthirty days\u201d and "forty days".'
    assert (await run("quote_in_document", part, document=document, what="quoted")).value == 0.5
    assert (await run("quote_in_document", "No quotation.", document=document, what="quoted")).value == 1


DOCUMENT = "Acme Corp paid 1250 EUR to Jane Miller in Munich on 5 May 2024 for three chairs."


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("Acme Corp paid 1,250.00 EUR.", 1),
        ("On 05 May 2024 Jane Miller got 3 chairs.", 1),
        ("She paid 1,350 EUR.", 0.5),
        ("Then Jane Smith left.", 0),
        ("The chairs were paid.", 1),
        ("It went to Berlin and Munich.", 0.5),
    ],
)
async def test_numbers_and_names(output: str, value: float) -> None:
    assert (await run("facts_in_document", output, document=DOCUMENT)).value == pytest.approx(value)


async def test_numbers_alone() -> None:
    score = await run("facts_in_document", "In Berlin: 7 of 1250.", document=DOCUMENT, check=["numbers"])
    assert score.value == 0.5
    assert score.explanation == "Not in the document: 7."
