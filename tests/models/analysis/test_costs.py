"""Frames of the Cost page."""

import numpy as np
import pandas as pd
import pytest

from data.errors import InvalidSpecError
from models.analysis.costs import (
    COST_COLUMNS,
    HIDDEN_POINTS,
    LENGTH_POINTS,
    MEASURED_COLUMNS,
    MEMORY,
    RATIO_COLUMNS,
    SCALING_COLUMNS,
    THEORY,
    TRAINING,
    CostSettings,
    cost_frame,
    explanation,
    measured_frame,
    memory_frame,
    parts_frame,
    ratio_frame,
    scaling_frame,
    scaling_points,
)
from models.cells import architectures

SETTINGS = CostSettings(hidden_size=32, input_size=1, output_size=1)
NAMES = ("lstm", "gru", "rnn")


def measured_rows(**medians: float) -> pd.DataFrame:
    """Return update times of our and of the stock kernel; the stock one takes twice as long."""
    rows = [
        {
            "architecture": name,
            "hidden_size": 32,
            "steps": 50,
            "kernel": kernel,
            "quantity": TRAINING,
            "median": value * factor,
            "low": value * factor * 0.9,
            "high": value * factor * 1.2,
            "rounds": 9,
        }
        for kernel, factor in (("ours (fused)", 1.0), ("stock PyTorch", 2.0))
        for name, value in medians.items()
    ]
    return measured_frame(rows)


def test_cost_frame_holds_the_known_parameter_counts() -> None:
    """LSTM 32 with one input has 4,480 parameters in its layer and 33 in its head; the GRU's layer has 3,360."""
    frame = cost_frame(SETTINGS, NAMES)
    assert frame["parameters"].tolist() == [4480 + 33, 3360 + 33, 1120 + 33]
    assert frame[TRAINING].isna().all()
    assert list(frame.columns) == ["name", "title", *COST_COLUMNS]


def test_cost_frame_takes_our_kernels_median() -> None:
    """What was measured with our kernel stands beside the formulas."""
    frame = cost_frame(SETTINGS, NAMES, measured_rows(lstm=1.5, gru=1.0))
    assert frame[TRAINING].tolist() == pytest.approx([1.5, 1.0, np.nan], nan_ok=True)


def test_parts_and_memory_add_up_to_the_whole() -> None:
    """Gates, matrices, encoder and head are every parameter; weights and gradients are equal."""
    names = tuple(architectures())
    frame = cost_frame(SETTINGS, names)
    parts = parts_frame(SETTINGS, names).groupby("architecture", sort=False)["count"].sum()
    assert parts.tolist() == frame["parameters"].tolist()
    memory = memory_frame(SETTINGS, names).pivot(index="architecture", columns="kind", values="megabytes")
    assert memory["Weights"].tolist() == memory["Gradients"].tolist()
    assert (memory["Optimiser"] == 2 * memory["Weights"]).all()


def test_ratio_frame_has_theory_and_kernels_against_the_reference() -> None:
    """The GRU has three quarters of the LSTM's FLOPs in its layer, and what was measured beside it."""
    ratios = ratio_frame(SETTINGS, measured_rows(lstm=2.0, gru=1.8), "lstm")
    assert tuple(ratios.columns) == RATIO_COLUMNS
    found = ratios.set_index(["source", "title"])["ratio"]
    assert found[THEORY, "GRU"] == pytest.approx(0.75, abs=0.001)
    assert found["ours", "GRU"] == found["stock PyTorch", "GRU"] == pytest.approx(0.9)
    assert (found[:, "LSTM"] == 1).all()


def test_explanation_names_theory_and_measurement() -> None:
    """Both ratios and the reason for their gap are in the sentence; without measurements there is none."""
    text = explanation(ratio_frame(SETTINGS, measured_rows(lstm=2.0, gru=1.8), "lstm"))
    assert "GRU 0.75 by formula, measured: ours 0.90, stock PyTorch 0.90" in text
    assert "one fused kernel" in text
    assert explanation(pd.DataFrame(columns=list(RATIO_COLUMNS))) == ""


def test_scaling_frame_puts_theory_beside_every_point() -> None:
    """Memory's theory is the formula; time's grows as FLOPs and meets the last point of each line."""
    rows = [
        {
            "architecture": size["architecture"],
            "hidden_size": size["hidden_size"],
            "steps": steps,
            "kernel": "ours (fused)",
            "quantity": quantity,
            "median": 1.0 + size["hidden_size"] * steps,
            "low": 1.0,
            "high": 2.0,
            "rounds": 3,
        }
        for size, steps in scaling_points(SETTINGS, NAMES)
        for quantity in (TRAINING, MEMORY)
    ]
    frame = scaling_frame(SETTINGS, measured_frame(rows))
    assert tuple(frame.columns) == SCALING_COLUMNS
    lstm = frame[(frame["architecture"] == "lstm") & (frame["quantity"] == TRAINING)]
    for axis, places in (("hidden_size", HIDDEN_POINTS), ("steps", LENGTH_POINTS)):
        line = lstm[lstm["axis"] == axis]
        assert line["x"].tolist() == list(places)
        assert line["theory"].iloc[-1] == pytest.approx(line["median"].iloc[-1])
    memory = frame[(frame["quantity"] == MEMORY) & (frame["axis"] == "steps")]
    growth = memory.groupby("architecture")["theory"].agg(lambda values: values.iloc[-1] / values.iloc[0])
    assert growth.between(5, 20).all()


def test_measured_frame_of_nothing_keeps_its_columns() -> None:
    """No rows, and charts still find their columns."""
    assert tuple(measured_frame([]).columns) == MEASURED_COLUMNS


def test_cost_settings_refuse_what_is_out_of_bounds() -> None:
    """Bounds are those of the fields."""
    with pytest.raises(InvalidSpecError, match="`hidden_size` must be a whole number from 1 to 256"):
        CostSettings(hidden_size=0)
