"""What the charts of the Cost page contain."""

import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts import costs, scaling
from dashboard.charts.comparison_table import MARK
from dashboard.charts.cost_table import aligned, cost_table, difference, ordered
from models.analysis.costs import (
    COST_COLUMNS,
    MEASURED_COLUMNS,
    MEMORY,
    RATIO_COLUMNS,
    SCALING_COLUMNS,
    THEORY,
    TRAINING,
    CostSettings,
    cost_frame,
    measured_frame,
    memory_frame,
    parts_frame,
    ratio_frame,
    scaling_frame,
)
from tests.models.analysis.test_costs import measured_rows

SETTINGS = CostSettings(hidden_size=32, input_size=1, output_size=1)
NAMES = ("lstm", "gru", "rnn")


def cells(reference: str = "lstm") -> dict[str, list[str]]:
    """Return the texts of every column of the table by the first word of its heading."""
    table = cost_table(cost_frame(SETTINGS, NAMES), COST_COLUMNS, reference=reference).data[0]
    return dict(zip(table.header.values, (list(column) for column in table.cells.values), strict=True))


def test_table_marks_the_best_and_shows_differences_to_the_reference() -> None:
    """The LSTM is the reference and shows none; the GRU's parameters are a quarter fewer; the RNN's are best."""
    parameters = cells()["<b>Parameters</b>"]
    assert parameters[0] == "4\u202f513"
    assert "−25 %" in parameters[1]
    assert MARK in parameters[2]


def test_table_leaves_out_what_was_not_measured() -> None:
    """Without a measurement there are formulas only; with one there is its column."""
    assert not any("Update" in heading for heading in cells())
    measured = cost_frame(SETTINGS, NAMES, measured_rows(lstm=2.0, gru=1.0))
    headings = cost_table(measured, COST_COLUMNS).data[0].header.values
    assert any("Update" in heading for heading in headings)


def test_table_without_reference_shows_values_alone() -> None:
    """No row is compared with."""
    assert not any("%" in text for column in cells("").values() for text in column)


def test_ordered_puts_the_best_first_and_the_missing_last() -> None:
    """Sorted by time, the fastest leads and the one without a time ends."""
    frame = cost_frame(SETTINGS, NAMES, measured_rows(lstm=2.0, gru=1.0))
    assert ordered(frame, TRAINING, COST_COLUMNS)["name"].tolist() == ["gru", "lstm", "rnn"]


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [(75.0, 100.0, "−25 %"), (111.0, 100.0, "+11 %"), (1.0, 0.0, ""), (float("nan"), 1.0, "")],
)
def test_difference_is_in_percent_or_absent(value: float, base: float, expected: str) -> None:
    """No difference to nothing."""
    assert difference(value, base) == expected


def test_aligned_lines_have_one_width() -> None:
    """The shorter line is filled up at its left."""
    first, second = aligned("7.74", "−25 %")
    assert len(first) == len(second)
    assert first.strip("\u2007") == "7.74"


def test_alt_names_every_model_and_value() -> None:
    """The text alternative has the numbers."""
    text = cost_table(cost_frame(SETTINGS, NAMES), COST_COLUMNS).layout.meta
    assert "LSTM: Parameters 4\u202f513" in text
    assert "Update" not in text


@pytest.mark.parametrize("by", ["gate", "matrix"])
def test_parameter_bars_add_up_to_the_whole(by: str) -> None:
    """However they are cut, the pieces of each bar are all parameters."""
    frame = parts_frame(SETTINGS, NAMES)
    chart = costs.parameter_bars(frame, by=by)
    drawn = sum(sum(trace.x) for trace in chart.data if trace.showlegend is False)
    assert drawn == frame["count"].sum()
    assert chart.layout.title.text == f"Parameters by {by}"


def test_parameter_bars_by_gate_and_by_matrix_name_the_pieces() -> None:
    """Gates have their titles; matrices are told apart by what they multiply."""
    frame = parts_frame(SETTINGS, ("lstm",))
    assert {trace.name for trace in costs.parameter_bars(frame).data} >= {"Forget gate", "Head"}
    names = {trace.name for trace in costs.parameter_bars(frame, by="matrix").data}
    assert names == {"Input weights", "Recurrent weights", "Biases", "Head"}


def test_memory_bars_have_a_piece_per_kind() -> None:
    """Weights, gradients, optimiser and activations, in megabytes."""
    chart = costs.memory_bars(memory_frame(SETTINGS, NAMES))
    kinds = ["Weights", "Gradients", "Optimiser", "Activations"]
    assert [trace.name for trace in chart.data if trace.showlegend is False] == kinds
    assert [trace.name for trace in chart.data if trace.showlegend is not False] == kinds
    assert "MB" in chart.layout.xaxis.title.text


def test_measured_dots_have_a_row_per_kernel_with_quartiles() -> None:
    """Medians in the architecture's hue, quartiles as bars, a logarithmic axis with written-out marks."""
    chart = costs.measured_dots(measured_rows(lstm=2.0, gru=1.0), TRAINING, axis="Time (ms)")
    lstm = chart.data[0]
    assert list(lstm.y[1]) == ["ours (fused)", "stock PyTorch"]
    assert list(lstm.x) == [2.0, 4.0]
    assert list(lstm.error_x.array) == pytest.approx([0.4, 0.8])
    assert lstm.marker.color == theme.hue("lstm")
    assert chart.layout.xaxis.type == "log"
    assert "2" in chart.layout.xaxis.ticktext


def test_ratio_bars_group_by_source() -> None:
    """By formula and by each kernel, one bar per architecture."""
    chart = costs.ratio_bars(ratio_frame(SETTINGS, measured_rows(lstm=2.0, gru=1.0), "lstm"))
    assert list(chart.data[1].x) == [THEORY, "ours", "stock PyTorch"]
    assert list(chart.data[1].y) == pytest.approx([0.75, 0.5, 0.5], abs=1e-3)


def scaled() -> pd.DataFrame:
    """Return two points of a line for time and memory."""
    rows = [
        {
            "architecture": "gru",
            "hidden_size": hidden,
            "steps": 50,
            "kernel": "ours (fused)",
            "quantity": quantity,
            "median": hidden / 8.0,
            "low": hidden / 10.0,
            "high": hidden / 4.0,
            "rounds": 7,
        }
        for hidden in (8, 64)
        for quantity in (TRAINING, MEMORY)
    ]
    return scaling_frame(SETTINGS, measured_frame(rows))


def test_scaling_draws_points_over_the_theory_on_logarithmic_axes() -> None:
    """A dashed line by formula and measured points, both axes logarithmic, places written out."""
    chart = scaling.scaling(scaled(), TRAINING)
    theory, points = chart.data
    assert theory.line.dash == "dash"
    assert list(points.y) == [1.0, 8.0]
    assert theory.y[-1] == pytest.approx(points.y[-1])
    assert chart.layout.xaxis.type == chart.layout.yaxis.type == "log"
    assert list(chart.layout.xaxis.ticktext) == ["8", "64"]
    assert "8 at 64" in chart.layout.meta


@pytest.mark.parametrize(
    "chart",
    [
        lambda: costs.measured_dots(pd.DataFrame(columns=list(MEASURED_COLUMNS)), TRAINING, axis="Time (ms)"),
        lambda: costs.ratio_bars(pd.DataFrame(columns=list(RATIO_COLUMNS))),
        lambda: scaling.scaling(pd.DataFrame(columns=list(SCALING_COLUMNS)), MEMORY),
    ],
)
def test_charts_of_nothing_say_so(chart) -> None:
    """A titled figure with one sentence."""
    figure = chart()
    assert figure.layout.title.text
    assert figure.layout.annotations[0].text == "Nothing has been measured yet."


def test_charts_refuse_frames_without_their_columns() -> None:
    """The message names what is missing."""
    with pytest.raises(ValueError, match="`quantity`"):
        costs.measured_dots(pd.DataFrame(columns=["architecture"]), TRAINING, axis="Time (ms)")


def test_bars_bear_the_colours_of_their_architectures() -> None:
    """The first piece of each bar has its architecture's own colour, in the order of the rows."""
    chart = costs.memory_bars(memory_frame(SETTINGS, NAMES))
    assert list(chart.data[0].marker.color) == [theme.hue(name) for name in NAMES]
