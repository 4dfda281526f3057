"""What the steps of a sample are called, dates or symbols, and in which unit its inputs are drawn. NumPy, no torch."""

import numpy as np

from data.task import Array, PartName, TaskData

STANDARDISED = "standardised"
_NEAR = 0.05  # how far mean and deviation of standardised inputs may be from 0 and 1


def step_dates(data: TaskData, part: PartName, sample: int) -> tuple[str, ...]:
    """Return the position of every input step on the time axis, as a date or number; empty where it is unknown.

    Parts hold the positions of targets. A sample's inputs are the rows before its target, `TaskData.lead` rows before the first of them,
    and these are targets of earlier samples.
    """
    chosen = data.part(part)
    steps = int(chosen.lengths[sample])
    if chosen.series is not None and chosen.rows is not None:
        axis, target = data.histories[int(chosen.series[sample])].positions, int(chosen.rows[sample])
    elif chosen.positions is None:
        return ()
    else:
        axis, target = _axis(data, part, sample)
    last = target - data.lead
    if axis is None or last - steps + 1 < 0 or last >= len(axis):
        return ()
    return tuple(str(position) for position in axis[last - steps + 1 : last + 1])


def _axis(data: TaskData, part: PartName, sample: int) -> tuple[Array | None, int]:
    """Return the positions of all targets in time order, and where the sample's first target is among them."""
    chosen = data.part(part)
    pieces: list[Array] = []
    start = 0
    names: tuple[PartName, ...] = (part,) if data.train is data.test else ("train", "validation", "test")
    for name in names:
        one = data.part(name)
        if one.positions is None or not len(one):
            return None, 0
        if name == part:
            start = sum(len(piece) for piece in pieces)
        pieces += _positions(one.positions)
    if data.train is data.test and not _consecutive(chosen.inputs, sample):
        return None, 0
    return np.concatenate(pieces), start + sample


def _positions(positions: Array) -> list[Array]:
    """Return a part's targets: the first of every sample, then what follows the first of the last sample."""
    wide = positions.reshape(len(positions), -1)
    return [wide[:, 0], wide[-1, 1:]]


def _consecutive(inputs: Array, sample: int) -> bool:
    """Return whether the samples up to this one start one row after the other, so that each is its predecessor, moved on."""
    first = max(0, sample - inputs.shape[1])
    return np.array_equal(inputs[first:sample, 1:], inputs[first + 1 : sample + 1, :-1])


def step_symbols(data: TaskData, part: PartName, sample: int) -> tuple[str, ...]:
    """Return the token of every step; empty for numeric inputs."""
    chosen = data.part(part)
    inputs = chosen.inputs[sample, : int(chosen.lengths[sample])]
    return tuple(data.vocabulary[int(token)] for token in inputs) if inputs.ndim == 1 else ()


def input_unit(data: TaskData, *, differenced: bool = False) -> str:
    """Say in what the inputs of a sample are drawn: their unit, `standardised`, or `value` where they are as generated.

    Args:
        data: The task.
        differenced: Whether inputs are changes rather than levels.
    """
    if data.input_scaler is not None:
        name = data.input_unit.replace("_", " ")
        return (f"change in {name}" if name else "change") if differenced else name or "value"
    return STANDARDISED if _standardised(data) else "value"


def _standardised(data: TaskData) -> bool:
    inputs = data.train.inputs[:1000]
    if inputs.ndim == 2:
        return False
    if data.train.positions is not None:
        return True
    steps = np.arange(inputs.shape[1]) < data.train.lengths[: len(inputs), None]
    values = inputs[steps]
    means, deviations = values.mean(0), values.std(0)
    return data.unit != "value" and bool((np.abs(means) < _NEAR).all() and (np.abs(deviations - 1) < _NEAR).all())
