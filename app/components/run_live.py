"""A run while it goes on: what is happening, how far it is, who leads, and why."""

import time

import streamlit as st

from app import navigation, state
from app.components import charts
from app.components.text import plain
from app.formatting import locale
from app.formatting.charts import own_score, score_points
from app.formatting.runs import chart_title, duration, score_words, spent_words, stage_words, trouble, why
from app.formatting.tasks import run_words
from app.formatting.told import told
from app.wording import t, tn
from copilot import Run, RunStatus
from copilot.types import Leader, RunSnapshot

SHOWN_LEADERS = 5
WORKER_SECONDS = 10.0
"""A worker is asked for again so often while a run has none."""


def live(run_id: str) -> None:
    """Show a run that goes on; the page is run again when it is over, and then nothing polls any more."""
    _now(run_id)
    _so_far(run_id)


@st.fragment(run_every="5s")
def _so_far(run_id: str) -> None:
    """Show the chart and the leaderboard, which need not move every second."""
    standing(state.copilot().get_run(run_id).snapshot())


@st.fragment(run_every="1s")
def _now(run_id: str) -> None:
    run = state.copilot().get_run(run_id)
    snapshot = run.snapshot()
    if snapshot.over:
        st.rerun()
    keep_going(run, snapshot)
    st.markdown(f"**{plain(stage_words(snapshot))}**")
    st.progress(min(1.0, snapshot.calls / max(1, snapshot.max_calls)))
    st.caption(plain(spent_words(snapshot)))
    for sentence in trouble(snapshot):
        st.warning(plain(sentence))
    if st.button(
        t("Stop; everything done is kept"), key="stop_run", disabled=snapshot.stop_requested, type="secondary"
    ):
        run.stop()
        st.rerun(scope="fragment")


def keep_going(run: Run, snapshot: RunSnapshot) -> None:
    """Let a worker take a run that has none: one was never started, or its process has ended."""
    if not snapshot.waits_for_worker:
        return
    asked = st.session_state.get("worker_asked", 0.0)
    if time.monotonic() - asked > WORKER_SECONDS:
        st.session_state["worker_asked"] = time.monotonic()
        run.go_on()


def standing(snapshot: RunSnapshot) -> None:
    """Show the chart and the leaderboard."""
    points = score_points(snapshot)
    if points:
        charts.score_chart(points, own_score(snapshot), cap=snapshot.max_calls, title=chart_title(snapshot))
        st.caption(
            plain(
                t(
                    "On the examples used to choose; the band is the 95% interval. The verdict comes from other "
                    "examples, which nothing is tuned on."
                )
            )
        )
    leaders(snapshot)


def leaders(snapshot: RunSnapshot) -> None:
    """Show who leads, in words, and why each prompt was made."""
    tried = [leader for leader in snapshot.leaderboard if leader.score is not None]
    if not tried:
        return
    st.subheader(tn("One prompt tried so far", "{n} prompts tried so far", len(tried)), anchor=False)
    first = sorted(tried[:SHOWN_LEADERS], key=lambda leader: -(leader.score or 0.0) * (leader.n >= tried[0].n))
    for place, leader in enumerate(first, start=1):
        _line(place, leader)
    rest = tried[SHOWN_LEADERS:]
    if rest:
        with st.expander(tn("One more", "{n} more", len(rest))):
            for place, leader in enumerate(rest, start=SHOWN_LEADERS + 1):
                _line(place, leader)
    if snapshot.rejected:
        st.caption(
            plain(
                tn(
                    "One more idea was turned down before it cost a call.",
                    "{n} more ideas were turned down before they cost a call.",
                    snapshot.rejected,
                )
            )
        )


def _line(place: int, leader: Leader) -> None:
    reason = plain(why(leader.operator, leader.rationale))
    st.markdown(f"{place}\\. **{plain(score_words(leader))}**{locale.colon()}{reason}")


def ended(run: Run, snapshot: RunSnapshot) -> None:
    """Show a run that was stopped or has failed, with the button that goes on with it."""
    if snapshot.status is RunStatus.FAILED:
        st.error(plain(told(snapshot.error or "") or t("It failed, and did not say why.")))
        st.markdown(
            plain(
                t(
                    "Everything up to there is kept: {calls} of {cap} calls. Mend what the sentence above says, then "
                    "go on.",
                    calls=snapshot.calls,
                    cap=snapshot.max_calls,
                )
            )
        )
    else:
        took = t(
            "Stopped. Everything done is kept: {calls} of {cap} calls.", calls=snapshot.calls, cap=snapshot.max_calls
        )
        st.info(plain(took))
    if st.button(t("Go on"), type="primary", key="go_on"):
        run.go_on()
        st.rerun()
    standing(snapshot)


def finished(run: Run, snapshot: RunSnapshot, *, task_id: str) -> None:
    """Show that a run is over, and lead to its result."""
    result = run.result
    st.success(
        plain(
            t(
                "Done: {prompts} tried with {calls} calls in {time}.",
                prompts=tn("one prompt", "{n} prompts", len(result.candidates)),
                calls=snapshot.calls,
                time=duration(result.seconds),
            )
        )
    )
    st.markdown(plain(run_words(run.saved.summary)))
    if st.button(t("See the result"), type="primary", key="see_result"):
        navigation.go("result", task=task_id, run=run.id)
