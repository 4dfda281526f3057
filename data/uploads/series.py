"""A visitor's own time series: forecast a column of a CSV file."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np

from data.baselines import baseline_forecasts, forecast_baselines
from data.catalog import Baseline, Dataset, dataset
from data.errors import DataError
from data.fields import Value, integer, text
from data.forecast_windows import forecast_repeat, forecast_stretches, forecast_task
from data.task import Array, TaskData
from data.time_series import TimeSeries, common_unit
from data.uploads.class_windows import class_baselines, class_rows, class_stretches, class_task
from data.uploads.report import Report, table_report
from data.uploads.series_rows import Rows, series_rows
from data.uploads.series_table import REFUSE, ROWS, SeriesSteps, series_table, with_numbers
from data.uploads.shared_options import (
    MAX_ANSWERS,
    MAX_NUMBERS,
    asked_field,
    content_field,
    decimal_field,
    hidden_choice,
    hidden_text,
    missing_field,
    names_field,
    split_names,
    table_choices,
    table_field,
    verified,
)
from data.uploads.table import Table, read_table, shown_name
from data.uploads.table_steps import COMBINE, STEPS
from data.window_options import WindowPlan, differencing_field, horizon_field, scaling_field, window_field

_COPY = 0.9999  # two columns with this correlation are the same quantity in another unit
_FEW = {"training": 50, "validation": 10, "test": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeriesOptions:
    """Options of an own series; a row is a step."""

    content: str = content_field()
    target: str = names_field(
        "Target", "Columns to predict, separated by commas. Empty for the last column of numbers."
    )
    inputs: str = names_field("Inputs", "Columns that are seen, separated by commas. Empty for all columns of numbers.")
    time: str = names_field(
        "Time", "Column of the time. Empty for the first column of dates or of numbers in order, - for none."
    )
    window: int = window_field(24, 2, 1_024, unit="rows")
    horizon: int = horizon_field(1, 720, unit="rows")
    missing: str = missing_field()
    differencing: str = differencing_field(seasonal=True)
    season: int = integer(
        0,
        0,
        1_000,
        label="Season",
        unit="rows",
        help="Rows of one season, 12 for months and a year. Adds the seasonal baseline. 0 for none.",
    )
    unit: str = text("", 0, 24, label="Unit", help="Unit of the target, such as celsius; named beside every error.")
    decimal: str = decimal_field()
    table: str = table_field()
    scaling: str = scaling_field()
    predict: str = hidden_choice(
        "values",
        {"values": "Values", "classes": "The class of each time step"},
        label="Predict",
        help="Whether the target is a number or a class per time step.",
    )
    turn: str = hidden_choice(
        "no",
        {"no": "No", "yes": "Yes"},
        label="Turned",
        help="Whether columns that are dates, months or years become rows.",
    )
    series: str = hidden_text(
        "Series", "Columns that name the series, where a time has a row of each. Empty for one series."
    )
    only: str = hidden_text("Only", "Name of the series that is used.", longest=200)
    no_value: str = hidden_text(
        "No value", "Numbers that count as missing, such as -9999, separated by commas.", longest=80
    )
    order: str = hidden_choice(
        REFUSE,
        {REFUSE: "As in the file", "sort": "Sorted by time"},
        label="Order",
        help="Whether rows are sorted by time.",
    )
    duplicates: str = hidden_choice(
        REFUSE, {REFUSE: "Refuse", **COMBINE}, label="Same time", help="What becomes of rows of the same time."
    )
    resample: str = hidden_choice(
        ROWS,
        {ROWS: "As in the file", **{name: f"One row per {name}" for name in STEPS}},
        label="Steps",
        help="Whether each hour, day, month and so on has one row.",
    )
    combine: str = hidden_choice("mean", COMBINE, label="Of a step", help="What a step's row holds of the rows in it.")
    asked: str = asked_field()


@dataset
class OwnSeries(Dataset):
    """A time series in a CSV file: one row per time step, one column per quantity."""

    name = "own_series"
    title = "Your time series"
    description = (
        "A CSV file of yours with one row per time step; a column of numbers is forecast from the rows before."
    )
    lesson = "Whether LSTM or GRU forecasts your data better than its last value and a linear model do."
    source = "your own file"
    licence = "yours; the file stays with its experiment"
    family = "own"
    kind = "regression"
    picture = "series"
    Options = OwnSeriesOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    def load(self, options: OwnSeriesOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the file and cut it into windows; nothing is random.

        Args:
            options: The options; `content` names the file.
            seed: Not used.
            content: The bytes of the file.

        Raises:
            DataError: If the bytes are not the options' or cannot be used; the message says where and why.
        """
        return _task(_read(options, content)[1], options)

    def stretches(self, options: OwnSeriesOptions, content: bytes | None = None) -> int:
        """Return how many stretches the length of the series and the options allow."""
        rows = _read(options, content)[1]
        if options.predict == "classes":
            return class_stretches(rows, window=options.window, ahead=options.horizon)
        return forecast_stretches(*_series_and_plan(rows, options))

    def load_repeat(self, options: OwnSeriesOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Test on one stretch and train on what precedes it; the same errors as `load`."""
        rows = _read(options, content)[1]
        if options.predict == "classes":
            return class_task(rows, window=options.window, ahead=options.horizon, number=number)
        return forecast_repeat(*_series_and_plan(rows, options), number, notes=rows.notes)

    def report(self, options: OwnSeriesOptions, seed: int, content: bytes | None) -> Report:
        """Report what `load` makes of the file; the same errors."""
        table, rows = _read(options, content)
        data = _task(rows, options)
        samples = tuple(
            (name, len(part)) for name, part in zip(_FEW, (data.train, data.validation, data.test), strict=True)
        )
        warnings = rows.warnings + leaks(rows, options.horizon) + too_few(samples)
        return replace(table_report(table, notes=data.notes, warnings=warnings), samples=samples)

    def baselines(self, options: OwnSeriesOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score persistence, the seasonal naive forecast and AR by least squares; of classes the most frequent and the last one."""
        if options.predict == "classes":
            return class_baselines(data)
        return forecast_baselines(data, horizon=options.horizon, season=options.season)

    def baseline_forecasts(
        self, options: OwnSeriesOptions, data: TaskData
    ) -> dict[tuple[str, str], tuple[Array, Array]]:
        """Return what the same naive predictors say of the rows after the last one."""
        return baseline_forecasts(data, horizon=options.horizon, season=options.season)

    def metric(self, options: OwnSeriesOptions) -> str:
        """Return `rmse_` with the unit, if there is one; of classes the balanced accuracy."""
        if options.predict == "classes":
            return "balanced_accuracy"
        unit = common_unit([_slug(options.unit)] * max(1, len(split_names(options.target))))
        return f"rmse_{unit}" if unit else "rmse"


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


def too_few(samples: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Warn of parts with too few samples for a meaningful score."""
    return tuple(
        f"The {name} part has only {count} samples, so its scores say little; use a shorter window or more rows."
        for name, count in samples
        if count < _FEW[name]
    )


@lru_cache(maxsize=1)  # all stretches of one experiment come from one file
def _read(options: OwnSeriesOptions, content: bytes | None) -> tuple[Table, Rows]:
    table = read_table(verified(content, options.content), table_choices(options.table, options.decimal))
    if options.predict == "classes":
        return table, class_rows(
            table, _steps_of(options), target=options.target, inputs=options.inputs, missing=options.missing
        )
    made = series_table(table, _steps_of(options))
    prepared, inputs = with_numbers(made.table, options.inputs)
    prepared, target = with_numbers(prepared, options.target, "target")
    rows = series_rows(prepared, time=made.time, target=target, inputs=inputs, missing=options.missing)
    return table, replace(rows, notes=(*made.notes, *rows.notes))


def _steps_of(options: OwnSeriesOptions) -> SeriesSteps:
    return SeriesSteps(**{field.name: getattr(options, field.name) for field in dataclasses.fields(SeriesSteps)})


def _task(rows: Rows, options: OwnSeriesOptions) -> TaskData:
    if options.predict == "classes":
        return class_task(rows, window=options.window, ahead=options.horizon)
    return forecast_task(*_series_and_plan(rows, options), notes=rows.notes)


def _series_and_plan(rows: Rows, options: OwnSeriesOptions) -> tuple[TimeSeries, WindowPlan]:
    count, width = max(0, len(rows.values) - options.window), len(rows.inputs)
    _refuse_answers(count, len(rows.targets), options.horizon)
    copied = rows.filled is not None and bool(rows.filled.any())  # windows over gaps are copies, others are views
    if copied and count * options.window * width > MAX_NUMBERS:
        most = max(2, MAX_NUMBERS // (count * width))
        raise DataError(
            f"Windows of {options.window} rows of {width} columns over {len(rows.values):,} rows are {count:,} samples, too "
            f"many to hold; choose a `window` of at most {most}, fewer `inputs`, or fewer rows."
        )
    units = tuple(_slug(options.unit) if name in rows.targets else "" for name in rows.columns)
    series = TimeSeries(
        values=rows.values,
        columns=rows.columns,
        positions=rows.positions,
        units=units,
        season=options.season,
        filled=rows.filled,
    )
    plan = WindowPlan(
        window=options.window,
        targets=rows.targets,
        inputs=rows.inputs,
        horizon=options.horizon,
        differencing=options.differencing,
        scaling=options.scaling,
    )
    return series, plan


def _refuse_answers(count: int, targets: int, horizon: int) -> None:
    """Refuse more answers than fit in memory.

    Raises:
        DataError: With the horizon that fits.
    """
    if count * targets * horizon > MAX_ANSWERS:
        raise DataError(
            f"{count:,} samples with {horizon} steps ahead of {targets} {'target' if targets == 1 else 'targets'} are too many "
            f"answers to hold; choose a `horizon` of at most {max(1, MAX_ANSWERS // (count * targets))}, or fewer targets."
        )


def _slug(unit: str) -> str:
    return re.sub(r"\W+", "_", unit).strip("_")
