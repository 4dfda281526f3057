"""Frames of gradient flow."""

import numpy as np

from models.analysis.gradient_frames import (
    FLOW_COLUMNS,
    HORIZON_COLUMNS,
    flow_frame,
    fresh_flows,
    horizon_frame,
    horizon_sentences,
    typical_frame,
)

FLOW = {
    "initial_hidden": np.array([[0.25, 0.5, 1.0], [1.0, 2.0, 4.0]]),
    "initial_kept": np.array([[0.1, 0.5, 1.0], [0.4, 0.5, 1.0]]),
    "initial_horizon": np.array([2.0, 1.0]),
    "trained_hidden": np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]),
    "trained_horizon": np.array([2.0, np.nan]),
}


def test_flow_counts_distance_from_the_end() -> None:
    """The last step has distance 0, and shares are of each line's own maximum."""
    frame = flow_frame({"lstm": FLOW}, (7, 8))
    assert list(frame.columns) == list(FLOW_COLUMNS)
    own = frame[(frame["moment"] == "initial") & (frame["quantity"] == "hidden") & (frame["seed"] == 8)]
    assert own["distance"].tolist() == [2, 1, 0]
    assert own["norm"].tolist() == [1.0, 2.0, 4.0]
    assert own["relative"].tolist() == [0.25, 0.5, 1.0]
    assert set(frame["quantity"]) == {"hidden", "kept"}
    assert flow_frame({}, ()).empty


def test_typical_line_is_the_geometric_mean_over_seeds() -> None:
    """Norms span decades, so their logarithms are averaged."""
    frame = flow_frame({"lstm": FLOW}, (7, 8))
    typical = typical_frame(frame[(frame["quantity"] == "hidden") & (frame["moment"] == "initial")], "norm")
    np.testing.assert_allclose(typical.sort_values("distance")["norm"], [2.0, 1.0, 0.5])


def test_horizons_are_told_in_words() -> None:
    """Median over seeds; the whole length is said to be the whole length."""
    frame = horizon_frame({"lstm": FLOW}, (7, 8))
    assert list(frame.columns) == list(HORIZON_COLUMNS)
    assert horizon_sentences(frame) == ["LSTM: 1.5 of 2 steps before training, all 2 steps after training"]


def test_fresh_networks_are_before_training() -> None:
    """What a worker measured of them is named as results name it."""
    flows = fresh_flows({"gru": {"hidden": np.ones((1, 2)), "horizon": np.ones(1)}})
    assert horizon_sentences(horizon_frame(flows, (0,))) == ["GRU: all 1 steps before training"]
