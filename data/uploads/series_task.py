"""The task made from a visitor's time series: values or classes, of one series or of several with one model."""

import dataclasses
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from data.errors import DataError
from data.forecast_recipe import ForecastRecipe, series_recipe
from data.forecast_windows import forecast_repeat, forecast_stretches, forecast_task
from data.panel import Panel
from data.panel_recipe import panel_recipe
from data.panel_windows import panel_repeat, panel_stretches, single_panel
from data.task import TaskData
from data.time_series import TimeSeries
from data.uploads.class_panel import class_panel_stretches, class_panel_task
from data.uploads.class_windows import class_rows, class_stretches, class_table, class_task
from data.uploads.known_ahead import known_rows, with_calendar
from data.uploads.many_series import ManyRows, many_rows
from data.uploads.series_leaks import leaks
from data.uploads.series_limits import fewest_rows, refuse_answers, refuse_numbers
from data.uploads.series_options import OwnSeriesOptions
from data.uploads.series_rows import Rows
from data.uploads.series_table import ONE, SeriesSteps, series_table, with_numbers
from data.uploads.shared_options import MAX_NUMBERS, split_names, table_choices, verified
from data.uploads.table import Table, read_table
from data.window_options import WindowPlan


class Made(Protocol):
    """The task made from a file: one series or several, values or classes."""

    @property
    def table(self) -> Table:
        """The table as it stands in the file."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may make the result misleading."""
        ...

    def load(self, seed: int) -> TaskData:
        """Return one split."""
        ...

    def stretches(self) -> int:
        """Return how many stretches of time there are; see `Dataset.stretches`."""
        ...

    def repeat(self, seed: int, number: int) -> TaskData:
        """Return the data of one repeat; see `Dataset.load_repeat`."""
        ...

    def forecast_recipe(self, seed: int, number: int | None) -> ForecastRecipe | None:
        """Return how the newest rows become a forecast; None of classes."""
        ...


@lru_cache(maxsize=1)  # all stretches of one experiment come from one file
def read_series(options: OwnSeriesOptions, content: bytes | None) -> Made:
    """Read a file as the options say; the last one is remembered.

    Raises:
        DataError: If the bytes do not match the options or cannot be used.
    """
    table = read_table(verified(content, options.content), table_choices(options.table, options.decimal))
    classes = options.predict == "classes"
    if options.which != ONE and (options.series or options.stack):
        return _ManyClasses.of(table, options) if classes else _ManyValues.of(table, options)
    return _Classes.of(table, options) if classes else _Values.of(table, options)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Values:
    """Values of one series."""

    table: Table
    warnings: tuple[str, ...]
    rows: Rows
    series: TimeSeries
    plan: WindowPlan
    calendar: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, options: OwnSeriesOptions) -> "_Values":
        made = series_table(table, _steps_of(options))
        prepared, inputs = with_numbers(made.table, options.inputs)
        prepared, target = with_numbers(prepared, options.target, "target")
        rows = known_rows(
            prepared, time=made.time, target=target, inputs=inputs, known=options.known, missing=options.missing
        )
        rows = replace(rows, notes=(*made.notes, *rows.notes))
        series, plan = _series_and_plan(rows, options)
        return cls(
            table=table,
            warnings=rows.warnings + leaks(rows, options.horizon),
            rows=rows,
            series=series,
            plan=plan,
            calendar=tuple(split_names(options.calendar)),
        )

    def load(self, seed: int) -> TaskData:
        return forecast_task(self.series, self.plan, notes=self.rows.notes)

    def stretches(self) -> int:
        return forecast_stretches(self.series, self.plan)

    def repeat(self, seed: int, number: int) -> TaskData:
        return forecast_repeat(self.series, self.plan, number, notes=self.rows.notes)

    def forecast_recipe(self, seed: int, number: int | None) -> ForecastRecipe | None:
        return replace(series_recipe(self.series, self.plan, number), calendar=self.calendar)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Classes:
    """Classes of one series."""

    table: Table
    warnings: tuple[str, ...]
    rows: Rows
    window: int
    ahead: int

    @classmethod
    def of(cls, table: Table, options: OwnSeriesOptions) -> "_Classes":
        rows = class_rows(
            table, _steps_of(options), target=options.target, inputs=options.inputs, missing=options.missing
        )
        return cls(table=table, warnings=rows.warnings, rows=rows, window=options.window, ahead=ahead_of(options))

    def load(self, seed: int) -> TaskData:
        return class_task(self.rows, window=self.window, ahead=self.ahead)

    def stretches(self) -> int:
        return class_stretches(self.rows, window=self.window, ahead=self.ahead)

    def repeat(self, seed: int, number: int) -> TaskData:
        return class_task(self.rows, window=self.window, ahead=self.ahead, number=number)

    def forecast_recipe(self, seed: int, number: int | None) -> ForecastRecipe | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ManyValues:
    """Values of several series."""

    table: Table
    warnings: tuple[str, ...]
    panel: Panel
    plan: WindowPlan
    notes: tuple[str, ...]
    calendar: tuple[str, ...]
    named_by: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, options: OwnSeriesOptions) -> "_ManyValues":
        steps = _steps_of(options)
        made = series_table(table, steps)
        prepared, inputs = with_numbers(made.table, options.inputs)
        prepared, target = with_numbers(prepared, options.target, "target")
        lag = {"none": 0, "first": 1, "seasonal": options.season}[options.differencing]
        columns = {"target": target, "inputs": inputs, "known": options.known, "static": options.static}
        many = many_rows(
            replace(made, table=prepared),
            steps,
            columns=columns,
            missing=options.missing,
            fewest=fewest_rows(options, lag + options.window + options.horizon),
        )
        pairs = [_series_and_plan(rows, options) for rows in many.rows]
        refuse_numbers(many, options)
        return cls(
            table=table,
            warnings=many.warnings + leaks(many.rows[0], options.horizon),
            panel=_panel(many, [series for series, _ in pairs], options),
            plan=pairs[0][1],
            notes=many.notes,
            calendar=tuple(split_names(options.calendar)),
            named_by=tuple(split_names(options.series)),
        )

    def load(self, seed: int) -> TaskData:
        return single_panel(self.panel, self.plan, seed=seed, notes=self.notes)

    def stretches(self) -> int:
        return panel_stretches(self.panel, self.plan)

    def repeat(self, seed: int, number: int) -> TaskData:
        return panel_repeat(self.panel, self.plan, seed=seed, number=number, notes=self.notes)

    def forecast_recipe(self, seed: int, number: int | None) -> ForecastRecipe | None:
        made = panel_recipe(self.panel, self.plan, seed=seed, number=number)
        return replace(made, calendar=self.calendar, named_by=self.named_by)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ManyClasses:
    """Classes of several series."""

    table: Table
    warnings: tuple[str, ...]
    many: ManyRows
    panel: Panel
    window: int
    ahead: int

    @classmethod
    def of(cls, table: Table, options: OwnSeriesOptions) -> "_ManyClasses":
        steps = _steps_of(options)
        found = class_table(table, steps, target=options.target, inputs=options.inputs)
        ahead = ahead_of(options)
        many = many_rows(
            found.made,
            steps,
            columns={"target": options.target, "inputs": found.inputs, "known": "", "static": options.static},
            missing=options.missing,
            fewest=fewest_rows(options, options.window + ahead),
        )
        many = replace(many, rows=tuple(replace(rows, classes=found.classes) for rows in many.rows))
        refuse_numbers(many, options)
        series = [_series_and_plan(rows, replace(options, known="", calendar=""))[0] for rows in many.rows]
        return cls(
            table=table,
            warnings=many.warnings,
            many=many,
            panel=_panel(many, series, options),
            window=options.window,
            ahead=ahead,
        )

    def load(self, seed: int) -> TaskData:
        return class_panel_task(self.many, self.panel, window=self.window, ahead=self.ahead, seed=seed)

    def stretches(self) -> int:
        return class_panel_stretches(self.panel, window=self.window, ahead=self.ahead)

    def repeat(self, seed: int, number: int) -> TaskData:
        return class_panel_task(self.many, self.panel, window=self.window, ahead=self.ahead, seed=seed, number=number)

    def forecast_recipe(self, seed: int, number: int | None) -> ForecastRecipe | None:
        return None


def _panel(many: ManyRows, series: list[TimeSeries], options: OwnSeriesOptions) -> Panel:
    return Panel(
        series=tuple(series), names=many.names, static=many.static, split=options.split_by, scale=options.scale_by
    )


def ahead_of(options: OwnSeriesOptions) -> int:
    """Return how many rows the class is after a window's last row; 0 for the class of that row."""
    return 0 if options.answer_at == "same" else options.horizon


def _steps_of(options: OwnSeriesOptions) -> SeriesSteps:
    return SeriesSteps(**{field.name: getattr(options, field.name) for field in dataclasses.fields(SeriesSteps)})


def _series_and_plan(rows: Rows, options: OwnSeriesOptions) -> tuple[TimeSeries, WindowPlan]:
    count, width = max(0, len(rows.values) - options.window), len(rows.inputs)
    refuse_answers(count, len(rows.targets), options.horizon)
    copied = rows.filled is not None and bool(rows.filled.any())  # windows over gaps are copies, others are views
    if copied and count * options.window * width > MAX_NUMBERS:
        most = max(2, MAX_NUMBERS // (count * width))
        raise DataError(
            f"Windows of {options.window} rows of {width} columns over {len(rows.values):,} rows are {count:,} samples, too "
            f"many for memory; choose a `window` of at most {most}, fewer `inputs`, or fewer rows."
        )
    series, calendar = with_calendar(_time_series(rows, options), options.calendar, options.horizon)
    plan = WindowPlan(
        window=options.window,
        targets=rows.targets,
        inputs=rows.inputs,
        horizon=options.horizon,
        differencing=options.differencing,
        scaling=options.scaling,
        known=(*split_names(options.known), *calendar),
    )
    return series, plan


def _time_series(rows: Rows, options: OwnSeriesOptions) -> TimeSeries:
    return TimeSeries(
        values=rows.values,
        columns=rows.columns,
        positions=rows.positions,
        units=tuple(unit_slug(options.unit) if name in rows.targets else "" for name in rows.columns),
        season=options.season,
        filled=rows.filled,
        future=rows.future,
    )


def unit_slug(unit: str) -> str:
    """Return a unit in the form used in names of metrics."""
    return re.sub(r"\W+", "_", unit).strip("_")
