"""Which two prompts are compared."""

from collections.abc import Sequence

import streamlit as st

from app import state
from app.components.feedback_place import chosen
from app.formatting.reviews import prompt_choice
from app.wording import t
from copilot.types import ReviewedPrompt


def two(prompts: Sequence[ReviewedPrompt]) -> tuple[ReviewedPrompt, ReviewedPrompt]:
    """Return the prompts that the URL names; else the user's own and the one to use, or the next best known."""
    own = next((prompt for prompt in prompts if prompt.role == "own"), prompts[0])
    first = chosen(prompts, state.in_url("candidate")) or own
    rest = [prompt for prompt in prompts if prompt.id != first.id]
    return first, chosen(rest, state.in_url("against")) or rest[0]


def choose(prompts: Sequence[ReviewedPrompt], first: ReviewedPrompt, second: ReviewedPrompt) -> None:
    """Let the reader choose two other prompts."""
    with st.expander(t("Which prompts are compared")), st.container(horizontal=True, key="compare_choice"):
        picked = [
            st.selectbox(
                label,
                [prompt for prompt in prompts if prompt.id != other.id],
                index=[prompt.id for prompt in prompts if prompt.id != other.id].index(mine.id),
                format_func=prompt_choice,
                key=f"compare_{name}_{first.id}_{second.id}",
                width=340,
            )
            for label, name, mine, other in (
                (t("One prompt"), "first", first, second),
                (t("The other prompt"), "second", second, first),
            )
        ]
    if [prompt.id for prompt in picked] != [first.id, second.id]:
        state.to_url(candidate=picked[0].id, against=picked[1].id, row=None)
        st.rerun()
