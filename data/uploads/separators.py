"""Find the separator of a text: the character that splits most lines into the same number of meaningful values."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.uploads.findings import Found, Question
from data.uploads.number_text import MISSING, MISSING_BESIDE_NUMBERS
from data.uploads.records import SEPARATORS

CHOICES = {",": ",", ";": ";", "tab": "\t", "|": "|", "space": " ", "none": ""}
NAMES = {letter: name for name, letter in CHOICES.items()}

_SAMPLE = 200
_DIRECTIVE = re.compile(r'"?sep=(.)"?(?:\n|\Z)', re.IGNORECASE)
_NUMBER_LIKE = re.compile(
    r"\s*[(+\-\u2212$\u20ac\u00a3\u00a5\u20b9]*\s*\.?[0-9][0-9.,' \u00a0\u2009\u202f%]*(?:[eE][+-]?[0-9]+)?\s*(?:[%kKMBn)\u20ac$\u2212-]*|[kK]r\.?|z\u0142|K\u010d|Ft|[A-Z]{3})\s*"
)
_TWO_OR_ONE = re.compile(r"[$\u20ac+\-\u2212 ]*[0-9]+,([0-9]+)[%\u20ac$ ]*")
_DATE_LIKE = re.compile(  # dates that hold a comma, such as `Monday, March 1, 2021, 10:15` and `01.03.2021, 10:15`
    r"(?:[^\W\d_]{2,10}\.?,? +)?(?:[^\W\d_]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}\.? [^\W\d_]{3,10}\.?,? \d{2,4}"
    r"|\d{1,4}([-./])\d{1,2}\1\d{1,4})(?:[,T ][ 0-9:.,APMapmUTCGZ+-]{0,24})?"
)
_UNCLEAN = re.compile(r"[,;\t|]")
_ALIKE_BY_SPACES = 0.9  # the number of words differs from line to line in prose, but hardly in a table


@dataclass(frozen=True, slots=True)
class _Score:
    """How well a separator fits: share of lines with the same number of columns, of clean values and of numbers."""

    columns: int
    alike: float
    clean: float
    numbers: float

    @property
    def value(self) -> float:
        return self.alike * self.clean


def directive(text: str) -> str:
    """Return the separator that Excel's line `sep=;` at the top names, else nothing."""
    found = _DIRECTIVE.match(text)
    return found.group(1) if found else ""


def one_number_or_two(text: str) -> Question | None:
    """Ask about lines like `0,0003`: one number with a decimal comma, or two columns.

    Args:
        text: The text without comment lines.
    """
    lines = _sample(text)
    gaps = MISSING | MISSING_BESIDE_NUMBERS
    body = [line for line in lines[1:] or lines if line.strip().strip('"').lower() not in gaps]
    pairs = [found for line in body if (found := _TWO_OR_ONE.fullmatch(line.strip()))]
    if not pairs or len(pairs) < 0.8 * len(body):
        return None
    behind = [found.group(1) for found in pairs]
    filled_up = len({len(digits) for digits in behind}) == 1 and len(behind[0]) > 1
    one = filled_up or any(digits.startswith("0") and len(digits) > 1 for digits in behind)
    token = pairs[0].group().replace("`", "'")
    single, double = ("none", "One number with a decimal comma"), (",", "Two columns")
    reason = (
        "The digits behind the comma look like a fraction." if one else "The digits behind the comma look like a count."
    )
    return Question(
        name="separator",
        text=f"Is `{token[:40]}` one number, or two columns?",
        choices=(single, double) if one else (double, single),
        preselected="none" if one else ",",
        reason=reason,
    )


def columns_or_prose(text: str, letter: str) -> Question | None:
    """Ask about lines of words that contain the separator, which may be part of the text.

    Args:
        text: The text without comment lines.
        letter: The separator that was found.
    """
    lines = _sample(text)
    score = _score(lines, letter)
    spaced = sum(f"{letter} " in line for line in lines)
    if letter in ("", " ") or score.numbers or score.columns > 3 or (score.alike == 1 and 2 * spaced < len(lines)):
        return None
    return Question(
        name="separator",
        text=f"Does `{letter}` stand between columns, or is each line one text?".replace("`\t`", "a tab"),
        choices=((NAMES[letter], "Between columns"), ("none", "Each line is one text")),
        preselected=NAMES[letter],
        reason="It cuts most lines into the same number of values, but no value is a number.",
    )


def find_separator(text: str) -> tuple[str, Found]:
    """Return the character between columns, empty for a single column, and why.

    Args:
        text: The text without comment lines.
    """
    lines = _sample(text)
    scores = {letter: _score(lines, letter) for letter in SEPARATORS}
    usable = {letter: score for letter, score in scores.items() if score.columns > 1 and _fits(letter, score)}
    if "\t" in usable and usable["\t"].alike > 0.8:
        usable.pop(" ", None)  # a tab is white space too: spaces must not split further what tabs split evenly
    if not usable:
        return "", Found("none", "No separator cuts the lines into the same number of values.", guessed=len(lines) > 1)
    best = max(usable, key=lambda letter: (round(usable[letter].value, 3), letter != " ", usable[letter].columns))
    score = usable[best]
    agreeing = round(score.alike * len(lines))
    noun = SEPARATORS[best] + ("s" if score.columns > 2 else "")
    said = f"{agreeing:,} of the first {len(lines):,} lines have {score.columns - 1:,} {noun} between values."
    others = [letter for letter in usable if letter != best and usable[letter].value > 0.8 * score.value]
    return best, Found(NAMES[best], said, guessed=bool(others) or score.alike < 1)


def fields_of(line: str, separator: str) -> list[str]:
    """Return the values of one line, without quotation marks and outer spaces."""
    if separator == " ":
        line, separator = re.sub(r'[ \t]+(?=(?:[^"]*"[^"]*")*[^"]*$)', "\t", line.strip()), "\t"
    if not separator:
        return [line.strip().strip('"')]
    if '"' not in line:
        return [value.strip() for value in line.split(separator)]
    try:
        return [value.strip() for value in next(iter(csv.reader([line], delimiter=separator)), [])]
    except csv.Error:
        return [value.strip() for value in line.split(separator)]


def _sample(text: str) -> list[str]:
    """Return the first non-empty lines, each shortened; a quoted line end does not end a line."""
    head = text[: 4 * 2**20].split("\n", 2 * _SAMPLE + 1)[: 2 * _SAMPLE]
    lines: list[str] = []
    for line in head:
        if lines and lines[-1].count('"') % 2 and len(lines[-1]) < 2**16:
            lines[-1] += "\n" + line
        elif line.strip():
            lines.append(line[: 2**18])
    return lines[:_SAMPLE]


def _score(lines: Sequence[str], letter: str) -> _Score:
    rows = [fields_of(line, letter) for line in lines]
    counts = Counter(len(row) for row in rows)
    if not counts:
        return _Score(1, 1.0, 0.0, 0.0)
    first = len(rows[0])
    columns = max(counts, key=lambda count: (counts[count], count == first, count))
    cells = [cell for row in rows if len(row) == columns for cell in row[:60]]
    filled = [cell for cell in cells if cell]
    numbers = sum(bool(_NUMBER_LIKE.fullmatch(cell) or _DATE_LIKE.fullmatch(cell)) for cell in filled)
    unclean = sum(
        bool(_UNCLEAN.search(cell)) and not (_NUMBER_LIKE.fullmatch(cell) or _DATE_LIKE.fullmatch(cell))
        for cell in filled
    )
    total = max(1, len(filled))
    return _Score(columns, counts[columns] / len(rows), 1.0 - unclean / total, numbers / total)


def _fits(letter: str, score: _Score) -> bool:
    """Return whether a separator is possible: spaces only if lines agree and most values are numbers."""
    if letter != " ":
        return True
    return score.alike >= _ALIKE_BY_SPACES and score.numbers >= 0.5
