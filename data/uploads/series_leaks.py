"""Warn of inputs that leak the target of a series."""

import numpy as np

from data.task import Array
from data.uploads.series_rows import Rows
from data.uploads.table import shown_name

_COPY = 0.9999  # two columns with this correlation are the same quantity in another unit


def leaks(rows: Rows, horizon: int) -> tuple[str, ...]:
    """Warn of inputs that leak the target.

    Args:
        rows: The series.
        horizon: Steps ahead; a column that leads the target by this much leaks it.
    """
    found = []
    for target in rows.targets:
        answer = rows.values[:, rows.columns.index(target)]
        for name in rows.inputs:
            if name in rows.targets:
                continue
            values = rows.values[:, rows.columns.index(name)]
            found += _leak((shown_name(name), values), (shown_name(target), answer), horizon)
    return tuple(found)


def _leak(column: tuple[str, Array], wanted: tuple[str, Array], horizon: int) -> list[str]:
    (name, values), (target, answer) = column, wanted
    if np.array_equal(values, answer):
        return [f"`{name}` equals the target `{target}` in every row; it adds nothing and may be a copy."]
    for ahead in range(1, min(horizon, len(values) - 2) + 1):
        if np.array_equal(values[:-ahead], answer[ahead:]):
            return [
                f"`{name}` holds the target `{target}` of {ahead} rows later, so it gives the answer away; leave it out."
            ]
    deviations = values.std() * answer.std()
    if deviations > 0:
        agreement = float(np.mean((values - values.mean()) * (answer - answer.mean())) / deviations)
        if abs(agreement) > _COPY:
            return [f"`{name}` runs with the target `{target}` (correlation {agreement:.5f}); it may be a copy of it."]
    return []
