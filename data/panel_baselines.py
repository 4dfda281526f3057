"""Naive predictors of several series: each series by its own past, and one linear model over all of them."""

import numpy as np

from data.baselines import AR_ORDER, RIDGE, guesses, ridge_outputs, training_quantiles
from data.catalog import Baseline
from data.metrics import deciding_metric, quantile_metrics, series_metrics, series_scores, task_metrics
from data.task import Array, TaskData

_TITLES = {"autoregression": "AR: linear, by least squares, of each series"}


def panel_baselines(data: TaskData, *, horizon: int, season: int = 0, order: int = AR_ORDER) -> tuple[Baseline, ...]:
    """Score naive predictors on the test part; scores are means over series.

    Persistence, seasonal naive, drift and AR see one series at a time; ridge regression is one model for all, like the
    networks.

    Args:
        data: A task made by `data.panel_windows`.
        horizon: Steps ahead.
        season: Rows of a season, 0 without one.
        order: Rows that the autoregression sees.
    """
    truth = _truth(data, horizon)
    around = _all_quantiles(data, horizon=horizon, season=season, order=order)

    def score(name: str, guess: Array) -> dict[str, float]:
        if name in around:
            return quantile_metrics(data, data.test, guess + around[name])
        return series_metrics(data, data.test, guess, truth)

    scored = [
        Baseline(name=name, title=title, metrics=score(name, guess))
        for (name, title), guess in _all_guesses(data, horizon=horizon, season=season, order=order).items()
    ]
    return (*scored, Baseline(name="ridge", title=RIDGE, metrics=task_metrics(data, data.test, ridge_outputs(data))))


def best_baseline_by_series(
    data: TaskData, metric: str, *, horizon: int, season: int = 0
) -> dict[str, tuple[str, float]]:
    """Return, for each tested series, the title of its best naive predictor and its score; of quantiles the score of theirs."""
    truth, metric = _truth(data, horizon), deciding_metric(data, metric)
    around = _all_quantiles(data, horizon=horizon, season=season, order=AR_ORDER)
    found: dict[str, tuple[str, float]] = {}
    for (key, title), guess in _all_guesses(data, horizon=horizon, season=season, order=AR_ORDER).items():
        said = guess + around[key] if key in around else None
        if data.quantiles and said is None:
            continue
        for name, scores in series_scores(data, data.test, guess, truth, said=said).items():
            if name not in found or scores[metric] < found[name][1]:
                found[name] = (title, scores[metric])
    return found


def panel_baseline_forecasts(
    data: TaskData, *, horizon: int, season: int = 0, order: int = AR_ORDER
) -> dict[tuple[str, str], tuple[Array, Array]]:
    """Return naive predictors' errors on the test part and their forecasts of the rows after the last one of every series.

    Returns:
        (name, title) to errors `(N, O)` on the test part and values `(U,)` after the last rows, series after series, both in
        the unit; only predictors that every series has.
    """
    if data.upcoming is None or data.upcoming.series is None:
        return {}
    tested = _all_guesses(data, horizon=horizon, season=season, order=order)
    said: dict[tuple[str, str], list[Array]] = {}
    for number in data.upcoming.series:
        history = data.histories[number]
        next_row = np.array([len(history.values)])
        own = guesses(history.values, next_row, history.fitted, horizon=horizon, season=season, order=order)
        for (name, title), guess in own.items():
            said.setdefault((name, _TITLES.get(name, title)), []).append(guess.reshape(-1))
    truth, every = _truth(data, horizon), len(data.upcoming.series)
    return {
        named: (guess - truth, np.concatenate(said[named]))
        for named, guess in tested.items()
        if len(said.get(named, ())) == every
    }


def _all_quantiles(data: TaskData, *, horizon: int, season: int, order: int) -> dict[str, Array]:
    """Return the name of each predictor to `(Q, N, O)`: quantiles of its errors on the training rows of each sample's series.

    Empty where no quantiles are predicted; only predictors for which every tested series has enough training rows.
    """
    if not data.quantiles:
        return {}
    series, _ = _samples(data)
    tested, places = np.unique(series, return_inverse=True)
    each = [
        training_quantiles(one.values, one.fitted, horizon=horizon, season=season, order=order)
        for one in (data.histories[number] for number in tested)
    ]
    by_name = [{name: around for (name, _), around in found.items()} for found in each]
    common = set.intersection(*(set(found) for found in by_name))
    stacked = {name: np.stack([found[name] for found in by_name], axis=1) for name in common}  # (Q, S, horizon, C)
    return {name: values.reshape(*values.shape[:2], -1)[:, places] for name, values in stacked.items()}


def _truth(data: TaskData, horizon: int) -> Array:
    series, rows = _samples(data)
    return np.stack(
        [data.histories[one].values[row : row + horizon].reshape(-1) for one, row in zip(series, rows, strict=True)]
    )


def _samples(data: TaskData) -> tuple[Array, Array]:
    part = data.test
    if part.series is None or part.rows is None:
        raise ValueError("this task has one series")
    return part.series, part.rows


def _all_guesses(data: TaskData, *, horizon: int, season: int, order: int) -> dict[tuple[str, str], Array]:
    """Return (name, title) to forecasts `(N, O)` of the test samples, for predictors that every tested series has."""
    series, rows = _samples(data)
    found: dict[str, Array] = {}
    titles: dict[str, str] = {}
    tested = np.unique(series)
    seen: dict[str, int] = {}
    outputs = data.output_size
    for one in tested:
        history, places = data.histories[one], np.flatnonzero(series == one)
        said = guesses(history.values, rows[places], history.fitted, horizon=horizon, season=season, order=order)
        for (name, title), guess in said.items():
            titles[name] = _TITLES.get(name, title)
            found.setdefault(name, np.zeros((len(series), outputs)))[places] = guess.reshape(len(places), -1)
            seen[name] = seen.get(name, 0) + 1
    return {(name, titles[name]): guess for name, guess in found.items() if seen[name] == len(tested)}
