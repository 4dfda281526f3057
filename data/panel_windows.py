"""Cut several series into windows for one model over all of them; no window crosses from one series to another.

Everything about one window is as in `data.forecast_windows`. Scales belong to each series (its own training rows) or to
all together; where they belong to each, `Part.base` and `Part.spread` put predictions back into the unit.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from data.errors import DataError
from data.forecast_answers import scaled_answers
from data.forecast_windows import (
    differencing_lag,
    feature_names_of,
    naive_errors_of,
    target_names_of,
    target_places,
    target_rows,
    upcoming_part,
    windows_before,
)
from data.panel import Panel, SeriesSplit, rows_held_out, rows_in_time, split_notes, tested_half
from data.panel_scales import PreparedSeries, fit_scales, panel_unit, prepare_series, static_features
from data.repeat_splits import (
    MAX_BYTES,
    MIN_WINDOWS,
    TimeSplit,
    count_stretches,
    rolling_split,
    stretch_note,
    time_stretch,
)
from data.splits import split_in_time
from data.task import Array, Part, SeriesHistory, TaskData
from data.window_options import WindowPlan

_PARTS = ("training", "validation", "test")
_FEWEST = 2  # samples of a part


def panel_task(
    panel: Panel,
    plan: WindowPlan,
    splits: Sequence[SeriesSplit],
    *,
    notes: tuple[str, ...] = (),
    stretch: tuple[str | float, str | float] | None = None,
) -> TaskData:
    """Cut the series into training, validation and test windows.

    Args:
        panel: The series.
        plan: How to cut them.
        splits: Rows of each series.
        notes: What was done to the data before.
        stretch: See `TaskData.stretch`.

    Raises:
        DataError: If a part would have fewer than two samples.
    """
    lag = differencing_lag(panel.series[0], plan)
    prepared = prepare_series(panel, plan, splits)
    usable = [one for one in prepared if one.varies]
    _refuse_few(usable, plan)
    fit_scales(panel, plan, usable)
    static = static_features(panel, prepared)
    parts = [_part(panel, plan, lag, usable, static, place) for place in range(3)]
    unit = panel_unit(panel, plan)
    pooled = usable[0].scaler if panel.scale == "all" else None
    errors = [_naive_errors(one, panel.series[one.number].season, plan) for one in prepared]
    return TaskData(
        kind="regression",
        train=parts[0],
        validation=parts[1],
        test=parts[2],
        input_size=parts[0].inputs.shape[2],
        output_size=plan.horizon * len(plan.targets),
        feature_names=(*feature_names_of(panel.series[0], plan), *panel.static.feature_names()),
        target_names=target_names_of(plan),
        unit=unit,
        scaler=pooled,
        notes=notes,
        stretch=stretch,
        upcoming=_upcoming(panel, plan, lag, usable, static),
        histories=_histories(panel, prepared, errors),
    )


def _histories(panel: Panel, prepared: Sequence[PreparedSeries], errors: Sequence[Array]) -> tuple[SeriesHistory, ...]:
    return tuple(
        SeriesHistory(
            name=name,
            values=one.levels.values,
            fitted=one.fitted.stop,
            naive_errors=_known(errors, index),
            positions=panel.series[index].positions,
        )
        for index, (name, one) in enumerate(zip(panel.names, prepared, strict=True))
    )


def single_panel(panel: Panel, plan: WindowPlan, *, seed: int, notes: tuple[str, ...] = ()) -> TaskData:
    """Return one split: 70, 15 and 15 % of the dates, or of the series."""
    splits = panel_splits(panel, plan, seed=seed, number=None)
    data = panel_task(panel, plan, splits, notes=notes)
    return replace(data, notes=(*data.notes, *split_notes(panel, splits)))


@lru_cache(maxsize=2)
def panel_stretches(panel: Panel, plan: WindowPlan) -> int:
    """Return on how many stretches of time repeats are tested; 0 if whole series are held out instead."""
    if panel.split == "series":
        return 0
    lag, count = differencing_lag(panel.series[0], plan), len(panel.axis())
    first = lag + plan.window

    def enough(split: TimeSplit) -> bool:
        found = rows_in_time(panel, split, np.ones(len(panel.series), dtype=bool))
        rows = [[len(target_rows(part, plan, lag)) for part in one.parts] for one in found]
        return bool((np.sum(rows, axis=0) >= 2 * MIN_WINDOWS).all())

    samples = sum(max(0, len(one.values) - first - plan.horizon + 1) for one in panel.series)
    width = len(plan.inputs or panel.series[0].columns) + len(plan.known) + len(panel.static.feature_names())
    affordable = max(1, samples * plan.window * width * 4)
    return min(count_stretches(count, enough), max(1, MAX_BYTES // affordable))


def panel_splits(panel: Panel, plan: WindowPlan, *, seed: int, number: int | None) -> list[SeriesSplit]:
    """Return the rows of every series in one repeat.

    Args:
        panel: The series.
        plan: How they are cut.
        seed: Seed of the series that are held out.
        number: Number of the repeat; None for the one split that all repeats share.
    """
    if panel.split == "series":
        return rows_held_out(panel, seed, number or 0)
    if number is None:
        split = TimeSplit(*split_in_time(len(panel.axis())))
        return rows_in_time(panel, split, np.ones(len(panel.series), dtype=bool))
    split = rolling_split(len(panel.axis()), number, panel_stretches(panel, plan))
    return rows_in_time(panel, split, tested_half(panel, split, number))


def panel_repeat(panel: Panel, plan: WindowPlan, *, seed: int, number: int, notes: tuple[str, ...] = ()) -> TaskData:
    """Return the task of one repeat: its stretch of time and half of the series, or its series that are held out."""
    splits = panel_splits(panel, plan, seed=seed, number=number)
    if panel.split == "series":
        data = panel_task(panel, plan, splits, notes=notes)
        return replace(data, notes=(*data.notes, *split_notes(panel, splits)))
    axis, stretches = panel.axis(), panel_stretches(panel, plan)
    split = rolling_split(len(axis), number, stretches)
    data = panel_task(panel, plan, splits, notes=notes, stretch=time_stretch(axis, split.test))
    said = (*split_notes(panel, splits), stretch_note(data, number, stretches))
    return replace(data, notes=(*data.notes, *said))


def _refuse_few(prepared: Sequence[PreparedSeries], plan: WindowPlan) -> None:
    for place, name in enumerate(_PARTS):
        count = sum(len(one.rows[place]) for one in prepared)
        if count < _FEWEST:
            raise DataError(
                f"A window of {plan.window} and a horizon of {plan.horizon} leave {count} samples of all series in the {name} "
                f"part, and {_FEWEST} are needed; choose a shorter window or horizon, or more series."
            )


def _naive_errors(one: PreparedSeries, season: int, plan: WindowPlan) -> Array:
    values = one.levels.values[one.fitted]
    if len(values) < 2:
        return np.zeros(plan.horizon * len(plan.targets))
    return np.tile(naive_errors_of(values, season), plan.horizon)


def _known(errors: Sequence[Array], index: int) -> Array:
    """Return the naive errors of a series, or the average of all series if its own are zero."""
    mean = np.mean(errors, axis=0)
    found: Array = np.where(errors[index] > 0, errors[index], mean)
    return found


def _part(
    panel: Panel, plan: WindowPlan, lag: int, prepared: Sequence[PreparedSeries], static: Array, place: int
) -> Part:
    """Return the windows of one part, series after series."""
    used = [one for one in prepared if len(one.rows[place])]
    total = sum(len(one.rows[place]) for one in used)
    outputs, width = plan.horizon * len(plan.targets), _width(panel, plan)
    inputs = np.empty((total, plan.window, width), dtype=np.float32)
    targets = np.empty((total, outputs), dtype=np.float32)
    own = panel.scale == "series"
    base = np.zeros_like(targets) if own or lag else None
    spread = np.ones_like(targets) if own else None
    start = 0
    for one in used:
        rows, scaler = one.rows[place], one.scaler
        assert scaler is not None  # noqa: S101 - set by fit_scales
        here = slice(start, start + len(rows))
        _fill(inputs[here], windows_before(one.features(), rows, plan.window), static[one.number])
        scaled, added = scaled_answers(one.levels, rows, plan, lag, scaler)
        targets[here] = scaled
        if base is not None:
            base[here] = (0.0 if added is None else added) + (scaler.mean if own else 0.0)
        if spread is not None:
            spread[here] = scaler.std
        start = here.stop
    places = [target_places(panel.series[one.number].positions, one.rows[place], plan.horizon) for one in used]
    return Part(
        inputs=inputs,
        targets=targets,
        lengths=np.full(total, plan.window, dtype=np.int64),
        base=base,
        spread=spread,
        positions=np.concatenate(places),
        series=np.repeat([one.number for one in used], [len(one.rows[place]) for one in used]).astype(np.int64),
        rows=np.concatenate([one.rows[place] for one in used]),
    )


def _width(panel: Panel, plan: WindowPlan) -> int:
    return len(feature_names_of(panel.series[0], plan)) + len(panel.static.feature_names())


def _fill(into: Array, windows: Array, static: Array) -> None:
    into[:, :, : windows.shape[2]] = windows
    into[:, :, windows.shape[2] :] = static


def _upcoming(
    panel: Panel, plan: WindowPlan, lag: int, prepared: Sequence[PreparedSeries], static: Array
) -> Part | None:
    """Return one sample per series with its last rows as input; None where a planned column ends too early."""
    found = []
    for one in prepared:
        part = upcoming_part(panel.series[one.number], one.features(), one.levels, plan, lag)
        if part is None:
            return None
        inputs = np.empty((1, plan.window, _width(panel, plan)), dtype=np.float32)
        _fill(inputs, part.inputs, static[one.number])
        own = {}
        if panel.scale == "series" and one.scaler is not None:
            base = one.scaler.mean + (0.0 if part.base is None else part.base)
            own = {"base": base.reshape(1, -1).astype(np.float32), "spread": one.scaler.std[None].astype(np.float32)}
        number = np.array([one.number], dtype=np.int64)
        rows = np.array([len(one.levels.values)])
        found.append(replace(part, inputs=inputs, series=number, rows=rows, **own))
    return joined(found)


def joined(parts: Sequence[Part]) -> Part:
    """Return the samples of several parts as one."""
    names = [name for name in Part.__dataclass_fields__ if getattr(parts[0], name) is not None]
    return Part(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
