"""Find titles above and notes below a table, leave them out, and report or ask about them."""

import re

import numpy as np

from data.errors import DataError
from data.task import Array
from data.uploads.findings import Found, Question, TableChoices
from data.uploads.number_text import MISSING
from data.uploads.records import Records
from data.uploads.separators import fields_of

MAX_TITLE_LINES = 50
MAX_FOOTER_LINES = 10
MAX_TOTALS = 3
_FEWEST_BEFORE_TOTAL = 8
_WORD = re.compile(r"[^\W\d_][^0-9]{2,59}")
_FIRST = re.compile(r"[^\W\d_]{0,9}[.,]? ?[0-9]")  # a date, a number or `Jan-20`


def without_titles_and_notes(
    records: Records, kept: Array, choices: TableChoices
) -> tuple[Array, list[str], dict[str, Found], list[Question]]:
    """Remove titles at the top and notes at the end, recognised by their number of values."""
    if not len(kept):
        raise DataError("The file holds comments or empty lines only; choose a file with data in it.")
    findings: dict[str, Found] = {}
    notes: list[str] = []
    kept = _without_chosen(kept, choices)
    width = _usual(records.counts[kept])
    usual = np.flatnonzero(records.counts[kept] == width)
    above, below = int(usual[0]) or _padded_titles(records, kept, width), len(kept) - 1 - int(usual[-1])
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
    question = None if choices.skip_last or len(usual) < 3 else _below(records, kept, below, width)
    if question is not None:
        findings["skip_last"] = Found(question.preselected, question.reason, guessed=True)
        kept = kept[: len(kept) - int(question.preselected)]
    return kept, notes, findings, [] if question is None else [question]


def _below(records: Records, kept: Array, below: int, width: int) -> Question | None:
    """Ask about notes or a line of totals at the end, if there are any."""
    if 0 < below <= MAX_FOOTER_LINES and _shorter(records, kept, below, width):
        return _footer(records, kept, below, width)
    totals = 0 if below else _totals(records, kept)
    return _total(records, kept, totals) if totals else None


def _without_chosen(kept: Array, choices: TableChoices) -> Array:
    if choices.skip_first:
        kept = kept[_count(choices.skip_first, "skip_first", len(kept)) :]
    if choices.skip_last:
        kept = kept[: len(kept) - _count(choices.skip_last, "skip_last", len(kept))]
    return kept


def _count(text: str, name: str, available: int) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) >= available:
        raise DataError(f"`{name}` must be a number of lines from 0 to {available - 1:,}, not `{text[:20]}`.")
    return int(text)


def _usual(counts: Array) -> int:
    """Return the most frequent number of values in a line; in a tie, that of the first line."""
    frequent = np.bincount(counts)
    first = int(counts[0])
    return first if frequent[first] == frequent.max() else int(frequent.argmax())


def _padded_titles(records: Records, kept: Array, width: int) -> int:
    """Return how many lines at the top hold one value and empty ones up to the table's width, above a line of words."""
    for above, index in enumerate(kept[: MAX_TITLE_LINES + 1].tolist()):
        values = [value for value in fields_of(records.text(index), records.separator) if value]
        if len(values) > 1 or width < 2:
            words = not any(re.search("[0-9]", value) for value in values)
            return above if words and len(values) > width / 2 else 0
    return 0


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


def _totals(records: Records, kept: Array) -> int:
    """Return how many of the last lines begin with a word where every line before them begins with a date or a number."""
    count = 0
    while count < MAX_TOTALS and count < len(kept) and _is_word(_first_value(records, int(kept[-1 - count]))):
        count += 1
    if not count or len(kept) < count + _FEWEST_BEFORE_TOTAL - 1:
        return 0
    before = kept[len(kept) - count - _FEWEST_BEFORE_TOTAL + 1 : len(kept) - count]
    return count if all(_FIRST.match(_first_value(records, int(index))) for index in before) else 0


def _is_word(value: str) -> bool:
    return bool(_WORD.fullmatch(value)) and value.lower() not in MISSING


def _first_value(records: Records, index: int) -> str:
    return fields_of(records.text(index), records.separator)[0].strip()


def _total(records: Records, kept: Array, count: int) -> Question:
    first = int(kept[len(kept) - count])
    line, word = int(records.lines[first]), _first_value(records, first)[:60].replace("`", "'")
    lines = "the last line" if count == 1 else f"the last {count} lines"
    place = (
        f"Line {line:,}, the last one, begins with"
        if count == 1
        else f"{lines.capitalize()}, from line {line:,} on, begin with words such as"
    )
    what = f"{place} `{word}` where the lines before begin with dates or numbers"
    return Question(
        name="skip_last",
        text=f"{what}. Leave {'it' if count == 1 else 'them'} out?",
        choices=((str(count), f"Leave out {lines}"), ("0", "No, it is a row like others")),
        preselected=str(count),
        reason=f"{what}, as totals and notes do.",
    )


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
