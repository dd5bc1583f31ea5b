"""Two prompts compared blind: which answer is better, row by row, and what that shows in the end."""

import streamlit as st

from app import navigation, state
from app.components import compare_choose, compare_pair
from app.components.compare_result import result
from app.components.feedback_place import no_answers, place
from app.formatting.reviews import nothing_words, prompt_name
from app.wording import t

task, run = place(
    t("Blind comparison"),
    t("Choose the better of two answers without knowing which prompt wrote it."),
)
reviews = state.copilot().reviews
prompts = reviews.prompts(run.id)
if not prompts:
    no_answers(task, run)
link = {"task": task.id if task else None, "run": run.id}
if len(prompts) < 2:
    st.info(t("Only one prompt of this run has answers, so there is nothing to compare."))
    navigation.link(t("Give feedback on its answers"), "feedback", **link)
    st.stop()

first, second = compare_choose.two(prompts)
queue = reviews.pairs(run.id, first.id, second.id)
showing = state.in_url("tab") == "result" or (queue.next is None and queue.total > 0)
if not queue.total:
    st.info(nothing_words(queue.identical))
elif showing or queue.next is None:
    result(reviews.win_rate(run.id, first.id, second.id), prompt_name(first), prompt_name(second))
    with st.container(horizontal=True, key="compare_after"):
        if queue.next is not None and st.button(t("Go on comparing"), key="compare_on"):
            state.to_url(tab=None)
            st.rerun()
        compare_pair.undo(queue)
        if st.button(t("Give feedback on the answers"), type="primary", key="compare_feedback"):
            navigation.go("feedback", **link)
else:
    compare_pair.pair(run.id, (first.id, second.id), queue, queue.next)
    with st.container(horizontal=True, key="compare_ends"):
        compare_pair.undo(queue)
        if st.button(t("Stop and see the result"), key="compare_stop", disabled=queue.judged == 0):
            state.to_url(tab="result")
            st.rerun()
compare_choose.choose(prompts, first, second)
