"""Cut several series into windows for one model over all of them; no window crosses from one series to another.

Everything about one window is as in `data.forecast_windows`. Scales belong to each series (its own training rows) or to
all together; where they belong to each, `Part.base` and `Part.spread` put predictions back into the unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from data.errors import DataError
from data.forecast_answers import answers, scaled_answers
from data.forecast_windows import (
    changes,
    differencing_lag,
    feature_names_of,
    naive_errors_of,
    target_names_of,
    target_places,
    target_rows,
    upcoming_part,
    windows_before,
)
from data.gaps import History
from data.panel import Panel, SeriesSplit, rows_held_out, rows_in_time, split_notes, tested_half
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
from data.task import Array, Part, Scaler, SeriesHistory, TaskData
from data.time_series import MIXED_UNIT, common_unit
from data.window_options import WindowPlan

_PARTS = ("training", "validation", "test")
_FEWEST = 2  # samples of a part


@dataclass(slots=True, kw_only=True, eq=False)
class _Prepared:
    """One series, before its windows are cut.

    Attributes:
        number: Which one.
        inputs: Input columns as known at each time, differenced.
        ahead: `(L, K)` columns that are known ahead, shifted by the horizon.
        levels: Target columns.
        rows: Target rows of the three parts.
        fitted: Rows on which scales may be fitted.
        input_scaler: Scale of the inputs.
        ahead_scaler: Scale of those known ahead.
        scaler: Scale of the outputs.
    """

    number: int
    inputs: History
    ahead: Array
    levels: History
    rows: list[Array]
    fitted: slice
    input_scaler: Scaler | None = None
    ahead_scaler: Scaler | None = None
    scaler: Scaler | None = None

    def features(self) -> History:
        """Return the scaled features."""
        assert self.input_scaler is not None  # noqa: S101 - set by _fit
        assert self.ahead_scaler is not None  # noqa: S101
        features = self.inputs.map(self.input_scaler.transform)
        return features.beside(self.ahead_scaler.transform(self.ahead)) if self.ahead.shape[1] else features


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
    prepared = [_prepared(panel, plan, lag, index, split) for index, split in enumerate(splits)]
    usable = [one for one in prepared if _varies(one)]
    _refuse_few(usable, plan)
    _fit(panel, plan, lag, usable)
    training = np.array([bool(len(one.rows[0])) for one in prepared])
    static = panel.static.features(training)
    parts = [_part(panel, plan, lag, usable, static, place) for place in range(3)]
    unit = _unit(panel, plan)
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


def _histories(panel: Panel, prepared: Sequence[_Prepared], errors: Sequence[Array]) -> tuple[SeriesHistory, ...]:
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
    if panel.split == "series":
        splits = rows_held_out(panel, seed, 0)
    else:
        split = TimeSplit(*split_in_time(len(panel.axis())))
        splits = rows_in_time(panel, split, np.ones(len(panel.series), dtype=bool))
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


def panel_repeat(panel: Panel, plan: WindowPlan, *, seed: int, number: int, notes: tuple[str, ...] = ()) -> TaskData:
    """Return the task of one repeat: its stretch of time and half of the series, or its series that are held out."""
    if panel.split == "series":
        splits = rows_held_out(panel, seed, number)
        data = panel_task(panel, plan, splits, notes=notes)
        return replace(data, notes=(*data.notes, *split_notes(panel, splits)))
    axis, stretches = panel.axis(), panel_stretches(panel, plan)
    split = rolling_split(len(axis), number, stretches)
    splits = rows_in_time(panel, split, tested_half(panel, split, number))
    data = panel_task(panel, plan, splits, notes=notes, stretch=time_stretch(axis, split.test))
    said = (*split_notes(panel, splits), stretch_note(data, number, stretches))
    return replace(data, notes=(*data.notes, *said))


def _prepared(panel: Panel, plan: WindowPlan, lag: int, number: int, split: SeriesSplit) -> _Prepared:
    series = panel.series[number]
    inputs = series.history(plan.inputs or series.columns).map(lambda values: changes(values, lag))
    levels = series.history(plan.targets)
    if _unit(panel, plan) == MIXED_UNIT:
        levels = levels.map(fit_scaler(levels.values[split.fitted], "standard").transform)
    return _Prepared(
        number=number,
        inputs=inputs,
        ahead=series.ahead(plan.known, plan.horizon),
        levels=levels,
        rows=[target_rows(part, plan, lag) for part in split.parts],
        fitted=split.fitted,
    )


def _varies(one: _Prepared) -> bool:
    """Return whether a series varies, so that it can be scaled and learned."""
    fitted = one.levels.values[one.fitted]
    return len(fitted) > 1 and bool((np.ptp(fitted, axis=0) > 0).all())


def _unit(panel: Panel, plan: WindowPlan) -> str:
    first = panel.series[0]
    return common_unit([first.units[first.columns.index(name)] for name in plan.targets])


def _refuse_few(prepared: Sequence[_Prepared], plan: WindowPlan) -> None:
    for place, name in enumerate(_PARTS):
        count = sum(len(one.rows[place]) for one in prepared)
        if count < _FEWEST:
            raise DataError(
                f"A window of {plan.window} and a horizon of {plan.horizon} leave {count} samples of all series in the {name} "
                f"part, and {_FEWEST} are needed; choose a shorter window or horizon, or more series."
            )


def _fit(panel: Panel, plan: WindowPlan, lag: int, prepared: Sequence[_Prepared]) -> None:
    """Fit the scales: of each series on its own rows, or of all on those of the series that are trained on."""
    groups = [[one] for one in prepared]
    if panel.scale == "all":
        groups = [[one for one in prepared if len(one.rows[0])]]
    for group in groups:
        inputs = np.concatenate([one.inputs.values[lag : one.fitted.stop] for one in group])
        ahead = np.concatenate([one.ahead[: max(1, one.fitted.stop - plan.horizon)] for one in group])
        targets = np.concatenate([_fitted_answers(one, plan, lag) for one in group])
        scales = [fit_scaler(values, plan.scaling) for values in (inputs, ahead, targets)]
        for one in group if panel.scale == "series" else prepared:
            one.input_scaler, one.ahead_scaler, one.scaler = scales


def _fitted_answers(one: _Prepared, plan: WindowPlan, lag: int) -> Array:
    """Return the `(N, O)` targets that a scale may be fitted on."""
    first = max(1, lag)
    rows = np.arange(first, max(first + 1, one.fitted.stop - plan.horizon + 1))
    rows = rows[rows + plan.horizon <= len(one.levels.values)]
    return answers(one.levels, rows, np.arange(plan.horizon), lag)[0]


def _naive_errors(one: _Prepared, season: int, plan: WindowPlan) -> Array:
    values = one.levels.values[one.fitted]
    if len(values) < 2:
        return np.zeros(plan.horizon * len(plan.targets))
    return np.tile(naive_errors_of(values, season), plan.horizon)


def _known(errors: Sequence[Array], index: int) -> Array:
    """Return the naive errors of a series, or the average of all series if its own are zero."""
    mean = np.mean(errors, axis=0)
    found: Array = np.where(errors[index] > 0, errors[index], mean)
    return found


def _part(panel: Panel, plan: WindowPlan, lag: int, prepared: Sequence[_Prepared], static: Array, place: int) -> Part:
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
        assert scaler is not None  # noqa: S101 - set by _fit
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


def _upcoming(panel: Panel, plan: WindowPlan, lag: int, prepared: Sequence[_Prepared], static: Array) -> Part | None:
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
