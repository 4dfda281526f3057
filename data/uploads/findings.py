"""Findings, questions and the visitor's choices: plain values that every step of reading a file uses.

A step returns its result with `findings` (name to `Found`) and `questions`. A finding or question about the table has
the name of the `TableChoices` field that overrides it, so pages need no mapping:

    table = read_table(content)
    table.findings["separator"]                # Found(";", "240 of 240 lines have 2 semicolons", guessed=True)
    choices = table.choices.changed("separator", ",")
    read_table(content, choices)               # the visitor's choice wins
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import parse_qsl, urlencode

from data.errors import InvalidSpecError
from data.fields import shown, unknown

MAX_CHOICES_TEXT = 1_000  # characters of `TableChoices.to_text`


@dataclass(frozen=True, slots=True)
class Found:
    """Something found in a file.

    Attributes:
        value: Its value, as the visitor would write it to change it.
        reason: Why, in one sentence.
        guessed: Whether another reading is possible; False if the visitor chose it or it has only one meaning.
    """

    value: str
    reason: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the file does not answer by itself.

    Attributes:
        name: What is asked about; for a table, the field of `TableChoices` that answers it.
        text: The question, one sentence with a question mark.
        choices: (value, label) pairs, the most likely first.
        preselected: The value used until somebody answers.
        reason: Why it is the most likely, in one sentence.
    """

    name: str
    text: str
    choices: tuple[tuple[str, str], ...]
    preselected: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoices:
    """How the visitor wants a file read as a table; empty values are detected.

    Attributes:
        encoding: `utf-8`, `utf-16`, `latin-1`, `windows-1252` and so on: a key of `data.uploads.decode.ENCODINGS`.
        separator: `,`, `;`, `tab`, `|`, `space`, or `none` for a single column.
        header: Number of lines of names: `0`, `1`, `2` and so on.
        decimal: `point` or `comma`.
        thousands: `none`, `comma`, `point`, `space` or `apostrophe`.
        comment: The characters that comment lines begin with, or `none`.
        skip_first: Number of lines to leave out at the top, comments not counted.
        skip_last: Number of lines to leave out at the end.
        not_numbers: How to treat a few other values in a column of numbers: as `missing`, or the column as `text`.
        not_times: How to treat a few other values in a column of dates: the `likely` time, `missing`, or the column as `text`.
        rows: Which rows to read of a table that is too long: `last` or `first`.
        sheet: Name of a workbook's sheet.
        member: Name of a file in a ZIP archive.
        date_format: A format in `strptime` letters for columns of dates.
    """

    encoding: str = ""
    separator: str = ""
    header: str = ""
    decimal: str = ""
    thousands: str = ""
    comment: str = ""
    skip_first: str = ""
    skip_last: str = ""
    not_numbers: str = ""
    not_times: str = ""
    rows: str = ""
    sheet: str = ""
    member: str = ""
    date_format: str = ""

    def __bool__(self) -> bool:
        """Return whether anything was chosen."""
        return any(self.chosen().values())

    def chosen(self) -> dict[str, str]:
        """Return what was chosen, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}

    def changed(self, name: str, value: str) -> "TableChoices":
        """Return the choices with one changed; an empty value makes it automatic again."""
        return replace(self, **{name: value})

    def to_text(self) -> str:
        """Return the choices as one line, for an option or a link; empty if nothing was chosen.

        Example:
            >>> TableChoices(separator=";", header="0").to_text()
            'separator=%3B&header=0'
        """
        return urlencode(self.chosen())

    @classmethod
    def from_text(cls, text: str) -> "TableChoices":
        """Read what `to_text` wrote.

        Raises:
            InvalidSpecError: If it names an unknown choice, or is not a list of choices.
        """
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=20)
        except ValueError as error:
            raise InvalidSpecError([f"`table` must be choices like `separator=%3B`, not {shown(text)}."]) from error
        known = [field.name for field in fields(cls)]
        problems = [unknown(name, known, "choice for `table`") for name, _ in pairs if name not in known]
        if problems:
            raise InvalidSpecError(problems)
        return cls(**dict(pairs))


AUTOMATIC = TableChoices()  # nothing was chosen


def unanswered(questions: Iterable[Question], chosen: Mapping[str, str]) -> tuple[Question, ...]:
    """Return the questions that nobody has answered yet."""
    return tuple(question for question in questions if not chosen.get(question.name))
