"""What a visitor's network is fed with: rows of a table, cut into windows and scaled as the network was trained, or a dataset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.task import Array, Part, Scaler, TaskData
from data.uploads.table import Table, read_table, shown_name
from models.cells.network import answer_network
from models.checkpoints.own_network import OwnNetwork
from models.errors import CheckpointError

MAX_WINDOWS = 400
MAX_WINDOW = 2_000
LONGEST_SINGLE = 200  # rows of a file that are shown as one window if no length is chosen
CHANGE = "output_change"  # unit of a score without targets: how far outputs move from those of the untouched network


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChoice:
    """How a table becomes the inputs of a network.

    Attributes:
        columns: Input columns in the network's order; empty for the first columns of numbers.
        targets: Columns that the network predicts; empty for none.
        window: Rows of one input; 0 for up to 200, and the whole file if it is shorter.
        horizon: How many rows after the window the first target is.
        scaling: `fit` (mean 0, deviation 1 over the file), `given` or `none`.
        mean: Given means, one per input column.
        deviation: Given standard deviations.
    """

    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    window: int = 0
    horizon: int = 1
    scaling: str = "fit"
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()


def numeric_columns(content: bytes, filename: str = "") -> tuple[str, ...]:
    """Return the names of a table's columns of numbers.

    Raises:
        DataError: If it is not a table.
    """
    return tuple(column.name for column in read_table(content, filename=filename).columns if column.kind == "number")


def task_of_file(network: OwnNetwork, content: bytes, filename: str, choice: DataChoice) -> TaskData:
    """Return windows of a file as a task whose three parts are the same.

    Without targets the network's own outputs take their place, so that scores say how far outputs move.

    Raises:
        DataError: If the file is not a table.
        CheckpointError: If columns, window or scale do not fit the network.
    """
    table = read_table(content, filename=filename)
    names = choice.columns or _first_columns(table, network, choice)
    wanted = 1 if network.tokens else network.input_size
    if len(names) != wanted:
        raise CheckpointError(
            f"The network takes {wanted} columns per step, but {len(names)} are chosen or in the file."
        )
    values, notes = _values(table, names)
    window = choice.window or min(len(values) - (choice.horizon if choice.targets else 0), LONGEST_SINGLE)
    starts = _starts(len(values), window, choice)
    if network.tokens:
        inputs, scaler = _tokens(network, values, starts, window), None
    else:
        scaler = _scaler(values, choice)
        inputs = scaler.transform(values)[starts[:, None] + np.arange(window)].astype(np.float32)
    part = Part(
        inputs=inputs,
        targets=np.zeros((len(starts), network.output_size), dtype=np.float32),
        lengths=np.full(len(starts), window, dtype=np.int64),
        positions=_positions(table, starts + window - 1),
    )
    data = _task(network, part, names, scaler, notes)
    return _with_targets(data, table, choice, starts + window - 1) if choice.targets else without_targets(network, data)


def _first_columns(table: Table, network: OwnNetwork, choice: DataChoice) -> tuple[str, ...]:
    numbers = [column.name for column in table.columns if column.kind == "number"]
    most = 1 if network.tokens else network.input_size
    first = numbers[:most]
    rest = [name for name in numbers if name not in choice.targets]
    return tuple(rest[:most] if len(rest) >= most else first)


def _values(table: Table, names: Sequence[str]) -> tuple[Array, list[str]]:
    columns, notes = [], []
    for name in names:
        column = table.column(name, "columns")
        if column.numbers is None:
            raise CheckpointError(f"The column `{shown_name(name)}` does not hold numbers.")
        values = np.array(column.numbers, dtype=np.float64)
        gaps = ~np.isfinite(values)
        if gaps.all():
            raise CheckpointError(f"The column `{shown_name(name)}` is empty.")
        if gaps.any():
            places = np.arange(len(values))
            values[gaps] = np.interp(places[gaps], places[~gaps], values[~gaps])
            notes.append(f"{int(gaps.sum())} gaps of `{shown_name(name)}` were filled on straight lines.")
        columns.append(values)
    return np.stack(columns, axis=1), notes


def _starts(rows: int, window: int, choice: DataChoice) -> Array:
    """Return the first rows of up to `MAX_WINDOWS` evenly chosen windows."""
    last = rows - window - (choice.horizon if choice.targets else 0)
    if not 1 <= window <= MAX_WINDOW or not 1 <= choice.horizon <= MAX_WINDOW or last < 0:
        raise CheckpointError(
            f"A window must have 1 to {MAX_WINDOW:,} rows and fit into the file, which has {rows:,}; choose a shorter one."
        )
    return np.unique(np.linspace(0, last, min(last + 1, MAX_WINDOWS)).round().astype(np.int64))


def _tokens(network: OwnNetwork, values: Array, starts: Array, window: int) -> Array:
    whole = np.round(values[:, 0])
    if not np.array_equal(whole, values[:, 0]) or whole.min() < 0 or whole.max() >= network.input_size:
        raise CheckpointError(f"The network's inputs are tokens: whole numbers from 0 to {network.input_size - 1}.")
    return np.asarray(whole.astype(np.int64)[starts[:, None] + np.arange(window)])


def _scaler(values: Array, choice: DataChoice) -> Scaler:
    width = values.shape[1]
    if choice.scaling == "none":
        return Scaler(mean=np.zeros(width), std=np.ones(width))
    if choice.scaling == "fit":
        spread = values.std(0)
        return Scaler(mean=values.mean(0), std=np.where(spread > 0, spread, 1.0))
    mean, deviation = np.array(choice.mean), np.array(choice.deviation)
    fits = len(mean) == len(deviation) == width and np.isfinite(mean).all() and np.isfinite(deviation).all()
    if not fits or not (deviation > 0).all():
        raise CheckpointError(f"Give {width} means and as many standard deviations above 0, or have the scale fitted.")
    return Scaler(mean=mean, std=deviation)


def _positions(table: Table, rows: Array) -> Array:
    """Return where windows end: the first column of dates, else row numbers from 1."""
    for column in table.columns:
        if column.kind == "date":
            return np.array([str(column.texts.iloc[row]) for row in rows], dtype=object)
    return rows + 1


def _task(
    network: OwnNetwork, part: Part, names: Sequence[str], scaler: Scaler | None, notes: Sequence[str]
) -> TaskData:
    count = network.input_size if network.tokens else 0
    return TaskData(
        kind="regression",
        train=part,
        validation=part,
        test=part,
        input_size=network.input_size,
        output_size=network.output_size,
        vocabulary=tuple(str(token) for token in range(count)),
        feature_names=() if network.tokens else tuple(names),
        target_names=tuple(f"output {index + 1}" for index in range(network.output_size)),
        input_scaler=scaler,
        notes=tuple(notes),
        lead=0,  # positions are those of the last inputs
    )


def _with_targets(data: TaskData, table: Table, choice: DataChoice, ends: Array) -> TaskData:
    """Put in the columns that the network predicts: one per output, or one column as many rows ahead as there are outputs."""
    names, count = choice.targets, data.output_size
    if len(names) not in (1, count):
        raise CheckpointError(f"The network has {count} outputs: choose one target column, or {count}.")
    values, notes = _values(table, names)
    scaler = _target_scaler(data, values, choice)
    ahead = np.arange(count) if len(names) == 1 else np.zeros(count, dtype=np.int64)
    rows = ends[:, None] + choice.horizon + ahead
    if rows.max() >= len(values):
        keep = rows.max(axis=1) < len(values)
        rows, data = rows[keep], _kept(data, keep)
    if not len(rows):
        raise CheckpointError(
            "No window is followed by as many rows as the network has outputs; choose a shorter window."
        )
    columns = np.zeros(count, dtype=np.int64) if len(names) == 1 else np.arange(count)
    truth = (values[rows, columns] - scaler.mean) / scaler.std
    part = replace(data.test, targets=truth.astype(np.float32))
    titles = tuple(names) if count == len(names) else tuple(f"{names[0]}, {choice.horizon + n} ahead" for n in ahead)
    return replace(
        data, train=part, validation=part, test=part, scaler=scaler, target_names=titles, notes=(*data.notes, *notes)
    )


def _kept(data: TaskData, keep: Array) -> TaskData:
    part = data.test
    places = part.positions[keep] if part.positions is not None else None
    chosen = replace(
        part, inputs=part.inputs[keep], targets=part.targets[keep], lengths=part.lengths[keep], positions=places
    )
    return replace(data, train=chosen, validation=chosen, test=chosen)


def _target_scaler(data: TaskData, values: Array, choice: DataChoice) -> Scaler:
    """Return the targets' scale: that of the input column of the same name, else fitted, else none."""
    means, deviations = [], []
    for place, name in enumerate(choice.targets):
        if data.input_scaler is not None and name in data.feature_names:
            at = data.feature_names.index(name)
            means.append(float(data.input_scaler.mean[at]))
            deviations.append(float(data.input_scaler.std[at]))
        else:
            fitted = choice.scaling == "fit"
            means.append(float(values[:, place].mean()) if fitted else 0.0)
            deviations.append((float(values[:, place].std()) or 1.0) if fitted else 1.0)
    return Scaler(mean=np.array(means), std=np.array(deviations))


def without_targets(network: OwnNetwork, data: TaskData) -> TaskData:
    """Return a task whose targets are the network's own outputs: scores then say how far outputs move."""
    part = data.test
    outputs = answer_network(network.cell, network.weights, part.inputs, part.lengths, each_step=False)
    same = Part(
        inputs=part.inputs, targets=outputs.astype(np.float32), lengths=part.lengths, positions=part.first_positions
    )
    names = tuple(f"output {index + 1}" for index in range(network.output_size))
    return replace(
        data,
        kind="regression",
        train=same,
        validation=same,
        test=same,
        output_size=network.output_size,
        target_names=names,
        class_names=(),
        unit=CHANGE,
        scaler=None,
        naive_errors=None,
        upcoming=None,
        notes=(*data.notes, "No targets: scores say how far outputs move from those of the untouched network."),
    )


def task_of_dataset(network: OwnNetwork, data: TaskData) -> TaskData:
    """Return a dataset's task for a network that was trained elsewhere.

    Raises:
        CheckpointError: If their inputs do not fit.
    """
    if bool(data.vocabulary) != network.tokens or data.input_size != network.input_size:
        has = f"{data.input_size} {'tokens' if data.vocabulary else 'columns per step'}"
        takes = f"{network.input_size} {'tokens' if network.tokens else 'columns per step'}"
        raise CheckpointError(f"The dataset has {has}, but the network takes {takes}; choose other data.")
    return data if data.output_size == network.output_size else without_targets(network, data)
