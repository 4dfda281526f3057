"""Forecast the rows after the last one: each architecture's forecast, its interval, and how often such intervals held.

The forecast is the mean of the networks that were tested on the newest stretch of time, because those of older stretches
were not trained on the newest data (on the airline passengers the error of their mean on the newest stretch is 16.5, that
of the newest network 13.3; on sunspots both are equal). The widths of the intervals come from the errors of all repeats on
their own test stretches (`models.analysis.conformal`), separately for each step. NumPy and pandas; no torch. Axes: R
repeats, n test samples, O outputs (K steps of C targets).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from data.quantiles import MEDIAN, QUANTILES
from data.repeat_splits import MAX_STRETCHES
from data.task import Array, TaskData
from models.analysis.conformal import LEVELS, Coverage, half_width, held_out_coverage, offered_levels
from models.analysis.forecast_baseline import RIDGE_NAME, best_baseline_forecast
from models.analysis.forecast_errors import (
    DataOf,
    StretchErrors,
    by_series,
    quantile_coverage,
    run_errors,
    series_scales,
    speaking,
    stretches_of,
)
from models.analysis.forecast_history import asked_series, known_rows, naive_scale, series_names
from models.cells import get_cell
from models.cells.network import answer_network
from models.records.results import ExperimentResult, RunResult
from models.spec.repeats import repeat_data

COLUMNS = ("series", "time", "step", "architecture", "title", "mean")
ERROR_COLUMNS = ("series", "step", "architecture", "title", "rmse", "mae", "mase", "skill")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceForecast:
    """The forecast of one architecture, or of a naive predictor.

    Attributes:
        name: Name of the architecture or baseline.
        title: Name shown.
        mean: `(U,)` values in the data's unit.
        half_widths: Level to `(U,)`; only levels for which there are enough errors.
        coverage: Level to how often intervals held on stretches later than those that set their width; without points if
            there is only one stretch.
        networks: Number of networks in the mean; 0 for a naive predictor.
        errors: Number of test samples from which the widths are computed.
        rmse: `(U,)` root mean square error on those samples.
        mae: `(U,)` mean absolute error on those samples.
        quantiles: `(Q, U)` predicted quantiles, as the networks give them; None where they predict values.
        quantile_coverage: How many points of the test stretches lay between the outer quantiles; None without quantiles.
    """

    name: str
    title: str
    mean: Array
    half_widths: Mapping[float, Array]
    coverage: Mapping[float, Coverage]
    networks: int
    errors: int
    rmse: Array
    mae: Array
    quantiles: Array | None = None
    quantile_coverage: Coverage | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """The next steps of a series.

    Attributes:
        unit: Unit of the values.
        targets: `(U,)` target of each output.
        steps: `(U,)` steps ahead, from 1.
        times: `(U,)` positions on the time axis.
        sources: Architectures in the order of the experiment, then the best naive predictor.
        history: Columns `series`, `time`, `value`: the last known rows.
        naive: `(U,)` mean absolute error of the naive forecast on the training part, the scale of MASE; None if unknown.
        everything: Architecture to updates, if the networks that speak were trained on all rows; else empty. Widths, errors
            and coverage are then still those of the networks that were tested.
        trained_steps: Steps that the networks were trained to predict, if later ones come from predictions that were fed back; else 0.
    """

    unit: str
    targets: tuple[str, ...]
    steps: Array
    times: Array
    sources: tuple[SourceForecast, ...]
    history: pd.DataFrame
    naive: Array | None = None
    everything: Mapping[str, int] = field(default_factory=dict)
    trained_steps: int = 0

    def error_frame(self) -> pd.DataFrame:
        """Return errors on unseen data by steps ahead: `ERROR_COLUMNS`.

        `mase` is the mean absolute error divided by that of the naive forecast on the training part (Hyndman and Koehler
        2006); `skill` is 1 - RMSE / RMSE of the best naive predictor, NaN without one.
        """
        naive = next((source.rmse for source in self.sources if not source.networks), None)
        frames = [
            pd.DataFrame(
                {
                    "series": list(self.targets),
                    "step": self.steps.tolist(),
                    "architecture": source.name,
                    "title": source.title,
                    "rmse": source.rmse,
                    "mae": source.mae,
                    "mase": _ratio(source.mae, self.naive),
                    "skill": 1 - _ratio(source.rmse, naive),
                }
            )
            for source in self.sources
        ]
        return pd.concat(frames, ignore_index=True)[list(ERROR_COLUMNS)]

    def levels(self) -> tuple[float, ...]:
        """Return the levels, in percent, of the intervals that every source has."""
        return tuple(100 * level for level in LEVELS if all(level in source.half_widths for source in self.sources))

    def frame(self) -> pd.DataFrame:
        """Return one row per source, target and step: `COLUMNS`, and `lower_90`, `upper_90` and so on for offered levels.

        Where networks predict quantiles, `quantile_10`, `quantile_50` and `quantile_90` follow, NaN for a naive predictor.
        """
        return pd.concat([self._rows(source) for source in self.sources], ignore_index=True)

    def _rows(self, source: SourceForecast) -> pd.DataFrame:
        rows = {
            "series": list(self.targets),
            "time": self.times.tolist(),
            "step": self.steps.tolist(),
            "architecture": source.name,
            "title": source.title,
            "mean": source.mean,
        }
        if self.trained_steps:
            fed = bool(source.networks) or source.name == RIDGE_NAME
            rows["fed_back"] = (fed & (self.steps > self.trained_steps)).tolist()
        for level, width in source.half_widths.items():
            rows[f"lower_{level * 100:.0f}"] = source.mean - width
            rows[f"upper_{level * 100:.0f}"] = source.mean + width
        if source.quantiles is not None:
            rows |= {f"quantile_{level * 100:.0f}": own for level, own in zip(QUANTILES, source.quantiles, strict=True)}
        return pd.DataFrame(rows)


def _ratio(errors: Array, scale: Array | None) -> Array:
    """Return errors divided by a scale; NaN if the scale is missing or zero."""
    if scale is None:
        return np.full(len(errors), np.nan)
    known = scale > 0
    return np.where(known, errors / np.where(known, scale, 1), np.nan)


def forecast_result(result: ExperimentResult, content: bytes | None = None) -> Forecast | None:
    """Forecast the rows after the last one, with the data of a result loaded anew; see `make_forecast`.

    Args:
        result: A finished comparison.
        content: Bytes of the file that it was trained on, for datasets of the family `own`.

    Raises:
        DataError: If the file is missing.
    """
    return make_forecast(result, lru_cache(maxsize=MAX_STRETCHES)(partial(repeat_data, result.spec, content)))


def make_forecast(result: ExperimentResult, data_of: DataOf) -> Forecast | None:
    """Forecast the rows after the last one.

    Args:
        result: A finished comparison.
        data_of: Returns the data of a repeat; 0 has the newest stretch.

    Returns:
        The forecast, or None if the task does not forecast a series or there is no network.
    """
    newest = data_of(0)
    runs = [run for run in result.runs if run.weights and len(run.sample_indices)]
    if newest.upcoming is None or newest.upcoming.positions is None or not runs:
        return None
    sources = [_of_run(run, data_of, newest) for run in runs]
    stretches = [data_of(repeats[0]) for repeats in stretches_of(runs[0]).values()]
    if stretches and (naive := best_baseline_forecast(result, stretches)):
        sources.append(_source((naive.name, naive.title), naive.values, naive.errors, newest, networks=0))
    samples, outputs = newest.upcoming.targets.shape
    times = newest.upcoming.positions.reshape(samples, -1)
    columns = outputs // times.shape[1]
    return Forecast(
        unit=newest.unit,
        targets=series_names(newest, times.shape[1]),
        steps=np.tile(np.repeat(np.arange(1, times.shape[1] + 1), columns), samples),
        times=np.repeat(times, columns, axis=1).reshape(-1),
        sources=tuple(sources),
        history=known_rows(newest, times.shape[1], columns),
        naive=naive_scale(newest),
    )


def stretch_errors(run: RunResult, data_of: DataOf) -> list[Array]:
    """Return `(n, O)` errors that can be ranked together, on the test samples of each stretch of time, oldest first."""
    return [one.scaled for one in run_errors(run, data_of)]


def _of_run(run: RunResult, data_of: DataOf, newest: TaskData) -> SourceForecast:
    name = run.spec.architecture
    answers = [upcoming_answer(name, run.replica(repeat), data_of(repeat)) for repeat in speaking(run)]
    size = 0 if newest.upcoming is None else newest.upcoming.targets.size
    mean, quantiles = mean_answer(answers, size)
    source = _source((name, get_cell(name).title), mean, run_errors(run, data_of), newest, networks=len(answers))
    return replace(source, quantiles=quantiles, quantile_coverage=quantile_coverage(run, data_of))


def mean_answer(answers: Sequence[Array], size: int) -> tuple[Array, Array | None]:
    """Return the mean over networks of `upcoming_answer`: `(U,)` values or medians, and `(Q, U)` quantiles or None.

    Args:
        answers: One per network.
        size: U; without a network the values are NaN.
    """
    if not answers:
        return np.full(size, np.nan), None
    mean = np.mean(answers, axis=0)
    return (mean, None) if mean.ndim == 1 else (mean[MEDIAN], mean)


def _source(
    named: tuple[str, str], mean: Array, errors: Sequence[StretchErrors], newest: TaskData, *, networks: int
) -> SourceForecast:
    asked, outputs = asked_series(newest), newest.output_size
    scaled = [one.scaled for one in errors]
    pooled = np.concatenate(scaled) if scaled else np.empty((0, outputs))
    scales = series_scales(newest, outputs)[asked]
    widths = {level: half_width(pooled, level) for level in offered_levels(len(pooled))}
    unknown = np.full(len(asked) * outputs, np.nan)
    return SourceForecast(
        name=named[0],
        title=named[1],
        mean=mean,
        half_widths={level: (width * scales).reshape(-1) for level, width in widths.items() if width is not None},
        coverage={level: held_out_coverage(scaled, level) for level in widths},
        networks=networks,
        errors=len(pooled),
        rmse=by_series(errors, _root_mean_square, asked) if len(pooled) else unknown,
        mae=by_series(errors, _mean_absolute, asked) if len(pooled) else unknown,
    )


def _root_mean_square(errors: Array) -> Array:
    result: Array = np.sqrt(np.mean(errors**2, axis=0))
    return result


def _mean_absolute(errors: Array) -> Array:
    result: Array = np.mean(np.abs(errors), axis=0)
    return result


def upcoming_answer(architecture: str, weights: Mapping[str, Array], data: TaskData) -> Array:
    """Return `(U,)` a network's forecast of the rows after the last one, in the unit, series after series; `(Q, U)` quantiles."""
    part = data.upcoming
    if part is None:
        raise ValueError("this task does not forecast")
    outputs = answer_network(get_cell(architecture), weights, part.inputs, part.lengths, each_step=False)
    if data.quantiles:
        said = data.quantiles_in_unit(part, outputs)
        return said.reshape(len(said), -1)
    answer: Array = data.in_unit(part, outputs).reshape(-1)
    return answer
