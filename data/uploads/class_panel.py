"""Predict a class per time step in several series, with one model; no window crosses from one series to another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.baselines import class_baseline, majority_baseline
from data.catalog import Baseline
from data.panel import Panel, SeriesSplit, rows_held_out, rows_in_time, split_notes, tested_half
from data.panel_windows import joined
from data.repeat_splits import MIN_WINDOWS, TimeSplit, count_stretches, rolling_split, stretch_note, time_stretch
from data.scaling import fit_scaler
from data.splits import split_in_time
from data.task import Array, Part, Scaler, SeriesHistory, TaskData
from data.uploads.class_windows import (
    class_features,
    class_notes,
    class_part,
    measured,
    refuse_few,
    refuse_own_class,
)
from data.uploads.many_series import ManyRows


def class_panel_stretches(panel: Panel, *, window: int, ahead: int) -> int:
    """Return on how many stretches of time repeats are tested; 0 if whole series are held out instead."""
    if panel.split == "series":
        return 0
    everything = np.ones(len(panel.series), dtype=bool)

    def enough(split: TimeSplit) -> bool:
        found = [one.parts for one in rows_in_time(panel, split, everything)]
        counts = [[max(0, part.stop - max(part.start, window + ahead - 1)) for part in parts] for parts in found]
        return bool((np.sum(counts, axis=0) >= 2 * MIN_WINDOWS).all())

    return count_stretches(len(panel.axis()), enough)


def class_panel_task(
    many: ManyRows, panel: Panel, *, window: int, ahead: int, seed: int, number: int | None = None
) -> TaskData:
    """Cut windows whose target is the class `ahead` rows after their last one, in every series.

    Args:
        many: The series, of which one column is a class.
        panel: The same series.
        window: Rows of a window.
        ahead: Rows between the window's last row and the class; 0 for the class of the last row.
        seed: Seed of the series that are held out.
        number: Number of the repeat; None for one split.

    Raises:
        DataError: If a part has fewer than two samples, or the class of the same row is an input.
    """
    refuse_own_class(many.rows[0], ahead)
    axis, stretches = panel.axis(), class_panel_stretches(panel, window=window, ahead=ahead)
    split = TimeSplit(*split_in_time(len(axis))) if number is None else rolling_split(len(axis), number, stretches or 1)
    if panel.split == "series":
        splits = rows_held_out(panel, seed, number or 0)
    else:
        tested = np.ones(len(many.rows), dtype=bool) if number is None else tested_half(panel, split, number)
        splits = rows_in_time(panel, split, tested)
    data = _task(many, panel, splits, (window, ahead))
    if number is None or panel.split == "series":
        return data
    data = replace(data, stretch=time_stretch(axis, split.test))
    return replace(data, notes=(*data.notes, stretch_note(data, number, stretches)))


def _task(many: ManyRows, panel: Panel, splits: Sequence[SeriesSplit], sizes: tuple[int, int]) -> TaskData:
    scalers = _scalers(many, panel, splits)
    static = panel.static.features(np.array([one.parts.train.stop > one.parts.train.start for one in splits]))
    labels = [rows.values[:, rows.columns.index(rows.targets[0])].astype(np.int64) for rows in many.rows]
    features = [_features(many, index, scaler, static[index]) for index, scaler in enumerate(scalers)]
    parts = []
    for place in range(3):
        cut = [
            _numbered(class_part(values, labels[index], panel.series[index].positions, rows, sizes), index, rows, sizes)
            for index, values in enumerate(features)
            for rows in [splits[index].parts[place]]
        ]
        parts.append(joined(cut))
    refuse_few(parts, sizes[0])
    first = many.rows[0]
    return TaskData(
        kind="classification",
        train=parts[0],
        validation=parts[1],
        test=parts[2],
        input_size=features[0].shape[1],
        output_size=len(first.classes),
        class_names=first.classes,
        feature_names=(*class_features(first, scalers[0])[1], *panel.static.feature_names()),
        notes=(*many.notes, *class_notes(*sizes), *split_notes(panel, splits, mean=False)),
        histories=tuple(
            SeriesHistory(name=name, values=own[:, None], fitted=one.fitted.stop, naive_errors=np.zeros(1))
            for name, own, one in zip(many.names, labels, splits, strict=True)
        ),
        lead=sizes[1],
    )


def _scalers(many: ManyRows, panel: Panel, splits: Sequence[SeriesSplit]) -> list[Scaler]:
    fitted = [measured(rows)[: one.fitted.stop] for rows, one in zip(many.rows, splits, strict=True)]
    if panel.scale == "series":
        return [fit_scaler(values if len(values) else np.zeros((1, values.shape[1])), "standard") for values in fitted]
    trained = [
        values for values, one in zip(fitted, splits, strict=True) if one.parts.train.stop > one.parts.train.start
    ]
    return [fit_scaler(np.concatenate(trained), "standard")] * len(fitted)


def _features(many: ManyRows, index: int, scaler: Scaler, static: Array) -> Array:
    values = class_features(many.rows[index], scaler)[0]
    return np.concatenate([values, np.broadcast_to(static, (len(values), len(static)))], axis=1)


def _numbered(part: Part, index: int, rows: slice, sizes: tuple[int, int]) -> Part:
    first = max(rows.start, sum(sizes) - 1)
    return replace(
        part, series=np.full(len(part), index, dtype=np.int64), rows=np.arange(first, first + len(part), dtype=np.int64)
    )


def class_panel_baselines(data: TaskData, *, ahead: int) -> tuple[Baseline, ...]:
    """Score the most frequent class of all series, that of each series, and the class of the row before."""
    part = data.test
    if part.series is None or part.rows is None:
        raise ValueError("this task has one series")
    own = [np.bincount(history.values[: history.fitted, 0], minlength=data.output_size) for history in data.histories]
    most = np.array([counts.argmax() for counts in own])[part.series]
    each = class_baseline(data, most, name="majority_of_series", title="The most frequent class of each series")
    before = [
        data.histories[one].values[row - max(1, ahead), 0] for one, row in zip(part.series, part.rows, strict=True)
    ]
    same = class_baseline(
        data, np.array(before), name="persistence", title="Persistence: the same as the last known row"
    )
    return (majority_baseline(data), each, same)
