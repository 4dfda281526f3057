"""A series of numbers in time order, and the unit that its columns share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from data.gaps import History
from data.task import Array

MIXED_UNIT = "standard_deviations"  # unit of targets without a common unit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeSeries:
    """Numbers in time order, evenly spaced, gaps filled.

    Attributes:
        values: `(L, C)` float64, finite.
        columns: Names of the columns.
        positions: `(L,)` time axis, text or numbers.
        units: Unit of each column as in metric names (`celsius`); empty if unknown.
        season: Rows of one season (12 for months), 0 without one.
        filled: `(L, C)` bool, values that replace missing ones, see `data.gaps`; None for none.
        future: `(K, C)` float64 values of the rows after the last one, for columns that are known ahead; NaN where
            unknown. None for none.
    """

    values: Array
    columns: tuple[str, ...]
    positions: Array
    units: tuple[str, ...]
    season: int = 0
    filled: Array | None = None
    future: Array | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.values).all():
            raise DataError(
                "A series for forecasting must have a finite number in every row; fill or drop the gaps first."
            )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        columns: Sequence[str],
        positions: Any,
        units: Mapping[str, str] | None = None,
        season: int = 0,
    ) -> "TimeSeries":
        """Build a series from columns of a frame.

        Args:
            frame: Rows in time order.
            columns: Numeric columns to keep.
            positions: One entry per row for the time axis.
            units: Column name to unit, where known.
            season: Rows of one season, 0 without one.
        """
        known = units or {}
        return cls(
            values=frame[list(columns)].to_numpy(dtype=np.float64),
            columns=tuple(columns),
            positions=np.asarray(positions),
            units=tuple(known.get(name, "") for name in columns),
            season=season,
        )

    def take(self, names: Sequence[str]) -> Array:
        """Return columns by name, `(L, len(names))`."""
        return self.values[:, self._places(names)]

    def ahead(self, names: Sequence[str], steps: int) -> Array:
        """Return columns `steps` rows ahead of each row, `(L, len(names))`; NaN where the file does not say them."""
        places = self._places(names)
        after = np.full((steps, len(places)), np.nan)
        if self.future is not None:
            known = self.future[:steps, places]
            after[: len(known)] = known
        return np.concatenate([self.values[:, places], after])[steps:]

    def history(self, names: Sequence[str]) -> History:
        """Return columns by name, as known at each time."""
        return History.of(self.take(names), None if self.filled is None else self.filled[:, self._places(names)])

    def _places(self, names: Sequence[str]) -> list[int]:
        return [self.columns.index(name) for name in names]


def common_unit(units: Sequence[str]) -> str:
    """Return the unit that columns share, or `standard_deviations` (of the training part) if there is none."""
    shared = len(units) == 1 or (len(set(units)) == 1 and units[0])
    return units[0] if shared else MIXED_UNIT
