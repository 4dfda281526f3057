"""The comparison as text for a terminal."""

import math

import pandas as pd

from models.analysis.comparison import COLUMNS, comparison_table, deciding_metric
from models.experiments.results import ExperimentResult

SHOWN = (
    "test_mean",
    "test_spread",
    "hidden_size",
    "parameters",
    "best_validation_loss",
    "best_update",
    "milliseconds_per_update",
    "diverged",
    "unsolved",
)


def printed(result: ExperimentResult) -> str:
    """Return architectures and baselines as aligned columns; what does not apply is a dash."""
    frame = comparison_table(result)
    headings = {name: COLUMNS[name].heading for name in SHOWN}
    headings["test_mean"] = f"Test {deciding_metric(result)[1].heading}"
    cells = {"": frame["title"].tolist()}
    cells |= {
        heading: [_number(value, COLUMNS[name].digits) for value in frame[name]] for name, heading in headings.items()
    }
    return pd.DataFrame(cells).to_string(index=False, justify="right")


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e9 else f"{value:.{digits}g}"
