"""Options shared by the upload datasets, and the check that the bytes match the options."""

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import Any

from data import fields
from data.errors import DataError
from data.task import Array
from data.uploads.findings import MAX_CHOICES_TEXT, TableChoices
from data.uploads.number_text import MISSING, MISSING_BESIDE_NUMBERS
from data.uploads.table import Column, Table, are_numbers, shown_name

MAX_ANSWERS = 60_000_000  # numbers to predict in all samples: 240 MB
MAX_NUMBERS = 20_000_000  # numbers in the inputs of all samples: 80 MB
MAX_NAMES = 1_000  # characters of an option that names columns
_MISSING = {
    "refuse": "Refuse the file",
    "drop": "Drop the row",
    "interpolate": "Fill on a straight line",
}


def content_field() -> Any:
    """Make the option that ties an experiment to its file: the SHA-256 of the bytes, empty before an upload.

    Forms do not show it (group `hidden`); the code that has the bytes sets it with `digest`.
    """
    words = "SHA-256 of the uploaded file; the file's bytes travel with the experiment, never with the link."
    return fields.text("", 0, 64, label="File", help=words, group="hidden")


def file_field() -> Any:
    """Make the option that holds the name of the uploaded file, for titles and sentences; no key depends on it."""
    return hidden_text("File name", "Name of the uploaded file, shown in titles.", longest=80)


def missing_field() -> Any:
    """Make the option for missing values."""
    words = "What to do with missing values. Nothing is filled or left out unless you choose it here."
    return fields.choice("refuse", _MISSING, label="Missing values", help=words)


def decimal_field() -> Any:
    """Make the option for the decimal sign."""
    words = "How numbers are written in the file: 1.5 or 1,5. Automatic finds it in the file."
    choices = {"auto": "Automatic", "point": "1.5", "comma": "1,5"}
    return fields.choice("auto", choices, label="Decimals", help=words, group="advanced")


def table_field() -> Any:
    """Make the option that holds how the visitor wants the file read: `TableChoices.to_text()`, empty for automatic."""
    words = "How the file becomes a table where you changed it, such as `separator=%3B&header=0`."
    return fields.text("", 0, MAX_CHOICES_TEXT, label="Table", help=words, group="hidden")


def table_choices(table: str, decimal: str = "auto") -> TableChoices:
    """Return the visitor's choices from the options `table` and `decimal`.

    Raises:
        InvalidSpecError: If `table` is not what `TableChoices.to_text` writes.
    """
    choices = TableChoices.from_text(table)
    return choices if decimal == "auto" or choices.decimal else choices.changed("decimal", decimal)


def names_field(label: str, help: str) -> Any:
    """Make an option that names columns, separated by commas; empty for the default."""
    return fields.text("", 0, MAX_NAMES, label=label, help=help)


def hidden_text(label: str, help: str, *, longest: int = 400) -> Any:
    """Make an option that no form shows as a field: the lines of a reading change it."""
    return fields.text("", 0, longest, label=label, help=help, group="hidden")


def hidden_choice(default: str, choices: dict[str, str], *, label: str, help: str) -> Any:
    """Make an option with a few values that no form shows as a field: the lines of a reading change it."""
    return fields.choice(default, choices, label=label, help=help, group="hidden")


def asked_field() -> Any:
    """Make the option with the names of unanswered questions about the file."""
    return hidden_text("Not confirmed", "What was taken for likely and not confirmed, separated by commas.")


def split_names(text: str) -> list[str]:
    """Return the column names in an option, each once; a name with a comma stands in quotation marks.

    Example:
        >>> split_names('rain, "wind, max"')
        ['rain', 'wind, max']
    """
    rows = list(csv.reader([text], skipinitialspace=True))
    return list(dict.fromkeys(name.strip() for name in rows[0] if name.strip())) if rows else []


def join_names(names: Sequence[str]) -> str:
    """Return column names as an option; undoes `split_names`."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(names)
    return out.getvalue()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal digits: the option `content`."""
    return hashlib.sha256(content).hexdigest()


def verified(content: bytes | None, expected: str) -> bytes:
    """Return the bytes if they match the hash in the options.

    Raises:
        DataError: If there are none, or they do not match.
    """
    if not expected:
        raise DataError("This dataset is your own file, and none is uploaded yet; upload one, or name it with `--csv`.")
    if content is None:
        raise DataError(f"The uploaded file with SHA-256 {shown_name(expected)} is not here; upload it again.")
    if digest(content) != expected:
        raise DataError(
            f"The uploaded file has SHA-256 {digest(content)[:12]}, but the settings were made for "
            f"{shown_name(expected)[:12]}; upload that file, or choose the columns again."
        )
    return content


def numbers_of(table: Table, column: Column) -> Array:
    """Return a column's numbers, NaN where missing.

    Raises:
        DataError: If it holds something else; the message names the first such value.
    """
    if column.numbers is not None:
        return column.numbers
    if column.kind == "empty":
        raise DataError(f"{table.where(0, column)} and all below are missing; choose another column.")
    row = int((~are_numbers(column.texts, column.convention) & ~column.missing).argmax())
    token = shown_name(str(column.texts.iloc[row]))
    hint = ", or choose `decimal` = `comma`" if "," in token else ""
    raise DataError(f"{table.where(row, column)} holds `{token}`, which is not a number; correct it{hint}.")


def refuse_missing(table: Table, column: Column, *, row: int, count: int) -> DataError:
    """Return the refusal of a table with gaps."""
    others = f" ({count:,} values are missing in all)" if count > 1 else ""
    text = str(column.texts.iloc[row])
    is_stray = text.lower() not in MISSING | MISSING_BESIDE_NUMBERS
    what = f"holds `{shown_name(text)}`, which is not a number" if is_stray else "has no value"
    return DataError(
        f"{table.where(row, column)} {what}{others}; fill it in, or choose `missing` = `drop` or `interpolate`."
    )
