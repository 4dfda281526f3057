"""Naive predictors that any model should beat. They are computed from a task's arrays, so they also work for uploads."""

from collections.abc import Callable
from functools import partial

import numpy as np

from data.catalog import Baseline
from data.forecast_answers import same_season
from data.metrics import quantile_metrics, regression_metrics, task_metrics
from data.quantiles import error_quantiles
from data.task import IGNORED, Array, Part, TaskData

AR_ORDER = 9
RIDGE = "Ridge: linear in the whole window"
MAX_RIDGE_INPUTS, MAX_RIDGE_SAMPLES = 600, 10_000
_FLAT_ROWS = 1_000  # windows written out in double precision at a time, at most 5 MB
MIN_ERRORS, MAX_ERRORS = 10, 2_000  # training forecasts whose errors give a naive predictor its quantiles
PENALTIES = np.geomspace(1e-8, 1.0, 17)  # as shares of the largest eigenvalue


def forecast_baselines(data: TaskData, *, horizon: int, season: int = 0, order: int = AR_ORDER) -> tuple[Baseline, ...]:
    """Score persistence, the seasonal naive forecast, drift, a linear autoregression and ridge regression on the test part.

    Whatever is fitted is fitted on the rows that networks train on; the penalty of the ridge regression is chosen on the
    validation part, as networks choose their best weights.

    Args:
        data: A task made by `data.forecast_windows.forecast_task`.
        horizon: Steps ahead, as in its plan.
        season: Rows of a season, 0 without one.
        order: Rows that the autoregression uses; fewer if the series is short.

    Returns:
        The baselines, scored in the data's unit; where quantiles are predicted, each with those of its errors on the training part
        added to its forecast. The seasonal one is left out where no season has been seen before the
        test part.
    """
    series, rows = target_series(data, horizon)
    truth = series[rows[:, None] + np.arange(horizon)]
    fitted = len(data.train) + horizon - 1
    found = guesses(series, rows, fitted, horizon=horizon, season=season, order=order)
    around = training_quantiles(series, fitted, horizon=horizon, season=season, order=order) if data.quantiles else {}

    def score(named: tuple[str, str], guess: Array) -> dict[str, float]:
        if named in around:
            said = guess + around[named][:, None]
            return quantile_metrics(data, data.test, said.reshape(*said.shape[:2], -1))
        return regression_metrics(guess, truth, data.unit, naive_errors=data.naive_errors)

    scored = [Baseline(name=named[0], title=named[1], metrics=score(named, guess)) for named, guess in found.items()]
    return (*scored, Baseline(name="ridge", title=RIDGE, metrics=task_metrics(data, data.test, ridge_outputs(data))))


def training_quantiles(
    series: Array, fitted: int, *, horizon: int, season: int, order: int
) -> dict[tuple[str, str], Array]:
    """Return (name, title) to `(Q, horizon, C)` quantiles of a naive predictor's errors, truth minus forecast, on the training rows.

    A predictor that has too few training rows before it to make `MIN_ERRORS` forecasts is left out.
    """
    found: dict[tuple[str, str], Array] = {}
    for first, own_season in ((1, 0), (season, season)) if season > 1 else ((1, 0),):
        rows = np.arange(max(first, min(order, fitted // 3)), fitted - horizon + 1)
        if len(rows) < MIN_ERRORS:
            continue
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MAX_ERRORS)).round().astype(int))]
        truth = series[rows[:, None] + np.arange(horizon)]
        made = guesses(series, rows, fitted, horizon=horizon, season=own_season, order=order)
        found = {named: error_quantiles(truth - guess) for named, guess in made.items()} | found
    return found


def ridge_outputs(data: TaskData) -> Array:
    """Return the outputs of the ridge regression for the test part: values, or quantiles where these are predicted."""
    fit = _fit_ridge(data)
    said = _ridge_answers(data.test.inputs, fit)
    if not data.quantiles:
        return said
    rows = np.unique(np.linspace(0, len(data.train) - 1, min(len(data.train), MAX_ERRORS)).round().astype(int))
    around = error_quantiles(np.asarray(data.train.targets[rows]) - _ridge_answers(data.train.inputs[rows], fit))
    return np.concatenate([said + one for one in around], axis=-1).astype(np.float32)


def baseline_forecasts(
    data: TaskData, *, horizon: int, season: int = 0, order: int = AR_ORDER, steps: int | None = None
) -> dict[tuple[str, str], tuple[Array, Array]]:
    """Return naive predictors' errors on the test part and their forecasts of the rows after the last one.

    Args:
        data: See `forecast_baselines`.
        horizon: Steps ahead that the networks are trained on.
        season: Rows of a season, 0 without one.
        order: Rows that the autoregression sees.
        steps: Steps that are forecast, from every place in the test part from which all of them end within it; None for `horizon`.

    Returns:
        (name, title) to errors `(N, O)` on the test part and values `(O,)` after the last row, both in the unit.
    """
    series, rows = target_series(data, horizon)
    count = steps or horizon
    rows = rows[0] + np.arange(len(series) - rows[0] - count + 1)
    truth = series[rows[:, None] + np.arange(count)]
    asked = np.append(rows, len(series))  # the last one is the first row that is not known
    fitted = len(data.train) + horizon - 1
    found = guesses(series, asked, fitted, horizon=count, season=season, order=order)
    return {
        named: ((guess[:-1] - truth).reshape(len(rows), -1), guess[-1].reshape(-1)) for named, guess in found.items()
    }


def guesses(
    series: Array, rows: Array, fitted: int, *, horizon: int, season: int, order: int
) -> dict[tuple[str, str], Array]:
    """Return (name, title) to forecasts `(N, horizon, C)` from rows; what is fitted is fitted on the first `fitted` rows."""
    steps = np.arange(horizon)
    found = {("persistence", "Persistence: the last value"): series[same_season(rows, steps, 1)]}
    if season > 1 and same_season(rows, steps, season).min() >= 0:
        found["seasonal_naive", "Seasonal naive: the last value of the same season"] = series[
            same_season(rows, steps, season)
        ]
    found["drift", "Drift: the last value and the mean change"] = drift(series, rows, horizon, fitted)
    order = min(order, fitted // 3)
    if order >= 1:
        named = ("autoregression", f"AR({order}): linear, by least squares")
        found[named] = autoregression(series, rows, horizon, order, fitted=fitted)
    return found


def drift(series: Array, rows: Array, horizon: int, fitted: int) -> Array:
    """Forecast the last value and the mean change per row of the training part, `(N, horizon, C)`."""
    change = (series[fitted - 1] - series[0]) / max(1, fitted - 1)
    forecasts: Array = series[rows - 1][:, None] + np.arange(1, horizon + 1)[:, None] * change
    return forecasts


def ridge(data: TaskData) -> Array:
    """Predict a regression linearly from all inputs of the window, with the penalty that validates best.

    Windows overlap, so written out they take many times the memory of the series; only `_FLAT_ROWS` are written out at once.

    Returns:
        `(N, O)` standardised outputs for the test part. Of long windows the newest `MAX_RIDGE_INPUTS` numbers are used, of
        many samples `MAX_RIDGE_SAMPLES` evenly spaced ones.
    """
    return ridge_model(data)(data.test.inputs)


def ridge_model(data: TaskData) -> Callable[[Array], Array]:
    """Fit the ridge regression; what is returned turns windows `(N, W, F)` into standardised outputs `(N, O)`."""
    return partial(_ridge_answers, fit=_fit_ridge(data))


def ridge_forecast(data: TaskData) -> tuple[Array, Array]:
    """Return the ridge regression's errors `(N, O)` on the test part and its `(U,)` forecast after the last rows, in the unit.

    Raises:
        ValueError: If the task does not forecast.
    """
    if data.upcoming is None:
        raise ValueError("this task does not forecast")
    model, test = ridge_model(data), data.test
    errors = data.in_unit(test, model(test.inputs)) - data.in_unit(test, np.asarray(test.targets))
    return errors, data.in_unit(data.upcoming, model(data.upcoming.inputs)).reshape(-1)


def _fit_ridge(data: TaskData) -> tuple[Array, Array, Array]:
    """Return the centre of the inputs, the mean of the targets, and the weights of the ridge regression."""
    count = len(data.train)
    chosen = np.unique(np.linspace(0, count - 1, min(count, MAX_RIDGE_SAMPLES)).round().astype(int))
    centre = sum(_flat(data.train.inputs, rows).sum(axis=0) for rows in _pieces(chosen)) / len(chosen)
    targets = data.train.targets
    level = np.asarray(targets[chosen], dtype=np.float64).mean(axis=0)
    squares, products = 0.0, 0.0
    for rows in _pieces(chosen):
        inputs = _flat(data.train.inputs, rows) - centre
        squares, products = squares + inputs.T @ inputs, products + inputs.T @ (targets[rows] - level)
    sizes, directions = np.linalg.eigh(squares)
    along, sizes = directions.T @ products, np.maximum(sizes, 0.0)
    penalties = PENALTIES * max(float(sizes.max()), 1e-12)
    errors = np.zeros(len(penalties))
    for rows in _pieces(np.arange(len(data.validation))):
        inputs, truth = (_flat(data.validation.inputs, rows) - centre) @ directions, data.validation.targets[rows]
        for index, penalty in enumerate(penalties):
            errors[index] += np.sum((level + (inputs / (sizes + penalty)) @ along - truth) ** 2)
    weights = directions @ (along / (sizes + penalties[errors.argmin()])[:, None])
    return np.asarray(centre), level, weights


def _ridge_answers(inputs: Array, fit: tuple[Array, Array, Array]) -> Array:
    """Return `(N, O)` standardised outputs for windows `(N, W, F)`."""
    centre, level, weights = fit
    pieces = (level + (_flat(inputs, piece) - centre) @ weights for piece in _pieces(np.arange(len(inputs))))
    return np.concatenate([piece.astype(np.float32) for piece in pieces])


def _pieces(rows: Array) -> list[Array]:
    return np.array_split(rows, -(-len(rows) // _FLAT_ROWS))


def _flat(inputs: Array, rows: Array) -> Array:
    """Return `(rows, inputs)`, the newest steps of some windows."""
    steps = max(1, min(inputs.shape[1], MAX_RIDGE_INPUTS // inputs.shape[2]))
    return np.asarray(inputs[rows, -steps:], dtype=np.float64).reshape(len(rows), -1)


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
    chosen = part.at(samples)
    return data.in_unit(chosen, chosen.targets[:, outputs], outputs)


def autoregression(series: Array, rows: Array, horizon: int, order: int, *, fitted: int | None = None) -> Array:
    """Forecast each column from its own last values, linearly with an intercept, step after step.

    Args:
        series: `(L, C)` values.
        rows: `(N,)` rows to forecast from.
        horizon: Steps ahead.
        order: Values seen.
        fitted: Rows from the first on that the coefficients are fitted on; None for all before the first forecast.

    Returns:
        `(N, horizon, C)` forecasts.
    """
    columns = [
        _autoregression(series[:, index], rows, order, (horizon, fitted or int(rows[0])))
        for index in range(series.shape[1])
    ]
    return np.stack(columns, axis=-1)


def _autoregression(values: Array, rows: Array, order: int, sizes: tuple[int, int]) -> Array:
    horizon, fitted = sizes
    known = np.arange(order, fitted)
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
