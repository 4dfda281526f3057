"""From a text to a rectangle of values: comments, titles above, lines below and empty lines are left out, and said."""

import io
import re
from dataclasses import dataclass, field

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

MAX_TITLE_LINES = 50
MAX_FOOTER_LINES = 10
_COMMENTS = ("#", "%", "//")
_MARKUP = re.compile(r"\s*<[!?/A-Za-z]")
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{"\d-])')


@dataclass(slots=True, kw_only=True, eq=False)
class Rectangle:
    """Values in rows and columns, the lines of names still among them.

    Attributes:
        cells: `(L, C)` texts as they stand.
        lines: `(L,)` line in the file of each row.
        separator: The letter between columns, a tab for white space, empty for none.
        names: Names of the columns, where the file has them apart from its rows.
        comment_names: Values of the last comment line, if it has as many as there are columns: perhaps the names.
        findings: What was found, by the name of the choice.
        questions: What is asked.
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
    """A text behind its comment lines at the top."""

    text: str
    first_line: int
    marker: str
    last: str
    found: Found


def lay_out(text: str, choices: TableChoices) -> Rectangle:
    """Cut a text into a rectangle of values.

    Args:
        text: Decoded text with line feeds (`data.uploads.decode.decode`).
        choices: What the visitor chose.

    Raises:
        DataError: With line and column of the first thing that is not as expected, and how to mend it.
    """
    _refuse_other_formats(text)
    text = text.rstrip("\n")
    named = directive(text)
    first_line = 1
    if named:
        text, first_line = text.partition("\n")[2], 2
    top = _without_comments(text, choices.comment, first_line)
    letter, found = _separator(top.text, named, choices.separator)
    question = one_number_or_two(top.text) if letter == "," and not (named or choices.separator) else None
    if question:
        letter, found = CHOICES[question.preselected], Found(question.preselected, question.reason, guessed=True)
    records = cut(top.text, letter, first_line=top.first_line)
    if question is None and not (named or choices.separator):
        question = columns_or_prose(top.text, letter)
    rectangle = _rectangle(records, top, choices)
    rectangle.findings |= {"separator": found, "comment": top.found}
    rectangle.questions[:0] = [question] if question else []
    return rectangle


def _refuse_other_formats(text: str) -> None:
    if _MARKUP.match(text):
        raise DataError("At line 1 the file begins like an HTML or XML page, not a table; download the data itself.")
    if _JSON.match(text):
        raise DataError("At line 1 the file begins like JSON, not a table; export the data as CSV.")
    if text.startswith("\ufeff"):
        raise DataError("Line 1, column 1 begins with a second byte order mark (U+FEFF); remove it.")


def _separator(text: str, named: str, chosen: str) -> tuple[str, Found]:
    if chosen in CHOICES:
        return CHOICES[chosen], Found(chosen, "You chose it.")
    if named in NAMES and named:
        return named, Found(NAMES[named], f"Line 1 says so (`sep={named}`).")
    return find_separator(text)


def _without_comments(text: str, chosen: str, first_line: int) -> _Top:
    """Take comment lines and empty lines off the top."""
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
    kept, skipped, findings, questions = _without_edges(records, kept, choices)
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


def _without_edges(
    records: Records, kept: Array, choices: TableChoices
) -> tuple[Array, list[str], dict[str, Found], list[Question]]:
    """Take titles off the top and notes off the end, where the number of values tells them from the table."""
    if not len(kept):
        raise DataError("The file holds comments or empty lines only; choose a file with data in it.")
    findings: dict[str, Found] = {}
    notes: list[str] = []
    if choices.skip_first:
        kept = kept[_count(choices.skip_first, "skip_first", len(kept)) :]
    if choices.skip_last:
        kept = kept[: len(kept) - _count(choices.skip_last, "skip_last", len(kept))]
    width = _usual(records.counts[kept])
    usual = np.flatnonzero(records.counts[kept] == width)
    above, below = int(usual[0]), len(kept) - 1 - int(usual[-1])
    findings["skip_first"] = Found(
        choices.skip_first or "0", "You chose it." if choices.skip_first else "The table begins at once."
    )
    if above and not choices.skip_first and _is_title(records, kept, above):
        said = _above(records, kept, above)
        findings["skip_first"] = Found(str(above), said, guessed=True)
        notes.append(said)
        kept = kept[above:]
    findings["skip_last"] = Found(
        choices.skip_last or "0", "You chose it." if choices.skip_last else "The last line is like those before."
    )
    questions = []
    if (
        0 < below <= MAX_FOOTER_LINES
        and not choices.skip_last
        and len(usual) >= 3
        and _shorter(records, kept, below, width)
    ):
        question = _footer(records, kept, below, width)
        findings["skip_last"] = Found(str(below), question.reason, guessed=True)
        questions.append(question)
        kept = kept[: len(kept) - below]
    return kept, notes, findings, questions


def _count(text: str, name: str, available: int) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) >= available:
        raise DataError(f"`{name}` must be a number of lines from 0 to {available - 1:,}, not `{text[:20]}`.")
    return int(text)


def _usual(counts: Array) -> int:
    """Return the number of values that most lines have; of equals, that of the first line."""
    frequent = np.bincount(counts)
    first = int(counts[0])
    return first if frequent[first] == frequent.max() else int(frequent.argmax())


def _is_title(records: Records, kept: Array, above: int) -> bool:
    """Return whether lines above the table are titles, not a line of names with too few or too many values."""
    last = int(records.counts[kept[above - 1]])
    if above > MAX_TITLE_LINES:
        return False
    first = fields_of(records.text(int(kept[above])), records.separator)
    words = [value for value in first if value and not re.search("[0-9]", value)]
    return last == 1 or len(words) > len(first) / 2


def _above(records: Records, kept: Array, above: int) -> str:
    first = int(records.lines[kept[0]])
    shown = records.text(int(kept[0])).strip()[:60].replace("`", "'")
    lines = f"Line {first:,} stands" if above == 1 else f"{above} lines from line {first:,} on stand"
    return f"{lines} above the table (`{shown}`) and {'was' if above == 1 else 'were'} left out."


def _shorter(records: Records, kept: Array, below: int, width: int) -> bool:
    return bool((records.counts[kept[len(kept) - below :]] < width).all())


def _footer(records: Records, kept: Array, below: int, width: int) -> Question:
    first = int(kept[len(kept) - below])
    line, shown = int(records.lines[first]), records.text(first).strip()[:60].replace("`", "'")
    values = int(records.counts[first])
    what = f"Line {line:,} has {values} value{'s' if values > 1 else ''} where the table has {width} (`{shown}`)"
    lines = "the last line" if below == 1 else f"the last {below} lines"
    return Question(
        name="skip_last",
        text=f"{what}. Leave out {lines}?",
        choices=((str(below), f"Leave out {lines}"), ("0", "No, the line is broken")),
        preselected=str(below),
        reason=f"{what}, as notes below a table have.",
    )


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
    """Parse the kept records into texts, exactly as they stand."""
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
    """Take a semicolon off the end of every line, where other letters separate the columns."""
    last = cells.columns[-1]
    if separator == ";" or not len(cells) or not cells[last].iloc[-1].endswith(";"):
        return cells, []
    marked = cells[last].str.endswith(";")
    if not marked.iloc[1:].all():
        return cells, []
    cells = cells.copy(deep=False)
    cells[last] = cells[last].str.rstrip(";")
    return cells, ["Every line ends with a semicolon, which was left out."]
