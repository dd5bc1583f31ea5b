"""The decision layer over label probabilities."""

import numpy as np
import pytest
from scipy.optimize import minimize

from copilot.optimizers import decision

LABELS = ("a", "b", "c")


def biased(n: int, *, seed: int = 0) -> decision.Scored:
    """A model that knows the answer but always leans to "a": its raw argmax is right for a third of the rows."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        gold = i % 3
        logits = rng.normal(scale=0.3, size=3)
        logits[gold] += 2.0
        logits[0] += 4.0
        rows.append((dict(zip(LABELS, logits.tolist(), strict=True)), LABELS[gold]))
    return decision.Scored.of(LABELS, rows)


def hits(readings: list[decision.Reading], scored: decision.Scored) -> float:
    return float(np.mean([read.label == LABELS[gold] for read, gold in zip(readings, scored.gold, strict=True)]))


def test_rows_with_an_unknown_label_are_left_out() -> None:
    scored = decision.Scored.of(LABELS, [({"a": 0.0, "b": 0.0, "c": 0.0}, "z"), ({"a": 0.0, "b": 1.0, "c": 0.0}, "b")])
    assert len(scored) == 1


def test_log_probabilities_are_normalised() -> None:
    scored = decision.Scored.of(LABELS, [({"a": 5.0, "b": 5.0, "c": 5.0}, "a")])
    assert np.allclose(np.exp(scored.logprobs).sum(axis=1), 1)


def test_a_leaning_model_is_put_right_with_few_labels_and_with_many() -> None:
    for n in (9, 60):
        scored = biased(n)
        assert hits(decision.cross_fitted(scored, seed=1), scored) > 0.9


def test_one_row_is_read_as_the_model_says_it() -> None:
    scored = decision.Scored.of(LABELS, [({"a": 0.1, "b": 2.0, "c": 0.0}, "a")])
    assert decision.cross_fitted(scored, seed=1)[0].label == "b"


def test_with_few_rows_only_biases_are_fitted() -> None:
    layer = decision.fit(biased(9), seed=1)
    assert layer.method == "prior"
    assert np.allclose(np.array(layer.weights), np.eye(3))


def test_the_layer_gives_probabilities_that_sum_to_one() -> None:
    layer = decision.fit(biased(60), seed=1)
    shares = layer.probabilities({"a": -0.1, "b": -2.5, "c": -4.0})
    assert abs(sum(shares.values()) - 1) < 1e-9
    assert set(shares) == set(LABELS)


def test_a_model_that_is_right_and_sure_is_left_alone() -> None:
    rows = [({label: (30.0 if label == gold else 0.0) for label in LABELS}, gold) for gold in LABELS * 5]
    assert decision.fit(decision.Scored.of(LABELS, rows), seed=1).method == "none"


def test_two_labels_keep_their_order_under_regression() -> None:
    rng = np.random.default_rng(3)
    rows = []
    for i in range(40):
        gold = ("no", "yes")[i % 2]
        signal = 1.0 if gold == "yes" else -1.0
        rows.append(({"no": 3.0, "yes": float(signal + rng.normal(scale=0.4))}, gold))
    scored = decision.Scored.of(("no", "yes"), rows)
    layer = decision.fit(scored, seed=1)
    right = [
        max(shares, key=lambda name: shares[name]) == gold
        for (logprobs, gold) in rows
        if (shares := layer.probabilities(logprobs))
    ]
    assert np.mean(right) > 0.9


def test_a_label_without_examples_does_not_break_the_fit() -> None:
    rows = [({"a": 1.0, "b": 0.0, "c": -1.0}, label) for label in ("a", "b") * 10]
    layer = decision.fit(decision.Scored.of(LABELS, rows), seed=1)
    assert set(layer.probabilities({"a": 0.0, "b": 0.0, "c": 0.0})) == set(LABELS)


@pytest.mark.parametrize(
    ("labels", "rows", "scale"), [(2, 30, 5.0), (4, 15, 2.0), (6, 200, 8.0), (3, 100, 30.0), (9, 40, 2.0)]
)
def test_the_regression_is_the_optimum_of_its_penalised_likelihood(labels: int, rows: int, scale: float) -> None:
    draw = np.random.default_rng(labels)
    names = tuple(f"label {index}" for index in range(labels))
    gold = [index if index < labels else int(draw.integers(labels)) for index in range(rows)]
    logprobs = draw.normal(size=(rows, labels)) * scale
    scored = decision.Scored.of(
        names, [(dict(zip(names, row.tolist(), strict=True)), names[g]) for row, g in zip(logprobs, gold, strict=True)]
    )

    def loss(found: np.ndarray, strength: float) -> float:
        weights, biases = np.split(found.reshape(labels, labels + 1), [labels], axis=1)
        logits = scored.logprobs @ weights.T + biases.T
        logits -= np.logaddexp.reduce(logits, axis=1, keepdims=True)
        penalty = np.sum((weights - np.eye(labels)) ** 2) / strength + decision.BIAS_PENALTY * np.sum(biases**2)
        return float(penalty / 2 - logits[np.arange(rows), scored.gold].sum())

    for strength in (*decision.STRENGTHS, 10.0):
        layer = decision._fit(scored, "logistic", strength)
        ours = np.hstack([layer.weights, layer.biases[:, None]]).ravel()
        theirs = minimize(loss, np.eye(labels, labels + 1).ravel(), args=(strength,), method="BFGS", tol=1e-8)
        assert loss(ours, strength) <= theirs.fun + (1e-6 if labels <= decision.DENSE_LABELS else 1e-3)
        assert np.allclose(ours, theirs.x, atol=0.01)


def test_without_evidence_the_model_is_taken_at_its_word() -> None:
    scored = decision.Scored.of(LABELS, [({"a": 1.0, "b": 0.0, "c": 0.5}, "a")])
    layer = decision._fit(scored, "logistic", 1e-9)
    assert np.allclose(layer.weights, np.eye(3), atol=1e-6)


def test_a_reading_tells_how_likely_the_right_label_was() -> None:
    scored = biased(30)
    for reading, gold in zip(decision.cross_fitted(scored, seed=1), scored.gold, strict=True):
        assert 0 <= reading.right <= reading.confidence <= 1
        assert (reading.right == reading.confidence) == (reading.label == LABELS[gold])


def test_the_layer_that_makes_the_right_labels_likeliest_is_taken() -> None:
    """Hits alone cannot tell: the model names every label rightly, but says so far too timidly."""
    rows = [({label: (0.2 if label == gold else 0.0) for label in LABELS}, gold) for gold in LABELS * 20]
    scored = decision.Scored.of(LABELS, rows)
    assert decision.fit(scored, seed=1).method == "logistic"
    assert min(reading.right for reading in decision.cross_fitted(scored, seed=1)) > 0.45


def test_many_labels_that_the_model_mixes_up_are_told_apart() -> None:
    """The model says the neighbour of the right label: no bias mends that, weights do."""
    labels, rng = tuple(f"label {i}" for i in range(20)), np.random.default_rng(1)
    said = rng.normal(size=(100, 20)) + 4.0 * np.roll(np.tile(np.eye(20), (5, 1)), 1, axis=1)
    rows = [(dict(zip(labels, row.tolist(), strict=True)), label) for row, label in zip(said, labels * 5, strict=True)]
    scored = decision.Scored.of(labels, rows)
    assert decision.fit(scored, seed=1).method == "logistic"
    readings = decision.cross_fitted(scored, seed=1)
    assert np.mean([read.label == labels[gold] for read, gold in zip(readings, scored.gold, strict=True)]) > 0.8


def test_where_the_model_knows_nothing_of_many_labels_no_weights_are_made_up() -> None:
    labels = tuple(f"label {i}" for i in range(77))
    rng = np.random.default_rng(1)
    rows = [(dict(zip(labels, rng.normal(size=77).tolist(), strict=True)), label) for label in labels * 2]
    assert decision.fit(decision.Scored.of(labels, rows), seed=1).method in ("none", "prior")
