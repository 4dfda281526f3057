"""One column of a table: its values, its kind and a remark on how it was read."""

from dataclasses import dataclass

import pandas as pd

from data.escape_output import plain
from data.task import Array
from data.uploads.find_date_format import Dates
from data.uploads.number_text import PLAIN_NUMBERS, Convention


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column of a table.

    Attributes:
        name: Its name, unique in the table.
        index: Its place, from 0.
        kind: `number`, `date`, `text`, or `empty` where every value is missing.
        texts: `(L,)` values as they stand in the file, without leading and trailing spaces.
        missing: `(L,)` bool.
        numbers: `(L,)` float64 with NaN where missing; None unless `kind` is `number`.
        dates: The dates; None unless `kind` is `date`.
        remark: Anything unusual about how it was read, one sentence or nothing.
        convention: How its numbers are written.
        boolean: Whether it holds `true` and `false`, read as 1 and 0.
        unit: The currency or per cent sign that every value carries; empty for none.
        strays: Number of values that are not numbers in a column of numbers.
    """

    name: str
    index: int
    kind: str
    texts: "pd.Series[str]"
    missing: Array
    numbers: Array | None = None
    dates: Dates | None = None
    remark: str = ""
    convention: Convention = PLAIN_NUMBERS
    boolean: bool = False
    unit: str = ""
    strays: int = 0

    @property
    def gaps(self) -> int:
        """Number of missing values."""
        return int(self.missing.sum())

    @property
    def constant(self) -> bool:
        """Whether all non-missing values are the same (two or more)."""
        if self.numbers is not None:
            values = self.numbers[~self.missing]
            return len(values) > 1 and bool((values == values[0]).all())
        texts = self.texts[~self.missing] if self.missing.any() else self.texts
        return len(texts) > 1 and bool((texts == texts.iloc[0]).all())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawColumn:
    """A column whose kind is not yet known: its stripped texts, and which of them are certainly missing."""

    name: str
    index: int
    texts: "pd.Series[str]"
    missing: Array
    lines: Array

    def where(self, row: int) -> str:
        """Name the place of a value: its line in the file, and its column."""
        return f"Line {self.lines[row]:,}, column {self.index + 1} (`{shown_name(self.name)}`)"


def shown_name(name: str) -> str:
    """Return a name from a file in a form that is safe inside backticks in a message."""
    return plain(name, 40).replace("`", "'")
