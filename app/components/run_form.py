"""Before a run: the user's own prompt, how much may be spent, and the quote."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting.runs import EFFORTS, effort_name, effort_words, quote, quote_notes
from app.wording import t
from copilot import Estimate, Run, RunStatus, RunSummary, Task
from copilot.types import SavedTask

MOST_CALLS = 100_000


def prompt_area(saved: SavedTask) -> None:
    """Let the user write the prompt they have now; it is saved as they leave the field."""
    key = f"own_prompt_{saved.id}"

    def save() -> None:
        text = st.session_state[key]
        state.copilot().tasks.update(saved.id, _with_prompt(state.copilot().tasks.get(saved.id).task, text))
        st.session_state[f"{key}_saved"] = True

    st.text_area(
        t("Your prompt today (optional)"),
        value=saved.task.prompt or "",
        key=key,
        height=180,
        on_change=save,
        placeholder=t("Paste the prompt you use now. Without one, a plain prompt is made from your description."),
    )
    inputs, _ = state.copilot().tasks.needed(saved.task)
    slots = ", ".join(f"{{{name}}}" for name in saved.task.fields or inputs)
    hint = t("Write {slots} where an input goes. New prompts are compared with this one.", slots=slots)
    st.caption(plain(f"{t('Saved.')} {hint}" if st.session_state.get(f"{key}_saved") else hint))


def _with_prompt(task: Task, text: str) -> Task:
    return Task.model_validate({**task.model_dump(), "prompt": text if text.strip() else None})


@st.cache_data(show_spinner=False, max_entries=200)
def _estimate(task_id: str, _version: str, calls: int) -> Estimate:
    return state.copilot().tasks.estimate(task_id, max_calls=calls)


def effort(saved: SavedTask, *, runs: int) -> int:
    """Let the user choose how much may be spent, each choice with its quote; return the cap on calls."""
    version = f"{saved.updated_at.isoformat()}/{runs}"
    quotes = {choice.name: _estimate(saved.id, version, choice.calls) for choice in EFFORTS}
    names = [choice.name for choice in EFFORTS]
    given = state.in_url("effort", "standard")
    chosen = st.radio(
        t("How thoroughly to look"),
        names,
        index=names.index(given) if given in names else 1,
        format_func=effort_name,
        captions=[plain(f"{effort_words(name)} {quote(quotes[name])}.") for name in names],
        key="effort",
    )
    usual = next(choice.calls for choice in EFFORTS if choice.name == chosen)
    cap = st.number_input(
        t("Calls of models at most"),
        min_value=20,
        max_value=MOST_CALLS,
        value=usual,
        step=10,
        key=f"cap_{chosen}",
        width=260,
        help=t("Proposals, answers, ratings and repeated calls all count. It is never exceeded."),
    )
    said = quotes[chosen]
    if cap != usual:
        said = _estimate(saved.id, version, int(cap))
        st.markdown(plain(t("With this cap: {quote}.", quote=quote(said))))
    for note in quote_notes(said):
        st.caption(plain(note))
    return int(cap)


def begin(saved: SavedTask, calls: int, *, seed: int = 1) -> Run:
    """Start a run, or find the equal one that is there."""
    return state.copilot().tasks.start_run(saved.id, max_calls=calls, seed=seed)


def start(saved: SavedTask, calls: int, *, runs: Sequence[RunSummary], primary: bool) -> None:
    """Show the button that starts a run; where nothing has changed since the last one, say so and offer another try."""
    if st.button(t("Start improving"), type="primary" if primary else "secondary", key="start_run"):
        run = begin(saved, calls)
        known = run.status is RunStatus.FINISHED and any(summary.id == run.id for summary in runs)
        st.session_state["unchanged"] = run.id if known else None
        if not known:
            navigation.go("improve", task=saved.id, run=run.id)
    if (same := st.session_state.get("unchanged")) and any(summary.id == same for summary in runs):
        st.info(
            plain(
                t(
                    "Nothing has changed since, so that result still stands. Change the prompt, the examples, the "
                    "criteria or the effort; or try once more with other random choices."
                )
            )
        )
        if st.button(t("Try once more"), key="try_again"):
            st.session_state["unchanged"] = None
            run = begin(saved, calls, seed=1 + len(runs))
            navigation.go("improve", task=saved.id, run=run.id)
