"""Frames of a sweep: one row per run and seed, and the frames that charts and exports need. NumPy and pandas only."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.analysis.comparison_columns import Column, metric_column
from models.cells import get_cell
from models.records.sweep import SweepOutcome
from models.spec.deciding_metric import metric_of
from models.spec.link_query import OPTION_PREFIX
from models.spec.sweep import SweepSpec, sweepable

SWEEP_COLUMNS = (
    "architecture",
    "title",
    "hidden_units",
    "seed_value",
    "status",
    "score",
    "validation_loss",
    "final_validation_loss",
    "test_loss",
    "solved",
    "solved_update",
    "experiment",
)
SUMMARY_COLUMNS = ("architecture", "title", "seeds", "median", "mean", "spread", "solved", "diverged")


def sweep_frame(spec: SweepSpec, outcomes: Sequence[SweepOutcome]) -> pd.DataFrame:
    """Return the results of all finished runs.

    Args:
        spec: The sweep.
        outcomes: Its runs, from a `SweepView`.

    Returns:
        One row per run and seed: a column per axis with the axis's name, then `SWEEP_COLUMNS`. `seed_value` is the seed of
        the replica (the axis `seed` is the first seed of a run); `score` is the deciding metric on the test part, NaN for a
        diverged seed; `solved` says whether the seed met the solved criterion, None without one; `experiment` is the id of
        the experiment that has the run.
    """
    rows = [row for outcome in outcomes if outcome.result is not None for row in _rows(outcome)]
    columns = [*(name for name, _ in spec.axes), *SWEEP_COLUMNS]
    return pd.DataFrame(rows, columns=columns)


def _rows(outcome: SweepOutcome) -> list[dict[str, Any]]:
    result, run = outcome.result, outcome.run.run
    assert result is not None  # noqa: S101 - checked by the caller
    source, options = run.experiment.source(), run.experiment.dataset_options()
    metric, criterion = metric_of(run.experiment), source.solved(options)
    found = []
    for seed in result.seeds:
        diverged = seed.status == "diverged"
        score = float("nan") if diverged else seed.test_metrics.get(metric, float("nan"))
        reached = None
        if criterion is not None:
            reached = not diverged and criterion.reached(seed.test_metrics.get(criterion.metric, float("nan")))
        found.append(
            {
                **dict(outcome.run.values),
                "architecture": run.architecture,
                "title": get_cell(run.architecture).title,
                "hidden_units": run.hidden_size,
                "seed_value": seed.seed,
                "status": seed.status,
                "score": score,
                "validation_loss": seed.validation_loss,
                "final_validation_loss": float("nan") if diverged else seed.final_validation_loss,
                "test_loss": float("nan") if diverged else seed.test_loss,
                "solved": reached,
                "solved_update": seed.solved_update,
                "experiment": outcome.experiment,
            }
        )
    return found


def sweep_summary(spec: SweepSpec, frame: pd.DataFrame, value: str = "score") -> pd.DataFrame:
    """Return one row per run: a value over its seeds.

    Args:
        spec: The sweep.
        frame: A frame of `sweep_frame`.
        value: `score`, `validation_loss`, `final_validation_loss` or `test_loss`.

    Returns:
        A column per axis, then `SUMMARY_COLUMNS`: `median`, `mean` and `spread` over the seeds that did not diverge,
        `solved` and `diverged` as shares of all seeds.
    """
    keys = [*(name for name, _ in spec.axes), "architecture", "title"]
    values = frame[value].astype("float64")
    prepared = frame[keys].assign(
        value=values.where(np.isfinite(values)),
        solved=frame["solved"].map({True: 1.0, False: 0.0}).astype("float64"),
        diverged=(frame["status"] == "diverged").astype("float64"),
    )
    summary = prepared.groupby(keys, sort=False).agg(
        seeds=("value", "size"),
        median=("value", "median"),
        mean=("value", "mean"),
        spread=("value", "std"),
        solved=("solved", "mean"),
        diverged=("diverged", "mean"),
    )
    return summary.reset_index().reindex(columns=[*(name for name, _ in spec.axes), *SUMMARY_COLUMNS])


def axis_column(spec: SweepSpec, name: str) -> Column:
    """Describe an axis: its title, unit and help."""
    info = sweepable(spec.base)[name]
    return Column(title=info.label, unit=info.unit, help=info.help, provenance="setting")


def score_column(spec: SweepSpec) -> Column:
    """Describe the deciding metric of a sweep's task."""
    source, options = spec.base.source(), spec.base.dataset_options()
    return metric_column(metric_of(spec.base), higher_is_better=source.higher_is_better(options))


def described(spec: SweepSpec) -> str:
    """Say in words what varies: "Length (steps) 10, 20, 40 · LSTM and GRU"."""
    parts = []
    for name, values in spec.axes:
        caption = ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)
        parts.append(f"{axis_column(spec, name).heading} {caption}")
    parts.append(", ".join(get_cell(name).title for name in spec.base.architectures))
    return " · ".join(parts)


def short(name: str) -> str:
    """Return an axis's name without its prefix: `length` for `option.length`."""
    return name.removeprefix(OPTION_PREFIX)


LAG_COLUMNS = ("architecture", "title", "variant", "lag", "seed", "score", "solved")
REACH_COLUMNS = ("architecture", "title", "variant", "reach", "shortest", "longest")
MAP_COLUMNS = ("architecture", "title", "x", "y", "loss", "diverged", "seeds")


def lag_frame(spec: SweepSpec, frame: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Return scores against one axis; each combination of the other axes is a variant.

    Args:
        spec: The sweep.
        frame: A frame of `sweep_frame`.
        axis: Name of the axis with the lag.

    Returns:
        Columns `LAG_COLUMNS`; `variant` names the values of all other axes, empty if there are none.
    """
    others = [name for name, _ in spec.axes if name != axis]
    made = frame.drop(columns="seed", errors="ignore").rename(columns={axis: "lag", "seed_value": "seed"})
    labels = [[_value_text(spec, name, value) for value in frame[name]] for name in others]
    made["variant"] = [", ".join(parts) for parts in zip(*labels, strict=True)] if others else ""
    return made.reindex(columns=list(LAG_COLUMNS))


def _value_text(spec: SweepSpec, name: str, value: Any) -> str:
    info = sweepable(spec.base)[name]
    if info.kind == "choice":
        return dict(info.choices)[value]
    return f"{info.label.lower()} {value:g}" if info.kind in ("integer", "real") else f"{info.label.lower()} {value}"


def reach_frame(lags: pd.DataFrame) -> pd.DataFrame:
    """Return each architecture's reach: the largest lag up to which at least half of its repeats solve every lag.

    Args:
        lags: A frame of `lag_frame`.

    Returns:
        Columns `REACH_COLUMNS`; `reach` is NaN if the shortest lag is not solved, or the task has no criterion.
    """
    rows = []
    for (name, title, variant), own in lags.groupby(["architecture", "title", "variant"], sort=False):
        solved = own["solved"].map({True: 1.0, False: 0.0}).astype("float64")
        shares = solved.groupby(own["lag"]).mean().sort_index()
        reach = float("nan")
        for lag, share in shares.items():
            if not share >= 0.5:
                break
            reach = float(str(lag))
        rows.append((name, title, variant, reach, float(shares.index.min()), float(shares.index.max())))
    return pd.DataFrame(rows, columns=list(REACH_COLUMNS))


def map_frame(spec: SweepSpec, frame: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Return the median final validation loss over two axes.

    Args:
        spec: The sweep.
        frame: A frame of `sweep_frame`.
        x: Name of one axis.
        y: Name of the other.

    Returns:
        Columns `MAP_COLUMNS`, a row per cell of the complete map; `loss` is the median over the seeds that did not diverge,
        `diverged` the share that did; `seeds` is 0 if the run is not done.
    """
    summary = sweep_summary(spec, frame, "final_validation_loss")
    done = {(row["architecture"], row[x], row[y]): row for row in summary.to_dict("records")}
    nothing = {"median": np.nan, "diverged": np.nan, "seeds": 0}
    rows = []
    for name in spec.base.architectures:
        for place in [dict(point.values) for point in spec.points()]:
            cell = done.get((name, place[x], place[y]), nothing)
            known = (cell["median"], cell["diverged"], cell["seeds"])
            rows.append((name, get_cell(name).title, place[x], place[y], *known))
    return pd.DataFrame(rows, columns=list(MAP_COLUMNS))
