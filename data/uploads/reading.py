"""The result of reading a file: its form, time, target, inputs and so on, each with a reason, and open questions.

reading = read_file(content, filename="sales.csv")
reading.lines()                      # what a page lists as "We read it like this", in this order
reading.questions                    # at most three, the most important first; training works with the preselected answers
changed = reading.choices.changed("target", "wind")
read_file(content, changed, filename="sales.csv")     # the visitor's choice wins
ExperimentSpec(dataset=reading.dataset, options=tuple(reading.options.items()))
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from data.errors import InvalidSpecError
from data.fields import Value, shown, unknown
from data.uploads.findings import AUTOMATIC, Found, Question, TableChoices
from data.uploads.table import Table

SERIES, SEQUENCES, TEXT = "own_series", "own_sequences", "own_text"
DATASETS = {"series": SERIES, "sequences": SEQUENCES, "text": TEXT}
FORM_WORDS = {"series": "Time series", "sequences": "Labelled sequences", "text": "Plain text"}
MAX_QUESTIONS = 3
_LINES = {
    "form": "Form",
    "encoding": "Encoding",
    "turn": "Turned",
    "time": "Time",
    "date_format": "Date format",
    "order": "Order",
    "series": "Series",
    "which": "Which series",
    "only": "This series",
    "stack": "Same in different places",
    "split_by": "Split by",
    "scale_by": "Scale",
    "static": "Same within a series",
    "known": "Known ahead",
    "calendar": "Calendar",
    "answer_at": "Class of",
    "target": "Target",
    "inputs": "Inputs",
    "label": "Label",
    "sequence": "Sequence",
    "missing": "Missing values",
}
_TABLE = tuple(one.name for one in fields(TableChoices))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingChoices:
    """How the visitor wants a file read; an empty value is found automatically.

    Attributes:
        table: How the bytes become a table.
        form: `series`, `sequences` or `text`.
        turn: `yes` to turn columns that are times into rows, `no` to leave them.
        time: Columns of the time, joined by `join_names`; `-` for none.
        series: Columns that name the series; `-` for one series.
        only: Name of the series to use, `*` for all; of some, joined by `join_names`.
        which: `one`, `some` or `all` series.
        stack: Columns that are one quantity in different places; each becomes a series.
        split_by: `time` for the same dates in all series, `series` to hold whole series out.
        scale_by: `series` for a scale of each series, `all` for one of all.
        static: Columns that stay the same within a series; `-` for none.
        known: Columns that are known for the rows to predict.
        calendar: Parts of the date that are inputs: `hour`, `weekday`, `month`.
        answer_at: `next` or `same`: whether a class is predicted for a later step or for the same one.
        target: Columns to forecast.
        predict: `values`, or `classes` for a class per time step.
        inputs: Input columns; columns of text with few values become one column per value.
        order: `sort`, or `refuse` to keep the order of the file.
        duplicates: `mean`, `sum`, `first` or `last` of the rows of one time, or `refuse`.
        resample: A step such as `hour` for one row per step, or `rows`.
        combine: What a step's row holds: `mean`, `sum` or `last`.
        no_value: Numbers that count as missing; `-` for none.
        missing: `refuse`, `drop` or `interpolate`.
        differencing: `none`, `first` or `seasonal`.
        label: Column of the class.
        layout: `long`, `wide`, `windows`, `characters` or `letters`: how rows make sequences.
        sequence: Columns that name the sequence; `-` for none.
    """

    table: TableChoices = AUTOMATIC
    form: str = ""
    turn: str = ""
    time: str = ""
    series: str = ""
    only: str = ""
    which: str = ""
    stack: str = ""
    split_by: str = ""
    scale_by: str = ""
    static: str = ""
    known: str = ""
    calendar: str = ""
    answer_at: str = ""
    target: str = ""
    predict: str = ""
    inputs: str = ""
    order: str = ""
    duplicates: str = ""
    resample: str = ""
    combine: str = ""
    no_value: str = ""
    missing: str = ""
    differencing: str = ""
    label: str = ""
    layout: str = ""
    sequence: str = ""

    def chosen(self) -> dict[str, str]:
        """Return what was chosen, by name; choices of the table among them."""
        own = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "table"}
        return self.table.chosen() | {name: value for name, value in own.items() if value}

    def changed(self, name: str, value: str) -> "ReadingChoices":
        """Return the choices with one changed, of the reading or of the table; an empty value makes it automatic again."""
        if name in _TABLE:
            return replace(self, table=self.table.changed(name, value))
        return ReadingChoices.of({**self.chosen(), name: value})

    def to_text(self) -> str:
        """Return the choices as one line, for a link or a widget; empty if nothing was chosen."""
        return urlencode(self.chosen())

    @classmethod
    def from_text(cls, text: str) -> "ReadingChoices":
        """Read what `to_text` wrote.

        Raises:
            InvalidSpecError: If it names an unknown choice, or is not a list of choices.
        """
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=40)
        except ValueError as error:
            raise InvalidSpecError([f"Choices must look like `target=wind`, not {shown(text)}."]) from error
        return cls.of(dict(pairs))

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "ReadingChoices":
        """Make choices of names and values, those of the table among them.

        Raises:
            InvalidSpecError: If a name is not a choice.
        """
        own = {one.name for one in fields(cls)} - {"table"}
        problems = [unknown(name, own | set(_TABLE), "choice") for name in values if name not in own | set(_TABLE)]
        if problems:
            raise InvalidSpecError(problems)
        table = TableChoices(**{name: value for name, value in values.items() if name in _TABLE})
        return cls(table=table, **{name: value for name, value in values.items() if name in own})


NOTHING_CHOSEN = ReadingChoices()
NOTHING = Found("", "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A file as it was read. Every line says what holds, why, and whether it is a guess; a choice of the same name changes it.

    Attributes:
        filename: The file's name, sanitised.
        form: `series`, `sequences` or `text`.
        encoding: Encoding of a text; that of a table is among its own findings.
        turn: `yes` where columns that are times became rows.
        time: Columns of the time; empty for none.
        date_format: How dates are written, in `strptime` letters; empty where no format reads them.
        order: `sort` or `refuse`; the reason says what the order is.
        series: Columns that name the series; empty where the file has one.
        only: Name of the series that is used; of several, joined.
        which: Whether one, some or all series are used.
        stack: Columns that are one quantity in different places.
        split_by: How several series are split.
        scale_by: How several series are scaled.
        static: Columns that stay the same within a series.
        known: Columns that are known ahead.
        calendar: Parts of the date that are known ahead.
        answer_at: Which step's class is predicted.
        target: The columns to forecast; empty for sequences and texts.
        inputs: The input columns.
        label: Column of the class; empty for series and texts.
        sequence: Columns that name the sequence.
        missing: How missing values are treated.
        left_out: Columns that are not used, with the reason; `value` is the name.
        questions: The questions, at most three, the most important first.
        open_questions: Names of everything that is a guess nobody confirmed, those of `questions` first.
        warnings: What may make the result misleading, one sentence each; time that cannot be read comes first.
        rows: Rows of the table, or characters of a text.
        options: The dataset options for this reading.
        choices: What the visitor chose.
        table: The table as in the file; None for a text.
        prepared: The table after its steps: turned, sorted, one series; None for a text.
        notes: What else was found and done, one sentence each.
        series_names: Names of the series in the file, where it has several.
    """

    filename: str
    form: Found
    encoding: Found = NOTHING
    turn: Found = NOTHING
    time: Found = NOTHING
    date_format: Found = NOTHING
    order: Found = NOTHING
    series: Found = NOTHING
    only: Found = NOTHING
    which: Found = NOTHING
    stack: Found = NOTHING
    split_by: Found = NOTHING
    scale_by: Found = NOTHING
    static: Found = NOTHING
    known: Found = NOTHING
    calendar: Found = NOTHING
    answer_at: Found = NOTHING
    target: Found = NOTHING
    inputs: Found = NOTHING
    label: Found = NOTHING
    sequence: Found = NOTHING
    missing: Found = NOTHING
    left_out: tuple[Found, ...] = ()
    questions: tuple[Question, ...] = ()
    open_questions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: int = 0
    options: Mapping[str, Value] = field(default_factory=dict)
    choices: ReadingChoices = NOTHING_CHOSEN
    table: Table | None = None
    prepared: Table | None = None
    notes: tuple[str, ...] = ()
    series_names: tuple[str, ...] = ()

    @property
    def dataset(self) -> str:
        """Name of the dataset that trains on it."""
        return DATASETS[self.form.value]

    def lines(self) -> tuple[tuple[str, str, Found], ...]:
        """Return (name of the choice, heading, finding) of every line that says something, in the order to show."""
        table = dict(self.table.findings) if self.table is not None else {}
        first = [(name, name.replace("_", " ").capitalize(), found) for name, found in table.items()]
        own = [(name, heading, getattr(self, name)) for name, heading in _LINES.items()]
        return tuple(line for line in (*first, *own) if line[2].reason)

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as plain values, as `python -m models read --json` writes them."""
        table = self.table
        return {
            "kind": _plain(self.form),
            "table": {
                "rows": 0 if table is None else table.rows,
                "columns": [] if table is None else [column.name for column in table.columns],
                **({} if table is None else {name: _plain(found) for name, found in table.findings.items()}),
                "reason": " ".join(table.notes) if table is not None else "",
            },
            "time": _plain(self.time),
            "date_format": _plain(self.date_format),
            "order": _plain(self.order),
            "target": _plain(self.target),
            "inputs": _plain(self.inputs),
            "label": _plain(self.label),
            "series": _plain(self.series) | {"only": self.only.value, "which": self.which.value or "one"},
            "left_out": [{"name": found.value, "reason": found.reason} for found in self.left_out],
            "missing": _plain(self.missing),
            "questions": [_question(question) for question in self.questions],
            "warnings": list(self.warnings),
            "rows": self.rows,
            "options": dict(self.options),
            "notes": list(self.notes),
        }

    def sentences(self) -> tuple[str, ...]:
        """Return the whole reading as sentences for a terminal."""
        said = [f"Warning: {sentence}" for sentence in self.warnings]
        for number, question in enumerate(self.questions, start=1):
            label = dict(question.choices).get(question.preselected, question.preselected)
            said.append(f"Question {number} ({question.name}): {question.text} Taken: {label}. {question.reason}")
        said += [f"{heading}: {_value(found)}{found.reason}" for _, heading, found in self.lines()]
        said += [f"Left out: {found.reason}" for found in self.left_out]
        return (*said, *self.notes)


def _value(found: Found) -> str:
    return f"{found.value}. " if found.value else ""


def _plain(found: Found) -> dict[str, Any]:
    return {"value": found.value, "reason": found.reason, "guessed": found.guessed}


def _question(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "text": question.text,
        "choices": [{"value": value, "label": label} for value, label in question.choices],
        "preselected": question.preselected,
        "reason": question.reason,
    }
