"""Options of a visitor's own time series."""

from dataclasses import dataclass

from data.fields import integer, text
from data.panel import SCALES, SPLITS
from data.uploads.series_table import REFUSE, ROWS, WHICH
from data.uploads.shared_options import (
    asked_field,
    content_field,
    decimal_field,
    file_field,
    hidden_choice,
    hidden_text,
    missing_field,
    names_field,
    table_field,
)
from data.uploads.table_steps import COMBINE, STEPS
from data.window_options import differencing_field, horizon_field, scaling_field, window_field


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeriesOptions:
    """Options of an own series; a row is a step."""

    content: str = content_field()
    file: str = file_field()
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
    only: str = hidden_text("Only", "Name of the series that is used; of several, separated by commas.", longest=4_000)
    which: str = hidden_choice(
        "one", WHICH, label="Which series", help="One series, some of them, or all of them with one model."
    )
    split_by: str = hidden_choice(
        "time",
        SPLITS,
        label="Split by",
        help="Whether all series are tested on the same dates, or whole series are held out.",
    )
    scale_by: str = hidden_choice(
        "series", SCALES, label="Scale", help="Whether each series has its own mean and deviation, or all share one."
    )
    stack: str = hidden_text(
        "Same in different places",
        "Columns that are one quantity in different places; each becomes a series.",
        longest=4_000,
    )
    static: str = hidden_text("Static", "Columns that stay the same within a series, such as size or region.")
    known: str = hidden_text("Known ahead", "Columns that are known for the rows to predict, such as a planned price.")
    calendar: str = hidden_text(
        "Calendar", "Parts of the date that are known ahead: hour, weekday, month, separated by commas.", longest=40
    )
    answer_at: str = hidden_choice(
        "next",
        {"next": "A later step", "same": "The same step"},
        label="Class of",
        help="Whether a class is predicted for a later row, or for the window's last row from its other columns.",
    )
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
