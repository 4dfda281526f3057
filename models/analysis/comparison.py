"""Frames of a comparison: one table with a row per architecture and baseline, and long-format curves.

Every column is a number or a name; titles, units and what they mean are in `COLUMNS` and `MEASURES`. Nothing here is
formatted: that is a page's business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult, RunView
from models.spec.experiment_settings import ExperimentSpec

BYTES_PER_WEIGHT = 4  # float32
CURVE_FRAME_COLUMNS = ("architecture", "title", "seed", "update", "seconds", "flops", "measure", "value")
BAND_FRAME_COLUMNS = ("architecture", "title", "measure", "update", "seconds", "flops", "mean", "low", "high", "seeds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How to head and read a numeric column.

    Attributes:
        title: Heading without the unit.
        unit: Unit, empty for a plain number.
        help: What it is and where it comes from, one sentence.
        better: Which end is the better one, or None where there is none.
        digits: Significant digits worth showing.
        provenance: `measured` in this run, computed by `formula`, or chosen as a `setting`.
    """

    title: str
    help: str
    unit: str = ""
    better: Literal["low", "high"] | None = None
    digits: int = 3
    provenance: Literal["measured", "formula", "setting"] = "measured"

    @property
    def heading(self) -> str:
        """Return title and unit: `Weights (kB)`."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


MEASURES: Mapping[str, Column] = {
    "training_loss": Column(title="Training loss", better="low", help="Average loss over the latest training batches."),
    "validation_loss": Column(title="Validation loss", better="low", help="Loss on the validation part."),
    "metric": Column(title="Validation metric", help="The deciding metric on the validation part."),
    "gradient_norm": Column(title="Gradient norm", help="Length of the gradient before clipping."),
}
AXES: Mapping[str, Column] = {
    "update": Column(title="Updates", help="Steps of the optimiser.", digits=6, provenance="formula"),
    "seconds": Column(title="Training time", unit="s", help="Seconds of training, evaluation left out."),
    "flops": Column(
        title="Training cost",
        unit="FLOPs per seed",
        help="Floating-point operations of the matrix products of all updates so far, by formula.",
        provenance="formula",
    ),
}
COLUMNS: Mapping[str, Column] = {
    "test_mean": Column(
        title="Test", help="Mean over seeds, on the test part, of the weights with the best validation loss."
    ),
    "test_spread": Column(title="Spread", help="Standard deviation over seeds; there is none for one seed."),
    "skill": Column(
        title="Skill",
        unit="%",
        help="How much smaller the error is than the best simple predictor's, mean over seeds; below zero it is larger.",
    ),
    "mase": Column(
        title="MASE",
        help="Mean absolute error over the mean step between neighbouring training values (Hyndman and Koehler 2006).",
    ),
    "hidden_size": Column(
        title="Hidden size", unit="units", digits=4, provenance="setting", help="Units of each recurrent layer."
    ),
    "parameters": Column(
        title="Parameters",
        better="low",
        digits=9,
        provenance="formula",
        help="Trainable numbers of one network, head included.",
    ),
    "weights_kilobytes": Column(
        title="Weights", unit="kB", better="low", provenance="formula", help="The trainable numbers as 32-bit floats."
    ),
    "updates": Column(
        title="Updates", digits=6, provenance="setting", help="Steps of the optimiser that were allowed."
    ),
    "learning_rate": Column(title="Learning rate", provenance="setting", help="The chosen one, or the search's best."),
    "best_validation_loss": Column(
        title="Best validation loss", better="low", help="Lowest validation loss of each seed, mean over seeds."
    ),
    "best_update": Column(
        title="... at update", digits=6, help="Update of the lowest validation loss, median over seeds."
    ),
    "final_validation_loss": Column(
        title="Final validation loss", better="low", help="Validation loss at the last evaluation, mean over seeds."
    ),
    "solved_update": Column(
        title="Solved at update",
        better="low",
        digits=6,
        help="Median over seeds; none if half of them never solved it.",
    ),
    "milliseconds_per_update": Column(
        title="Training", unit="ms per update", better="low", help="Median time of one update of all seeds together."
    ),
    "sequences_per_second": Column(
        title="Training speed",
        unit="sequences/s",
        better="high",
        help="Sequences learned from per second, all seeds together.",
    ),
    "inference_milliseconds": Column(
        title="Inference", unit="ms per sequence", better="low", help="Time for the answer to one whole sequence."
    ),
    "horizon": Column(
        title="Gradient horizon",
        unit="steps",
        digits=4,
        help="How many steps back from the end the gradient of the trained network stays above 1 % of its largest norm; "
        "median over seeds.",
    ),
    "seeds": Column(title="Seeds", digits=3, provenance="setting", help="Independent trainings."),
    "diverged": Column(
        title="Diverged", better="low", digits=3, help="Seeds whose loss became infinite or not a number."
    ),
    "unsolved": Column(
        title="Not solved",
        better="low",
        digits=3,
        help="Seeds that never met the task's solved criterion, where it has one.",
    ),
}


def metric_column(name: str, *, higher_is_better: bool) -> Column:
    """Describe a metric by its name: `rmse_degrees_celsius` is headed "RMSE (degrees celsius)"."""
    kind, _, unit = name.partition("_")
    if name == "bits_per_character":
        kind, unit = "bits per character", ""
    title = {"rmse": "RMSE", "mae": "MAE"}.get(kind, kind.replace("_", " ").capitalize())
    return Column(
        title=title,
        unit=unit.replace("_", " "),
        better="high" if higher_is_better else "low",
        help="Measured on the test part with the weights of the best validation loss.",
    )


def deciding_metric(result: ExperimentResult) -> tuple[str, Column]:
    """Return the metric that decides a comparison, and how to read it."""
    return spec_metric(result.spec)


def spec_metric(spec: ExperimentSpec) -> tuple[str, Column]:
    """Return the metric that will decide an experiment, and how to read it."""
    source, options = spec.source(), spec.dataset_options()
    name = source.metric(options)
    return name, metric_column(name, higher_is_better=source.higher_is_better(options))


def is_share(metric: str) -> bool:
    """Return whether a metric is a share between 0 and 1, by its name."""
    return "accuracy" in metric


def comparison_table(result: ExperimentResult) -> pd.DataFrame:
    """Return one row per architecture, then one per baseline.

    Columns: `kind` (`architecture` or `baseline`), `name`, `title`, `kernel`, then every column of `COLUMNS`. What
    does not apply (a baseline's parameters, the spread of one seed) is NaN.
    """
    metric, _ = deciding_metric(result)
    rows = [_architecture_row(run, metric, _has_criterion(result)) | _relative(result, run) for run in result.runs]
    rows += [
        {"kind": "baseline", "name": title, "title": title, "kernel": "", "test_mean": metrics.get(metric, np.nan)}
        for title, metrics in result.baselines.items()
    ]
    frame = pd.DataFrame(rows).reindex(columns=["kind", "name", "title", "kernel", *COLUMNS])
    return frame.astype(dict.fromkeys(COLUMNS, "float64"))


def _relative(result: ExperimentResult, run: RunResult) -> dict[str, float]:
    """Return a run's error against simple predictors, repeat by repeat: skill against the best one, and MASE."""
    metric, column = deciding_metric(result)
    mase = [seed.test_metrics.get("mase", np.nan) for seed in run.seeds if seed.status != "diverged"]
    skills = []
    for place, score in enumerate(run.test_scores(metric)):
        rivals = [values.get(metric, np.nan) for values in result.baselines_of(place).values()]
        best = min((value for value in rivals if np.isfinite(value)), default=0.0)
        if best > 0 and run.seeds[place].status != "diverged":
            skills.append(100 * (1 - float(score) / best))
    return {"skill": _mean(skills) if column.better == "low" else np.nan, "mase": _mean(mase)}


def _has_criterion(result: ExperimentResult) -> bool:
    return result.spec.source().solved(result.spec.dataset_options()) is not None


def _architecture_row(run: RunResult, metric: str, has_criterion: bool) -> dict[str, object]:
    scores = list(sound_scores(run, metric).values())
    solved = [seed.solved_update for seed in run.seeds]
    return {
        "kind": "architecture",
        "name": run.spec.architecture,
        "title": get_cell(run.spec.architecture).title,
        "kernel": run.kernel,
        "test_mean": _mean(scores),
        "test_spread": spread(scores),
        "hidden_size": run.spec.hidden_size,
        "parameters": run.parameters,
        "weights_kilobytes": run.parameters * BYTES_PER_WEIGHT / 1000,
        "updates": run.spec.updates,
        "learning_rate": run.spec.learning_rate,
        "best_validation_loss": _mean([seed.validation_loss for seed in run.seeds]),
        "best_update": float(np.median([seed.best_update for seed in run.seeds])) if run.seeds else np.nan,
        "final_validation_loss": _mean([seed.final_validation_loss for seed in run.seeds]),
        "solved_update": median_time(solved) if has_criterion else np.nan,
        "milliseconds_per_update": run.cost.get("milliseconds_per_update", np.nan),
        "sequences_per_second": run.cost.get("sequences_per_second", np.nan),
        "inference_milliseconds": run.cost.get("inference_milliseconds_per_sequence", np.nan),
        "horizon": _median(run.gradient_flow.get("trained_horizon", ())),
        "seeds": len(run.seeds),
        "diverged": sum(seed.status == "diverged" for seed in run.seeds),
        "unsolved": sum(update is None for update in solved) if has_criterion else np.nan,
    }


def sound_scores(run: RunResult, metric: str) -> dict[int, float]:
    """Return seed to finite test value; a diverged seed counts as a failure and nowhere else."""
    scores = zip(run.seeds, run.test_scores(metric), strict=True)
    return {seed.seed: float(value) for seed, value in scores if np.isfinite(value) and seed.status != "diverged"}


def spread(values: Iterable[float]) -> float:
    """Return the standard deviation over seeds (n - 1), NaN below two finite values: one seed has no spread."""
    finite = _finite(values)
    return float(np.std(finite, ddof=1)) if len(finite) > 1 else float("nan")


def median_time(times: Iterable[float | None]) -> float:
    """Return the median of times of which None means "not within the budget"; NaN if half or more are None."""
    ordered = np.sort(np.array([np.inf if time is None else time for time in times], dtype=np.float64))
    if not len(ordered) or not np.isfinite(ordered[len(ordered) // 2]):
        return float("nan")
    return float(np.median(ordered))


def _mean(values: Iterable[float]) -> float:
    finite = _finite(values)
    return float(np.mean(finite)) if len(finite) else float("nan")


def _median(values: Iterable[float]) -> float:
    finite = _finite(values)
    return float(np.median(finite)) if len(finite) else float("nan")


def _finite(values: Iterable[float]) -> np.ndarray:
    array = np.asarray(list(values), dtype=np.float64)
    return array[np.isfinite(array)]


def curve_frame(
    runs: Iterable[RunResult | RunView], flops_per_update: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the curves of several runs, finished or not, in long format.

    Args:
        runs: Results or views.
        flops_per_update: Architecture to FLOPs of one update of one seed; without it the column is NaN.

    Returns:
        Columns `CURVE_FRAME_COLUMNS`; `measure` is a key of `MEASURES`. Values that are not finite are left out.
    """
    parts = [_curves_of(run, (flops_per_update or {}).get(run.spec.architecture, np.nan)) for run in runs]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(CURVE_FRAME_COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _curves_of(run: RunResult | RunView, flops_per_update: float) -> pd.DataFrame:
    wide = pd.DataFrame({name: np.asarray(values) for name, values in run.curves.items()})
    if wide.empty:
        return wide
    wide = wide.astype({"seed": "int64", "update": "int64"})
    wide["flops"] = wide["update"] * flops_per_update
    long: pd.DataFrame = wide.melt(
        ["seed", "update", "seconds", "flops"], list(MEASURES), var_name="measure", value_name="value"
    )
    long = long.loc[np.isfinite(long["value"])]
    long.insert(0, "architecture", run.spec.architecture)
    long.insert(1, "title", get_cell(run.spec.architecture).title)
    return long.reindex(columns=list(CURVE_FRAME_COLUMNS))


def band_frame(curves: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation over seeds at each evaluation.

    Args:
        curves: A frame of `curve_frame`.

    Returns:
        Columns `BAND_FRAME_COLUMNS`, sorted by architecture (in the order of `curves`), measure and update. `low` and
        `high` are one standard deviation around the mean, NaN where only one seed was still training; `seeds` counts
        them.
    """
    if curves.empty:
        return pd.DataFrame(columns=list(BAND_FRAME_COLUMNS))
    keys = ["architecture", "title", "measure", "update"]
    groups = curves.groupby(keys, sort=False)
    frame: pd.DataFrame = groups.agg(
        seconds=("seconds", "mean"),
        flops=("flops", "mean"),
        mean=("value", "mean"),
        deviation=("value", "std"),
        seeds=("value", "size"),
    ).reset_index()
    frame["low"], frame["high"] = frame["mean"] - frame["deviation"], frame["mean"] + frame["deviation"]
    return frame.reindex(columns=list(BAND_FRAME_COLUMNS))
