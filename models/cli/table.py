"""The comparison as text for a terminal."""

import math
import textwrap

import pandas as pd

from models.analysis.comparison import comparison_table
from models.analysis.comparison_columns import COLUMNS, spec_metric
from models.analysis.sweeps import axis_column, score_column, sweep_summary
from models.analysis.verdict import Verdict
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.sweep import SweepSpec

SHOWN = (
    "test_mean",
    "test_spread",
    "skill",
    "mase",
    "band_held",
    "hidden_size",
    "parameters",
    "learning_rate",
    "best_validation_loss",
    "best_update",
    "milliseconds_per_update",
    "horizon",
    "diverged",
    "unsolved",
)


def printed(result: ExperimentResult) -> str:
    """Return architectures and baselines as aligned columns, with dashes for missing values."""
    frame = comparison_table(result)
    headings = {name: COLUMNS[name].heading for name in SHOWN if frame[name].notna().any()}
    headings["test_mean"] = f"Test {score_heading(result.spec)}"
    cells = {"": frame["title"].tolist()}
    cells |= {
        heading: [_number(value, COLUMNS[name].digits) for value in frame[name]] for name, heading in headings.items()
    }
    return pd.DataFrame(cells).to_string(index=False, justify="right")


def score_heading(spec: ExperimentSpec) -> str:
    """Return the heading of the deciding metric, with the target of an own series: `RMSE, Close (USD)`."""
    heading = spec_metric(spec)[1].heading
    target = str(dict(spec.options).get("target", "")) if spec.dataset == "own_series" else ""
    if not target:
        return heading
    name, bracket, unit = heading.partition(" (")
    return f"{name}, {target}{bracket}{unit}"


def printed_verdict(verdict: Verdict) -> str:
    """Return the three layers of a verdict: headline, facts, details."""
    facts = [f"  - {fact}" for fact in verdict.facts]
    details = [textwrap.fill(f"{heading}: {text}", 110, subsequent_indent="  ") for heading, text in verdict.details]
    return "\n".join([verdict.headline, *facts, "", *details])


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e9 else f"{value:.{digits}g}"


def printed_sweep(spec: SweepSpec, frame: pd.DataFrame) -> str:
    """Return one line per run of a sweep: its settings and its score over repeats."""
    if frame.empty:
        return "No run has a result yet."
    score, summary = score_column(spec), sweep_summary(spec, frame)
    cells: dict[str, list[str]] = {
        axis_column(spec, name).heading: [str(value) for value in summary[name]] for name, _ in spec.axes
    }
    cells["Architecture"] = summary["title"].tolist()
    cells[f"Test {score.heading}, median"] = [_number(value, score.digits) for value in summary["median"]]
    cells["Spread"] = [_number(value, 2) for value in summary["spread"]]
    cells["Solved"] = ["-" if math.isnan(value) else f"{value:.0%}" for value in summary["solved"]]
    cells["Diverged"] = [f"{value:.0%}" for value in summary["diverged"]]
    return pd.DataFrame(cells).to_string(index=False, justify="right")
