"""One field of an app as its maker describes it."""

from typing import get_args

import streamlit as st

from app.components.text import plain
from app.formatting import apps as words
from app.formatting import locale
from app.wording import t
from copilot.types import AppField, FieldType

LABEL_CHARACTERS = 80
HELP_CHARACTERS = 200


def edited_field(field: AppField, *, key: str) -> AppField:
    """Show a field's settings and return it as they say.

    Args:
        field: as it is kept.
        key: tells the widgets of one app from those of another.
    """
    mine = f"{field.name}_{key}"
    kinds: tuple[FieldType, ...] = get_args(FieldType)
    name, kind = st.columns([3, 2])
    label = name.text_input(t("Name that people read"), field.label, key=f"label_{mine}", max_chars=LABEL_CHARACTERS)
    chosen = kind.selectbox(
        t("Kind of field"), kinds, index=kinds.index(field.type), format_func=words.type_name, key=f"type_{mine}"
    )
    options = field.options
    if chosen == "choice":
        typed = st.text_area(t("Options, one per line"), "\n".join(field.options), key=f"options_{mine}", height=110)
        options = words.options_of(typed)
    told = st.text_input(t("Help below the field"), field.help, key=f"help_{mine}", max_chars=HELP_CHARACTERS)
    example = _example(field, chosen, options, key=f"example_{mine}")
    optional = st.checkbox(t("May be left empty"), field.optional, key=f"optional_{mine}")
    st.caption(plain(t("Fills {field} in the prompt.", field=locale.quoted(field.name))))
    return AppField(
        name=field.name,
        label=label,
        help=told,
        type=chosen,
        options=options,
        example=example or "",
        optional=optional,
    )


def _example(field: AppField, kind: FieldType, options: tuple[str, ...], *, key: str) -> str | None:
    label = t("Example")
    if kind == "choice":
        index = options.index(field.example) if field.example in options else None
        return st.selectbox(label, options, index=index, key=f"{key}_choice", placeholder=t("One of the options"))
    if kind == "text":
        return st.text_input(label, field.example, key=f"{key}_text")
    return st.text_area(label, field.example, key=f"{key}_long", height=90)
