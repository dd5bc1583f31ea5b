"""Two prompts compared blind: which answer stands on which side is drawn, and votes become preferences."""

import hashlib

from copilot.domain.feedback import Preference
from copilot.domain.reviews import Choice, Pair, PairQueue, SavedVote, Side, WinRate
from copilot.errors import UserError
from copilot.service import results
from copilot.service.workspace import Workspace
from copilot.storage import reviews as storage
from copilot.storage import runs as stored_runs
from copilot.storage.desk_tables import ComparisonRow
from copilot.storage.events import find_candidate
from copilot.storage.feedback import add_preference, rendered_prompt
from evaluators.statistics import sign_flip_test, wilson


def queue(workspace: Workspace, run_id: str, first_id: str, second_id: str, *, author: str = "") -> PairQueue:
    """Return the pair to judge next, and how far the comparison is.

    The order of the rows and the side of each answer are drawn from the run, the two prompts and the row: a reload
    shows the same, and they say nothing of whose answer is whose.

    Raises:
        UserError: there is no such run, or it has no such prompts.
    """
    with workspace.database.reading() as session:
        run = stored_runs.get_run(session, run_id=run_id)
        different, identical = storage.answers_of_both(session, run_id=run_id, first_id=first_id, second_id=second_id)
        votes = storage.list_votes(session, run_id=run_id, first_id=first_id, second_id=second_id, author=author)
        judged = {vote.example_id for vote in votes}
        waiting = [one for one in different if one not in judged]
        # Rows in the order of their draw: that of the data would show which were used for what.
        waiting.sort(key=lambda one: _drawn("row", run_id, first_id, second_id, one))
        following = None
        if waiting:
            examples = storage.examples_of(session, version=run.plan.dataset_version, example_ids=waiting[:1])
            answers = different[waiting[0]]
            left, right = answers if first_is_left(run_id, first_id, second_id, waiting[0]) else answers[::-1]
            following = Pair(example=examples[waiting[0]], left=left, right=right)
    return PairQueue(
        next=following,
        judged=len(different) - len(waiting),
        total=len(different),
        identical=identical,
        last_vote=max((vote.id for vote in votes), default=None),
    )


def vote(
    workspace: Workspace, run_id: str, between: tuple[str, str], *, example_id: str, side: Side, author: str = ""
) -> SavedVote:
    """Store which side is better; an earlier vote of the same person about the same pair is replaced.

    What is preferred also becomes a preference under the user's own prompt: that is what both were made to serve.

    Raises:
        UserError: there is no such pair.
    """
    first_id, second_id = between
    with workspace.database.writing() as session:
        run = stored_runs.get_run(session, run_id=run_id)
        different, _ = storage.answers_of_both(session, run_id=run_id, first_id=first_id, second_id=second_id)
        if example_id not in different:
            raise UserError("There is no such pair of answers in this run. The link may be old.")
        choice = _choice(side, turned=not first_is_left(run_id, first_id, second_id, example_id))
        preference_id = None
        if choice != "tie":
            chosen, rejected = different[example_id] if choice == "first" else different[example_id][::-1]
            candidate = find_candidate(session, run_id=run_id, candidate_id=results.USER) or find_candidate(
                session, run_id=run_id, candidate_id=first_id
            )
            example = storage.examples_of(session, version=run.plan.dataset_version, example_ids=[example_id])
            assert candidate is not None, "it has answers"
            prompt = rendered_prompt(candidate.template.render(example[example_id].inputs))
            preference = Preference(prompt=prompt, chosen=chosen, rejected=rejected, source="comparison")
            preference_id = add_preference(session, preference=preference, run_id=run_id).id
        row = ComparisonRow(
            run_id=run_id,
            example_id=example_id,
            first_id=first_id,
            second_id=second_id,
            choice=choice,
            preference_id=preference_id,
            author=author,
        )
        return SavedVote(id=storage.add_vote(session, row=row), example_id=example_id, choice=choice)


def undo_vote(workspace: Workspace, vote_id: int) -> None:
    """Take a vote back, with its preference.

    Raises:
        UserError: there is none with this number.
    """
    with workspace.database.writing() as session:
        storage.remove_vote(session, vote_id=vote_id)


def win_rate(workspace: Workspace, run_id: str, first_id: str, second_id: str) -> WinRate:
    """Return how often the second prompt's answer was preferred, with interval and test.

    A tie counts as half a win for each; the interval is Wilson's, which halves make wider than need be, never
    narrower. The sign test leaves ties out.

    Raises:
        UserError: there is no such run, or it has no such prompts.
    """
    with workspace.database.reading() as session:
        stored_runs.get_run(session, run_id=run_id)
        different, identical = storage.answers_of_both(session, run_id=run_id, first_id=first_id, second_id=second_id)
        votes = storage.list_votes(session, run_id=run_id, first_id=first_id, second_id=second_id)
    first, second, ties = (sum(vote.choice == word for vote in votes) for word in ("first", "second", "tie"))
    interval = wilson(second + ties / 2, len(votes)) if votes else None
    return WinRate(
        first=first,
        second=second,
        ties=ties,
        identical=identical,
        left=len(different.keys() - {vote.example_id for vote in votes}),
        rate=None if interval is None else interval.mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        p_value=sign_flip_test([1.0] * second + [-1.0] * first) if first + second else None,
    )


def first_is_left(run_id: str, first_id: str, second_id: str, example_id: str) -> bool:
    """Return the drawn side; asked for the other way round, the same answers stand on the same sides."""
    lower_is_left = _drawn("side", run_id, first_id, second_id, example_id)[0] in "01234567"
    return lower_is_left == (first_id <= second_id)


def _drawn(what: str, run_id: str, first_id: str, second_id: str, example_id: str) -> str:
    parts = [what, run_id, *sorted((first_id, second_id)), example_id]
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _choice(side: Side, *, turned: bool) -> Choice:
    if side == "tie":
        return "tie"
    return "first" if (side == "left") is not turned else "second"
