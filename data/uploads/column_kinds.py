"""Decide what each column holds: numbers, dates, text or nothing. Values that are not numbers are counted and reported, never guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.column import Column, RawColumn, shown_name
from data.uploads.decimal_sign import conventions_to_try, decimals_of
from data.uploads.find_date_format import Dates, read_dates
from data.uploads.findings import Found, Question, TableChoices
from data.uploads.number_text import (
    INFINITE,
    MISSING,
    MISSING_BESIDE_NUMBERS,
    PLAIN_NUMBERS,
    Convention,
    are_numbers,
    matches,
    parse,
    plain_numbers,
    units_of,
)
from data.uploads.odd_times import OddTimes, odd_findings, odd_question, read_odd_times

LARGEST_NUMBER = 1e30  # squares of larger numbers overflow in 32-bit training
MAX_STRAY_SHARE = 0.05  # of the non-missing values; with a larger share of words, the column is text
_MONTHS = re.compile(r"(?:0[1-9]|1[0-2])\.(?:1[5-9]|2[0-2])[0-9]{2}")  # as numbers they would have a zero in front
_EXACT = 2.0**53
_BOOLEANS = {"true": 1.0, "false": 0.0}
_INFINITE = re.compile(INFINITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """All columns, what was found while determining their kinds, and open questions."""

    columns: tuple[Column, ...]
    decimal: str
    findings: dict[str, Found]
    questions: tuple[Question, ...]


def type_columns(
    texts: Sequence["pd.Series[str]"], names: Sequence[str], *, lines: Array, separator: str, choices: TableChoices
) -> Typed:
    """Give every column its kind.

    Args:
        texts: The values of each column.
        names: Their names.
        lines: `(L,)` the line in the file of every row.
        separator: The character between columns, a hint for the decimal sign.
        choices: What the visitor chose.

    Raises:
        DataError: If a number is infinite or too large.
    """
    raw = [_raw(values, name, index, lines) for index, (values, name) in enumerate(zip(texts, names, strict=True))]
    columns: dict[int, Column] = {}
    for one in raw:
        found = _without_numbers(one, choices)
        if found is not None:
            columns[one.index] = found
    open_ones = {one.index: one.texts[~one.missing] for one in raw if one.index not in columns}
    dotted = any(
        column.dates is not None and re.search("%[dm][.]%", column.dates.format) for column in columns.values()
    )
    decimals = decimals_of(open_ones, separator, choices, dotted_dates=dotted)
    for one in raw:
        if one.index not in columns:
            columns[one.index] = _numbers_or_text(one, decimals.signs[one.index], choices)
    odd = _odd_times([one for one in raw if columns[one.index].kind == "text"], columns, choices)
    ordered = tuple(columns[index] for index in sorted(columns))
    findings = {"decimal": decimals.found} | _thousands(ordered, choices) | _strays(ordered, choices)
    findings |= odd_findings(odd, choices)
    asked = [*odd_question(odd, choices), *([decimals.question] if decimals.question else [])]
    asked += _stray_question(ordered, lines, choices)
    return Typed(columns=ordered, decimal=decimals.found.value, findings=findings, questions=tuple(asked))


def _raw(values: "pd.Series[str]", name: str, index: int, lines: Array) -> RawColumn:
    texts = values.str.strip()
    if plain_numbers(texts) is not None:
        return RawColumn(name=name, index=index, texts=texts, missing=np.zeros(len(texts), dtype=bool), lines=lines)
    missing = texts.str.lower().isin(MISSING).to_numpy(dtype=bool)
    return RawColumn(name=name, index=index, texts=texts, missing=missing, lines=lines)


def _common(raw: RawColumn, missing: Array | None = None) -> dict[str, Any]:
    missing = raw.missing if missing is None else missing
    return {"name": raw.name, "index": raw.index, "texts": raw.texts, "missing": missing}


def _without_numbers(raw: RawColumn, choices: TableChoices) -> Column | None:
    """Return a column that is empty, of `true` and `false`, of dates, or of words alone; None if it may hold numbers."""
    present = raw.texts[~raw.missing]
    if present.empty:
        return Column(kind="empty", **_common(raw))
    if (
        _MONTHS.fullmatch(str(present.iloc[0]))
        and matches(present, _MONTHS.pattern).all()
        and present.str.startswith("0").any()
    ):
        return _date_column(raw, raw.missing, choices)
    if plain_numbers(present) is not None:
        return None
    words = present.iloc[:1000].str.lower()
    if words.isin(_BOOLEANS).all() and present.str.lower().isin(_BOOLEANS).all():
        numbers = raw.texts.str.lower().map(_BOOLEANS).to_numpy(dtype=np.float64, na_value=np.nan)
        remark = f"The column `{shown_name(raw.name)}` holds true and false, which are 1 and 0."
        return Column(kind="number", numbers=numbers, remark=remark, boolean=True, **_common(raw))
    if not present.str.contains("[0-9]", regex=True).any():
        if _INFINITE.fullmatch(str(present.iloc[0])) and matches(present, INFINITE).all():
            return None
        return Column(kind="text", **_common(raw))
    missing = _missing_beside(raw)
    if missing.all() or plain_numbers(raw.texts[~missing]) is not None:
        return None
    return _date_column(raw, missing, choices)


def _date_column(raw: RawColumn, missing: Array, choices: TableChoices) -> Column | None:
    dates = read_dates(raw.texts, missing, choices.date_format)
    if dates is None:
        return None
    return Column(kind="date", dates=dates, remark=_date_remark(raw.name, dates), **_common(raw, missing))


def _odd_times(
    texts: Sequence[RawColumn], columns: dict[int, Column], choices: TableChoices
) -> list[tuple[RawColumn, OddTimes]]:
    """Read columns of text as dates where only a few values are none; return those."""
    odd = [(one, read_odd_times(one, _missing_beside(one), choices)) for one in texts]
    found = [(one, times) for one, times in odd if times is not None]
    for one, times in found:
        missing = np.isnat(times.dates.times)
        columns[one.index] = Column(kind="date", dates=times.dates, remark=times.words(), **_common(one, missing))
    return found


def _missing_beside(raw: RawColumn) -> Array:
    missing: Array = raw.missing | raw.texts.str.lower().isin(MISSING_BESIDE_NUMBERS).to_numpy(dtype=bool)
    return missing


def _numbers_or_text(raw: RawColumn, sign: str, choices: TableChoices) -> Column:
    if (
        sign == "."
        and choices.thousands in ("", "none", "comma")
        and plain_numbers(raw.texts[~raw.missing]) is not None
    ):
        return _number_column(raw, raw.missing, PLAIN_NUMBERS)
    missing = _missing_beside(raw)
    present = raw.texts[~missing]
    convention, numeric = _best(present, sign, choices)
    infinite = _infinite(present, numeric)
    strays = int((~numeric & ~infinite).sum())
    counted = numeric.any() and _strays_are_gaps(strays, len(present), int(numeric.sum()), choices)
    if infinite.any() and (counted or not strays):
        _refuse_infinite(raw, int(np.flatnonzero(~missing)[int(infinite.argmax())]))
    if not len(present) or not strays:
        return _number_column(raw, missing, convention)
    if counted:
        rows = np.flatnonzero(~missing)[~numeric]
        gaps = missing.copy()
        gaps[rows] = True
        said = _stray_remark(raw, rows, strays, "they count as missing")
        return _number_column(raw, gaps, convention, strays=strays, remark=said)
    remark = ""
    if 2 * numeric.sum() > len(present):
        remark = _stray_remark(raw, np.flatnonzero(~missing)[~numeric], strays, "so it is read as text")
    return Column(kind="text", remark=remark, convention=convention, strays=strays if remark else 0, **_common(raw))


def _strays_are_gaps(strays: int, count: int, numbers: int, choices: TableChoices) -> bool:
    """Return whether words in a column count as missing: if they are few, or if the visitor chose so."""
    if choices.not_numbers == "missing":
        return 2 * numbers > count
    return not choices.not_numbers and strays <= MAX_STRAY_SHARE * count


def _best(present: "pd.Series[str]", sign: str, choices: TableChoices) -> tuple[Convention, Array]:
    """Return the first convention that can read every text, else the one that reads most."""
    best: tuple[Convention, Array] | None = None
    for convention in conventions_to_try(sign, choices):
        numeric = are_numbers(present, convention)
        if best is None or numeric.sum() > best[1].sum():
            best = convention, numeric
        if numeric.all():
            break
    if best is None:
        raise ValueError("no convention to try")
    return best


def _infinite(present: "pd.Series[str]", numeric: Array) -> Array:
    found = np.zeros(len(present), dtype=bool)
    if not numeric.all():
        found[~numeric] = matches(present[~numeric], INFINITE)
    return found


def _number_column(
    raw: RawColumn, missing: Array, convention: Convention, *, strays: int = 0, remark: str = ""
) -> Column:
    numbers = np.full(len(raw.texts), np.nan)
    present = raw.texts[~missing]
    plain = plain_numbers(present) if convention == PLAIN_NUMBERS else None
    numbers[~missing] = parse(present, convention) if plain is None else plain
    unusable = ~missing & ~(np.abs(numbers) <= LARGEST_NUMBER)
    if unusable.any():
        _refuse_infinite(raw, int(unusable.argmax()))
    said = [remark] if remark else []
    if (np.abs(numbers[~missing]) > _EXACT).any():
        said.append(f"The column `{shown_name(raw.name)}` has numbers beyond 2^53, which keep about 16 digits.")
    units = units_of(present) if plain is None else ()
    unit = units[0] if len(units) == 1 else ""
    if unit:
        said.append(f"Every value of `{shown_name(raw.name)}` carries `{unit}`, which was taken off.")
    elif sum(map(bool, units)) > 1:
        listed = " and ".join(f"`{one}`" for one in units if one)
        said.append(
            f"Values of `{shown_name(raw.name)}` carry {listed}; they were taken off and nothing was converted."
        )
    return Column(
        kind="number",
        numbers=numbers,
        remark=" ".join(said),
        convention=convention,
        unit=unit,
        strays=strays,
        **_common(raw, missing),
    )


def _refuse_infinite(raw: RawColumn, row: int) -> None:
    raise DataError(
        f"{raw.where(row)} holds `{shown_name(str(raw.texts.iloc[row]))}`, which is infinite or beyond "
        f"{LARGEST_NUMBER:g}; correct it, or leave it empty and choose how missing values are treated."
    )


def _stray_remark(raw: RawColumn, rows: Array, strays: int, what: str) -> str:
    first = int(rows[0])
    token = shown_name(str(raw.texts.iloc[first]))
    values = "1 value that is not a number" if strays == 1 else f"{strays:,} values that are not numbers"
    return f"The column `{shown_name(raw.name)}` has {values}, first line {raw.lines[first]:,}: `{token}`; {what}."


def _stray_question(columns: Sequence[Column], lines: Array, choices: TableChoices) -> list[Question]:
    """Ask what becomes of a few words in columns of numbers."""
    found = [column for column in columns if column.strays and column.kind == "number"]
    if not found or choices.not_numbers:
        return []
    column = found[0]
    row = int((column.missing & ~_known_gaps(column)).argmax())
    token, total = shown_name(str(column.texts.iloc[row])), sum(one.strays for one in found)
    values = "1 value is not a number" if total == 1 else f"{total:,} values are not numbers"
    return [
        Question(
            name="not_numbers",
            text=f"In line {lines[row]:,}, `{shown_name(column.name)}` is `{token}`; {values}. Are they missing values?",
            choices=(("missing", "Yes, they are missing"), ("text", "No, the column is text")),
            preselected="missing",
            reason="Nearly all other values of the column are numbers.",
        )
    ]


def _strays(columns: Sequence[Column], choices: TableChoices) -> dict[str, Found]:
    """Report how words in columns of numbers were treated, if there are any."""
    if choices.not_numbers:
        return {"not_numbers": Found(choices.not_numbers, "You chose it.")}
    found = [column.remark for column in columns if column.strays and column.kind == "number"]
    return {"not_numbers": Found("missing", found[0], guessed=True)} if found else {}


def _known_gaps(column: Column) -> Array:
    lowered = column.texts.str.lower()
    gaps: Array = (lowered.isin(MISSING) | lowered.isin(MISSING_BESIDE_NUMBERS)).to_numpy(dtype=bool)
    return gaps


def _thousands(columns: Sequence[Column], choices: TableChoices) -> dict[str, Found]:
    names = {"": "none", ",": "comma", ".": "point", " ": "space", "'": "apostrophe"}
    if choices.thousands:
        return {"thousands": Found(choices.thousands, "You chose it.")}
    grouped = [column for column in columns if column.kind == "number" and column.convention.thousands]
    if not grouped:
        return {"thousands": Found("none", "No number has groups of three digits.")}
    listed = ", ".join(f"`{shown_name(column.name)}`" for column in grouped[:3])
    reason = f"The numbers in {listed}{' and more columns' if len(grouped) > 3 else ''} have groups of three digits."
    return {"thousands": Found(names[grouped[0].convention.thousands], reason, guessed=True)}


def _date_remark(name: str, dates: Dates) -> str:
    also = ", which makes the steps more even than the other order of day and month" if dates.other else ""
    return f"The column `{shown_name(name)}` was read as dates written {dates.words()} ({dates.format}){also}."
