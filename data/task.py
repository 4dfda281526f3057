"""The definition of a task: its kind, three parts and scale. Every dataset returns a `TaskData`; every model trains on one."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from data.quantiles import MEDIAN, ascending

TaskKind = Literal["regression", "classification", "labelling", "next_token", "multi_label"]
PartName = Literal["train", "validation", "test"]
Array = NDArray[Any]
EACH_STEP = frozenset({"labelling", "next_token", "multi_label"})  # kinds of tasks with a target at every step
_COMPUTED = 1_000  # samples whose targets are computed at a time
IGNORED = -1  # target class of a step that does not count in the loss


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnDemand:
    """Rows of `(N, O)` float32 that are computed whenever they are read, for targets that would take much memory.

    It can be read like an array: indexed by samples, or by samples and outputs, or used as a whole in NumPy.

    Attributes:
        samples: `(N,)` what identifies each sample to `compute`.
        width: Number of outputs.
        compute: From `(n,)` of `samples` to `(n, width)` float32.
    """

    samples: Array
    width: int
    compute: Callable[[Array], Array]

    dtype = np.dtype(np.float32)
    ndim = 2

    @property
    def shape(self) -> tuple[int, int]:
        """Return `(N, O)`."""
        return len(self.samples), self.width

    @property
    def nbytes(self) -> int:
        """Return the bytes of all rows together."""
        return len(self.samples) * self.width * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, place: Any) -> Array:
        chosen, outputs = place if isinstance(place, tuple) else (place, slice(None))
        samples = self.samples[chosen]
        flat = samples.reshape(-1)
        pieces = [self.compute(flat[start : start + _COMPUTED])[:, outputs] for start in range(0, len(flat), _COMPUTED)]
        rows = np.concatenate(pieces) if pieces else np.empty((0, self.width), dtype=np.float32)[:, outputs]
        return rows.reshape(*samples.shape, *rows.shape[1:])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype=dtype)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One part of a split.

    Attributes:
        inputs: `(N, T, F)` float32 features, or `(N, T)` int64 tokens; padded at each sequence's end.
        targets: `(N, O)` float32 (regression, standardised; large ones are `OnDemand`), `(N,)` int64 (classification), `(N, T)` int64
            (labelling, next_token), or `(N, T, O)` float32 of 0 and 1 (multi_label); `IGNORED` where no answer counts.
        lengths: `(N,)` int64, number of valid steps of each sequence.
        scored: `(N, T)` bool, steps on which accuracy is measured, or None for every step that is not ignored.
        base: `(N, O)` float32 values to which predicted differences are added, or None without differencing.
        positions: Where each sample's target is on the time axis (str or number), `(N,)`, or `(N, K)` for K > 1
            steps ahead; None where there is no such axis.
        spread: `(N, O)` float32 by which predictions are multiplied before `base` is added, where each series has a
            scale of its own; else None.
        series: `(N,)` int64 number of the series that each sample is cut from, see `TaskData.histories`; else None.
        rows: `(N,)` int64 row of each sample's first target within its series; None where `series` is.
    """

    inputs: Array
    targets: Array
    lengths: Array
    scored: Array | None = None
    base: Array | None = None
    positions: Array | None = None
    spread: Array | None = None
    series: Array | None = None
    rows: Array | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def at(self, chosen: "Array | slice") -> "Part":
        """Return a part that holds only some samples."""
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return Part(**{name: value[chosen] for name, value in held.items() if value is not None})

    @property
    def first_positions(self) -> Array | None:
        """Return the `(N,)` position of each sample's first target on the time axis."""
        return None if self.positions is None else self.positions.reshape(len(self), -1)[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaler:
    """A linear scale fitted on the training part only: `scaled = (value - mean) / std`, per column."""

    mean: Array
    std: Array

    def transform(self, values: Array) -> Array:
        """Scale values whose last axis holds the columns."""
        return (values - self.mean) / self.std

    def inverse(self, scaled: Array) -> Array:
        """Undo `transform`."""
        return scaled * self.std + self.mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesHistory:
    """One of several series: what simple predictors see of it, and the scale of its errors.

    Attributes:
        name: Its name.
        values: `(L, C)` target columns in the unit; of a class per step the class numbers `(L, 1)`.
        fitted: Rows from the first on that predictors may be fitted on; none of them is a target of the test part.
        naive_errors: `(O,)` mean absolute error of the naive forecast within those rows, see `TaskData.naive_errors`.
        positions: `(L,)` time axis, or None where nothing is forecast.
    """

    name: str
    values: Array
    fitted: int
    naive_errors: Array
    positions: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TaskData:
    """Arrays of one task, ready for training.

    Attributes:
        kind: Task kind; decides loss, head and metrics.
        train: Training part.
        validation: Validation part; chooses the best weights.
        test: Test part; used once, at the end.
        input_size: Features per step `F`, or the number of tokens where `vocabulary` is not empty.
        output_size: Target values, classes or tokens that are predicted; see `head_size`.
        vocabulary: Token names, empty for numeric inputs.
        class_names: Names of classes (classification, labelling) or tokens (next_token).
        feature_names: Names of input features.
        target_names: Names of regression targets, one per output.
        unit: Unit of regression targets (`celsius`, `passengers`); part of metric names.
        scaler: Scale of the regression targets `(O,)`, or None.
        input_scaler: Scale of the input features `(F,)`, if they share a unit in which charts can show them, or None.
        input_unit: The unit that the input features share, empty if there is none.
        notes: What was done to the data, one sentence each, shown on the page.
        stretch: Positions of the first and the last target of the test part on the time axis, where it is one of
            several stretches of time (see `data.repeat_splits`), else None.
        upcoming: One sample with the last rows of a series as input; what follows is unknown, so its targets are NaN.
            None for tasks that do not forecast.
        naive_errors: `(O,)` mean absolute error of the naive forecast within the training part, in the unit; the scale of
            the metric `mase`. None where there is no such forecast.
        histories: The series, where samples come from several; `Part.series` counts them. Scores are then means over series.
        lead: Rows from a sample's last input to its first target, where both lie on one time axis.
        quantiles: Levels that a network predicts of each target value; empty for one value each.
    """

    kind: TaskKind
    train: Part
    validation: Part
    test: Part
    input_size: int
    output_size: int
    vocabulary: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    unit: str = ""
    scaler: Scaler | None = None
    input_scaler: Scaler | None = None
    input_unit: str = ""
    notes: tuple[str, ...] = ()
    stretch: tuple[str | float, str | float] | None = None
    naive_errors: Array | None = None
    upcoming: Part | None = None
    histories: tuple[SeriesHistory, ...] = ()
    lead: int = 1
    quantiles: tuple[float, ...] = ()

    @property
    def each_step(self) -> bool:
        """Whether there is a target at every step, rather than one per sequence."""
        return self.kind in EACH_STEP

    @property
    def head_size(self) -> int:
        """Outputs of a network's head: each quantile of each target value, or one per value, class or token."""
        return self.output_size * max(1, len(self.quantiles))

    def part(self, name: PartName) -> Part:
        """Return a part by its name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def in_unit(self, part: Part, values: Array, outputs: slice = slice(None)) -> Array:
        """Turn standardised outputs or targets `(..., N, O)` of a part into the data's unit.

        Args:
            part: The samples.
            values: Their values, of some outputs; of a head that predicts quantiles the medians are taken.
            outputs: Which outputs.
        """
        restored = self.medians(values)
        if self.scaler is not None:
            restored = Scaler(mean=self.scaler.mean[outputs], std=self.scaler.std[outputs]).inverse(restored)
        if part.spread is not None:
            restored = restored * part.spread[:, outputs]
        return restored if part.base is None else part.base[:, outputs] + restored

    def are_quantiles(self, values: Array) -> bool:
        """Return whether the last axis of values holds the quantiles of every target, rather than a value each."""
        return bool(self.quantiles) and values.shape[-1] == self.head_size

    def medians(self, values: Array) -> Array:
        """Return `(..., O)` the medians of a head's quantiles; other values unchanged."""
        return ascending(np.asarray(values))[MEDIAN] if self.are_quantiles(values) else values

    def quantiles_in_unit(self, part: Part, outputs: Array) -> Array:
        """Turn a head's quantiles `(..., N, Q * O)` of a part into `(Q, ..., N, O)` in the data's unit; they do not cross."""
        return self.in_unit(part, ascending(outputs))


def generator(seed: int, stream: str) -> np.random.Generator:
    """Return an independent, named random stream of a seed, so that parts never share numbers."""
    return np.random.default_rng([seed, *stream.encode()])
