"""How many rows a series needs, and how many numbers fit in memory."""

import numpy as np

from data.errors import DataError
from data.panel import WARM_UP
from data.uploads.many_series import ManyRows
from data.uploads.series_options import OwnSeriesOptions
from data.uploads.shared_options import MAX_ANSWERS, MAX_NUMBERS, split_names

HELD_OUT_ROWS = 0.3  # share of the rows that validation and test take in one split


def fewest_rows(options: OwnSeriesOptions, needed: int) -> int:
    """Return the rows that a series needs: for two training samples, in the share of its rows that it is trained on."""
    share = 1 - HELD_OUT_ROWS if options.split_by == "time" else 1 - WARM_UP
    return int(np.ceil((needed + 2) / share))


def refuse_numbers(many: ManyRows, options: OwnSeriesOptions) -> None:
    """Refuse more windows than fit in memory; windows of several series are copies.

    Raises:
        DataError: With the window that fits.
    """
    rows = sum(len(one.values) for one in many.rows)
    width = len(many.rows[0].inputs) + len(many.static.feature_names()) + len(split_names(options.known))
    width += 2 * len(split_names(options.calendar))
    if rows * options.window * width > MAX_NUMBERS:
        raise DataError(
            f"Windows of {options.window} rows of {width} columns over {rows:,} rows of {len(many.rows):,} series are too many "
            f"for memory; choose a `window` of at most {max(2, MAX_NUMBERS // (rows * width))}, fewer `inputs` or fewer series."
        )


def refuse_answers(count: int, targets: int, horizon: int) -> None:
    """Refuse more answers than fit in memory.

    Raises:
        DataError: With the horizon that fits.
    """
    if count * targets * horizon > MAX_ANSWERS:
        raise DataError(
            f"{count:,} samples with {horizon} steps ahead of {targets} {'target' if targets == 1 else 'targets'} are too many "
            f"answers for memory; choose a `horizon` of at most {max(1, MAX_ANSWERS // (count * targets))}, or fewer targets."
        )
