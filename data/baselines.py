"""Naive predictors that any model should beat. They are computed from a task's arrays, so they also work for uploads."""

import numpy as np

from data.catalog import Baseline
from data.forecast_windows import same_season
from data.metrics import regression_metrics, task_metrics
from data.task import IGNORED, Array, Part, Scaler, TaskData

AR_ORDER = 9


def forecast_baselines(data: TaskData, *, horizon: int, season: int = 0, order: int = AR_ORDER) -> tuple[Baseline, ...]:
    """Score persistence, the seasonal naive forecast and a linear autoregression on the test part.

    Args:
        data: A task made by `data.forecast_windows.forecast_task`.
        horizon: Steps ahead, as in its plan.
        season: Rows of a season, 0 without one.
        order: Rows that the autoregression uses; fewer if the series is short.

    Returns:
        The baselines, scored in the data's unit. The seasonal one is left out where no season has been seen before the
        test part.
    """
    series, rows = target_series(data, horizon)
    truth = series[rows[:, None] + np.arange(horizon)]
    return tuple(
        Baseline(name=name, title=title, metrics=regression_metrics(guess, truth, data.unit))
        for (name, title), guess in _guesses(series, rows, horizon=horizon, season=season, order=order).items()
    )


def baseline_forecasts(
    data: TaskData, *, horizon: int, season: int = 0, order: int = AR_ORDER
) -> dict[tuple[str, str], tuple[Array, Array]]:
    """Return what naive predictors say of the test part and of the rows after the last one.

    Args:
        data: See `forecast_baselines`.
        horizon: Steps ahead.
        season: Rows of a season, 0 without one.
        order: Rows that the autoregression sees.

    Returns:
        (name, title) to errors `(N, O)` on the test part and values `(O,)` after the last row, both in the unit.
    """
    series, rows = target_series(data, horizon)
    truth = series[rows[:, None] + np.arange(horizon)]
    asked = np.append(rows, len(series))  # the last one is the first row that is not known
    found = _guesses(series, asked, horizon=horizon, season=season, order=order)
    return {
        named: ((guess[:-1] - truth).reshape(len(rows), -1), guess[-1].reshape(-1)) for named, guess in found.items()
    }


def _guesses(series: Array, rows: Array, *, horizon: int, season: int, order: int) -> dict[tuple[str, str], Array]:
    """Return (name, title) to forecasts `(N, horizon, C)` from rows; what is fitted is fitted before the first of them."""
    steps = np.arange(horizon)
    guesses = {("persistence", "Persistence: the last value"): series[same_season(rows, steps, 1)]}
    if season > 1 and same_season(rows, steps, season).min() >= 0:
        guesses["seasonal_naive", "Seasonal naive: the last value of the same season"] = series[
            same_season(rows, steps, season)
        ]
    order = min(order, int(rows[0]) // 3)
    if order >= 1:
        named = ("autoregression", f"AR({order}): linear, by least squares")
        guesses[named] = autoregression(series, rows, horizon, order)
    return guesses


def target_series(data: TaskData, horizon: int) -> tuple[Array, Array]:
    """Put the windows' targets back into one series.

    Returns:
        `(L, C)` values in the unit from the first target row to the last, and `(N,)` rows of the test samples' first
        targets. The rows before them are training and validation.
    """
    pieces = []
    for part in (data.train, data.validation, data.test):
        width = part.targets.shape[1] // horizon
        first_steps = _in_unit(data, part, slice(None), slice(width))
        last = _in_unit(data, part, slice(-1, None), slice(None)).reshape(horizon, width)
        pieces += [first_steps, last[1:]]
    series = np.concatenate(pieces)
    first = len(series) - len(data.test) - horizon + 1
    return series, np.arange(first, first + len(data.test))


def _in_unit(data: TaskData, part: Part, samples: slice, outputs: slice) -> Array:
    """Return some targets in the unit, without restoring them all."""
    restored: Array = part.targets[samples, outputs]
    if data.scaler is not None:
        restored = Scaler(mean=data.scaler.mean[outputs], std=data.scaler.std[outputs]).inverse(restored)
    return restored if part.base is None else part.base[samples, outputs] + restored


def autoregression(series: Array, rows: Array, horizon: int, order: int) -> Array:
    """Forecast each column from its own last values, linearly with an intercept, step after step.

    Args:
        series: `(L, C)` values.
        rows: `(N,)` rows to forecast from; the coefficients are fitted on all rows before the first.
        horizon: Steps ahead.
        order: Values seen.

    Returns:
        `(N, horizon, C)` forecasts.
    """
    columns = [_autoregression(series[:, index], rows, horizon, order) for index in range(series.shape[1])]
    return np.stack(columns, axis=-1)


def _autoregression(values: Array, rows: Array, horizon: int, order: int) -> Array:
    known = np.arange(order, rows[0])
    back = np.arange(-order, 0)
    design = np.column_stack([values[known[:, None] + back], np.ones(len(known))])
    weights = np.linalg.lstsq(design, values[known], rcond=None)[0]
    seen = values[rows[:, None] + back]
    for _ in range(horizon):
        forecast = seen[:, -order:] @ weights[:-1] + weights[-1]
        seen = np.column_stack([seen, forecast])
    return seen[:, order:]


def majority_baseline(data: TaskData) -> Baseline:
    """Score the training part's most frequent class on the test part."""
    answers = data.train.targets
    counts = np.bincount(answers[answers != IGNORED], minlength=data.output_size)
    guess = np.full_like(data.test.targets, counts.argmax())
    return class_baseline(data, guess, name="majority", title="Always the most frequent class")


def class_baseline(data: TaskData, guess: Array, *, name: str, title: str) -> Baseline:
    """Score guessed classes on the test part.

    Args:
        data: A task of the kind classification or labelling.
        guess: Class indices of the shape of the test targets.
        name: Name of the baseline.
        title: Name shown to a visitor.
    """
    outputs = np.eye(data.output_size, dtype=np.float32)[guess]
    return Baseline(name=name, title=title, metrics=task_metrics(data, data.test, outputs))
