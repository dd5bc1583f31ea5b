"""The decision layer over label probabilities: from biases alone with few labels, from regression with more.

Sources: contextual calibration (arXiv 2102.09690), batch calibration (arXiv 2309.17249), design note OPTIMIZER
"Closed label sets". The layer is fitted on labelled examples, chosen by cross-fitting, and frozen in the template.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from copilot.domain.prompt import DecisionLayer

Method = Literal["none", "prior", "logistic"]
FEW = 12
"""Below this many examples only the biases are fitted: a regression would learn the noise."""
STRENGTHS = (0.1, 0.03)
"""Inverse regularisation strengths of the regression, tried by cross-fitting."""
MOST_LABELS = 30
"""Above this many labels a regression has thousands of weights and no examples for them: biases only."""
FOLDS = 5
NEWTON_STEPS = 50
NEWTON_TOLERANCE = 1e-7
MARGIN = 0.5
"""Examples by which a more flexible layer must be better before it is preferred."""


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


def fit(scored: Scored, *, seed: int) -> DecisionLayer:
    """Return the layer that cross-fitting prefers, fitted on all rows."""
    fitted = _fit(scored, *choose(scored, seed=seed))
    return DecisionLayer(
        method=fitted.method,
        labels=scored.labels,
        weights=tuple(tuple(float(value) for value in row) for row in fitted.weights),
        biases=tuple(float(value) for value in fitted.biases),
    )


def choose(scored: Scored, *, seed: int) -> tuple[Method, float]:
    """Return the method (and the regression's strength) with the most cross-fitted hits, the plainest on a draw."""
    return _chosen(scored, seed=seed)[0]


def cross_fitted_labels(scored: Scored, *, seed: int) -> list[tuple[str, float]]:
    """Return for each row the label (and its probability) of a layer fitted without that row."""
    if len(scored) < 2:
        shares = _probabilities(_fit(scored, "none", 0.0), scored.logprobs)
    else:
        shares = _chosen(scored, seed=seed)[1]
    best = shares.argmax(axis=1)
    return [(scored.labels[index], float(row[index])) for index, row in zip(best, shares, strict=True)]


def _chosen(scored: Scored, *, seed: int) -> tuple[tuple[Method, float], np.ndarray]:
    """Return the choice with its cross-fitted probabilities."""
    options: list[tuple[Method, float]] = [("none", 0.0), ("prior", 0.0)]
    few_labels = len(scored.labels) <= MOST_LABELS
    if few_labels and len(scored) >= FEW and len(set(scored.gold.tolist())) == len(scored.labels):
        options += [("logistic", strength) for strength in STRENGTHS]
    best, best_hits, best_shares = options[0], -1.0, scored.logprobs
    for option in options:
        shares = _cross_fitted(scored, *option, seed=seed)
        hits = float(np.sum(shares.argmax(axis=1) == scored.gold))
        if hits > best_hits + (MARGIN if best_hits >= 0 else 0):
            best, best_hits, best_shares = option, hits, shares
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
    elif method == "logistic" and len(set(scored.gold.tolist())) == size > 1:
        weights, biases = _regression(scored, strength)
    elif method == "logistic":
        method, biases = "prior", _prior_biases(scored)
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
    """Return weights and biases of the ridge-penalised multinomial regression, by Newton's method.

    The same optimum as scikit-learn's LogisticRegression, whose checks cost ten times a fit of this size; a run makes
    hundreds.
    """
    rows, size = scored.logprobs.shape
    inputs = np.hstack([scored.logprobs, np.ones((rows, 1))])
    products = (inputs[:, :, None] * inputs[:, None, :]).reshape(rows, -1)
    wanted = np.eye(size)[scored.gold]
    # Two labels are penalised as one weight vector between them, as everywhere in the field.
    penalty = np.full((size, size + 1), (2.0 if size == 2 else 1.0) / strength)
    penalty[:, -1] = 0.0
    # A constant added to all biases changes nothing; pinning their sum makes the curvature invertible.
    pinned = np.kron(np.ones((size, size)), np.diag([*np.zeros(size), 1.0])) + np.diag(penalty.ravel())
    found = np.zeros((size, size + 1))
    loss, shares = _penalised_loss(found, inputs, wanted, penalty)
    for _ in range(NEWTON_STEPS):
        gradient = (shares - wanted).T @ inputs + penalty * found
        if np.abs(gradient).max() < NEWTON_TOLERANCE * rows:
            break
        spread = (shares[:, :, None] * (np.eye(size) - shares[:, None, :])).reshape(rows, -1)
        blocks = (spread.T @ products).reshape(size, size, size + 1, size + 1)
        curvature = blocks.transpose(0, 2, 1, 3).reshape(pinned.shape) + pinned
        step = np.linalg.solve(curvature, gradient.ravel()).reshape(found.shape)
        for _ in range(NEWTON_STEPS):
            ahead, ahead_shares = _penalised_loss(found - step, inputs, wanted, penalty)
            if ahead <= loss:
                break
            step /= 2
        else:
            break
        found, loss, shares = found - step, ahead, ahead_shares
    return found[:, :-1], found[:, -1]


def _penalised_loss(
    found: np.ndarray, inputs: np.ndarray, wanted: np.ndarray, penalty: np.ndarray
) -> tuple[float, np.ndarray]:
    logits = inputs @ found.T
    logp = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float(-np.sum(wanted * logp) + np.sum(penalty * found * found) / 2), np.exp(logp)
