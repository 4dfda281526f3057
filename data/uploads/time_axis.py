"""Find the time columns: dates, digits, a date and a time of day, or separate year, month, day and hour."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from data.errors import DataError
from data.uploads.find_date_format import Dates, first_unreadable, read_dates, read_digits
from data.uploads.findings import Found
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.time_parts import dates_of_columns, dates_of_parts, is_part, part_columns, part_numbers

NO_TIME = "-"
_TIME_WORD = re.compile(
    r"(?:^|[^a-z])(date|datetime|time|timestamp|datum|zeit|zeitpunkt|tag|day|week|month|monat|year|jahr|quarter|quartal|period|periode|woche|semaine|mois|epoch|unix|fecha|ds|ts|t|hour)"
    r"s?(?:$|[^a-z])|date$|time$|timestamp$|^date|^time"
)


_CLOCK_WORD = re.compile(r"(?:^|[^a-z])(time|hhmm|hhmmss|hrmn|clock|uhrzeit|zeit|hour|heure|hora)s?(?:$|[^a-z])")
_LAST_HOUR = 24


def says_time(name: str) -> bool:
    """Return whether a column's name is a word for time."""
    return bool(_TIME_WORD.search(name.lower()))


def find_time(table: Table) -> Found:
    """Suggest the time columns.

    Returns:
        Names of the columns, joined as an option holds them; empty if no column looks like time.
    """
    for find in (_date_and_clock, _dates, _parts, _digits, _rising):
        found = find(table)
        if found is not None:
            return found
    return Found("", "No column holds the time, so the rows count as evenly spaced in their order.", guessed=True)


def unreadable_time(table: Table, names: str = "") -> str:
    """Return a sentence about a column that looks like time and cannot be read; empty if there is none.

    Args:
        table: The table.
        names: The columns of the time, joined; if there are some, only these are looked at.
    """
    chosen = split_names(names)
    if names == NO_TIME or len(chosen) > 1:  # columns that are read together need not be dates alone
        return ""
    for column in table.of_kind("text"):
        if chosen and column.name not in chosen:
            continue
        row = first_unreadable(column.texts, column.missing)
        if row is None and says_time(column.name) and column.texts.str.contains(r"\d").mean() > 0.5:
            row = int((~column.missing).argmax())
        if row is None and chosen:
            row = int((~column.missing).argmax())
        if row is not None and (chosen or says_time(column.name) or column.texts.nunique() > table.rows / 2):
            return (
                f"{table.where(row, column)} holds `{shown_name(str(column.texts.iloc[row]))}`, which cannot be read as time like "
                f"the rest of the column looks; correct it or choose a date format. The order of the rows was not checked."
            )
    return ""


def with_time(table: Table, names: str, date_format: str = "") -> tuple[Table, Column | None]:
    """Build the time column.

    Args:
        table: The table.
        names: Columns of the time, joined as an option holds them; `-` or empty for none.
        date_format: The format that the visitor or the reading chose; columns of digits are dates only with one.

    Returns:
        The table, with one column of dates in place of combined columns, and that column.

    Raises:
        DataError: If a column does not exist, or the columns do not give a time.
    """
    if not names.strip() or names.strip() == NO_TIME:
        return table, None
    columns = named_columns(table, names)
    if len(columns) == 1:
        return _single(table, columns[0], date_format)
    written = any(
        clock_digits(column) or (column.kind in ("date", "text") and part_numbers(column) is None) for column in columns
    )
    dates = _joined(columns) if written else dates_of_columns(table, columns)
    if dates is None:
        listed = ", ".join(f"`{shown_name(column.name)}`" for column in columns)
        raise DataError(f"The columns {listed} give no time together; choose other columns as `time`, or - for none.")
    name = " ".join(column.name for column in columns)[:80]
    texts = pd.Series(dates.positions(), dtype="str")
    missing = np.isnat(dates.times)
    clock = Column(name=name, index=columns[0].index, kind="date", texts=texts, missing=missing, dates=dates)
    rest = tuple(column for column in table.columns if column not in columns)
    return replace(table, columns=(clock, *rest)), clock


def named_columns(table: Table, names: str) -> list[Column]:
    """Return the columns of the time by their joined names; a single name with a comma needs no quotation marks."""
    exact = [column for column in table.columns if column.name == names.strip()]
    return exact[:1] or [table.column(name, "time") for name in split_names(names)]


def _single(table: Table, column: Column, date_format: str) -> tuple[Table, Column]:
    if column.kind != "number" or not date_format:
        return table, column
    dates = read_digits(column.texts, column.missing, named=True, chosen=date_format)
    if dates is None:
        return table, column
    clock = replace(column, kind="date", numbers=None, dates=dates)
    return replace(table, columns=tuple(clock if one is column else one for one in table.columns)), clock


def _joined(columns: list[Column]) -> Dates | None:
    """Read date and time of day from two columns."""
    by_kind = sorted(columns, key=_is_clock)
    texts = by_kind[0].texts
    missing = by_kind[0].missing.copy()
    for column in by_kind[1:]:
        texts = texts.str.cat(pd.Series(_clock_texts(column), dtype="str"), sep=" ")
        missing |= column.missing
    dates = by_kind[0].dates
    if dates is not None and len(by_kind) == 2 and by_kind[1].dates is not None and _is_clock(by_kind[1]):
        clock = by_kind[1].dates.times
        since_midnight = clock - clock.astype("datetime64[D]")
        times = dates.times.astype("datetime64[D]").astype("datetime64[us]") + since_midnight
        return replace(dates, times=times, precision="time")
    return read_dates(texts.str.strip(), missing)


def _clock_texts(column: Column) -> list[str]:
    """Return clocks with colons: `9` is 09:00, and in a column of digits `930` is 09:30 and `93015` is 09:30:15."""
    width = clock_digits(column)
    if width:
        padded = [text.zfill(width) for text in column.texts]
        return [":".join(text[place : place + 2] for place in range(0, width, 2)) for text in padded]
    return [f"{text}:00" if re.fullmatch(r"\d{1,2}", text) else text for text in column.texts]


def clock_digits(column: Column) -> int:
    """Return how many digits the clocks of a column such as `hhmm` have, 4 or 6; 0 if it holds no clocks in digits."""
    if column.numbers is None or column.missing.any() or not _CLOCK_WORD.search(column.name.lower()):
        return 0
    if not bool(column.texts.str.fullmatch(r"\d{1,6}").all()) or column.numbers.max() <= _LAST_HOUR:
        return 0
    width = 4 if column.numbers.max() <= 100 * _LAST_HOUR else 6
    whole = column.numbers.astype(np.int64) * (1 if width == 6 else 100)
    fits = (whole <= 10_000 * _LAST_HOUR) & (whole // 100 % 100 < 60) & (whole % 100 < 60)
    return width if bool(fits.all()) else 0


def _is_clock(column: Column) -> bool:
    return column.dates is not None and column.dates.precision == "clock"


def _date_and_clock(table: Table) -> Found | None:
    dates = [column for column in table.of_kind("date") if not _is_clock(column)]
    clocks = [column for column in table.of_kind("date") if _is_clock(column)]
    days = [column for column in dates if column.dates is not None and column.dates.precision == "day"]
    if days and clocks:
        names = join_names([days[0].name, clocks[0].name])
        return Found(names, f"`{shown_name(days[0].name)}` holds the day and `{shown_name(clocks[0].name)}` the clock.")
    digits = [column for column in table.of_kind("number") if clock_digits(column)]
    written = days or [column for column in table.of_kind("number") if _is_day_of_digits(column)]
    if written and digits and _repeats(written[0]):
        names = join_names([written[0].name, digits[0].name])
        said = f"`{shown_name(written[0].name)}` holds the day and `{shown_name(digits[0].name)}` the clock in digits."
        return Found(names, said)
    hours = [column for column in table.of_kind("number") if is_part(column, "hour")]
    if days and hours and _repeats(days[0]):
        names = join_names([days[0].name, hours[0].name])
        return Found(names, f"`{shown_name(days[0].name)}` holds the day and `{shown_name(hours[0].name)}` the hour.")
    return None


def _is_day_of_digits(column: Column) -> bool:
    dates = digit_dates(column, first=False)
    return dates is not None and dates.format == "%Y%m%d"


def _repeats(column: Column) -> bool:
    return bool(2 * column.texts.nunique() <= len(column.texts))


def _dates(table: Table) -> Found | None:
    dates = sorted(table.of_kind("date"), key=lambda column: (not says_time(column.name), column.gaps))
    if not dates or dates[0].dates is None:
        return None
    first = dates[0]
    others = [f"`{shown_name(column.name)}`" for column in dates[1:]]
    more = f" {', '.join(others[:3])} {'holds' if len(others) == 1 else 'hold'} dates, too." if others else ""
    read = first.dates.words() if first.dates else ""
    return Found(first.name, f"`{shown_name(first.name)}` holds dates written {read}.{more}", guessed=len(dates) > 1)


def _parts(table: Table) -> Found | None:
    found = part_columns(table)
    if (
        "year" not in found
        or dates_of_parts({part: np.asarray(part_numbers(column)) for part, column in found.items()}) is None
    ):
        return None
    names = [column.name for column in found.values()]
    listed = ", ".join(f"`{shown_name(name)}`" for name in names)
    return Found(join_names(names), f"{listed} give the time together.", guessed=not table.header)


def _digits(table: Table) -> Found | None:
    for column in table.of_kind("number"):
        dates = digit_dates(column, first=column is table.columns[0] and len(table.columns) > 1)
        if dates is not None:
            reason = f"The digits of `{shown_name(column.name)}` read as {dates.words()}."
            return Found(column.name, reason, guessed=not says_time(column.name))
    return None


def digit_dates(column: Column, *, first: bool) -> Dates | None:
    """Read a column of digits as dates where its name or place allows.

    Args:
        column: A column of numbers.
        first: Whether it is the first of several columns.
    """
    if column.numbers is None:
        return None
    named = says_time(column.name)
    dates = read_digits(column.texts, column.missing, named=named or first)
    if dates is not None and dates.format == "excel" and not re.search("date|datum|fecha", column.name.lower()):
        return None
    if dates is None or dates.format == "%Y%m%d" or named:
        return dates
    steps = np.diff(column.numbers[~column.missing])
    ordered = len(steps) > 1 and bool((steps > 0).all() or (steps < 0).all())
    return dates if ordered else None


def _rising(table: Table) -> Found | None:
    """Accept as time a column of numbers that only rise or only fall, if it is first or its name says time."""
    if len(table.of_kind("number")) < 2 or table.rows < 3:
        return None
    for column in table.of_kind("number"):
        if column.missing.any() or not (column is table.columns[0] or says_time(column.name)):
            continue
        steps = np.diff(column.numbers) if column.numbers is not None else np.zeros(1)
        if bool((steps > 0).all() or (steps < 0).all()):
            way = "rise" if steps[0] > 0 else "fall"
            return Found(column.name, f"The numbers in `{shown_name(column.name)}` only {way}.", guessed=True)
    return None
