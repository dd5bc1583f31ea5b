"""Two prompts on the rows that both answered: their scores, how sure the difference is, and what to mind."""

import streamlit as st

from app import state
from app.components.charts import interval_chart
from app.components.result_choice import Side
from app.components.text import plain
from app.components.verdict import sentence
from app.formatting.charts import interval_points
from app.formatting.comparing import cautions, finding, rows_line, score_line, spread
from app.wording import t
from copilot.types import Part, PromptComparison


@st.cache_data(show_spinner=False, max_entries=200)
def _between(first: str, second: str, part: Part, answers: tuple[int, int]) -> PromptComparison:
    # Another number of answers, of a run that goes on, is another comparison.
    del answers
    return state.copilot().comparisons.between(first, second, part=part)


def pair(first: Side, second: Side, *, of_verdict: bool) -> PromptComparison:
    """Show how two prompts do beside each other; the pair of the verdict has its sentence already."""
    everything = state.in_url("tab") == "all"
    part: Part = "shared" if everything else "shared_aside"
    compared = _between(first.reference, second.reference, part, (first.answers, second.answers))
    said = finding(compared, first.name, second.name)
    if said is not None and (everything or not of_verdict):
        sentence(said)
        drawn = interval_points(compared.found) if compared.found and spread(compared.found) else None
        if drawn is not None:
            axis = t("Difference to: {name}, in points", name=second.name)
            interval_chart(drawn, tone=said.tone, text=said.sentence, axis=axis, key="pair_chart")
    if said is not None:
        sides = ((first, compared.first), (second, compared.second))
        st.markdown("\n".join(f"- {plain(score_line(side.name, one))}" for side, one in sides))
    if compared.shared.n:
        st.caption(plain(rows_line(compared)))
    if said_of := cautions(compared, first.name, second.name):
        st.warning("\n\n".join(map(plain, said_of)))
    if 0 < compared.shared.aside < compared.shared.n:
        st.toggle(
            t("Also the examples used to choose"),
            value=everything,
            key=f"part_choice_{everything}",
            help=t("The verdict comes from the examples kept aside alone."),
            on_change=state.to_url,
            kwargs={"tab": None if everything else "all", "page": None, "row": None},
        )
    if said is not None and not of_verdict:
        st.caption(
            plain(t("You chose this pair: of many pairs, some differ by chance. The verdict above stays as it is."))
        )
    return compared
