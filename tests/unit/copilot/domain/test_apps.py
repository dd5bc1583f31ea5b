"""What an app is: fields from variables, names in links, what is missing."""

import pytest

from copilot.domain.apps import AppDraft, AppField, AppForm, fitting, planned_field, problems, slug_of


def test_choices_of_a_row_are_spelled_as_the_form_does_or_named() -> None:
    level = AppField(name="level", label="Priority", type="choice", options=("low", "High ", " "))
    tone = AppField(name="tone", label="Tone", type="choice", options=("warm", "short"), optional=True)
    template = {"slug": "a", "title": "A", "about": "", "template": "t", "version": 1, "model": "fake"}
    form = AppForm(**template, fields=(planned_field("text"), level, tone)).row_form
    good = form.fitted({"text": "Low", "level": " HIGH", "tone": ""})
    assert good == {"text": "Low", "level": "High", "tone": ""}
    assert form.problem(good, row=1) is None
    bad = form.fitted({"text": "a", "level": "hgh", "tone": "warm"})
    assert form.problem(bad, row=3) == "Priority must be one of: low, High; row 3 says 'hgh'."
    assert form.problem({"text": "a"}, row=4) == "Priority must be one of: low, High; row 4 says nothing."
    assert form.problem({"text": " ", "level": ""}, row=5) is None, "an empty row is told as such"
    assert len(form.problem({"text": "a", "level": "x" * 900}, row=6) or "") < 200


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Réply to a customer", "reply-to-a-customer"),
        ("  A  &  B ", "a-b"),
        ("答え", "app"),
        ("x" * 80, "x" * 60),
        ("../../etc", "etc"),
    ],
)
def test_a_title_becomes_a_part_of_a_link(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@pytest.mark.parametrize(
    ("variable", "label", "kind"),
    [
        ("text", "Text", "long_text"),
        ("product_name", "Product name", "text"),
        ("question", "Question", "text"),
        ("document", "Document", "file"),
    ],
)
def test_a_field_is_planned_from_the_name_of_its_variable(variable: str, label: str, kind: str) -> None:
    field = planned_field(variable)
    assert (field.label, field.type) == (label, kind)


def test_fields_fit_the_variables_there_are_in_the_makers_order() -> None:
    fields = (AppField(name="b", label="Second"), AppField(name="gone", label="Gone"), AppField(name="a", label="A"))
    assert [field.label for field in fitting(fields, ("a", "b", "new"))] == ["Second", "A", "New"]


def test_labels_that_differ_by_case_alone_are_told_once() -> None:
    fields = tuple(AppField(name=name, label=label) for name, label in (("a", "Text"), ("b", "text "), ("c", "TEXT")))
    found = problems(AppDraft(title="T", template="x", fields=fields))
    assert [problem.kind for problem in found] == ["twice"]
