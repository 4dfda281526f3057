"""Count the work of a layer by running its equations on shapes: no cell needs its own cost formulas.

A cell's `step` runs on shapes instead of numbers. Every operation records the floating-point operations of its matrix
product, forward and backward, and what automatic differentiation must store for the backward pass. Cost grows linearly
with steps from the second on, so three steps are enough.

Counted per sequence: B = 1, no replica axis.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from types import SimpleNamespace
from typing import Any, Union

import numpy as np

from models.cells import Cell, get_cell
from models.cells.sequence import SequenceLayer

Operand = Union["Shaped", float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Cost of one layer over one sequence.

    Attributes:
        forward: FLOPs of the matrix products forward; a multiplication and an addition count as two.
        backward: FLOPs of the matrix products of the backward pass.
        kept: Numbers kept for the backward pass, inputs and outputs included, weights left out.
    """

    forward: int
    backward: int
    kept: int

    def __add__(self, other: "Work") -> "Work":
        return Work(
            forward=self.forward + other.forward,
            backward=self.backward + other.backward,
            kept=self.kept + other.kept,
        )

    def times(self, factor: int) -> "Work":
        """Return the cost of a number of repetitions; a negative factor subtracts it."""
        return Work(forward=self.forward * factor, backward=self.backward * factor, kept=self.kept * factor)


@dataclass
class _Counter:
    forward: int = 0
    backward: int = 0
    kept: dict[int, int] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)

    def keep(self, value: "Shaped") -> None:
        """Record that a value is stored; views share the memory of their base."""
        if not value.weight:
            self.kept[value.memory] = value.memory_size

    def work(self) -> Work:
        return Work(forward=self.forward, backward=self.backward, kept=sum(self.kept.values()))


class Shaped:
    """An array without numbers, for the array API's functions that cells use.

    Args:
        tape: Records the operations.
        shape: Its shape.
        gradient: Whether a gradient flows into it.
        weight: Whether it is a weight, a view of one, or computed from weights alone.
        base: The array that it is a view of, or None if it has its own memory.
    """

    dtype = None
    device = None

    def __init__(
        self,
        counter: _Counter,
        shape: tuple[int, ...],
        *,
        gradient: bool,
        weight: bool = False,
        base: "Shaped | None" = None,
    ) -> None:
        self.counter, self.shape, self.gradient, self.weight = counter, shape, gradient, weight
        self.memory: int = next(counter.numbers) if base is None else base.memory
        self.memory_size: int = math.prod(shape) if base is None else base.memory_size

    def __array_namespace__(self, api_version: str | None = None) -> SimpleNamespace:
        return _NAMESPACE

    def _new(self, shape: tuple[int, ...], *others: Operand) -> "Shaped":
        arrays = [self, *(other for other in others if isinstance(other, Shaped))]
        return Shaped(
            self.counter,
            shape,
            gradient=any(array.gradient for array in arrays),
            weight=all(array.weight for array in arrays),  # computed from weights alone: once, not per sequence
        )

    @property
    def T(self) -> "Shaped":  # noqa: N802 - the array API's name
        """The transpose of a matrix."""
        return _transposed(self)

    def _view(self, shape: tuple[int, ...]) -> "Shaped":
        return Shaped(self.counter, shape, gradient=self.gradient, weight=self.weight, base=self)

    def __getitem__(self, key: Any) -> "Shaped":
        return self._view(np.empty(self.shape, dtype=np.bool_)[key].shape)

    def __add__(self, other: Operand) -> "Shaped":
        return self._new(np.broadcast_shapes(self.shape, _shape(other)), other)

    __radd__ = __sub__ = __rsub__ = __add__

    def __mul__(self, other: Operand) -> "Shaped":
        if isinstance(other, Shaped):
            if other.gradient:
                self.counter.keep(self)
            if self.gradient:
                self.counter.keep(other)
        return self._new(np.broadcast_shapes(self.shape, _shape(other)), other)

    __rmul__ = __mul__

    def __truediv__(self, other: "Shaped") -> "Shaped":
        self.counter.keep(other)
        if other.gradient:
            self.counter.keep(self)
        return self._new(np.broadcast_shapes(self.shape, other.shape), other)

    def __matmul__(self, other: "Shaped") -> "Shaped":
        shape = (*self.shape[:-1], other.shape[-1])
        flops = 2 * math.prod(shape) * self.shape[-1]
        self.counter.forward += flops
        self.counter.backward += flops * (self.gradient + other.gradient)
        if other.gradient:
            self.counter.keep(self)
        return self._new(shape, other)


def _shape(value: Operand) -> tuple[int, ...]:
    return value.shape if isinstance(value, Shaped) else ()


def _keeps_result(value: Shaped) -> Shaped:
    """Apply a function whose derivative is computed from its result, as 1 - tanh^2 is."""
    result = value + 0.0
    if result.gradient:
        value.counter.keep(result)
    return result


def _keeps_input(value: Shaped) -> Shaped:
    """Apply a function whose derivative is computed from its input, as 1 / x of the logarithm is."""
    if value.gradient:
        value.counter.keep(value)
    return value + 0.0


def _mean(value: Shaped, *, axis: int, keepdims: bool) -> Shaped:
    return value[..., :1] + 0.0


def _joined(values: list[Shaped], *, axis: int) -> Shaped:
    length = sum(value.shape[axis] for value in values)
    return values[0]._new((*values[0].shape[:axis], length), *values[1:])


def _delayed(value: Shaped, steps: int) -> Shaped:
    return value + 0.0 if steps else value


def _sinusoids(like: Shaped, size: int) -> Shaped:
    return Shaped(like.counter, (like.shape[-2], size), gradient=False, weight=True)


def _transposed(value: Shaped) -> Shaped:
    return value._view((*value.shape[:-2], value.shape[-1], value.shape[-2]))


_NAMESPACE = SimpleNamespace(
    __name__="shapes",
    matrix_transpose=_transposed,
    mean=_mean,
    concat=_joined,
    delayed=_delayed,
    sinusoids=_sinusoids,
    **dict.fromkeys(("tanh", "exp", "sqrt", "causal_softmax"), _keeps_result),
    **dict.fromkeys(("log", "abs", "sin", "cos"), _keeps_input),
)


def layer_work(architecture: str, input_size: int, hidden_size: int, steps: int, *, input_gradient: bool) -> Work:
    """Return the cost of a layer's equations over a sequence.

    Args:
        architecture: Name of the cell.
        input_size: Inputs per step.
        hidden_size: Units.
        steps: Steps.
        input_gradient: Whether something below the layer is trained (an encoder or another layer).
    """
    if not get_cell(architecture).recurrent:
        return _traced(architecture, input_size, hidden_size, steps, input_gradient)
    first = _traced(architecture, input_size, hidden_size, min(steps, 2), input_gradient)
    if steps <= 2:
        return first
    third = _traced(architecture, input_size, hidden_size, 3, input_gradient) + first.times(-1)
    return first + third.times(steps - 2)


@lru_cache(maxsize=256)
def _traced(architecture: str, input_size: int, hidden_size: int, steps: int, input_gradient: bool) -> Work:
    cell: Cell = get_cell(architecture)
    counter = _Counter()
    weights = {
        name: Shaped(counter, shape, gradient=True, weight=True)
        for name, shape in cell.weight_shapes(input_size, hidden_size).items()
    }
    if isinstance(cell, SequenceLayer):
        cell.run(weights, Shaped(counter, (1, steps, input_size), gradient=input_gradient))
        return counter.work()
    state = {info.name: Shaped(counter, (1, hidden_size), gradient=False) for info in cell.states}
    for _ in range(steps):
        inputs = Shaped(counter, (1, input_size), gradient=input_gradient)
        state = cell.next_state(cell.step(weights, inputs, state))
    return counter.work()
