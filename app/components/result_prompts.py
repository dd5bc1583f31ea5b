"""What the new prompt changes: against the user's, or against any other prompt of the run."""

from collections.abc import Mapping

import streamlit as st

from app.components.text import marked, plain
from app.formatting.diffs import readable
from app.formatting.runs import why
from app.wording import t
from copilot import Run


def prompts(run: Run, names: Mapping[str, str], *, shown: str, against: str) -> None:
    """Show one prompt with what differs from another one, and why it was made."""
    st.subheader(t("What changed in the prompt"), anchor=False)
    left, right = st.columns(2)
    ids = list(names)
    with left:
        mine = st.selectbox(
            t("Prompt"), ids, index=ids.index(shown), format_func=lambda key: names[key], key=f"diff_{run.id}"
        )
    with right:
        other = st.selectbox(
            t("Compared with"),
            ids,
            index=ids.index(against),
            format_func=lambda key: names[key],
            key=f"diff_against_{run.id}",
        )
    made = run.prompt(mine)
    st.caption(plain(why(made.operator, made.rationale)))
    pieces = run.compare(other, mine)
    if mine == other or all(piece.change == "same" for piece in pieces):
        st.caption(plain(t("Both have the same words.")))
    else:
        st.caption(plain(t("Underlined: only in the first. Struck through: only in the one it is compared with.")))
    marked(readable(pieces, run.prompt(mine).template.variables))
