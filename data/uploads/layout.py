"""Split a text into a rectangle of values; comments, titles, notes and empty lines are left out, with a note."""

import io
import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.findings import Found, Question, TableChoices
from data.uploads.records import MAX_CELLS, NEWLINE, SEPARATORS, Records, cut
from data.uploads.separators import (
    CHOICES,
    NAMES,
    columns_or_prose,
    directive,
    fields_of,
    find_separator,
    one_number_or_two,
)
from data.uploads.skipped_lines import without_titles_and_notes

_COMMENTS = ("#", "%", "//")
_MARKUP = re.compile(r"\s*<[!?/A-Za-z](?![^<>\n]*>[,;\t|]<)")  # not `<DATE>,<TIME>,<CLOSE>`
_FEWEST_ROWS = 4
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{"\d-])')


@dataclass(slots=True, kw_only=True, eq=False)
class Rectangle:
    """Values in rows and columns, including the header lines.

    Attributes:
        cells: `(L, C)` texts, unchanged.
        lines: `(L,)` line in the file of each row.
        separator: The character between columns, a tab for white space, empty for none.
        names: Names of the columns, if the file stores them separately from its rows.
        comment_names: Values of the last comment line, if it has one per column: perhaps the names.
        findings: What was found, by the name of the choice.
        questions: Open questions.
        notes: What was left out, one sentence each.
    """

    cells: pd.DataFrame
    lines: Array
    separator: str
    names: tuple[str, ...] = ()
    comment_names: tuple[str, ...] = ()
    findings: dict[str, Found] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Top:
    """A text without the comment lines at its top."""

    text: str
    first_line: int
    marker: str
    last: str
    found: Found


def lay_out(text: str, choices: TableChoices) -> Rectangle:
    """Split a text into a rectangle of values.

    Args:
        text: Decoded text with line feeds (`data.uploads.decode.decode`).
        choices: What the visitor chose.

    Raises:
        DataError: With line and column of the first problem, and how to fix it.
    """
    _refuse_other_formats(text)
    text = text.rstrip("\n")
    named = directive(text)
    first_line = 1
    if named:
        text, first_line = text.partition("\n")[2], 2
    top = _without_comments(text, choices.comment, first_line)
    if top.text.startswith("\ufeff"):
        raise DataError(
            f"Line {top.first_line:,}, column 1 begins with a byte order mark (U+FEFF) that is out of place; remove it."
        )
    letter, found = _separator(top.text, named, choices.separator)
    question = one_number_or_two(top.text) if letter == "," and not (named or choices.separator) else None
    if question:
        letter, found = CHOICES[question.preselected], Found(question.preselected, question.reason, guessed=True)
    records = cut(top.text, letter, first_line=top.first_line)
    unnamed = _row_numbers_without_name(records)
    if unnamed:
        top = replace(top, text=f"row{letter}{top.text}")
        records = cut(top.text, letter, first_line=top.first_line)
    if question is None and not (named or choices.separator):
        question = columns_or_prose(top.text, letter)
    rectangle = _rectangle(records, top, choices)
    rectangle.findings |= {"separator": found, "comment": top.found}
    rectangle.questions[:0] = [question] if question else []
    if unnamed:
        rectangle.notes.append(
            "Line 1 has one name fewer than the lines have values; the first column counts the rows."
        )
    return rectangle


def _row_numbers_without_name(records: Records) -> bool:
    """Return whether all lines but that of names begin with the number of their row, as R writes tables."""
    filled = np.flatnonzero(records.counts)
    if len(filled) < _FEWEST_ROWS or not records.separator:
        return False
    if not bool((records.counts[filled[1:]] == records.counts[filled[0]] + 1).all()):
        return False
    first = [fields_of(records.text(int(index)), records.separator)[0] for index in filled[1:]]
    return first == [str(number) for number in range(1, len(first) + 1)]


def _refuse_other_formats(text: str) -> None:
    if _MARKUP.match(text):
        raise DataError("At line 1 the file begins like an HTML or XML page, not a table; download the data itself.")
    if _JSON.match(text):
        raise DataError("At line 1 the file begins like JSON, not a table; export the data as CSV.")


def _separator(text: str, named: str, chosen: str) -> tuple[str, Found]:
    if chosen in CHOICES:
        return CHOICES[chosen], Found(chosen, "You chose it.")
    if named in NAMES and named:
        return named, Found(NAMES[named], f"Line 1 says so (`sep={named}`).")
    return find_separator(text)


def _without_comments(text: str, chosen: str, first_line: int) -> _Top:
    """Remove comment lines and empty lines from the top."""
    stripped = text.lstrip("\n")
    first_line += len(text) - len(stripped)
    markers = (chosen,) if chosen else _COMMENTS
    marker = next((mark for mark in markers if mark != "none" and stripped.startswith(mark)), "")
    rest, last, count = stripped, "", 0
    while marker and rest.startswith((marker, "\n")):
        line, _, rest = rest.partition("\n")
        count += 1
        last = line or last
    if not marker or not rest:
        why = "You chose it." if chosen else "No line at the top begins with `#`, `%` or `//`."
        return _Top(text=stripped, first_line=first_line, marker="", last="", found=Found(chosen or "none", why))
    lines = "1 line at the top begins" if count == 1 else f"{count:,} lines at the top begin"
    why = "You chose it." if chosen else f"{lines} with `{marker}`."
    found = Found(marker, why, guessed=not chosen)
    return _Top(text=rest, first_line=first_line + count, marker=marker, last=last.lstrip(marker), found=found)


def _rectangle(records: Records, top: _Top, choices: TableChoices) -> Rectangle:
    kept, notes = _kept(records, top.marker)
    kept, skipped, findings, questions = without_titles_and_notes(records, kept, choices)
    width = int(records.counts[kept[0]])
    _refuse_ragged(records, kept, width)
    if len(kept) * width > MAX_CELLS:
        most = MAX_CELLS // width
        raise DataError(
            f"The table has {len(kept):,} lines of {width} columns, at most {MAX_CELLS:,} values are read; "
            f"keep nothing from line {most + 1:,} on, or fewer columns."
        )
    cells = _parse(records, kept, width)
    names = tuple(fields_of(top.last, records.separator)) if top.last else ()
    cells, dropped = _without_line_end_signs(cells, records.separator)
    return Rectangle(
        cells=cells,
        lines=records.lines[kept],
        separator=records.separator,
        comment_names=names if len(names) == width else (),
        findings=findings,
        questions=questions,
        notes=[*notes, *skipped, *dropped],
    )


def _kept(records: Records, marker: str) -> tuple[Array, list[str]]:
    """Return the records that are neither comments nor empty."""
    empty = records.counts == 0
    if not records.separator and empty.any():
        line = int(records.lines[int(empty.argmax())])
        raise DataError(f'Line {line:,}, column 1 is empty; remove the line, or write "" for a missing value.')
    notes = []
    comments = np.zeros(len(empty), dtype=bool)
    if marker:
        codes = np.frombuffer(records.body, dtype=np.uint8)
        first = np.where(empty, NEWLINE, codes[np.minimum(records.starts, len(codes) - 1)])
        maybe = np.flatnonzero(first == ord(marker[0]))
        comments[[index for index in maybe if records.text(int(index)).startswith(marker)]] = True
    for which, noun in ((empty, "empty"), (comments, "a comment")):
        if which.any():
            line, count = int(records.lines[int(which.argmax())]), int(which.sum())
            said = (
                f"Line {line:,} is {noun} and was"
                if count == 1
                else f"{count:,} lines are {noun}, the first is line {line:,}; they were"
            )
            notes.append(f"{said} left out.")
    return np.flatnonzero(~empty & ~comments), notes


def _refuse_ragged(records: Records, kept: Array, width: int) -> None:
    counts = records.counts[kept]
    if (counts != width).any():
        index = kept[int((counts != width).argmax())]
        first = int(records.lines[kept[0]])
        raise DataError(_ragged(int(records.lines[index]), int(records.counts[index]), width, first, records.separator))


def _ragged(line: int, found: int, expected: int, first: int, separator: str) -> str:
    values = f"{found} value{'s' if found > 1 else ''}"
    advice = f"separate exactly {expected} by {SEPARATORS.get(separator, 'separator')}s"
    if separator == "," and found > expected:
        advice += ", enclose a value that holds a comma in quotation marks, and write decimal points"
    return f"Line {line:,} has {values} where line {first:,} has {expected}: see column {min(found, expected) + 1}; {advice}."


def _parse(records: Records, kept: Array, width: int) -> pd.DataFrame:
    """Parse the kept records into texts, without changing them."""
    body = records.body
    if len(kept) < len(records.starts):
        breaks = np.flatnonzero(np.diff(kept) > 1)
        first = np.concatenate([kept[:1], kept[breaks + 1]])
        last = np.concatenate([kept[breaks], kept[-1:]])
        spans = zip(records.starts[first].tolist(), records.ends[last].tolist(), strict=True)
        body = b"\n".join(body[start:end] for start, end in spans)
    cells = pd.read_csv(
        io.BytesIO(body),
        sep=records.separator or "\x1f",
        header=None,
        index_col=False,
        dtype=str,
        na_filter=False,
        skip_blank_lines=False,
        quotechar='"',
        doublequote=True,
        encoding="utf-8",
        compression=None,
        engine="c",
    )
    if cells.shape != (len(kept), width):
        raise DataError(
            f"The table was counted as {len(kept)} lines of {width} columns but parsed as {cells.shape[0]} of "
            f"{cells.shape[1]}; save it again as plain CSV."
        )
    return cells


def _without_line_end_signs(cells: pd.DataFrame, separator: str) -> tuple[pd.DataFrame, list[str]]:
    """Remove a semicolon from the end of every line, if another character separates the columns."""
    last = cells.columns[-1]
    if separator == ";" or not len(cells) or not cells[last].iloc[-1].endswith(";"):
        return cells, []
    marked = cells[last].str.endswith(";")
    if not marked.iloc[1:].all():
        return cells, []
    cells = cells.copy(deep=False)
    cells[last] = cells[last].str.rstrip(";")
    return cells, ["Every line ends with a semicolon, which was left out."]
