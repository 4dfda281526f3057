"""What the comparison table contains."""

import math

import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts.comparison_table import MARK, OPTIONAL, SHOWN, best_row, comparison_table, number
from models.analysis.comparison_columns import COLUMNS, Column

METRIC = Column(title="RMSE", unit="sunspots", better="low", help="")


def frame() -> pd.DataFrame:
    """Return two architectures and a baseline."""
    nothing = dict.fromkeys(SHOWN, float("nan"))
    rows = [
        {
            **nothing,
            "kind": "architecture",
            "name": "lstm",
            "title": "LSTM",
            "test_mean": 16.3,
            "test_spread": 0.5,
            "parameters": 4513,
        },
        {
            **nothing,
            "kind": "architecture",
            "name": "gru",
            "title": "GRU",
            "test_mean": 15.9,
            "test_spread": 0.7,
            "parameters": 3393,
        },
        {
            **nothing,
            "kind": "baseline",
            "name": "Persistence",
            "title": "Persistence",
            "test_mean": 29.1,
            "test_spread": float("nan"),
        },
    ]
    return pd.DataFrame(rows)


def cells(name: str) -> list[str]:
    """Return the texts of a column."""
    shown = [column for column in SHOWN if column not in OPTIONAL]
    return list(comparison_table(frame(), METRIC, leader="gru").data[0].cells.values[1 + shown.index(name)])


def test_table_has_a_row_per_model_and_a_column_per_measure() -> None:
    """Architectures come bold and baselines italic, beside every column with its unit."""
    table = comparison_table(frame(), METRIC).data[0]
    assert list(table.cells.values[0]) == ["<b>LSTM</b>", "<b>GRU</b>", "<i>Persistence</i>"]
    assert len(table.cells.values) == len(table.header.values) == len(SHOWN) - len(OPTIONAL) + 1
    assert "Test RMSE" in table.header.values[1]
    assert "sunspots" in table.header.values[1]


def test_table_marks_the_shown_winner_by_more_than_colour() -> None:
    """The score that the verdict supports is starred, bold and tinted; a smaller size is none."""
    assert cells("test_mean") == ["16.3 ± 0.50", f"<b>{MARK}\u202f15.9 ± 0.70</b>", "29.1"]
    assert cells("parameters") == ["4\u202f513", "3\u202f393", "–"]
    fills = comparison_table(frame(), METRIC, leader="gru").data[0].cells.fill.color
    assert list(fills[1]) == [theme.CLEAR, theme.MARKED, theme.CLEAR]


def test_table_marks_no_score_without_a_claim() -> None:
    """A lower mean alone gets no star, and neither does anything else: no column names a winner that the verdict does not."""
    table = frame().assign(best_validation_loss=[1.0, 2.0, 3.0], milliseconds_per_update=[2.0, 1.0, 3.0])
    columns = comparison_table(table, METRIC).data[0].cells.values
    assert sum(MARK in text for column in columns for text in column) == 0


def test_table_shows_skill_where_there_is_one() -> None:
    """Columns of what only forecasts have appear with their first number."""
    headings = comparison_table(frame().assign(skill=[12.0, 14.0, math.nan]), METRIC).data[0].header.values
    assert any("Skill" in heading for heading in headings)
    assert not any("MASE" in heading for heading in headings)


def test_table_without_spread_shows_none() -> None:
    """One seed has no spread, and none is written."""
    alone = frame().assign(test_spread=float("nan"))
    assert comparison_table(alone, METRIC).data[0].cells.values[1][0] == "16.3"


def test_best_row_needs_a_better_end_and_two_different_values() -> None:
    """A setting has no best value, and neither have equal or lonely ones."""
    assert best_row(frame(), "test_mean", METRIC) == 1
    assert best_row(frame(), "test_mean", Column(title="accuracy", better="high", help="")) == 2
    assert best_row(frame(), "hidden_size", COLUMNS["hidden_size"]) is None
    assert best_row(frame().assign(parameters=7.0), "parameters", COLUMNS["parameters"]) is None
    assert best_row(frame().head(1), "parameters", COLUMNS["parameters"]) is None


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (4513, 9, "4\u202f513"),
        (0.28571, 3, "0.286"),
        (16.0, 3, "16"),
        (59395.6, 3, "59\u202f396"),
        (0.0035438, 3, "0.00354"),
        (0.0000035, 3, "3.50e-06"),
        (0, 3, "0"),
        (math.nan, 3, "–"),
        (-12.34, 3, "-12.3"),
        (145.5, 6, "145.5"),
    ],
)
def test_number_has_significant_digits_and_thin_spaces(value: float, digits: int, text: str) -> None:
    """Numbers read alike everywhere."""
    assert number(value, digits) == text


def test_alt_names_metric_and_values() -> None:
    """The text alternative has the deciding column."""
    told = comparison_table(frame(), METRIC).layout.meta
    assert told == "Test RMSE (sunspots): LSTM 16.30; GRU 15.90; Persistence 29.10."


def test_table_makes_foreign_names_harmless() -> None:
    """A name cannot bring markup into the figure."""
    hostile = frame().assign(title=["<img src=x>", "b", "c"])
    assert "<img" not in str(comparison_table(hostile, METRIC).data[0].cells.values)


def test_horizon_is_written_as_in_its_sentence() -> None:
    """A median of 16.5 steps is "16.5" in the table, as beside the chart, and not "16.50"."""
    assert number(16.5, COLUMNS["horizon"].digits) == f"{16.5:.3g}"
