"""Say what you think of a run's answers, one by one; the next improvement learns from it."""

import streamlit as st

from app import navigation, state
from app.components import feedback_card, feedback_lists
from app.components.feedback_place import chosen, no_answers, place
from app.components.feedback_refine import refine
from app.formatting.reviews import progress_words, prompt_choice, show_of, shows
from app.wording import t

task, run = place(
    t("Feedback"),
    t("Say what you think of the answers. It is saved at once, and the next improvement learns from it."),
)
reviews = state.copilot().reviews
prompts = reviews.prompts(run.id)
if not prompts:
    no_answers(task, run)
prompt = chosen(prompts, state.in_url("candidate")) or prompts[0]
SHOWS = shows()
show = show_of(state.in_url("filter"))

with st.container(horizontal=True, vertical_alignment="bottom", key="feedback_choice"):
    picked = st.selectbox(
        t("Answers of"),
        prompts,
        index=prompts.index(prompt),
        format_func=prompt_choice,
        key=f"feedback_prompt_{prompt.id}_{prompt.rated}",
        width=340,
    )
    shown = st.segmented_control(
        t("Show"), list(SHOWS), format_func=SHOWS.__getitem__, default=show, required=True, key=f"feedback_show_{show}"
    )
if picked.id != prompt.id or shown != show:
    state.to_url(candidate=picked.id, filter=shown, row=None, page=None)
    st.rerun()

ids = reviews.ids(run.id, prompt.id, show=show)
row = state.in_url("row")
if row not in ids and row in reviews.ids(run.id, prompt.id):
    # It was rated just now, so that the filter leaves it out: it stays until the reader goes on.
    ids = (row, *ids)
st.progress(prompt.rated / prompt.outputs, text=progress_words(prompt.rated, prompt.outputs))
feedback_card.undo_bar()
left, right = st.columns([3, 2], gap="large")
with left:
    if not ids:
        st.info(t("There is no such answer. Choose All to see the others."))
    else:
        at = ids.index(row) if row in ids else 0
        item = reviews.item(run.id, prompt.id, ids[at])
        if row != ids[at]:
            state.to_url(row=ids[at])
        feedback_card.turner(ids, at, at="top")
        feedback_card.card(run, task, item, number=at + 1, total=len(ids))
        feedback_card.turner(ids, at, at="bottom")
with right:
    st.subheader(t("All answers"), anchor=False)
    feedback_lists.answers(run, prompt.id, show=show, total=len(ids))
    st.subheader(t("What was said"), anchor=False)
    feedback_lists.said(run, reviews.list(run.id))
    navigation.link(t("Compare two prompts blind"), "compare", task=task.id if task else None, run=run.id)
st.divider()
refine(run, task)
