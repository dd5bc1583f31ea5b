"""Trying a template: a form of its fields, one version or two side by side, answers as they are written."""

import threading
import time
from dataclasses import dataclass, field

import streamlit as st

from app import state
from app.components.text import panel, plain
from app.formatting.errors import message_of
from app.formatting.playground import answer_text, cost_line, field_title
from app.formatting.templates import version_name
from app.formatting.told import told
from app.wording import t
from copilot import CopilotError, RowOutput, Template, TemplateVersion

POLL = "0.3s"
LONG_FIELDS = ("text", "document", "context", "passage", "article", "body", "message")


@dataclass
class Attempt:
    """One answer in the making; written by its own thread, read by the page."""

    title: str
    template: Template
    inputs: dict[str, str]
    begun: float = field(default_factory=time.monotonic)
    text: str = ""
    output: RowOutput | None = None
    error: str = ""
    seconds: float = 0.0
    first_seconds: float | None = None

    @property
    def over(self) -> bool:
        """Whether there is an answer, or the reason why there is none."""
        return self.output is not None or bool(self.error)

    def work(self) -> None:
        """Ask the model; blocks."""
        try:
            found = self.template.run(self.inputs, on_text=self._tell)
            self.seconds = time.monotonic() - self.begun
            self.output = found
        except CopilotError as error:
            self.error = message_of(error)
        except Exception:
            self.error = t("Something went wrong on our side; try again.")
            raise

    def _tell(self, text: str) -> None:
        if self.first_seconds is None:
            self.first_seconds = time.monotonic() - self.begun
        self.text = text


def playground(name: str, versions: tuple[TemplateVersion, ...], chosen: int) -> None:
    """Show the form and, beneath, what the chosen versions answer."""
    names = {saved.version: version_name(saved) for saved in versions}
    numbers = list(names)
    others: list[int | None] = [None, *(number for number in numbers if number != chosen)]
    template = next(saved.template for saved in versions if saved.version == chosen)
    beside = None
    if len(versions) > 1:
        beside = st.selectbox(
            t("Beside version {version}, try", version=chosen),
            others,
            format_func=lambda number: t("no other") if number is None else names[number],
            key="play_beside",
        )
    model = _model()
    tried = [number for number in (chosen, beside) if number is not None]
    fields = list(template.variables)
    if beside is not None:
        second = next(saved.template for saved in versions if saved.version == beside)
        fields += [name for name in second.variables if name not in fields]
    with st.form(f"play_{name}", border=False):
        inputs = {each: _field(name, each, only=len(fields) == 1) for each in fields}
        asked = st.form_submit_button(t("Run both") if len(tried) > 1 else t("Run"), type="primary", key="play_run")
    running = f"play_attempts_{name}"
    if asked:
        if not any(text.strip() for text in inputs.values()):
            st.warning(t("Fill in a field first, for example with a real case of yours."))
            return
        st.session_state[running] = [_start(name, number, inputs, model) for number in tried]
    attempts: list[Attempt] = st.session_state.get(running, [])
    if not attempts:
        st.caption(t("Fill the form as a user would; nothing of it is kept."))
        return
    if all(attempt.over for attempt in attempts):
        _show(attempts)
    else:
        st.fragment(_poll, run_every=POLL)(attempts)


def _model() -> str:
    """Ask on which model, where there is a choice."""
    chosen = state.copilot().template_library.model
    known = [connection.name for connection in state.copilot().connections.list()]
    models = list(dict.fromkeys([chosen, *known]))
    if len(models) == 1:
        return chosen
    return str(st.selectbox(t("Model"), models, key="play_model"))


def _field(name: str, each: str, *, only: bool) -> str:
    words = plain(field_title(each))
    key = f"play_{name}_{each}"
    if only or each.lower() in LONG_FIELDS:
        return st.text_area(words, key=key, height=140)
    return st.text_input(words, key=key)


def _start(name: str, version: int, inputs: dict[str, str], model: str) -> Attempt:
    template = state.copilot().template_library.template(f"{name}@{version}", model=model)
    mine = {each: inputs.get(each, "") for each in template.variables}
    attempt = Attempt(title=t("Version {version}", version=version), template=template, inputs=mine)
    threading.Thread(target=attempt.work, name="playground", daemon=True).start()
    return attempt


def _poll(attempts: list[Attempt]) -> None:
    _show(attempts)
    if all(attempt.over for attempt in attempts):
        st.rerun()


def _show(attempts: list[Attempt]) -> None:
    for column, attempt in zip(st.columns(len(attempts)), attempts, strict=True):
        with column:
            st.markdown(f"**{attempt.title}**")
            _show_one(attempt)


def _show_one(attempt: Attempt) -> None:
    if attempt.error:
        st.error(plain(attempt.error))
        return
    if attempt.output is None:
        waited = time.monotonic() - attempt.begun
        if attempt.text:
            st.caption(t("Writing, {seconds:.0f} s so far", seconds=waited))
            panel(attempt.text)
        else:
            st.caption(t("Waiting for the model to begin, {seconds:.0f} s so far", seconds=waited))
        return
    st.caption(plain(cost_line(attempt.output, seconds=attempt.seconds, first=attempt.first_seconds)))
    if attempt.output.error:
        st.error(plain(told(attempt.output.error)))
        if attempt.text:
            panel(attempt.text)
        return
    panel(answer_text(attempt.output))
