"""Which two prompts are looked at, each from any run of the task: first the run, then the prompt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from app import state
from app.components.text import plain
from app.formatting.comparing import of_run, run_choice
from app.formatting.runs import prompt_names
from app.wording import t
from copilot import Run
from copilot.types import AnsweredPrompts, AnsweredRun, SavedTask

USER = "user"
Place = Literal["candidate", "against"]
"""As the URL calls the two."""


@dataclass(frozen=True)
class Side:
    """One of the two prompts."""

    run_id: str
    id: str
    name: str
    answers: int

    @property
    def reference(self) -> str:
        """The prompt with its run."""
        return f"{self.run_id}/{self.id}"


@dataclass(frozen=True)
class _Offer:
    """What can be chosen."""

    here: str
    """The run of the page."""
    runs: Mapping[str, AnsweredRun]

    def listed(self, run_id: str) -> AnsweredPrompts:
        """Return the prompts of a run."""
        if self.runs[run_id].summary.finished_at is None:
            return state.copilot().comparisons.prompts(run_id)
        return _finished(run_id)

    def usual(self, place: Place, run_id: str, *, other: tuple[str, str] | None = None) -> str | None:
        """Return the prompt of a run that is shown where none is asked for: the new one, and beside it the user's."""
        listed = self.listed(run_id)
        ids = [prompt.id for prompt in listed.prompts if (run_id, prompt.id) != other]
        best = listed.chosen_id or listed.finalist_id
        wanted = listed.finalist_id if place == "candidate" else USER if run_id == self.here else best
        return wanted if wanted in ids else next(iter(ids), None)

    def side(self, run_id: str, prompt_id: str) -> Side:
        """Return a prompt with its name; one of another run says of which."""
        listed = self.listed(run_id)
        name = prompt_names(listed.prompts, chosen=None, finalist=listed.finalist_id, brief=True)[prompt_id]
        if run_id != self.here:
            name = of_run(name, self.runs[run_id], zone=st.context.timezone)
        return Side(run_id, prompt_id, name, listed.answers[prompt_id])


@st.cache_data(show_spinner=False, max_entries=100)
def _finished(run_id: str) -> AnsweredPrompts:
    # A finished run does not change.
    return state.copilot().comparisons.prompts(run_id)


def two(saved: SavedTask, run: Run) -> tuple[Side, Side | None]:
    """Let the reader choose two prompts; return them. The second is None where there is no other."""
    offer = _Offer(run.id, {found.summary.id: found for found in state.copilot().comparisons.runs(saved.id)})
    first = _asked(offer, "candidate") or (run.id, offer.usual("candidate", run.id) or USER)
    second = _asked(offer, "against", other=first)
    if second is None:
        beside = offer.usual("against", run.id, other=first)
        second = (run.id, beside) if beside else None
    left, right = st.columns(2)
    with left:
        _choose(offer, "candidate", first, other=None)
    if second is not None or len(offer.runs) > 1:
        with right:
            _choose(offer, "against", second or (run.id, ""), other=first)
    return offer.side(*first), offer.side(*second) if second else None


def _asked(offer: _Offer, place: Place, *, other: tuple[str, str] | None = None) -> tuple[str, str] | None:
    """Return the prompt that the URL asks for, where there is such a one."""
    asked = state.in_url(place)
    if not asked:
        return None
    run_id, _, name = asked.rpartition("/")
    run_id = run_id or offer.here
    if run_id in offer.runs and name in offer.listed(run_id).answers:
        return None if (run_id, name) == other else (run_id, name)
    st.warning(plain(t("The link names a prompt that this task does not have; another one is shown in its place.")))
    return None


def _choose(offer: _Offer, place: Place, shown: tuple[str, str], *, other: tuple[str, str] | None) -> None:
    run_id, prompt_id = shown
    labels = {
        "candidate": (t("Prompt from"), t("Prompt")),
        "against": (t("Compared with a prompt from"), t("Compared with")),
    }[place]
    if len(offer.runs) > 1:
        newest = next(iter(offer.runs))
        names = {
            key: run_choice(found, newest=key == newest, zone=st.context.timezone) for key, found in offer.runs.items()
        }
        key = f"{place}_run_{run_id}"

        def run_chosen() -> None:
            taken = str(st.session_state[key])
            _put(offer, place, taken, offer.usual(place, taken, other=other))

        st.selectbox(
            labels[0],
            list(names),
            index=list(names).index(run_id),
            format_func=lambda one: names[one],
            key=key,
            on_change=run_chosen,
        )
    listed = offer.listed(run_id)
    every = prompt_names(listed.prompts, chosen=listed.chosen_id, finalist=listed.finalist_id)
    ids = [one for one in every if (run_id, one) != other]
    if not ids:
        st.caption(plain(t("This improvement has no other prompt with answers.")))
        return
    prompt_key = f"{place}_prompt_{run_id}_{prompt_id}"

    def prompt_chosen() -> None:
        _put(offer, place, run_id, str(st.session_state[prompt_key]))

    st.selectbox(
        labels[1],
        ids,
        index=ids.index(prompt_id) if prompt_id in ids else 0,
        format_func=lambda one: every[one],
        key=prompt_key,
        on_change=prompt_chosen,
    )


def _put(offer: _Offer, place: Place, run_id: str, prompt_id: str | None) -> None:
    """Put a choice into the URL; rows of another choice are not asked for any more."""
    reference = prompt_id if run_id == offer.here else f"{run_id}/{prompt_id}"
    state.to_url(**{place: reference if prompt_id else None}, page=None, row=None)
