"""The form for one model server."""

import streamlit as st

from app import navigation, state
from app.components.page import heading
from app.components.settings_connections import NEW, SAID, outcome
from app.components.text import plain
from app.formatting.errors import message_of
from app.formatting.settings import Fields, Kind, fields_of, kind_name
from app.wording import t
from copilot import CopilotError, UserError


def form(name: str) -> None:
    """Show the form for a connection that is there, or for a new one."""
    known = Fields()
    if name != NEW:
        try:
            known = fields_of(state.copilot().connections.get(name))
        except CopilotError as error:
            heading(t("Settings"))
            st.warning(plain(message_of(error)))
            _back()
            return
    _back()
    heading(t("Add a model") if name == NEW else t("Change {name}", name=name))
    kinds: tuple[Kind, ...] = ("openai", "tgi", "file")
    if known.kind not in kinds:
        kinds = (*kinds, known.kind)
    kind = st.radio(t("Where does the model run?"), kinds, kinds.index(known.kind), format_func=kind_name, key="kind")
    typed = _typed(kind, known)
    _buttons(name, typed)


def _back() -> None:
    if st.button(t("← Settings"), type="tertiary", key="back"):
        navigation.go("settings")


def _typed(kind: Kind, known: Fields) -> Fields:
    name = st.text_input(
        t("Name"), known.name, key="name", max_chars=100, help=t("How you call it here, for example office.")
    )
    label, example, said = {
        "openai": (t("Address"), "http://localhost:8000/v1", t("Ends in /v1. Your server's manual names it.")),
        "tgi": (t("Address"), "http://localhost:8080", t("Where the server answers; without /v1.")),
        "file": (t("Path of the file"), "/models/model.gguf", t("On the computer where Falconer runs.")),
        "langchain": (t("Provider and model"), "openai:gpt-4o-mini", t("As LangChain writes it.")),
    }[kind]
    same = kind == known.kind
    address = st.text_input(label, known.address if same else "", key=f"address-{kind}", placeholder=example, help=said)
    model = key = ""
    if kind in ("openai", "tgi"):
        model = st.text_input(
            t("Model on that server (optional)"), known.model, key="model",
            help=t("Its name there; needed only where the server has several."),
        )  # fmt: skip
    if kind != "file":
        key = st.text_input(
            t("Environment variable with the key (optional)"), known.key_variable, key="key_variable",
            placeholder="MODEL_API_KEY",
            help=t("The name of the variable, not the key: keys are never stored. Whoever starts Falconer sets it."),
        )  # fmt: skip
    with st.expander(t("Prices and limits"), expanded=known.prompt_price is not None or known.concurrency is not None):
        prices = _prices(known)
        left, right = st.columns(2)
        concurrency = left.number_input(
            t("Requests at once"), 1, 1000, known.concurrency, key="concurrency", placeholder=t("as the server allows")
        )
        timeout = right.number_input(
            t("Seconds to wait for an answer"), 1.0, 3600.0, known.timeout, 10.0, key="timeout", placeholder="600"
        )
    return Fields(kind, name, address, model, key, *prices, int(concurrency) if concurrency else None, timeout)


def _prices(known: Fields) -> tuple[float | None, float | None, str]:
    st.caption(t("With prices, every quote before a run is in money too. Leave them empty for a server of your own."))
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    read = first.number_input(t("Price per million tokens read"), 0.0, None, known.prompt_price, key="prompt_price")
    written = second.number_input(
        t("Price per million tokens written"), 0.0, None, known.completion_price, key="completion_price"
    )
    currency = third.text_input(t("Currency"), known.currency, key="currency", max_chars=3)
    return read, written, currency


def _buttons(name: str, typed: Fields) -> None:
    with st.container(horizontal=True, gap="small"):
        test = st.button(t("Test"), key="test")
        save = st.button(t("Save"), type="primary", key="save")
    if test:
        with st.spinner(t("Asking the model one small question …")):
            works, sentence = outcome(_named(typed).draft())
        (st.success if works else st.error)(plain(sentence))
    if save:
        try:
            if not typed.name.strip():
                raise UserError(t("Give the model a name."))
            state.copilot().connections.add(typed.draft(), replace="" if name == NEW else name)
        except CopilotError as error:
            st.error(plain(message_of(error)))
            return
        st.session_state.get(SAID, {}).pop(typed.name, None)
        navigation.go("settings")


def _named(typed: Fields) -> Fields:
    """A test needs no name."""
    return typed if typed.name.strip() else Fields(**{**vars(typed), "name": "model"})
