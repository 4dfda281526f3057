"""The series that are forecast: their names, their last rows, and their naive errors."""

import numpy as np
import pandas as pd

from data.task import Array, TaskData

HISTORY = 3  # horizons of the past that the chart shows, with at least `MIN_HISTORY` rows
MIN_HISTORY = 24


def asked_series(data: TaskData) -> Array:
    """Return `(N,)` numbers of the series that are forecast."""
    part = data.upcoming
    return np.zeros(1, dtype=np.int64) if part is None or part.series is None else part.series


def series_names(data: TaskData, steps: int) -> tuple[str, ...]:
    """Return the `(U,)` name of each value's series: its column, preceded by the series if there are several."""
    columns = [name.rpartition(",")[0] if steps > 1 else name for name in data.target_names]
    if not data.histories:
        return tuple(columns)
    several = len(set(columns)) > 1
    names = [data.histories[number].name for number in asked_series(data)]
    return tuple(f"{name}, {column}" if several else name for name in names for column in columns)


def naive_scale(data: TaskData) -> Array | None:
    """Return `(U,)` the naive errors within the training part, or None where they are unknown."""
    if not data.histories:
        return data.naive_errors
    return np.concatenate([data.histories[number].naive_errors for number in asked_series(data)])


def known_rows(data: TaskData, horizon: int, columns: int) -> pd.DataFrame:
    """Return the last known rows of the targets in long format: `series`, `time`, `value`.

    Args:
        data: The task.
        horizon: Steps ahead.
        columns: Targets.
    """
    most = max(MIN_HISTORY, HISTORY * horizon)
    names = list(dict.fromkeys(series_names(data, horizon)))
    frames = [pd.DataFrame(columns=["series", "time", "value"])]
    for index, (times, rows) in enumerate(_pieces(data, horizon, columns)):
        shown = names[index * columns : (index + 1) * columns]
        times, rows = times[-most:], rows[-most:]
        frames.append(
            pd.DataFrame({"series": shown * len(rows), "time": np.repeat(times, columns), "value": rows.reshape(-1)})
        )
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _pieces(data: TaskData, horizon: int, columns: int) -> list[tuple[Array, Array]]:
    """Return the time axis and the `(L, C)` values of every series that is forecast."""
    if data.histories:
        own = [data.histories[number] for number in asked_series(data)]
        return [(one.positions, one.values) for one in own if one.positions is not None]
    part = data.test
    values = data.in_unit(part, part.targets).reshape(len(part), horizon, columns)
    places = np.asarray(part.positions).reshape(len(part), horizon)
    return [(np.concatenate([places[:, 0], places[-1, 1:]]), np.concatenate([values[:, 0], values[-1, 1:]]))]
