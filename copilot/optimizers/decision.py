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
FOLDS = 5
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


def fit(scored: Scored, *, seed: int) -> DecisionLayer:
    """Return the layer that cross-fitting prefers, fitted on all rows."""
    method, strength = choose(scored, seed=seed)
    return _fit(scored, method, strength)


def choose(scored: Scored, *, seed: int) -> tuple[Method, float]:
    """Return the method (and the regression's strength) with the most cross-fitted hits, the plainest on a draw."""
    options: list[tuple[Method, float]] = [("none", 0.0), ("prior", 0.0)]
    if len(scored) >= FEW and len(set(scored.gold.tolist())) == len(scored.labels):
        options += [("logistic", strength) for strength in STRENGTHS]
    best, best_hits = options[0], -1.0
    for option in options:
        hits = float(np.sum(_cross_fitted(scored, *option, seed=seed).argmax(axis=1) == scored.gold))
        if hits > best_hits + (MARGIN if best_hits >= 0 else 0):
            best, best_hits = option, hits
    return best


def cross_fitted_labels(scored: Scored, *, seed: int) -> list[tuple[str, float]]:
    """Return for each row the label (and its probability) of a layer fitted without that row."""
    if len(scored) < 2:
        method: Method = "none"
        shares = _probabilities(_fit(scored, method, 0.0), scored.logprobs)
    else:
        shares = _cross_fitted(scored, *choose(scored, seed=seed), seed=seed)
    best = shares.argmax(axis=1)
    return [(scored.labels[index], float(row[index])) for index, row in zip(best, shares, strict=True)]


def _cross_fitted(scored: Scored, method: Method, strength: float, *, seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(len(scored))
    order = order[np.argsort(scored.gold[order], kind="stable")]  # stratified: each fold gets of every label
    shares = np.zeros_like(scored.logprobs)
    folds = min(FOLDS, len(scored))
    for fold in range(folds):
        test = order[fold::folds]
        train = np.setdiff1d(order, test)
        layer = _fit(scored.part(train), method, strength)
        shares[test] = _probabilities(layer, scored.logprobs[test])
    return shares


def _probabilities(layer: DecisionLayer, logprobs: np.ndarray) -> np.ndarray:
    logits = logprobs @ np.array(layer.weights).T + np.array(layer.biases)
    shares: np.ndarray = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return shares


def _fit(scored: Scored, method: Method, strength: float) -> DecisionLayer:
    size = len(scored.labels)
    weights, biases = np.eye(size), np.zeros(size)
    if method == "prior" and len(scored):
        biases = _prior_biases(scored)
    elif method == "logistic" and len(set(scored.gold.tolist())) == size > 1:
        weights, biases = _regression(scored, strength)
    elif method == "logistic":
        method, biases = "prior", _prior_biases(scored)
    return DecisionLayer(
        method=method,
        labels=scored.labels,
        weights=tuple(tuple(float(value) for value in row) for row in weights),
        biases=tuple(float(value) for value in biases),
    )


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
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, solver="newton-cholesky").fit(scored.logprobs, scored.gold)
    if len(scored.labels) == 2:  # the library keeps one row for two classes
        return np.vstack([-model.coef_[0], model.coef_[0]]) / 2, np.array([-1.0, 1.0]) * model.intercept_[0] / 2
    return np.asarray(model.coef_), np.asarray(model.intercept_)
