"""A file named on the command line, or a pandas frame: read and checked exactly like an upload."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from data.catalog import get_dataset
from data.errors import DataError
from data.fields import Value
from data.uploads.inspect import describe
from data.uploads.read_file import read_file as read_content
from data.uploads.reading import DATASETS, Reading, ReadingChoices
from data.uploads.shared_options import digest, table_choices
from data.uploads.stored_part import LARGEST_FILE, kept_part
from data.uploads.table import shown_name

_OPTION_OF = {"inputs": "features"}  # a choice to the option of sequences that carries it
_CARRIED = {one.name for one in fields(ReadingChoices)} - {"table", "form"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnFile:
    """A file that is ready for an experiment.

    Attributes:
        dataset: Name of the dataset.
        options: Its options, complete.
        content: The bytes.
        reading: How the file was read.
    """

    dataset: str
    options: dict[str, Value]
    content: bytes
    reading: Reading


def own_file(path: str, options: Mapping[str, object], form: str = "series") -> OwnFile:
    """Turn `--csv FILE`, `--sequences FILE` or `--text FILE` and `--option` into what an experiment needs.

    Args:
        path: The file, given by the person at the terminal.
        options: The user's options, as texts or values; they override what is found in the file.
        form: `series`, `sequences` or `text`.

    Raises:
        DataError: If the file does not exist, cannot be read, or cannot be used with these options.
        InvalidSpecError: If an option does not exist or is out of bounds.
    """
    return own_content(read_file(path), options, form, Path(path).name)


def own_content(content: bytes, options: Mapping[str, object], form: str, filename: str = "") -> OwnFile:
    """Read bytes as a form, with options that override what is found; see `own_file`."""
    dataset = DATASETS[form]
    parsed = get_dataset(dataset).parse(dict(options))
    given = {str(name): getattr(parsed, str(name)) for name in options}
    choices = _choices(given, form)
    content = kept_part(content, choices.table, filename)
    reading = read_content(content, choices, filename)
    complete: dict[str, Value] = {**reading.options, **given, "content": digest(content)}
    if "table" in given or "decimal" in given:
        complete["table"] = reading.options.get("table", "")
        complete.pop("decimal", None)
    describe(dataset, complete, content)
    return OwnFile(dataset=dataset, options=complete, content=content, reading=reading)


def _choices(given: Mapping[str, Value], form: str) -> ReadingChoices:
    """Turn options into choices for the reading."""
    values = {"form": form}
    for name in _CARRIED:
        option = _OPTION_OF.get(name, name) if form == "sequences" else name
        if given.get(option, "") != "":
            values[name] = str(given[option])
    table = table_choices(str(given.get("table", "")), str(given.get("decimal", "auto")))
    return ReadingChoices.of({**table.chosen(), **values})


def spec_from_csv(path: str, options: Mapping[str, object]) -> tuple[str, dict[str, Value], bytes]:
    """Return dataset, complete options and bytes of a series in a file; see `own_file`."""
    own = own_file(path, options)
    return own.dataset, own.options, own.content


def read_file(path: str) -> bytes:
    """Return the bytes of a file that the person at the terminal named.

    Raises:
        DataError: If there is no such file, it is too large, or may not be read.
    """
    name = shown_name(Path(path).name or path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        raise DataError(f"The file `{name}` cannot be read ({reason}); check its path.") from error
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE // 2**20
        raise DataError(f"The file `{name}` has more than {most} MB, the limit; leave out rows or columns.")
    return content


def content_of_frame(frame: pd.DataFrame) -> bytes:
    """Return a pandas frame as the bytes of a CSV file, so that it can be used like an uploaded file.

    An index other than a plain row count becomes the first column; times are written as ISO 8601, numbers with all digits.

    Args:
        frame: Columns with names; the index may hold the time.

    Raises:
        DataError: If it has no rows or no columns.
    """
    if frame.empty:
        raise DataError("The frame has no rows or no columns; give one with data in it.")
    plain = isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0 and frame.index.step == 1
    index = frame.index
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    named = frame.set_axis(index.rename(frame.index.name or "time"), axis=0)
    table = frame if plain else named.reset_index()
    table = table.set_axis([str(name) for name in table.columns], axis=1)
    return table.to_csv(index=False, lineterminator="\n").encode()
