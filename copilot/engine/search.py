"""The state of one search: candidates, their trials, and how they stand."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from copilot.domain.events import Progress, RunEvent, SearchStopped, TrialFinished
from copilot.domain.prompt import Candidate
from copilot.domain.run import CandidateSummary, RunConfig, StopReason, Trial
from copilot.evaluation.answer import Answer
from copilot.evaluation.trials import Evaluation
from copilot.optimizers import decision, demonstrations
from copilot.optimizers.seeds import Ground
from copilot.optimizers.selection import Standing, ranking, static_characters
from tasks.model import Example

STOPPED: dict[StopReason, str] = {
    "cap": "No calls or tokens are left for looking further.",
    "fruitless": "Two rounds brought no better prompt.",
    "settled": "No other prompt could be noticeably better on these examples.",
    "perfect": "A prompt gets every one of these examples right.",
    "rounds": "All rounds of refining are done.",
    "exhausted": "No new prompt could be thought of.",
    "no_refining": "The prompts of the library are tried; none is refined.",
}


class Search:
    """Everything tried so far. All decisions are taken between batches, so they depend on no timing."""

    def __init__(
        self,
        *,
        ground: Ground,
        evaluation: Evaluation,
        items: tuple[Example, ...],
        config: RunConfig,
    ) -> None:
        self.ground = ground
        self.evaluation = evaluation
        self.items = items
        """The dev rows, in the one order that all candidates meet them."""
        self.config = config
        self.meter = evaluation.gateway.meter
        self.candidates: dict[str, Candidate] = {}
        self.trials: dict[str, dict[str, Trial]] = {}
        """Dev trials by candidate and example."""
        self.pool_trials: dict[str, dict[str, Trial]] = {}
        self.holdout_trials: dict[str, dict[str, Trial]] = {}
        """Of the verdict: only known once everything is decided."""
        self.rejected: list[tuple[str, float]] = []
        """Changes that did not help, with their paired difference."""
        self.notes: list[str] = []
        """What the user should know besides the verdict."""
        self.asked = 0
        """How often the copilot was asked for a proposal, and so told what people said."""
        self.stop_reason: StopReason | None = None
        self.known: set[str] = set()
        """Content hashes of everything tried or turned down."""
        self._readings: dict[tuple[str, tuple[str, ...]], list[decision.Reading]] = {}

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take candidates into the search."""
        for candidate in candidates:
            self.candidates[candidate.id] = candidate
            self.trials.setdefault(candidate.id, {})
            self.known.add(candidate.template.content_hash)

    def stop(self, reason: StopReason) -> SearchStopped:
        """Note why the search ends."""
        self.stop_reason = reason
        return SearchStopped(reason=reason, message=STOPPED[reason])

    def next_id(self) -> str:
        """Return the id of the next child."""
        return f"child-{sum(name.startswith('child-') for name in self.candidates) + 1}"

    async def try_on(self, names: Sequence[str], items: Sequence[Example]) -> AsyncIterator[RunEvent]:
        """Try candidates on those of the items they have not met, as far as the caps allow.

        Trials are let in by what they may cost at most; what is left of that when they are done lets in the next.
        """
        waiting = [
            (self.candidates[name], item) for name in names for item in items if item.id not in self.trials[name]
        ]
        met: dict[str, None] = {}
        while allowed := waiting[: self.evaluation.affordable(waiting)]:
            async for trial in self.evaluation.run(allowed):
                self.trials[trial.candidate_id][trial.example_id] = trial
                yield TrialFinished(split="dev", trial=trial)
            met |= dict.fromkeys(candidate.id for candidate, _ in allowed)
            waiting = waiting[len(allowed) :]
        for name in met:
            await self.recalibrate(name)
        yield self.progress()

    async def try_on_pool(self, name: str, rows: Sequence[Example] | None = None) -> AsyncIterator[RunEvent]:
        """Try a candidate on the pool rows (or on some of them) that it does not show as demonstrations.

        Demonstrations that are chosen per input never hold the row itself; rows that another one repeats are left
        out, since that one could be chosen.
        """
        candidate = self.candidates[name]
        shown = {demonstration.example_id for demonstration in candidate.template.demonstrations}
        rows = self.ground.pool if rows is None else rows
        if candidate.template.retrieval:
            alone = {example.id for example in demonstrations.unlike(self.ground.pool)}
            rows = [example for example in rows if example.id in alone]
        pairs = [(candidate, example) for example in rows if example.id not in shown]
        async for trial in self.evaluation.run(pairs[: self.evaluation.affordable(pairs)]):
            self.pool_trials.setdefault(name, {})[trial.example_id] = trial
            yield TrialFinished(split="pool", trial=trial)

    async def recalibrate(self, name: str) -> None:
        """Re-read label probabilities by layers that were fitted without the row in question: no call is needed."""
        candidate = self.candidates[name]
        if not (candidate.template.label_scoring and self.config.switches.calibration):
            return
        rows = [item for item in self.items if self._scored(name, item)]
        if not rows:
            return
        for item, (label, confidence, _) in zip(rows, self._read(name, rows), strict=True):
            trial = self.trials[name][item.id]
            if trial.output == label:
                # What was scored is the label, and that is the same.
                self.trials[name][item.id] = trial.model_copy(update={"confidence": confidence})
                continue
            given = Answer(
                value=label,
                raw=trial.raw,
                confidence=confidence,
                label_logprobs=trial.label_logprobs,
                usage=trial.usage,
                latency_seconds=trial.latency_seconds,
            )
            self.trials[name][item.id] = await self.evaluation.judge(candidate, item, given)

    def fitted(self, name: str, *, holdout: Sequence[Example] = ()) -> Candidate:
        """Return the candidate with the decision layer fitted on all its dev and pool rows, and on the given others."""
        candidate = self.candidates[name]
        if not (candidate.template.label_scoring and self.config.switches.calibration):
            return candidate
        rows = [item for item in (*self.items, *self.ground.pool, *holdout) if self._scored(name, item)]
        if not rows:
            return candidate
        layer = decision.fit(self._label_scores(name, rows), seed=self.config.seed)
        return candidate.model_copy(update={"template": candidate.template.model_copy(update={"decision": layer})})

    def standing(self, name: str, items: Sequence[Example] | None = None) -> Standing:
        """Return a candidate's values on the given dev items (all it has met by default)."""
        trials, values = self.trials[name], {}
        unseen = len(trials)
        for item in self.items if items is None else items:
            if not unseen:
                break  # items are met in their order, and most candidates meet few of them
            if (trial := trials.get(item.id)) is not None:
                unseen -= 1
                if trial.value is not None:
                    values[item.id] = trial.value
        characters = static_characters(self.candidates[name].template)
        return Standing(id=name, values=values, prompt_characters=characters)

    def ranked(self, names: Sequence[str], items: Sequence[Example]) -> tuple[str, ...]:
        """Return candidates by their length-adjusted mean on the same items, best first."""
        return ranking(self.comparable(names, items))

    def comparable(self, names: Sequence[str], items: Sequence[Example]) -> list[Standing]:
        """Return how candidates stand on the same items, with the probability of the right label where it is known."""
        return [replace(self.standing(name, items), right=self._right(name, items)) for name in names]

    def leading(self, name: str) -> int:
        """Return how many items, from the first, the candidate has met without a gap."""
        met = self.trials[name]
        return next((index for index, item in enumerate(self.items) if item.id not in met), len(self.items))

    def complete(self, name: str) -> bool:
        """Tell whether the candidate has met every dev item."""
        return self.leading(name) == len(self.items)

    def leaderboard(self) -> tuple[CandidateSummary, ...]:
        """Return all candidates, those tried on most rows first, then by score."""
        rows = [self.summary(name) for name in self.candidates]
        return tuple(sorted(rows, key=lambda row: (-row.n, -(row.score or 0.0))))

    def summary(self, name: str) -> CandidateSummary:
        """Return one line of the leaderboard."""
        candidate = self.candidates[name]
        standing = self.standing(name)
        tokens = [trial.usage.prompt_tokens for trial in self.trials[name].values() if trial.usage.calls]
        return CandidateSummary(
            id=name,
            parents=candidate.parents,
            operator=candidate.operator,
            rationale=candidate.rationale,
            score=standing.mean if standing.values else None,
            n=len(standing.values),
            prompt_tokens=fmean(tokens) if tokens else None,
        )

    def progress(self, message: str = "") -> Progress:
        """Return what has been spent."""
        return Progress(
            calls=self.meter.calls,
            tokens=self.meter.tokens,
            max_calls=self.config.budget.max_calls,
            message=message,
        )

    def _right(self, name: str, items: Sequence[Example]) -> dict[str, float] | None:
        """Return the probability of the right label by example id; None where values are about something else."""
        template, trials = self.candidates[name].template, self.trials[name]
        if not (template.label_scoring and self.config.switches.calibration):
            return None
        rows = [item for item in items if self._scored(name, item)]
        hits = (trials[item.id].value == float((trials[item.id].output,) == item.expected) for item in rows)
        if not rows or len(rows) < sum(item.id in trials for item in items) or not all(hits):
            return None
        return {item.id: reading.right for item, reading in zip(rows, self._read(name, rows), strict=True)}

    def _read(self, name: str, rows: Sequence[Example]) -> list[decision.Reading]:
        """Return how the rows are read by layers that were fitted on the others of them; each fit is made once."""
        key = name, tuple(row.id for row in rows)
        if key not in self._readings:
            self._readings[key] = decision.cross_fitted(self._label_scores(name, rows), seed=self.config.seed)
        return self._readings[key]

    def _scored(self, name: str, item: Example) -> Trial | None:
        seen = (self.trials, self.pool_trials, self.holdout_trials)
        trial = next((trials[name][item.id] for trials in seen if item.id in trials.get(name, {})), None)
        return trial if trial and trial.label_logprobs and item.expected else None

    def _label_scores(self, name: str, rows: Sequence[Example]) -> decision.Scored:
        labels = self.candidates[name].template.contract.labels
        pairs = []
        for item in rows:
            trial = self._scored(name, item)
            assert trial is not None and trial.label_logprobs is not None and item.expected
            pairs.append((trial.label_logprobs, item.expected[0]))
        return decision.Scored.of(labels, pairs)
