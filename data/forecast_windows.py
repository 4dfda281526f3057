"""Turn a series into windows, targets and scales for forecasting. Used by all series and by uploads.

Use:

    series = TimeSeries.from_frame(frame, columns=("temp", "wind"), positions=frame["date"], units={"temp": "celsius"})
    data = forecast_task(series, WindowPlan(window=30, horizon=2, targets=("temp",), differencing="first"))
    baselines = data.baselines.forecast_baselines(data, horizon=2, season=365)

A sample whose first target is in row `r` has rows `r - window ... r - 1` as input and rows `r ... r + horizon - 1` as targets.
The rows, not the windows, are split in time order, so every window, horizon and differencing is tested on the same rows;
a sample belongs to a part only if all its targets do. Scales are fitted on the training rows alone.

Outputs run step by step and within a step column by column: output `k * C + c` is column `c`, `k + 1` steps ahead.
Differencing `first` predicts the change since the last seen row, `seasonal` the change since the last seen row of the
same season; `Part.base` holds the value that is added back.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.errors import DataError
from data.forecast_answers import readable_answers, same_season, target_scaler
from data.future_positions import following
from data.gaps import History
from data.repeat_splits import (
    MAX_BYTES,
    MIN_WINDOWS,
    TimeSplit,
    count_stretches,
    rolling_split,
    stretch_note,
    time_stretch,
)
from data.scaling import fit_scaler
from data.splits import split_in_time
from data.task import Array, Part, Scaler, TaskData
from data.time_series import MIXED_UNIT, TimeSeries, common_unit
from data.window_options import WindowPlan

_MIN_SAMPLES = 2
_MAX_WRITTEN = 8_000_000  # bytes of windows up to which they are written out; beyond, they are read from the series


def forecast_task(
    series: TimeSeries, plan: WindowPlan, *, notes: tuple[str, ...] = (), split: TimeSplit | None = None
) -> TaskData:
    """Cut a series into training, validation and test windows.

    Args:
        series: The series.
        plan: How to cut it.
        notes: What was done to the data so far, one sentence each.
        split: Rows of the parts; None for 70 % training, 15 % validation, 15 % test in time order.

    Raises:
        DataError: If a part would have fewer than two samples, or the season is unknown.
    """
    lag = differencing_lag(series, plan)
    training, *_ = slices = split or TimeSplit(*split_in_time(len(series.values)))
    rows = [target_rows(part, plan, lag) for part in slices]
    _check_counts(rows, plan, lag)
    features, input_scaler, input_unit = _scaled_inputs(series, plan, lag, training)
    levels, unit = _levels(series, plan, training)
    scaler = target_scaler(levels, rows[0], plan, lag)
    parts = [
        _part(
            features,
            target_places(series.positions, part_rows, plan.horizon),
            part_rows,
            plan.window,
            *readable_answers(levels, part_rows, plan, lag, scaler),
        )
        for part_rows in rows
    ]
    return TaskData(
        kind="regression",
        train=parts[0],
        validation=parts[1],
        test=parts[2],
        input_size=features.values.shape[-1],
        output_size=plan.horizon * len(plan.targets),
        feature_names=feature_names_of(series, plan),
        target_names=target_names_of(plan),
        unit=unit,
        scaler=scaler,
        input_scaler=input_scaler,
        input_unit=input_unit,
        notes=notes + _notes(plan, unit, rolling=split is not None),
        stretch=None if split is None else time_stretch(series.positions, split.test),
        naive_errors=np.tile(naive_errors_of(levels.values[training], series.season), plan.horizon),
        upcoming=upcoming_part(series, features, levels, plan, lag),
    )


def forecast_stretches(series: TimeSeries, plan: WindowPlan) -> int:
    """Return on how many stretches of time a series is tested; see `data.repeat_splits`."""
    lag, count = differencing_lag(series, plan), len(series.values)

    def enough(split: TimeSplit) -> bool:
        return all(len(target_rows(part, plan, lag)) >= MIN_WINDOWS for part in split)

    affordable = 1
    if series.filled is not None and series.filled.any():  # windows over gaps are copies
        affordable = count * plan.window * len(plan.inputs or series.columns) * 4
    return min(count_stretches(count, enough), max(1, MAX_BYTES // affordable))


def forecast_repeat(series: TimeSeries, plan: WindowPlan, number: int, *, notes: tuple[str, ...] = ()) -> TaskData:
    """Return the task of one stretch of a series, 0 the newest; see `forecast_task`."""
    stretches = forecast_stretches(series, plan)
    data = forecast_task(series, plan, notes=notes, split=rolling_split(len(series.values), number, stretches))
    return replace(data, notes=(*data.notes, stretch_note(data, number, stretches)))


def naive_errors_of(values: Array, season: int) -> Array:
    """Return `(C,)` the mean absolute change of training rows over a season, or over a row without one."""
    lag = season if 1 < season < len(values) else 1
    errors: Array = np.abs(values[lag:] - values[:-lag]).mean(axis=0)
    return errors


def differencing_lag(series: TimeSeries, plan: WindowPlan) -> int:
    """Return over how many rows inputs and targets are differenced; 0 for none."""
    if plan.differencing == "seasonal" and series.season < 1:
        raise DataError("`differencing` cannot be `seasonal` here, because the series has no season.")
    return {"none": 0, "first": 1, "seasonal": series.season}[plan.differencing]


def changes(values: Array, lag: int) -> Array:
    """Return each row minus the row `lag` before it; the first `lag` rows, which no sample uses, stay unchanged."""
    if not lag:
        return values
    return np.concatenate([values[:lag], values[lag:] - values[:-lag]])


def _scaled_inputs(
    series: TimeSeries, plan: WindowPlan, lag: int, training: slice
) -> tuple[History, Scaler | None, str]:
    """Return the scaled input columns, and their scale and unit; None and empty if the columns share no unit."""
    inputs = plan.inputs or series.columns
    features = series.history(inputs).map(lambda values: changes(values, lag))
    scaler = fit_scaler(features.values[lag : training.stop], plan.scaling)
    unit = common_unit([series.units[series.columns.index(name)] for name in inputs])
    features = features.map(scaler.transform)
    if plan.known:
        planned = series.ahead(plan.known, plan.horizon)
        scale = fit_scaler(planned[lag : training.stop - plan.horizon], plan.scaling)
        return features.beside(scale.transform(planned)), None, ""
    return (features, None, "") if unit == MIXED_UNIT else (features, scaler, unit)


def feature_names_of(series: TimeSeries, plan: WindowPlan) -> tuple[str, ...]:
    """Return the names of the input features; those that are known ahead say how far."""
    ahead = f"{plan.horizon} {'row' if plan.horizon == 1 else 'rows'} ahead"
    return (*(plan.inputs or series.columns), *(f"{name}, {ahead}" for name in plan.known))


def _levels(series: TimeSeries, plan: WindowPlan, training: slice) -> tuple[History, str]:
    """Return the target columns and their unit; without a common unit, they are standardised on the training rows."""
    levels = series.history(plan.targets)
    unit = common_unit([series.units[series.columns.index(name)] for name in plan.targets])
    if unit == MIXED_UNIT:
        levels = levels.map(fit_scaler(levels.values[training], "standard").transform)
    return levels, unit


def target_rows(part: slice, plan: WindowPlan, lag: int) -> Array:
    """Return the rows of first targets that belong to a part: their windows lie in the series, their last targets in the part."""
    first = max(part.start, lag + plan.window)
    return np.arange(first, max(first, part.stop - plan.horizon + 1))


def _check_counts(rows: Sequence[Array], plan: WindowPlan, lag: int) -> None:
    for name, part_rows in zip(("training", "validation", "test"), rows, strict=True):
        if len(part_rows) < _MIN_SAMPLES:
            differenced = f", differencing over {lag} rows" if lag > 1 else ""
            raise DataError(
                f"A window of {plan.window} and a horizon of {plan.horizon}{differenced} leave too few samples in the {name} "
                f"part ({len(part_rows)}, at least {_MIN_SAMPLES} are needed); choose a shorter window or horizon."
            )


def cut_windows(features: Array, ends: Array, window: int) -> Array:
    """Return the `window` rows before each of the rows `ends`, `(N, window, F)` float32."""
    result: Array = features[ends[:, None] + np.arange(-window, 0)].astype(np.float32)
    return result


def target_places(positions: Array, rows: Array, horizon: int) -> Array:
    """Return the positions of the targets: `(N,)`, or a windowed view `(N, K)` for several steps."""
    if horizon == 1:
        found: Array = positions[rows]
        return found
    return np.lib.stride_tricks.sliding_window_view(positions, horizon)[rows[0] : rows[-1] + 1]


def upcoming_part(series: TimeSeries, features: History, levels: History, plan: WindowPlan, lag: int) -> Part | None:
    """Return one sample with the last rows as input, to predict those after them.

    None where a column that is known ahead ends with the last row: nobody has said what is planned.
    """
    rows, steps = np.array([len(series.values)]), np.arange(plan.horizon)
    inputs = features.seen(rows[:, None] + np.arange(-plan.window, 0), rows).astype(np.float32)
    if not np.isfinite(inputs).all():
        return None
    base = levels.seen(same_season(rows, steps, lag), rows).reshape(1, -1) if lag else None
    return Part(
        inputs=inputs,
        targets=np.full((1, plan.horizon * len(plan.targets)), np.nan, dtype=np.float32),
        lengths=np.array([plan.window], dtype=np.int64),
        base=None if base is None else base.astype(np.float32),
        positions=target_places(following(series.positions, plan.horizon), np.array([0]), plan.horizon),
    )


def windows_before(features: History, rows: Array, window: int) -> Array:
    """Return the inputs before each of the rows, `(N, window, F)` float32; large ones are a windowed view of one table."""
    if features.carried is not None:
        return features.seen(rows[:, None] + np.arange(-window, 0), rows).astype(np.float32)
    table = features.values[rows[0] - window : rows[-1]].astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(table, window, axis=0, writeable=True)
    seen: Array = np.moveaxis(windows, -1, 1)
    return np.ascontiguousarray(seen) if seen.nbytes <= _MAX_WRITTEN else seen


def _part(features: History, positions: Array, rows: Array, window: int, targets: Array, base: Array | None) -> Part:
    return Part(
        inputs=windows_before(features, rows, window),
        targets=targets,
        lengths=np.full(len(rows), window, dtype=np.int64),
        base=base,
        positions=positions,
    )


def target_names_of(plan: WindowPlan) -> tuple[str, ...]:
    """Return the name of each output, with its step where there are several."""
    if plan.horizon == 1:
        return plan.targets
    return tuple(f"{name}, {step} ahead" for step in range(1, plan.horizon + 1) for name in plan.targets)


def _notes(plan: WindowPlan, unit: str, *, rolling: bool) -> tuple[str, ...]:
    said = []
    if not rolling:
        said.append(
            "Split in time order: 70 % training, 15 % validation, 15 % test; scaled by the training part alone."
        )
    if unit == MIXED_UNIT:
        said.append(
            "The targets have different units, so each is measured in its standard deviations over the training part."
        )
    if plan.differencing != "none":
        said.append(
            f"Inputs and targets are differenced ({plan.differencing}); predictions are converted back to the data's unit."
        )
    return tuple(said)
