"""Files of the UEA and UCR archives (`.ts`): labelled sequences of equal or unequal length, one per line.

A line holds the dimensions of a sequence, separated by colons, and its class; a dimension holds values, separated by
commas. The table has one row per step: `sequence`, `step`, a column for each dimension, and `label`.
Format: https://www.sktime.net/en/stable/api_reference/file_specifications/ts.html
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from data.errors import DataError
from data.uploads.findings import Found
from data.uploads.layout import Rectangle
from data.uploads.records import MAX_CELLS, MAX_COLUMNS

_HEAD = re.compile(r"(?:\s*(?:#.*)?\n)*@(?:problemname|relation)\b", re.IGNORECASE)
_DATA = re.compile(r"^@data[ \t]*$", re.IGNORECASE | re.MULTILINE)
_ARFF = re.compile(r"^@attribute\b", re.IGNORECASE | re.MULTILINE)


def is_ts(text: str) -> bool:
    """Return whether a text is a `.ts` file."""
    return bool(_HEAD.match(text[:10_000]) and _DATA.search(text))


def read_ts(text: str) -> Rectangle:
    """Read labelled sequences into a table with one row per step.

    Args:
        text: The decoded file.

    Raises:
        DataError: With the line that does not match the header.
    """
    data = _DATA.search(text)
    head = text[: data.start()] if data else text
    if _ARFF.search(head):
        raise DataError("The file is an ARFF file, not a `.ts` file; export it as CSV.")
    settings = _settings(head)
    if settings.get("timestamps") == "true":
        raise DataError(
            "The `.ts` file has time stamps with its values (`@timeStamps true`); write the values alone, evenly spaced."
        )
    labelled = settings.get("classlabel", settings.get("targetlabel", "false")).startswith("true")
    first_line = head.count("\n") + 2
    body = text[data.end() :].lstrip("\n") if data else ""
    lines = body.rstrip("\n").split("\n") if body.strip() else []
    if not lines:
        raise DataError(f"The `.ts` file ends after line {first_line - 1:,} (`@data`); add sequences below.")
    return _table([line.strip() for line in lines], first_line, labelled)


def _settings(head: str) -> dict[str, str]:
    pairs = (line.strip()[1:].partition(" ") for line in head.split("\n") if line.strip().startswith("@"))
    return {name.lower(): value.strip().lower() for name, _, value in pairs}


def _table(lines: Sequence[str], first_line: int, labelled: bool) -> Rectangle:
    dimensions: list[list[str]] = []
    sequences: list[int] = []
    steps: list[int] = []
    labels: list[str] = []
    places: list[int] = []
    width = len(lines[0].split(":")) - labelled
    if not 1 <= width <= MAX_COLUMNS:
        raise DataError(
            f"Line {first_line:,} has {width:,} dimensions; write 1 to {MAX_COLUMNS:,}, separated by colons."
        )
    dimensions = [[] for _ in range(width)]
    for number, line in enumerate(lines):
        parts, label = _parts(line, first_line + number, width, labelled)
        length = len(parts[0])
        for values, part in zip(dimensions, parts, strict=True):
            values += part
        sequences += [number + 1] * length
        steps += range(1, length + 1)
        labels += [label] * length
        places += [first_line + number] * length
        if len(steps) * (width + 3) > MAX_CELLS:
            raise DataError(
                f"The `.ts` file has too many values from line {first_line + number:,} on; keep fewer sequences."
            )
    columns = [sequences, steps, *dimensions] + ([labels] if labelled else [])
    names = ["sequence", "step", *(["value"] if width == 1 else [f"dimension_{index + 1}" for index in range(width)])]
    cells = pd.DataFrame({index: pd.Series(column).astype("str") for index, column in enumerate(columns)})
    said = f"The file is a `.ts` file of {len(lines):,} sequences; the table has one row a step."
    return Rectangle(
        cells=cells,
        lines=np.array(places),
        separator="",
        names=(*names, "label") if labelled else tuple(names),
        findings={"separator": Found(",", "A `.ts` file has colons between dimensions and commas between values.")},
        notes=[said],
    )


def _parts(line: str, number: int, width: int, labelled: bool) -> tuple[list[list[str]], str]:
    """Return the values of each dimension of a line, padded to the longest, and the label."""
    pieces = line.split(":")
    if len(pieces) != width + labelled:
        raise DataError(
            f"Line {number:,} has {len(pieces)} parts between colons where the first sequence has {width + labelled}; "
            "write every sequence with the same dimensions."
        )
    label = pieces.pop().strip() if labelled else ""
    parts = [[value.strip() for value in piece.split(",")] for piece in pieces]
    longest = max(len(part) for part in parts)
    return [part + [""] * (longest - len(part)) for part in parts], label
