"""A visitor's own labelled sequences from a CSV file: predict each one's class."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from data.baselines import majority_baseline
from data.catalog import Baseline, Dataset, dataset
from data.errors import DataError
from data.fields import Value, choice, integer, text
from data.scaling import fit_scaler
from data.task import Array, Part, Scaler, TaskData
from data.uploads.labelled import Labelled
from data.uploads.long_form import long_sequences
from data.uploads.report import Report, table_report
from data.uploads.sequence_splits import MIN_PEOPLE, different_splits, split
from data.uploads.shared_options import (
    asked_field,
    content_field,
    decimal_field,
    file_field,
    missing_field,
    names_field,
    table_choices,
    table_field,
    verified,
)
from data.uploads.symbol_form import Symbols, symbol_sequences
from data.uploads.table import Table, read_table, shown_name
from data.uploads.wide_form import wide_sequences
from data.uploads.window_form import window_sequences

_LAYOUTS = {
    "long": "One row a step",
    "wide": "One row a sequence",
    "windows": "One row a step, each with its label",
    "characters": "The characters of a text",
    "letters": "One letter a column",
}
_SYMBOLS = ("characters", "letters")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSequencesOptions:
    """Options of own sequences."""

    content: str = content_field()
    file: str = file_field()
    layout: str = choice(
        "long", _LAYOUTS, label="Form", help="Whether a row of the file is one step or a whole sequence."
    )
    label: str = text(
        "", 0, 80, label="Label", help="Column of the class. Empty for the last column, in the wide form of text."
    )
    sequence: str = text(
        "",
        0,
        80,
        label="Sequence",
        help="Column that names the sequence. Empty for the first column, in the wide form for none.",
    )
    step: str = text(
        "",
        0,
        80,
        label="Step",
        help="Column of the step, long form only. Empty for a rising second column, - for the order of the rows.",
    )
    features: str = names_field("Features", "Columns that are seen, separated by commas. Empty for all other numbers.")
    missing: str = missing_field()
    decimal: str = decimal_field()
    table: str = table_field()
    window: int = integer(
        32,
        2,
        1_000,
        label="Window",
        unit="rows",
        help="Rows of a window, where each row has its label.",
        group="advanced",
    )
    asked: str = asked_field()


@dataset
class OwnSequences(Dataset):
    """Labelled sequences in a CSV file, in long or wide form, of equal or unequal length."""

    name = "own_sequences"
    title = "Your labelled sequences"
    description = "A CSV file of yours with sequences that each belong to a class; the answer is the class."
    lesson = (
        "Whether LSTM or GRU tells the classes of your sequences apart, and by how much they beat the largest class."
    )
    source = "your own file"
    licence = "yours; the file stays with its experiment"
    family = "own"
    kind = "classification"
    picture = "series"
    Options = OwnSequencesOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    def load(self, options: OwnSequencesOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the file; every class is split at random by the seed.

        Args:
            options: The options; `content` names the file.
            seed: Seed of the split.
            content: The bytes of the file.

        Raises:
            DataError: If the bytes are not the options' or cannot be used; the message says where and why.
        """
        return _task(_read(options, content)[1], seed)

    def splits(self, options: OwnSequencesOptions, content: bytes | None = None) -> int:
        """Return how many different splits a file of windows with few people allows; 0 for any number."""
        if options.layout != "windows":
            return 0
        labelled = _read(options, content)[1]
        return different_splits(labelled.classes, _groups(labelled))

    def load_repeat(
        self, options: OwnSequencesOptions, seed: int, number: int, content: bytes | None = None
    ) -> TaskData:
        """Split the file by the repeat's seed: at random, or by turns if few people or none are named."""
        return _task(_read(options, content)[1], seed, number)

    def report(self, options: OwnSequencesOptions, seed: int, content: bytes | None) -> Report:
        """Report how `load` uses the file; raises the same errors."""
        table, labelled = _read(options, content)
        data = _task(labelled, seed)
        counts = np.bincount(labelled.classes, minlength=len(labelled.class_names))
        order = np.argsort(-counts, kind="stable")
        return replace(
            table_report(table, notes=data.notes, warnings=labelled.warnings),
            balance=tuple((labelled.class_names[index], int(counts[index])) for index in order),
            samples=(("training", len(data.train)), ("validation", len(data.validation)), ("test", len(data.test))),
        )

    def baselines(self, options: OwnSequencesOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score the most frequent class."""
        return (majority_baseline(data),)

    def metric(self, options: OwnSequencesOptions) -> str:
        """Return the accuracy."""
        return "accuracy"


def _read(options: OwnSequencesOptions, content: bytes | None) -> tuple[Table, Labelled | Symbols]:
    table = read_table(verified(content, options.content), table_choices(options.table, options.decimal))
    columns = {name: getattr(options, name) for name in ("sequence", "step", "label", "features")}
    if options.layout in _SYMBOLS:
        return table, symbol_sequences(table, columns=columns, layout=options.layout, missing=options.missing)
    if options.layout == "windows":
        return table, window_sequences(table, columns=columns, window=options.window, missing=options.missing)
    read = long_sequences if options.layout == "long" else wide_sequences
    return table, read(table, columns=columns, missing=options.missing)


def _groups(labelled: Labelled | Symbols) -> Array | None:
    return labelled.groups if isinstance(labelled, Labelled) else None


def _task(labelled: Labelled | Symbols, seed: int, number: int = 0) -> TaskData:
    train, validation, test = split(labelled.classes, _groups(labelled), seed=seed, number=number)
    if not (len(validation) and len(test) and len(train)):
        raise DataError(
            f"{len(labelled.classes)} sequences are too few: no class has 3 or more, which training, validation and test "
            "need; add sequences."
        )
    lengths = f"{labelled.lengths.min()} to {labelled.lengths.max()}"
    count, classes = len(labelled.classes), len(labelled.class_names)
    notes = (*labelled.notes, f"{count:,} sequences of {lengths} steps in {classes} classes.", _split_words(labelled))
    if isinstance(labelled, Symbols):
        return _symbol_task(labelled, (train, validation, test), notes)
    scaler = fit_scaler(_steps(labelled, train), "standard")
    return TaskData(
        kind="classification",
        train=_part(labelled, train, scaler),
        validation=_part(labelled, validation, scaler),
        test=_part(labelled, test, scaler),
        input_size=labelled.values.shape[2],
        output_size=classes,
        class_names=labelled.class_names,
        feature_names=labelled.features,
        notes=notes,
    )


def _symbol_task(symbols: Symbols, parts: tuple[Array, Array, Array], notes: tuple[str, ...]) -> TaskData:
    train, validation, test = (
        Part(inputs=symbols.tokens[part], targets=symbols.classes[part], lengths=symbols.lengths[part])
        for part in parts
    )
    return TaskData(
        kind="classification",
        train=train,
        validation=validation,
        test=test,
        input_size=len(symbols.vocabulary),
        output_size=len(symbols.class_names),
        vocabulary=symbols.vocabulary,
        class_names=symbols.class_names,
        notes=notes,
    )


def _split_words(labelled: Labelled | Symbols) -> str:
    scaled = "; scaled by the training part alone." if isinstance(labelled, Labelled) else "."
    shares = "70 % training, 15 % validation, 15 % test"
    groups = _groups(labelled)
    if isinstance(labelled, Symbols) or groups is None:
        return f"Every class is split at random by the seed: {shares}{scaled}"
    people = len(np.unique(groups))
    if people < MIN_PEOPLE:
        why = (
            f"{people} `{shown_name(labelled.grouped_by)}` cannot be kept apart in three parts, so the"
            if labelled.grouped_by
            else "The"
        )
        return f"{why} windows of every class are split in blocks of neighbours, in the order of the file: {shares}{scaled}"
    name = shown_name(labelled.grouped_by)
    leak = f"A random split of windows would test every `{name}` on neighbours of windows that were trained on."
    return f"Split at random by `{name}`, of which none is in two parts: {shares}{scaled} {leak}"


def _steps(labelled: Labelled, chosen: Array) -> Array:
    """Return the valid steps of chosen sequences, `(sum of lengths, F)`."""
    valid = np.arange(labelled.values.shape[1]) < labelled.lengths[chosen][:, None]
    steps: Array = labelled.values[chosen][valid]
    return steps


def _part(labelled: Labelled, chosen: Array, scaler: Scaler) -> Part:
    lengths = labelled.lengths[chosen]
    valid = np.arange(labelled.values.shape[1]) < lengths[:, None]
    inputs = np.where(valid[:, :, None], scaler.transform(labelled.values[chosen]), 0.0)
    return Part(inputs=inputs.astype(np.float32), targets=labelled.classes[chosen], lengths=lengths)
