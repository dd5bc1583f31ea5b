"""The decision layer over label probabilities: biases alone with few examples, regression with more (ADR 0015).

Sources: contextual calibration (arXiv 2102.09690), batch calibration (arXiv 2309.17249), design note OPTIMIZER
"Closed label sets". The layer is fitted on labelled examples, chosen by the likelihood of the right labels under
cross-fitting, and frozen in the template.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from copilot.domain.prompt import DecisionLayer

Method = Literal["none", "prior", "logistic"]
FEW = 12
"""Below this many examples only the biases are fitted: a regression would learn the noise."""
STRENGTHS = (0.1, 0.3, 1.0)
"""Inverse regularisation strengths of the regression, tried by cross-fitting."""
BIAS_PENALTY = 0.3
"""Keeps a label that few examples have from being ruled out."""
DENSE_LABELS = 8
"""Up to this many labels Newton's step is solved for at once; above, for a large matrix, by conjugate gradients."""
CG_STEPS, CG_TOLERANCE = 50, 0.1
FOLDS = 5
NEWTON_STEPS = 50
NEWTON_TOLERANCE = 1e-7
LOOSE_TOLERANCE = 1e-4
"""With many labels; probabilities are then right to three digits."""
_THREADS = ThreadpoolController()
"""Products of matrices this small lose by threads, and on a busy machine a hundredfold."""
LEAST = 1e-9
"""A probability below this counts as this: one row must not decide alone."""


@dataclass(frozen=True)
class Scored:
    """Label log-probabilities of some examples with their right labels."""

    labels: tuple[str, ...]
    logprobs: np.ndarray
    """n x L, each row normalised."""
    gold: np.ndarray
    """n indices into `labels`."""

    @classmethod
    def of(cls, labels: Sequence[str], rows: Iterable[tuple[Mapping[str, float], str]]) -> "Scored":
        """Gather (log-probabilities, right label) pairs; rows whose label is not one of `labels` are left out."""
        known = [(logprobs, gold) for logprobs, gold in rows if gold in labels]
        matrix = np.array([[logprobs[label] for label in labels] for logprobs, _ in known]).reshape(-1, len(labels))
        gold_index = np.array([list(labels).index(gold) for _, gold in known], dtype=int)
        normalised = matrix - np.logaddexp.reduce(matrix, axis=1, keepdims=True)
        return cls(labels=tuple(labels), logprobs=normalised, gold=gold_index)

    def __len__(self) -> int:
        return len(self.gold)

    def part(self, rows: np.ndarray) -> "Scored":
        """Return the given rows only."""
        return Scored(labels=self.labels, logprobs=self.logprobs[rows], gold=self.gold[rows])


@dataclass(frozen=True)
class _Layer:
    """A decision layer as it is computed with."""

    method: Method
    weights: np.ndarray
    """L x L."""
    biases: np.ndarray
    """L values."""


class Reading(NamedTuple):
    """How a layer that was fitted without a row reads it."""

    label: str
    confidence: float
    """Probability of `label`."""
    right: float
    """Probability of the right label."""


def fit(scored: Scored, *, seed: int) -> DecisionLayer:
    """Return the layer that cross-fitting prefers, fitted on all rows."""
    fitted = _fit(scored, *_chosen(scored, seed=seed)[0])
    return DecisionLayer(
        method=fitted.method,
        labels=scored.labels,
        weights=tuple(tuple(float(value) for value in row) for row in fitted.weights),
        biases=tuple(float(value) for value in fitted.biases),
    )


def cross_fitted(scored: Scored, *, seed: int) -> list[Reading]:
    """Return how each row is read by a layer fitted without that row."""
    shares = _chosen(scored, seed=seed)[1]
    return [
        Reading(scored.labels[best], min(1.0, float(row[best])), min(1.0, float(row[gold])))
        for best, gold, row in zip(shares.argmax(axis=1), scored.gold, shares, strict=True)
    ]


def _chosen(scored: Scored, *, seed: int) -> tuple[tuple[Method, float], np.ndarray]:
    """Return the method (with the regression's strength) that makes the right labels likeliest, and its probabilities.

    Both are cross-fitted; on a draw the plainest is taken. Likelihood tells layers apart by far fewer
    rows than hits do: each row says how much, not only whether.
    """
    options: list[tuple[Method, float]] = [("none", 0.0)]
    if len(scored) > 1:
        options.append(("prior", 0.0))
    if len(scored) >= FEW:
        options += [("logistic", strength) for strength in STRENGTHS]
    rows = np.arange(len(scored))
    best, likelihood, best_shares = options[0], -np.inf, scored.logprobs
    for option in options:
        shares = _cross_fitted(scored, *option, seed=seed)
        total = float(np.log(np.maximum(shares[rows, scored.gold], LEAST)).sum())
        if total > likelihood:
            best, likelihood, best_shares = option, total, shares
    return best, best_shares


def _cross_fitted(scored: Scored, method: Method, strength: float, *, seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(len(scored))
    order = order[np.argsort(scored.gold[order], kind="stable")]  # stratified: each fold gets of every label
    shares = np.zeros_like(scored.logprobs)
    folds = min(FOLDS, len(scored))
    for fold in range(folds):
        test = order[fold::folds]
        others = np.ones(len(scored), dtype=bool)
        others[test] = False
        layer = _fit(scored.part(others), method, strength)
        shares[test] = _probabilities(layer, scored.logprobs[test])
    return shares


def _probabilities(layer: _Layer, logprobs: np.ndarray) -> np.ndarray:
    logits = logprobs @ layer.weights.T + layer.biases
    shares: np.ndarray = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return shares


def _fit(scored: Scored, method: Method, strength: float) -> _Layer:
    size = len(scored.labels)
    weights, biases = np.eye(size), np.zeros(size)
    if method == "prior" and len(scored):
        biases = _prior_biases(scored)
    elif method == "logistic":
        with _THREADS.limit(limits=1, user_api="blas"):
            weights, biases = _regression(scored, strength)
    return _Layer(method=method, weights=weights, biases=biases)


def _prior_biases(scored: Scored) -> np.ndarray:
    """Return biases under which the mean probability of each label is its (smoothed) share of the examples."""
    size = len(scored.labels)
    counts = np.bincount(scored.gold, minlength=size) + 1.0
    prior = counts / counts.sum()
    biases = np.zeros(size)
    for _ in range(30):
        logits = scored.logprobs + biases
        shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
        smoothed = (shares.sum(axis=0) + prior) / (len(scored) + 1.0)
        biases += np.log(prior) - np.log(smoothed)
    centred: np.ndarray = biases - biases.mean()
    return centred


def _regression(scored: Scored, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and biases of a penalised multinomial regression, by Newton's method.

    Weights are drawn towards the identity, which takes the model at its word, not towards zero, which takes it for
    silent: examples are few, and the model knows something. scikit-learn's LogisticRegression cannot be drawn there,
    and its checks cost ten times a fit of this size; a run makes hundreds.
    """
    rows, size = scored.logprobs.shape
    inputs = np.hstack([scored.logprobs, np.ones((rows, 1))])
    wanted = np.eye(size)[scored.gold]
    penalty = np.full((size, size + 1), 1.0 / strength)
    penalty[:, -1] = BIAS_PENALTY
    moved = np.zeros((size, size + 1))
    newton, tolerance = (_dense, NEWTON_TOLERANCE) if size <= DENSE_LABELS else (_iterative, LOOSE_TOLERANCE)
    loss, shares = _penalised_loss(moved, inputs, wanted, penalty)
    for _ in range(NEWTON_STEPS):
        gradient = (shares - wanted).T @ inputs + penalty * moved
        if np.abs(gradient).max() < tolerance * rows:
            break
        step = newton(gradient, inputs, shares, penalty)
        for _ in range(NEWTON_STEPS):
            ahead, ahead_shares = _penalised_loss(moved - step, inputs, wanted, penalty)
            if ahead <= loss:
                break
            step /= 2
        else:
            break
        moved, loss, shares = moved - step, ahead, ahead_shares
    found = moved + np.eye(size, size + 1)
    return found[:, :-1], found[:, -1]


def _dense(gradient: np.ndarray, inputs: np.ndarray, shares: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Return Newton's step from the whole matrix of second derivatives."""
    rows, size = shares.shape
    products = (inputs[:, :, None] * inputs[:, None, :]).reshape(rows, -1)
    spread = (shares[:, :, None] * (np.eye(size) - shares[:, None, :])).reshape(rows, -1)
    blocks = (spread.T @ products).reshape(size, size, size + 1, size + 1)
    curvature = blocks.transpose(0, 2, 1, 3).reshape(penalty.size, penalty.size) + np.diag(penalty.ravel())
    step: np.ndarray = np.linalg.solve(curvature, gradient.ravel()).reshape(penalty.shape)
    return step


def _iterative(gradient: np.ndarray, inputs: np.ndarray, shares: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Return nearly Newton's step, by conjugate gradients: the matrix is only multiplied with, never made."""
    from scipy.sparse.linalg import LinearOperator, cg

    def times_curvature(vector: np.ndarray) -> np.ndarray:
        slopes = inputs @ vector.reshape(penalty.shape).T
        slopes = shares * (slopes - (shares * slopes).sum(axis=1, keepdims=True))
        curved: np.ndarray = (slopes.T @ inputs).ravel() + penalty.ravel() * vector
        return curved

    diagonal = ((shares * (1 - shares)).T @ inputs**2 + penalty).ravel()
    square = (penalty.size, penalty.size)
    step, _ = cg(
        LinearOperator(square, matvec=times_curvature, dtype=float),
        gradient.ravel(),
        rtol=CG_TOLERANCE,
        maxiter=CG_STEPS,
        M=LinearOperator(square, matvec=lambda vector: vector / diagonal, dtype=float),
    )
    found: np.ndarray = step.reshape(penalty.shape)
    return found


def _penalised_loss(
    moved: np.ndarray, inputs: np.ndarray, wanted: np.ndarray, penalty: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the loss and the shares under weights that were moved so far from the identity."""
    logits = inputs @ moved.T + inputs[:, :-1]
    logp = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float(-np.sum(wanted * logp) + np.sum(penalty * moved * moved) / 2), np.exp(logp)
