"""Frames of a comparison: one table with a row per architecture and baseline, and long-format curves.

Every column is a number or a name; titles, units and what they mean are in `comparison_columns`. Nothing here is
formatted: pages and exports do that.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from data.quantiles import BAND
from models.analysis.comparison_columns import COLUMNS, MEASURES, deciding_metric
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult, RunView

_BAND = f"coverage_{BAND}"  # the metric of predicted quantiles
BYTES_PER_WEIGHT = 4  # float32
CURVE_FRAME_COLUMNS = ("architecture", "title", "seed", "update", "seconds", "flops", "measure", "value")
BAND_FRAME_COLUMNS = ("architecture", "title", "measure", "update", "seconds", "flops", "mean", "low", "high", "seeds")


def comparison_table(result: ExperimentResult) -> pd.DataFrame:
    """Return one row per architecture, then one per baseline.

    Columns: `kind` (`architecture` or `baseline`), `name`, `title`, `kernel`, then every column of `COLUMNS`. Values
    that do not apply (a baseline's parameters, the spread of one seed) are NaN.
    """
    metric, _ = deciding_metric(result)
    rows = [_architecture_row(run, metric, _has_criterion(result)) | _relative(result, run) for run in result.runs]
    rows += [
        {
            "kind": "baseline",
            "name": title,
            "title": title,
            "kernel": "",
            "test_mean": metrics.get(metric, np.nan),
            "band_held": 100 * metrics.get(_BAND, np.nan),
        }
        for title, metrics in result.baselines.items()
    ]
    frame = pd.DataFrame(rows).reindex(columns=["kind", "name", "title", "kernel", *COLUMNS])
    return frame.astype(dict.fromkeys(COLUMNS, "float64"))


def _relative(result: ExperimentResult, run: RunResult) -> dict[str, float]:
    """Return a run's error against simple predictors, repeat by repeat: skill against the best one, and MASE."""
    metric, column = deciding_metric(result)
    sound = [seed.test_metrics for seed in run.seeds if seed.status != "diverged"]
    mase, held = ([metrics.get(name, np.nan) for metrics in sound] for name in ("mase", _BAND))
    skills = []
    for place, score in enumerate(run.test_scores(metric)):
        rivals = [values.get(metric, np.nan) for values in result.baselines_of(place).values()]
        best = min((value for value in rivals if np.isfinite(value)), default=0.0)
        if best > 0 and run.seeds[place].status != "diverged":
            skills.append(100 * (1 - float(score) / best))
    return {"skill": _mean(skills) if column.better == "low" else np.nan, "mase": _mean(mase)} | {
        "band_held": 100 * _mean(held)
    }


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
    """Return the finite test value of each seed; diverged seeds are left out and counted as failures elsewhere."""
    scores = zip(run.seeds, run.test_scores(metric), strict=True)
    return {seed.seed: float(value) for seed, value in scores if np.isfinite(value) and seed.status != "diverged"}


def spread(values: Iterable[float]) -> float:
    """Return the standard deviation over repeats (n - 1); NaN below two finite values."""
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
    """Return mean and standard deviation over repeats at each evaluation.

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
