"""Predict a class per time step, such as rain or no rain, from windows of a series."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.baselines import class_baseline, majority_baseline
from data.catalog import Baseline
from data.errors import DataError
from data.forecast_windows import cut_windows
from data.repeat_splits import MIN_WINDOWS, TimeSplit, count_stretches, rolling_split, stretch_note, time_stretch
from data.scaling import fit_scaler
from data.splits import split_in_time
from data.task import Array, Part, Scaler, TaskData
from data.uploads.labelled import MAX_CLASSES, rare
from data.uploads.series_rows import Rows, series_rows
from data.uploads.series_table import SeriesSteps, SeriesTable, series_table, with_numbers
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import take_rows

_FEWEST = 2  # minimum samples of a part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassTable:
    """A table of which one column holds numbers of classes.

    Attributes:
        made: The table after its steps.
        inputs: Names of the inputs, joined.
        classes: Names of the classes.
    """

    made: SeriesTable
    inputs: str
    classes: tuple[str, ...]


def class_table(table: Table, steps: SeriesSteps, *, target: str, inputs: str) -> ClassTable:
    """Number the classes of a table, and leave out rows without one; see `class_rows`."""
    made = series_table(table, steps)
    names = split_names(target)
    if len(names) != 1:
        raise DataError("`predict` = `classes` needs one `target`, the column of the class.")
    label = made.table.column(names[0], "target")
    present = np.flatnonzero(~label.missing)
    lost = made.table.rows - len(present)
    short = take_rows(made.table, present) if lost else made.table
    short, classes = _numbered(short, names[0])
    aside = join_names([*split_names(made.time), *split_names(steps.series)])
    short, seen = with_numbers(short, inputs or _others(short, names[0], aside))
    said = (f"{lost:,} rows without a class were left out.",) if lost else ()
    made = replace(made, table=short, notes=(*made.notes, *said))
    return ClassTable(made=made, inputs=seen or join_names(names), classes=classes)


def class_rows(table: Table, steps: SeriesSteps, *, target: str, inputs: str, missing: str) -> Rows:
    """Make a series with one column as class.

    Args:
        table: The table.
        steps: The steps that are applied first.
        target: Column of the class.
        inputs: Input columns; empty for all columns of numbers except the class.
        missing: `refuse`, `drop` or `interpolate`; rows without a class are left out.

    Returns:
        The series; the target's values are class numbers, and `classes` names them.

    Raises:
        DataError: If there are fewer than two classes or too many, or the rows cannot be used.
    """
    found = class_table(table, steps, target=target, inputs=inputs)
    made, classes = found.made, found.classes
    rows = series_rows(made.table, time=made.time, target=target, inputs=found.inputs, missing=missing)
    labels = rows.values[:, rows.columns.index(rows.targets[0])].astype(np.int64)
    warnings = (*rows.warnings, *rare(classes, labels))
    return replace(rows, notes=(*made.notes, *rows.notes), warnings=warnings, classes=classes)


def _others(table: Table, target: str, time: str) -> str:
    aside = {target, *split_names(time)}
    return join_names([column.name for column in table.of_kind("number") if column.name not in aside])


def _numbered(table: Table, name: str) -> tuple[Table, tuple[str, ...]]:
    """Replace classes by their numbers."""
    label = table.column(name, "target")
    values = (
        label.texts if label.numbers is None else pd.Series([f"{value:.10g}" for value in label.numbers], dtype="str")
    )
    codes, keys = pd.factorize(values, sort=True)
    if not 2 <= len(keys) <= MAX_CLASSES:
        raise DataError(
            f"`{shown_name(name)}` has {len(keys):,} different values, and 2 to {MAX_CLASSES} classes are needed; choose another "
            "`target`, or predict values."
        )
    numbered: Column = replace(label, kind="number", numbers=codes.astype(np.float64), dates=None)
    columns = tuple(numbered if column is label else column for column in table.columns)
    return replace(table, columns=columns), tuple(str(key) for key in keys)


def class_stretches(rows: Rows, *, window: int, ahead: int) -> int:
    """Return on how many stretches of time repeats are tested; see `data.repeat_splits`."""
    first = window + ahead - 1

    def enough(split: TimeSplit) -> bool:
        return bool(min(split.train.stop - first, *[part.stop - part.start for part in split[1:]]) >= MIN_WINDOWS)

    return count_stretches(len(rows.values), enough)


def class_task(rows: Rows, *, window: int, ahead: int, number: int | None = None) -> TaskData:
    """Cut windows whose target is the class `ahead` rows after their last one.

    Args:
        rows: The series, made by `class_rows`.
        window: Rows of a window.
        ahead: Rows between the window's last row and the class; earlier classes may be inputs.
        number: Number of the stretch of time that is the test, 0 the newest; None for one split in time order.

    Raises:
        DataError: If a part has fewer than two samples.
    """
    refuse_own_class(rows, ahead)
    labels = rows.values[:, rows.columns.index(rows.targets[0])].astype(np.int64)
    slices = split_in_time(len(labels))
    stretches = class_stretches(rows, window=window, ahead=ahead)
    if number is not None:
        slices = rolling_split(len(labels), number, stretches)
    features, names = class_features(rows, fit_scaler(measured(rows)[slices[0]], "standard"))
    parts = [class_part(features, labels, rows.positions, part, (window, ahead)) for part in slices]
    refuse_few(parts, window)
    data = TaskData(
        kind="classification",
        train=parts[0],
        validation=parts[1],
        test=parts[2],
        input_size=features.shape[1],
        output_size=len(rows.classes),
        class_names=rows.classes,
        feature_names=names,
        notes=(
            *rows.notes,
            *class_notes(window, ahead),
        ),
        lead=ahead,
    )
    if number is None:
        said = "Split in time order: 70 % training, 15 % validation, 15 % test; scaled by the training part alone."
        return replace(data, notes=(*data.notes, said))
    test = slices[2]
    data = replace(data, stretch=time_stretch(rows.positions, test))
    return replace(data, notes=(*data.notes, stretch_note(data, number, stretches)))


def class_notes(window: int, ahead: int) -> tuple[str, ...]:
    """Say what is predicted and how it is scored."""
    later = f"{ahead} {'row' if ahead == 1 else 'rows'} later" if ahead else "of their last row"
    return (
        f"Each time step gets its class: windows of {window} rows, answered with the class {later}.",
        "The score is balanced accuracy: the share of right answers within each class, averaged over the classes that occur.",
    )


def refuse_own_class(rows: Rows, ahead: int) -> None:
    """Refuse to show a window the class that it is to find.

    Raises:
        DataError: If the class of the same row is an input.
    """
    if not ahead and set(rows.targets) & set(rows.inputs):
        raise DataError(
            f"The class `{shown_name(rows.targets[0])}` of the same step is an input, so it gives itself away; leave it out of "
            "`inputs`, or predict a later step."
        )


def measured(rows: Rows) -> Array:
    """Return `(L, K)` the inputs that are numbers, without the class."""
    numbers = [name for name in rows.inputs if name not in rows.targets]
    found: Array = rows.values[:, [rows.columns.index(name) for name in numbers]]
    return found


def class_features(rows: Rows, scaler: Scaler) -> tuple[Array, tuple[str, ...]]:
    """Return scaled inputs `(L, F)` and their names; a class that is an input has one column per class."""
    features: Array = scaler.transform(measured(rows))
    names = tuple(name for name in rows.inputs if name not in rows.targets)
    if set(rows.targets) & set(rows.inputs):
        labels = rows.values[:, rows.columns.index(rows.targets[0])].astype(np.int64)
        features = np.concatenate([features, np.eye(len(rows.classes))[labels]], axis=1)
        names += tuple(f"{rows.targets[0]} = {name}" for name in rows.classes)
    return features, names


def refuse_few(parts: Sequence[Part], window: int) -> None:
    """Refuse parts with fewer than two samples."""
    for name, part in zip(("training", "validation", "test"), parts, strict=True):
        if len(part) < _FEWEST:
            raise DataError(
                f"A window of {window} rows leaves {len(part)} samples in the {name} part, and {_FEWEST} are needed; choose a "
                "shorter window."
            )


def class_part(features: Array, labels: Array, positions: Array, rows: slice, sizes: tuple[int, int]) -> Part:
    """Return the windows whose class stands in some rows; `sizes` are the window and the rows ahead."""
    window, ahead = sizes
    steps = np.arange(max(rows.start, window + ahead - 1), rows.stop)
    return Part(
        inputs=cut_windows(features, steps + 1 - ahead, window),
        targets=labels[steps],
        lengths=np.full(len(steps), window, dtype=np.int64),
        positions=positions[steps],
    )


def class_baselines(data: TaskData) -> tuple[Baseline, ...]:
    """Score the most frequent class, and the class of the row before."""
    before = np.concatenate([data.validation.targets[-1:], data.test.targets[:-1]])
    same = class_baseline(data, before, name="persistence", title="Persistence: the same as the row before")
    return (majority_baseline(data), same)
