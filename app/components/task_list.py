"""Tasks as a list: each with where it stands, its scores over time, and what can be done with it."""

from collections.abc import Sequence

import altair as alt
import streamlit as st

from app import navigation, state
from app.components.text import plain
from app.formatting import locale
from app.formatting import tasks as words
from app.wording import t
from copilot import RunStatus
from copilot.types import ScoredRun, TaskOverview

_COLOURS = {"light": "#1F5E8C", "dark": "#7FB4DB"}


def card(overview: TaskOverview) -> None:
    """Show one task."""
    saved = overview.task
    with st.container(border=True, key=f"task_{saved.id}"):
        left, middle, right = st.columns([7, 2, 1], vertical_alignment="center")
        with left, st.container(gap="xxsmall"):
            run = overview.last_run
            navigation.link(
                f"**{plain(words.clipped(saved.task.name, 80))}**",
                words.next_step(overview),
                task=saved.id,
                run=run.id if run and run.status is RunStatus.FINISHED else None,
            )
            kind = words.kinds()[saved.task.kind][0]
            st.caption(plain(f"{kind} · {words.counts_words(overview.counts)}"))
            _standing(overview)
        with middle:
            _line(overview.scores)
        with right:
            _more(overview)


def _standing(overview: TaskOverview) -> None:
    run = overview.last_run
    said = " ".join(filter(None, (words.standing(overview), words.score_words(overview.scores))))
    if run is None or run.status not in words.UNDER_WAY:
        st.markdown(plain(words.clipped(said, 300)))
        return
    run_id = run.id

    @st.fragment(run_every="2s")
    def live() -> None:
        now = state.copilot().get_run(run_id).saved.summary
        if now.status not in words.UNDER_WAY:
            st.rerun()
        st.markdown(plain(words.run_words(now)))

    live()


def _line(scores: Sequence[ScoredRun]) -> None:
    points = words.score_points(scores)
    if len(points) < 2:
        return
    colour = _COLOURS["dark" if st.context.theme.type == "dark" else "light"]
    low, high = min(point["score"] for point in points), max(point["score"] for point in points)
    edge = max(2.0, (high - low) / 4)
    chart = (
        alt.Chart(alt.InlineData(values=points), height=44)
        .mark_line(color=colour, point=alt.OverlayMarkDef(color=colour, size=30))
        .encode(
            x=alt.X("step:Q", axis=None),
            y=alt.Y("score:Q", axis=None, scale=alt.Scale(domain=[low - edge, high + edge])),
        )
        .configure_view(strokeWidth=0)
        .configure(background="transparent")
    )
    told = t("Scores over time: {scores} of 100", scores=", ".join(locale.number(point["score"]) for point in points))
    st.altair_chart(chart, width="stretch", alt=told)


def _more(overview: TaskOverview) -> None:
    saved = overview.task
    tasks = state.copilot().tasks
    with st.popover(t("More"), key=f"more_{saved.id}"):
        name = st.text_input(t("Name"), saved.task.name, key=f"rename_{saved.id}", max_chars=200)
        if name.strip() and name.strip() != saved.task.name:
            tasks.rename(saved.id, name)
            st.rerun()
        project = st.text_input(t("Project"), saved.project, key=f"move_{saved.id}", max_chars=100)
        if project.strip() != saved.project:
            tasks.move(saved.id, project)
            st.rerun()
        navigation.link(t("Change the description"), "new_task", task=saved.id)
        if st.button(t("Delete the task and its examples"), key=f"delete_{saved.id}", width="stretch"):
            tasks.delete(saved.id)
            st.session_state["deleted_task"] = saved.id
            st.rerun()


def undo_deleting() -> None:
    """Offer to bring back the task that was deleted just now."""
    task_id = st.session_state.get("deleted_task")
    found = next((saved for saved in state.copilot().tasks.deleted() if saved.id == task_id), None)
    if found is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="undo"):
        st.markdown(plain(t("“{name}” was deleted, with its examples.", name=words.clipped(found.task.name, 80))))
        if st.button(t("Undo"), key="undo_delete"):
            _restore(found.id)


def deleted_tasks() -> None:
    """List what can be brought back."""
    found = state.copilot().tasks.deleted()
    if not found:
        return
    with st.expander(t("Deleted tasks"), key="deleted"):
        for saved in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(words.clipped(saved.task.name, 80)))
                if st.button(t("Bring back"), key=f"restore_{saved.id}"):
                    _restore(saved.id)


def _restore(task_id: str) -> None:
    state.copilot().tasks.restore(task_id)
    st.session_state.pop("deleted_task", None)
    st.rerun()
