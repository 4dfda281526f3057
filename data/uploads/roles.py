"""Classify the columns of a series (row numbers, ids, constants, flags, sparse columns, quantities) and suggest a target."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.task import Array
from data.uploads.table import Column, Table, shown_name

MAX_CATEGORIES = 20  # different texts of a column that may become inputs
_SPARSE = 0.2  # share of missing rows from which on a column is left out, if they lie in blocks
_BLOCK = 0.1
_ID = re.compile(
    r"^$|^(unnamed|column)[ :_]*\d*$|^(no|nr|id|ids|index|idx|row|rownum|rownames|rn|num|number|key|uuid|guid|code|sno|s no|sr no|instant|record)$"
)
_ID_END = re.compile(r"(^|[ _])(id|uuid|guid|key|code)$")
_BOOLEAN = frozenset({"true", "false", "yes", "no", "y", "n", "t", "f", "ja", "nein", "oui", "non"})
_TRUE = frozenset({"true", "yes", "y", "t", "ja", "oui"})
_PRICES = frozenset({"open", "high", "low", "close", "hoch", "tief", "eröffnung", "schluss"})
_CLOSE = re.compile(r"(close|schluss)(kurs| last| price)?$")
_HINTS = (
    r"^target$",
    r"^y$",
    r"^ot$",
    r"(^|[ _])sales$",
    r"(^| )(pm2 5|pm25|pm10)( |$)",
    r"(^| )(weekly |total |unit )?(sales|umsatz|demand|revenue)( |$)",
    r"(^| )(cnt|count|passengers|traffic volume|consumption|verbrauch)( |$)",
    r"^(price|preis|value|wert)( |$)",
    r"(^| )(load|mw|power|price|close)( |$)",
    r"(^| )(temperature|temp)( |$)|^t (deg|°)",
)
_NAMES_SERIES = re.compile(
    r"(^|[^a-z])(store|shop|item|product|sku|device|sensor|station|site|plant|unit|machine|engine|symbol|ticker|stock|country|region|state"
    r"|city|county|make|brand|user|customer|household|meter|subject|series|id|name|location|variable|category|family)s?($|[^a-z])|_id$|id$"
)
_EVENT = re.compile(
    r"^(up|down|direction|label|class|target|y|occupancy|failure|fault|anomaly|event|default|churn|rain|trend)$|tomorrow|^next_"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """The role of a column.

    Attributes:
        kind: `row number`, `id`, `constant`, `empty`, `sparse`, `text`, `category`, `boolean`, `flag` or `quantity`.
        reason: Why, in one sentence, for columns that are left out by default.
    """

    kind: str
    reason: str


def role_of(table: Table, column: Column, *, alone: bool = False) -> Role:
    """Determine a column's role.

    Args:
        table: Its table.
        column: The column, not one of the time.
        alone: Whether it is the only column of numbers, which always counts as the quantity.
    """
    shown = f"`{shown_name(column.name)}`"
    if column.kind == "empty" or column.missing.all():
        return Role(kind="empty", reason=f"{shown} holds no value.")
    if column.constant:
        return Role(kind="constant", reason=f"{shown} holds {shown_name(str(first_text(column)))} in every row.")
    if column.kind == "date":
        return Role(kind="date", reason=f"{shown} holds dates, not numbers.")
    if column.kind == "text":
        return _text_role(column, shown)
    if not alone:
        counted = _counted(table, column, shown)
        if counted is not None:
            return counted
    present = np.unique(column.numbers[~column.missing]) if column.numbers is not None else np.zeros(0)
    blocks = _sparse(column)
    if blocks and not alone:
        return Role(kind="sparse", reason=f"{shown} has no value in {column.gaps:,} of {table.rows:,} rows.")
    if len(present) == 2 and not alone:
        return Role(kind="flag", reason=f"{shown} has only two values, {present[0]:g} and {present[1]:g}.")
    return Role(kind="quantity", reason="")


def first_text(column: Column) -> str:
    """Return the first non-missing value, as written in the file."""
    return str(column.texts[~column.missing].iloc[0])


def _counted(table: Table, column: Column, shown: str) -> Role | None:
    name = re.sub(r"[^a-z0-9]+", " ", column.name.lower()).strip()
    named = bool(_ID.match(name) or _ID_END.search(name))
    numbers = column.numbers
    if numbers is None or column.missing.any():
        return None
    steps = np.diff(numbers)
    whole = bool((numbers == np.floor(numbers)).all())
    counts = whole and len(steps) > 1 and abs(steps[0]) == 1 and bool((steps == steps[0]).all())
    if counts and (named or column is table.columns[0]):
        return Role(kind="row number", reason=f"{shown} counts the rows.")
    if whole and named and len(np.unique(numbers)) == len(numbers) and table.header:
        return Role(kind="id", reason=f"{shown} has another value in every row, like an id.")
    return None


def tells_time_again(column: Column, clock: Column) -> bool:
    """Return whether a column of numbers repeats the dates as decimal years."""
    if column.numbers is None or clock.dates is None or column.missing.any() or not len(column.texts):
        return False
    years = clock.dates.times.astype("datetime64[Y]").astype(np.int64) + 1970.0
    return bool((np.abs(column.numbers - years) <= 1.01).all()) and bool((column.numbers % 1 != 0).any())


def _text_role(column: Column, shown: str) -> Role:
    values = {text.lower() for text in column.texts[~column.missing].unique()}
    if len(values) == 2 and values <= _BOOLEAN:
        return Role(kind="boolean", reason=f"{shown} holds {' and '.join(sorted(values))}, read as 0 and 1.")
    count = len(values)
    if count <= MAX_CATEGORIES and count < len(column.texts) / 2:
        return Role(
            kind="category",
            reason=f"{shown} holds text with {count} different values; choose it as an input to use it.",
        )
    return Role(kind="text", reason=f"{shown} holds text.")


def _sparse(column: Column) -> bool:
    if column.missing.mean() <= _SPARSE:
        return False
    return bool(column.missing.mean() > 0.5 or longest_run(column.missing) >= _BLOCK * len(column.missing))


def longest_run(flags: Array) -> int:
    """Return the length of the longest run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def boolean_numbers(column: Column) -> Array:
    """Return the `(L,)` 0 and 1 of a column of truth values, NaN where missing."""
    true = column.texts.str.lower().isin(_TRUE).to_numpy(dtype=bool)
    numbers: Array = np.where(column.missing, np.nan, true.astype(np.float64))
    return numbers


def suggest_target(quantities: Sequence[Column], filename: str) -> tuple[Column, str, bool]:
    """Suggest which column to forecast.

    Args:
        quantities: Columns of quantities, at least one.
        filename: Name of the file, a hint.

    Returns:
        The column, why, and whether it is a guess.
    """
    if len(quantities) == 1:
        return quantities[0], f"`{shown_name(quantities[0].name)}` is the only quantity.", False
    names = {column: _plain(column.name) for column in quantities}
    close = [column for column in quantities if _CLOSE.match(names[column])]
    if close and len(_PRICES & set(names.values())) >= 2:
        return (
            close[0],
            f"`{shown_name(close[0].name)}` is the usual price to forecast beside open, high and low.",
            True,
        )
    for pattern in _HINTS[:4]:
        for column in quantities:
            if re.search(pattern, names[column]):
                return column, f"The name `{shown_name(column.name)}` says that it is the one.", True
    stem = set(re.split(r"[^a-z]+", filename.lower().rsplit(".", 1)[0]))
    for column in quantities:
        if len(names[column]) > 3 and names[column] in stem:
            return column, f"The file's name holds `{shown_name(column.name)}`.", True
    for pattern in _HINTS[4:]:
        for column in quantities:
            if re.search(pattern, names[column]):
                return column, f"`{shown_name(column.name)}` is what such tables are mostly used to forecast.", True
    return quantities[0], f"`{shown_name(quantities[0].name)}` is the first quantity.", True


def _plain(name: str) -> str:
    return re.sub(r"(?:[^\w°]|_)+", " ", name.lower()).strip()


def event_column(table: Table, aside: Collection[Column]) -> Column | None:
    """Return the last column if it has few classes and its name marks it as the target, else None."""
    rest = [column for column in table.columns if column not in aside and column.kind != "empty"]
    if len(rest) < 1:
        return None
    last = rest[-1]
    few = last.texts[~last.missing].nunique()
    named = bool(_EVENT.search(last.name.lower().strip()))
    numbers = [column for column in rest if column.kind == "number" and column is not last]
    if last.kind == "text" and 2 <= few <= MAX_CATEGORIES and (named or not numbers):
        return last
    return last if named and last.kind == "number" and few == 2 else None


def series_column(table: Table, clock: Column, aside: Collection[Column]) -> tuple[Column, ...]:
    """Return the columns that name the series of a table with several rows per time; empty if none tells them apart.

    Without rows of the same time, a column names series if each of its values has the rows in order and the file has not, or
    if its name says so.
    """
    times = clock.dates.times.astype(np.int64) if clock.dates is not None else clock.numbers
    if times is None:
        return ()
    candidates = [
        column for column in table.columns if column not in aside and column is not clock and _may_name(table, column)
    ]
    codes = {column: np.unique(column.texts.to_numpy(dtype=str), return_inverse=True)[1] for column in candidates}
    candidates = [column for column in candidates if 2 <= codes[column].max() + 1 <= table.rows / 3]
    candidates.sort(
        key=lambda column: (column.kind != "text" and not _NAMES_SERIES.search(column.name.lower()), column.index)
    )
    moments = np.unique(times, return_inverse=True)[1]
    if moments.max() + 1 > 0.9 * table.rows:
        return _interleaved(times, candidates, codes)
    for column in candidates:
        if _tell_apart(moments, codes[column], table.rows):
            return (column,)
    for first in candidates[:8]:
        for second in candidates[:8]:
            together = codes[first] * (codes[second].max() + 1) + codes[second]
            if first.index < second.index and _tell_apart(moments, together, table.rows):
                return (first, second)
    return ()


def _tell_apart(moments: Array, names: Array, rows: int) -> bool:
    """Return whether (nearly) no two rows share time and name, and names have more than one row each."""
    count = len(np.unique(names))
    pairs = len(np.unique(moments * (names.max() + 1) + names))
    return count <= rows / 3 and pairs >= 0.98 * rows


def _interleaved(times: Array, candidates: Sequence[Column], codes: Mapping[Column, Array]) -> tuple[Column, ...]:
    steps = np.diff(times)
    ordered = bool((steps >= 0).all() or (steps <= 0).all())
    for column in candidates:
        grouped = np.argsort(codes[column], kind="stable")
        inside = np.diff(codes[column][grouped]) == 0
        within = np.diff(times[grouped])[inside]
        each = bool((within > 0).all() or (within < 0).all())
        if each and (not ordered or (column.kind == "text" and bool(_NAMES_SERIES.search(column.name.lower())))):
            return (column,)
    return ()


def _may_name(table: Table, column: Column) -> bool:
    """Return whether a column can name series: text, or whole numbers that come first, or whose name says so."""
    if column.kind == "date" or column.missing.any():
        return False
    if column.numbers is None:
        return True
    if table.header and column.index > 0 and not _NAMES_SERIES.search(column.name.lower()):
        return False
    present = column.numbers
    return bool((present == np.floor(present)).all() and (present >= 0).all())


def odd_value(column: Column) -> float | None:
    """Return a repeated value far outside the rest that may stand for a missing one: -9999, -1, 0, 999 and the like."""
    if column.numbers is None:
        return None
    present = column.numbers[~column.missing]
    values, counts = np.unique(present, return_counts=True)
    if len(values) < 5:
        return None
    for place, inner in ((0, values[1:]), (len(values) - 1, values[:-1])):
        value = float(values[place])
        gap = abs(value - float(inner[0 if place == 0 else -1]))
        spread = float(np.ptp(inner))
        known = abs(value) in (
            9,
            99,
            999,
            9999,
            99999,
            999999,
            8888,
            99.9,
            999.9,
            9999.9,
            99.99,
            999.99,
            7777,
            200,
            32767,
            32768,
        )
        far = gap > 2 * spread or (known and abs(value) >= 99 and gap > 0.5 * spread)
        if (counts[place] >= 2 or known) and far:
            return value
        if place == 0 and value in (-1.0, -99.0, -999.0) and float(inner[0]) >= 0 and counts[0] >= 2:
            return value
        if place == 0 and value == 0.0 and counts[0] >= 2 and float(inner[0]) > 0 and gap > 3 * spread:
            return value
    return None
