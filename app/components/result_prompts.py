"""What one prompt has that another one has not, word by word, whichever runs they are of."""

import streamlit as st

from app import state
from app.components.result_choice import Side
from app.components.text import legend, plain, sections
from app.formatting.diffs import folded, readable
from app.formatting.runs import why
from app.wording import t


def prompts(first: Side, second: Side) -> None:
    """Show the first prompt with what differs from the second, and why it was made."""
    st.subheader(t("What changed in the prompt"), anchor=False)
    run = state.copilot().get_run(first.run_id)
    made = run.prompt(first.id)
    st.caption(plain(why(made.operator, made.rationale)))
    pieces = run.compare(second.reference, first.id)
    if all(piece.change == "same" for piece in pieces):
        st.caption(plain(t("Both have the same words.")))
    else:
        legend(t("only in: {name}", name=first.name), t("only in: {name}", name=second.name))
    sections([(part.title, part.pieces) for part in folded(readable(pieces, made.template.variables))])
