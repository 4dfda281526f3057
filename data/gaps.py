"""Fill gaps in a series by linear interpolation that windows ending inside a gap do not see.

Interpolation uses the value after the gap. A window that ends inside the gap would see the future, so it gets the last
measured value instead.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.task import Array


def fill_on_lines(values: Array) -> tuple[Array, Array]:
    """Fill NaN between measured values by linear interpolation over rows.

    Args:
        values: `(L, C)` float64; NaN where nothing was measured.

    Returns:
        `(L, C)` values, and `(L, C)` bool: which were filled. Before the first and after the last measured value of a
        column, NaN stays.
    """
    filled, gaps = values.copy(), np.isnan(values)
    rows = np.arange(len(values))
    for index in range(values.shape[1]):
        measured = np.flatnonzero(~gaps[:, index])
        if len(measured):
            inside = gaps[:, index] & (rows > measured[0]) & (rows < measured[-1])
            filled[inside, index] = np.interp(rows[inside], measured, values[measured, index])
    return filled, gaps & ~np.isnan(filled)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Values as known at each time.

    Attributes:
        values: `(L, C)` values with gaps filled.
        carried: `(L, C)` values with gaps filled by the last measured value; None without gaps.
        known_at: `(L, C)` row from which on the value is known: the first measured row at or after it; None without gaps.
    """

    values: Array
    carried: Array | None = None
    known_at: Array | None = None

    @classmethod
    def of(cls, values: Array, filled: Array | None) -> "History":
        """Make a history.

        Args:
            values: `(L, C)` with gaps filled; the first and the last row are measured.
            filled: `(L, C)` bool, which were filled; None for none.
        """
        if filled is None or not filled.any():
            return cls(values=values)
        rows = np.broadcast_to(np.arange(len(values))[:, None], values.shape)
        last = np.maximum.accumulate(np.where(filled, 0, rows), axis=0)
        known_at = np.minimum.accumulate(np.where(filled, len(values), rows)[::-1], axis=0)[::-1]
        return cls(values=values, carried=np.take_along_axis(values, last, axis=0), known_at=known_at)

    def map(self, change: Callable[[Array], Array]) -> "History":
        """Return the history of `change(values)`; a changed row may depend on rows before it."""
        if self.carried is None:
            return History(values=change(self.values))
        return History(values=change(self.values), carried=change(self.carried), known_at=self.known_at)

    def beside(self, columns: Array) -> "History":
        """Return the history with more columns `(L, K)`, which are known at any time."""
        values = np.concatenate([self.values, columns], axis=1)
        if self.carried is None or self.known_at is None:
            return History(values=values)
        always = np.full(columns.shape, -1, dtype=self.known_at.dtype)
        return History(
            values=values,
            carried=np.concatenate([self.carried, columns], axis=1),
            known_at=np.concatenate([self.known_at, always], axis=1),
        )

    def seen(self, rows: Array, ends: Array) -> Array:
        """Return rows as they are known before other rows.

        Args:
            rows: `(N, K)` row numbers.
            ends: `(N,)` rows from which on nothing may be known.

        Returns:
            `(N, K, C)` values.
        """
        if self.carried is None or self.known_at is None:
            result: Array = self.values[rows]
            return result
        unknown = self.known_at[rows] >= ends[:, None, None]
        return np.where(unknown, self.carried[rows], self.values[rows])
