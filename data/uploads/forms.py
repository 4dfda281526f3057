"""Guess whether a table is a series, labelled sequences or a text, with a reason; the visitor's choice overrides it."""

from dataclasses import dataclass

import numpy as np

from data.errors import DataError
from data.uploads.containers import plain_content
from data.uploads.dates_as_columns import time_columns
from data.uploads.decode import decode
from data.uploads.findings import AUTOMATIC
from data.uploads.labels import LABEL_NAMES, find_label, letter_columns, long_text
from data.uploads.reading import ReadingChoices
from data.uploads.table import Column, Table, shown_name
from data.uploads.time_axis import find_time

_TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".parquet", ".ts")
_TYPED = ("Excel workbook", "Parquet")  # files that cannot be a plain text
_PREVIEW = 2_000
_MAX_SYMBOLS = 128  # of a table of small whole numbers that may be a text, such as notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A form, why, and whether another one is also likely."""

    form: str
    reason: str
    unsure: bool = False


def guess_form(table: Table, filename: str, choices: ReadingChoices) -> Guess:
    """Guess whether a table is a series, labelled sequences or a text."""
    if choices.label or choices.layout or choices.sequence:
        return Guess(form="sequences", reason="You chose what only labelled sequences have.")
    if choices.target or choices.time or choices.turn or choices.predict:
        return Guess(form="series", reason="You chose what only a series has.")
    words_alone = all(column.kind in ("text", "empty") for column in table.columns)
    if words_alone and table.encoding not in _TYPED and not _labelled_text(table):
        return Guess(
            form="text",
            reason="No column holds numbers or labels, so the file is read as a text.",
            unsure=len(table.columns) > 1,
        )
    if _labelled_text(table) and _sentences(table, filename):
        return Guess(form="text", reason="The file's name says text, and its lines read like sentences.", unsure=True)
    if _labelled_text(table):
        return Guess(form="sequences", reason="A column of text stands beside a column with few different values.")
    if letter_columns(table):
        return Guess(form="sequences", reason="Letters stand in columns beside a label.")
    if _dated(table):
        return Guess(form="series", reason="Rows have a time.")
    if _notes(table, filename):
        reason = "Whole numbers of one kind in a plain text file can be symbols of a text, such as notes."
        return Guess(form="text", reason=reason, unsure=True)
    label = find_label(table)
    if label is not None:
        reason = f"`{shown_name(label.name)}` holds labels."
        return Guess(
            form="sequences", reason=reason, unsure=label.kind != "text" and label.name.lower() not in LABEL_NAMES
        )
    classes = _few_whole_numbers(table)
    if classes is not None:
        reason = (
            f"Columns hold numbers, and none holds times; `{shown_name(classes.name)}` could be a class of each row."
        )
        return Guess(form="series", reason=reason, unsure=True)
    return Guess(form="series", reason="Columns hold numbers, and none holds labels.")


def _few_whole_numbers(table: Table) -> Column | None:
    """Return the last column if it has few whole numbers beside columns of fractions, and nothing tells a time."""
    last, *others = table.columns[::-1]
    if not table.header or len(others) < 3 or last.numbers is None or last.missing.any() or find_time(table).value:
        return None
    whole = bool((last.numbers == np.floor(last.numbers)).all()) and 2 <= len(np.unique(last.numbers)) <= 10
    fractions = [one for one in others if one.numbers is not None and (one.numbers[~one.missing] % 1 != 0).any()]
    return last if whole and 2 * len(fractions) > len(others) else None


def prose(content: bytes, filename: str = "") -> bool:
    """Return whether a file that is not a table is a text."""
    if filename.lower().endswith(_TABLES):
        return False
    try:
        text = decode(plain_content(content, AUTOMATIC, filename)).text
    except DataError:
        return False
    head = text[:_PREVIEW]
    letters = sum(letter.isalpha() or letter.isspace() for letter in head)
    return letters > 0.5 * len(head) or filename.lower().endswith((".txt", ".md", ".text"))


def _dated(table: Table) -> bool:
    if table.of_kind("date") or time_columns(table) is not None:
        return True
    found = find_time(table)
    return (
        bool(found.value)
        and found.reason.startswith(("The digits", "`"))
        and "only" not in found.reason.split(".")[0][-12:]
    )


def _labelled_text(table: Table) -> bool:
    text = long_text(table)
    if text is None:
        return False
    label = find_label(table, text=text)
    quantities = [column for column in table.of_kind("number") if column is not label and not _like_id(column.numbers)]
    return label is not None and not quantities


def _sentences(table: Table, filename: str) -> bool:
    """Return whether a table of texts is more likely a plain text whose lines hold separators."""
    named = any(column.name.lower() in LABEL_NAMES for column in table.columns)
    return not named and filename.lower().endswith((".txt", ".text", ".md"))


def _like_id(numbers: "np.ndarray | None") -> bool:
    if numbers is None or np.isnan(numbers).any():
        return False
    return bool((numbers == np.floor(numbers)).all()) and len(np.unique(numbers)) > 0.9 * len(numbers)


def _notes(table: Table, filename: str) -> bool:
    if table.header or len(table.columns) < 8 or not filename.lower().endswith((".txt", ".text")):
        return False
    numbers = [column.numbers for column in table.columns if column.numbers is not None]
    whole = np.concatenate(numbers) if numbers else np.zeros(0)
    if len(numbers) < len(table.columns) or np.isnan(whole).any() or (whole != np.floor(whole)).any():
        return False
    return bool(whole.min() >= 0 and whole.max() < _MAX_SYMBOLS and len(np.unique(numbers[0])) > 2)
