"""A visitor's own time series: forecast a column of a CSV file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from data.baselines import forecast_baselines
from data.catalog import Baseline, Dataset, dataset
from data.errors import DataError
from data.fields import Value, integer, text
from data.forecast_windows import (
    TimeSeries,
    WindowPlan,
    common_unit,
    differencing_field,
    forecast_task,
    horizon_field,
    scaling_field,
    window_field,
)
from data.task import Array, TaskData
from data.uploads.report import Report, table_report
from data.uploads.series_rows import Rows, series_rows
from data.uploads.shared_options import (
    MAX_NUMBERS,
    content_field,
    decimal_field,
    missing_field,
    names_field,
    split_names,
    table_choices,
    table_field,
    verified,
)
from data.uploads.table import Table, read_table, shown_name

_COPY = 0.9999  # two columns that correlate so much are one in another unit
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
    window: int = window_field(24, 2, 512, unit="rows")
    horizon: int = horizon_field(1, 64, unit="rows")
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


@dataset
class OwnSeries(Dataset):
    """A time series in a CSV file: one row a time step, one column a quantity."""

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
        """Score persistence, the seasonal naive forecast and AR by least squares."""
        return forecast_baselines(data, horizon=options.horizon, season=options.season)

    def metric(self, options: OwnSeriesOptions) -> str:
        """Return `rmse_` with the unit, if there is one."""
        unit = common_unit([_slug(options.unit)] * max(1, len(split_names(options.target))))
        return f"rmse_{unit}" if unit else "rmse"


def leaks(rows: Rows, horizon: int) -> tuple[str, ...]:
    """Warn of inputs that hold the target.

    Args:
        rows: The series.
        horizon: Steps ahead; a column that runs so far ahead of the target gives the answer away.
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
    """Warn of parts with so few samples that their scores are chance."""
    return tuple(
        f"The {name} part has only {count} samples, so its scores say little; use a shorter window or more rows."
        for name, count in samples
        if count < _FEW[name]
    )


def _read(options: OwnSeriesOptions, content: bytes | None) -> tuple[Table, Rows]:
    table = read_table(verified(content, options.content), table_choices(options.table, options.decimal))
    rows = series_rows(table, time=options.time, target=options.target, inputs=options.inputs, missing=options.missing)
    return table, rows


def _task(rows: Rows, options: OwnSeriesOptions) -> TaskData:
    count, width = max(0, len(rows.values) - options.window), len(rows.inputs)
    if count * options.window * width > MAX_NUMBERS:
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
    return forecast_task(series, plan, notes=rows.notes)


def _slug(unit: str) -> str:
    return re.sub(r"\W+", "_", unit).strip("_")
