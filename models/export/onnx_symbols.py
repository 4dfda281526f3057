"""Trace a cell's equations into ONNX nodes, with symbolic values that record how they were computed.

A `Symbol` has the operators and the namespace that `Cell.step` uses; each operation adds a node. Weights stay NumPy
arrays until they meet a symbol, and become constants of the graph then. No torch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cells.base import Cell
from models.cells.sequence import frequencies

Array = NDArray[Any]
FLOAT = 1  # ONNX's number of 32-bit floats
FORBIDDEN = 1e9  # taken off the score of a later step


class Graph:
    """Nodes and constants of a graph under construction.

    Args:
        prefix: Prefix of every name; a nested graph must not reuse names of the outer one.
    """

    def __init__(self, prefix: str = "") -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._prefix, self._count = prefix, 0

    def fresh(self, hint: str) -> str:
        """Return a name that is not used yet."""
        self._count += 1
        return f"{self._prefix}{hint}_{self._count}"

    def node(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add a node with one output; return its name."""
        output = name or self.fresh(operator.lower())
        self.nodes.append(self._helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, value: Array, hint: str = "constant") -> str:
        """Add a constant; return its name."""
        name = self.fresh(hint)
        self.constants.append(self._numpy.from_array(np.asarray(value, order="C"), name))
        return name


class Symbol:
    """A float32 value of a graph, `(B, I)` or `(B, T, I)`; only the size of its last axis is known.

    Args:
        graph: Where it is computed.
        name: Its name there.
        size: Length of its last axis; 0 where that is the number of steps.
    """

    __array_ufunc__ = None  # makes `array * symbol` call this class

    def __init__(self, graph: Graph, name: str, size: int) -> None:
        self.graph, self.name, self.size = graph, name, size

    @property
    def shape(self) -> tuple[int | None, int]:
        """The unknown batch size and the last axis."""
        return None, self.size

    def __array_namespace__(self, api_version: str | None = None) -> "type[Namespace]":
        return Namespace

    def _binary(self, operator: str, other: Any, *, swapped: bool = False) -> "Symbol":
        second = other if isinstance(other, Symbol) else self._lift(other)
        names = (second.name, self.name) if swapped else (self.name, second.name)
        return Symbol(self.graph, self.graph.node(operator, *names), max(self.size, second.size))

    def _lift(self, value: Any) -> "Symbol":
        array = np.asarray(value, dtype=np.float32)
        return Symbol(self.graph, self.graph.constant(array), array.shape[-1] if array.ndim else 1)

    def __add__(self, other: Any) -> "Symbol":
        return self._binary("Add", other)

    def __sub__(self, other: Any) -> "Symbol":
        return self._binary("Sub", other)

    def __rsub__(self, other: Any) -> "Symbol":
        return self._binary("Sub", other, swapped=True)

    def __mul__(self, other: Any) -> "Symbol":
        return self._binary("Mul", other)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> "Symbol":
        return self._binary("Div", other)

    def __matmul__(self, other: "Array | Symbol") -> "Symbol":
        second = other if isinstance(other, Symbol) else self._lift(other)
        return Symbol(self.graph, self.graph.node("MatMul", self.name, second.name), other.shape[-1])

    def __getitem__(self, place: tuple[Any, slice]) -> "Symbol":
        start, stop, _ = place[-1].indices(self.size)
        bounds = (self.graph.constant(np.array([edge], dtype=np.int64)) for edge in (start, stop, -1))
        return Symbol(self.graph, self.graph.node("Slice", self.name, *bounds), stop - start)


class Namespace:
    """The functions of the array API that cells call."""

    @staticmethod
    def tanh(value: Symbol) -> Symbol:
        """Add a hyperbolic tangent."""
        return _applied("Tanh", value)

    @staticmethod
    def exp(value: Symbol) -> Symbol:
        """Add an exponential."""
        return _applied("Exp", value)

    @staticmethod
    def log(value: Symbol) -> Symbol:
        """Add a natural logarithm."""
        return _applied("Log", value)

    @staticmethod
    def abs(value: Symbol) -> Symbol:
        """Add an absolute value."""
        return _applied("Abs", value)

    @staticmethod
    def sqrt(value: Symbol) -> Symbol:
        """Add a square root."""
        return _applied("Sqrt", value)

    @staticmethod
    def mean(value: Symbol, *, axis: int, keepdims: bool) -> Symbol:
        """Add a mean over the last axis, which is kept with length one."""
        mean = value.graph.node("ReduceMean", value.name, axes=[axis], keepdims=int(keepdims))
        return Symbol(value.graph, mean, 1)

    @staticmethod
    def concat(values: Sequence[Symbol], *, axis: int) -> Symbol:
        """Add a concatenation along the last axis."""
        graph, size = values[0].graph, sum(value.size for value in values)
        return Symbol(graph, graph.node("Concat", *[value.name for value in values], axis=axis), size)

    @staticmethod
    def matrix_transpose(value: Symbol) -> Symbol:
        """Add a transposition of `(B, T, H)` to `(B, H, T)`."""
        return Symbol(value.graph, value.graph.node("Transpose", value.name, perm=[0, 2, 1]), 0)

    @staticmethod
    def delayed(value: Symbol, steps: int) -> Symbol:
        """Add zeros in front of `(B, T, C)` and cut as many steps at its end."""
        if not steps:
            return value
        graph = value.graph
        padded = graph.node("Pad", value.name, graph.constant(np.array([0, steps, 0, 0, 0, 0])))
        bounds = (graph.constant(np.array([edge])) for edge in (0, -steps, 1))
        return Symbol(graph, graph.node("Slice", padded, *bounds), value.size)

    @staticmethod
    def causal_softmax(value: Symbol) -> Symbol:
        """Add shares of `(B, T, T)` over earlier steps."""
        graph = value.graph
        zeros = value * 0.0
        allowed = Symbol(graph, graph.node("Trilu", (zeros + 1.0).name, upper=0), 0)
        hidden = (allowed - 1.0) * FORBIDDEN
        return Symbol(graph, graph.node("Softmax", (value + hidden).name, axis=-1), 0)

    @staticmethod
    def sinusoids(like: Symbol, size: int) -> Symbol:
        """Add the positions `(T, size)` of the steps of `(B, T, C)`."""
        graph = like.graph
        count = graph.node("Gather", graph.node("Shape", like.name), graph.constant(np.array(1)), axis=0)
        ends = (graph.constant(np.array(0)), count, graph.constant(np.array(1)))
        steps = graph.node("Cast", graph.node("Range", *ends), to=FLOAT)
        column = graph.node("Unsqueeze", steps, graph.constant(np.array([1])))
        angles = Symbol(graph, column, 1) * np.array([frequencies(size)], dtype=np.float32)
        waves = Namespace.concat([_applied("Sin", angles), _applied("Cos", angles)], axis=-1)
        return waves[..., :size]


def _applied(operator: str, value: Symbol) -> Symbol:
    return Symbol(value.graph, value.graph.node(operator, value.name), value.size)


def scan_body(cell: Cell, weights: Mapping[str, Array], hidden_size: int, prefix: str) -> Any:
    """Return one step of a cell as the body of an ONNX `Scan`.

    Args:
        cell: The architecture.
        weights: One layer's weights of one replica.
        hidden_size: Units.
        prefix: Prefix of every name in the body.

    Returns:
        A graph: inputs are the states and one step's inputs `(B, I)`, outputs the new states and the hidden state.
    """
    from onnx import TensorProto, helper

    graph, names = Graph(prefix), [state.name for state in cell.states]
    size = weights["weight_ih"].shape[-1]
    state = {name: Symbol(graph, f"{prefix}{name}_before", hidden_size) for name in names}
    after = cell.next_state(cell.step(weights, Symbol(graph, f"{prefix}inputs", size), state))
    for name in names:
        graph.node("Identity", after[name].name, name=f"{prefix}{name}_after")
    graph.node("Identity", after["hidden"].name, name=f"{prefix}shown")

    def value(name: str, length: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", length])

    inputs = [*(value(f"{prefix}{name}_before", hidden_size) for name in names), value(f"{prefix}inputs", size)]
    outputs = [*(value(f"{prefix}{name}_after", hidden_size) for name in names), value(f"{prefix}shown", hidden_size)]
    return helper.make_graph(graph.nodes, cell.name, inputs, outputs, graph.constants)
