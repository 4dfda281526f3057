"""The contract of a recurrent cell, and the registry of architectures.

The equations are written once, against the array API standard: the same `step` runs on NumPy arrays and on torch
tensors, with any number of leading axes. Axes: R replicas, B batch, T steps, I inputs, H hidden units, G gate blocks.
"""

import copy
import difflib
import importlib
import math
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from array_api_compat import array_namespace

from models.errors import UnknownNameError

Array: TypeAlias = Any  # a NumPy array or a torch tensor
Weights = Mapping[str, Array]
State = Mapping[str, Array]
Override: TypeAlias = "float | Array | Callable[[Mapping[str, Array]], Array]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate or candidate of a cell.

    Attributes:
        name: Field of the step record, as in the paper (`forget_gate`).
        title: Name shown to a visitor.
        symbol: LaTeX symbol (`f_t`).
        meaning: One sentence: what it decides.
        equation: LaTeX of exactly what `step` computes.
        kind: `gate` (values in 0..1) or `candidate` (values in -1..1).
        bounded: Whether a candidate stays in -1..1; a linear one does not. Gates always stay in 0..1.
        complement: Whether pictures show `1 - value`: PyTorch's update gate keeps with 1, the textbook's writes with 1.
        retains: How much of the old memory a value of this gate keeps: `direct` (the value), `complement`
            (1 - value), or None if the gate does not decide it. Half-lives are read from it, and it gives the sign of
            the bias that `forget_bias` adds to a block named `forget_gate` and that chrono initialisation sets.
    """

    name: str
    title: str
    symbol: str
    meaning: str
    equation: str
    kind: Literal["gate", "candidate"] = "gate"
    bounded: bool = True
    complement: bool = False
    retains: Literal["direct", "complement"] | None = None


class StateInfo(NamedTuple):
    """One state that a cell carries from step to step.

    Attributes:
        name: Field of the step record and key of the state mapping (`hidden`, `cell`).
        title: Name shown to a visitor.
        symbol: LaTeX symbol.
        equation: LaTeX of its update, exactly as computed.
        meaning: One sentence: what it carries.
    """

    name: str
    title: str
    symbol: str
    equation: str
    meaning: str


class Cell(ABC):
    """A recurrent cell: names, equations, weight shapes, one step, and its cost by formula.

    Class attributes:
        name: Identifier in specs, links and on the command line.
        title: Short name shown to a visitor and used as trace name ("LSTM").
        summary: One sentence: what is special about it.
        year: Year of the paper.
        paper: Authors, title and place of the paper, with equation numbers where they help.
        convention: Every deviation from the paper, in one or two sentences.
        gates: Gates and candidates in the order in which `step` computes them.
        states: States in the order in which they are updated; the last is the hidden state, named `hidden`.
        blocks: Names of the gates in the order of the rows of the stacked weight matrices.
        stock: Name of the torch.nn class with the same equations and weights, or None.
        order: Place in lists; LSTM, GRU and tanh RNN come first.
        parameter_formula: LaTeX of the number of parameters of one layer.
        starts: Weight name to the bounds of its uniform initialisation, where that is not PyTorch's 1 / sqrt(H).
        unit_weights: LaTeX symbol in an equation to the name of the weight `(H,)` that it stands for.
        recurrent: Whether a state is carried from step to step; False for a `models.cells.sequence.SequenceLayer`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    year: ClassVar[int]
    paper: ClassVar[str]
    convention: ClassVar[str] = ""
    gates: ClassVar[tuple[Gate, ...]]
    states: ClassVar[tuple[StateInfo, ...]]
    blocks: ClassVar[tuple[str, ...]]
    stock: ClassVar[Literal["LSTM", "GRU", "RNN"] | None] = None
    order: ClassVar[int] = 100
    parameter_formula: ClassVar[str]
    starts: ClassVar[Mapping[str, tuple[float, float]]] = {}
    unit_weights: ClassVar[Mapping[str, str]] = {}
    recurrent: ClassVar[bool] = True

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of one layer's weights, in the order in which they are initialised.

        The stacked form is PyTorch's: `weight_ih (G*H, I)`, `weight_hh (G*H, H)`, `bias_ih (G*H,)`, `bias_hh (G*H,)`.
        """
        rows = len(self.blocks) * hidden_size
        return {
            "weight_ih": (rows, input_size),
            "weight_hh": (rows, hidden_size),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
        }

    def parameter_count(self, input_size: int, hidden_size: int) -> int:
        """Return the number of weights and biases of one layer."""
        return sum(math.prod(shape) for shape in self.weight_shapes(input_size, hidden_size).values())

    def flops_per_step(self, input_size: int, hidden_size: int) -> int:
        """Return floating-point operations of the matrix products of one step of one sequence.

        A multiplication and an addition count as two; element-wise work is left out, as torch's flop counter does.
        """
        shapes = self.weight_shapes(input_size, hidden_size).values()
        return sum(2 * math.prod(shape) for shape in shapes if len(shape) == 2)

    def hidden_size(self, weights: Weights) -> int:
        """Return H from one layer's weights."""
        return int(weights["bias_ih"].shape[-1]) // len(self.blocks)

    def input_size(self, shapes: Mapping[str, tuple[int, ...]], hidden_size: int) -> int:
        """Return I from the shapes of one layer's weights, one of which has an axis that grows with it."""
        one, two = self.weight_shapes(1, hidden_size), self.weight_shapes(2, hidden_size)
        for name, shape in one.items():
            for axis, (small, large) in enumerate(zip(shape, two[name], strict=True)):
                if small != large:
                    return (shapes[name][axis] - small) // (large - small) + 1
        raise KeyError(self.name)

    def terms(self, weights: Weights, inputs: Array, state: State) -> Mapping[str, Array]:
        """Return the abbreviations in equations: LaTeX symbol to `(..., B, H)`; see `step` for the arguments."""
        return {}

    def initial_state(self, like: Array, hidden_size: int) -> dict[str, Array]:
        """Return zero states for inputs `(..., B, I)`: each `(..., B, H)`, same kind and dtype as `like`."""
        xp = array_namespace(like)
        shape = (*like.shape[:-1], hidden_size)
        zeros = xp.zeros(shape, dtype=like.dtype, device=like.device)
        return {state.name: zeros for state in self.states}

    @abstractmethod
    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> Any:
        """Compute one step.

        Args:
            weights: One layer's weights, each with the same leading axes (none, or R).
            inputs: `(..., B, I)`.
            state: State name to `(..., B, H)`.
            overrides: Gate name to its override in the cell's own convention; see `GateValues`.

        Returns:
            A NamedTuple with every gate, candidate and state, each `(..., B, H)`.
        """

    def next_state(self, step: Any) -> dict[str, Array]:
        """Pick the carried states from a step record."""
        return {state.name: getattr(step, state.name) for state in self.states}

    def gate(self, name: str) -> Gate:
        """Return the description of a gate by name."""
        return next(gate for gate in self.gates if gate.name == name)


class LinearCell(Cell):
    """A cell whose memory is linear in its past, m_t = a_t m_{t-1} + b_t, with a and b from the inputs alone."""

    @abstractmethod
    def coefficients(self, weights: Weights, inputs: Array) -> tuple[Array, Array]:
        """Return what is kept (`a`) and what is written (`b`) at every step, from the inputs alone.

        Args:
            weights: One layer's weights, each with the same leading axes.
            inputs: `(..., T, I)`: T may stand where `step` has its batch.

        Returns:
            Two arrays `(..., T, H)`, real or complex.
        """

    def shown(self, weights: Weights, memory: Array) -> Array:
        """Return the hidden states `(..., T, H)` of memories; equal to these unless a cell overrides it."""
        return memory


def sigmoid(values: Array) -> Array:
    """Return the logistic function as 0.5 + 0.5 tanh(x / 2): never overflows, the same on NumPy and torch."""
    return 0.5 + 0.5 * array_namespace(values).tanh(0.5 * values)


def log_sigmoid(values: Array) -> Array:
    """Return log(sigmoid(x)), which does not underflow: min(x, 0) - log(1 + exp(-|x|))."""
    xp = array_namespace(values)
    size = xp.abs(values)
    return 0.5 * (values - size) - xp.log(1 + xp.exp(-1 * size))


def normalised(values: Array) -> Array:
    """Return values with mean 0 and variance 1 over the last axis; 1e-5 is added to the variance."""
    xp = array_namespace(values)
    centred = values - xp.mean(values, axis=-1, keepdims=True)
    return centred / xp.sqrt(xp.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)


def affine(inputs: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return `inputs @ weight^T + bias` for `(..., B, I)`, `(..., O, I)` and `(..., O)`."""
    product = inputs @ array_namespace(weight).matrix_transpose(weight)
    return product if bias is None else product + bias[..., None, :]


def split_blocks(stacked: Array, count: int) -> list[Array]:
    """Cut `(..., count * H)` into `count` arrays `(..., H)`."""
    size = stacked.shape[-1] // count
    return [stacked[..., index * size : (index + 1) * size] for index in range(count)]


def stacked_products(weights: Weights, inputs: Array, hidden: Array) -> Array:
    """Return the pre-activations of all gates, `(..., B, G*H)`: products of inputs and hidden state with stacked weights."""
    from_input = affine(inputs, weights["weight_ih"], weights["bias_ih"])
    return from_input + affine(hidden, weights["weight_hh"], weights["bias_hh"])


class GateValues(dict[str, Array]):
    """The gates of one step in order of computation; overrides replace values as they are recorded.

    Args:
        overrides: Gate name to a number, to an array that broadcasts to the value (NaN keeps the computed value), or to
            a function of the gates recorded so far (for couplings such as input = 1 - forget).
    """

    def __init__(self, overrides: Mapping[str, Override] | None) -> None:
        super().__init__()
        self._overrides = overrides or {}

    def record(self, name: str, value: Array) -> Array:
        """Record a gate's value `(..., B, H)`, or its override, and return the recorded value."""
        self[name] = self._replaced(self._overrides[name], value) if name in self._overrides else value
        return self[name]

    def _replaced(self, override: Override, value: Array) -> Array:
        xp = array_namespace(value)
        if callable(override):
            override = override(self)
        replacement = xp.zeros_like(value) + override
        return (
            replacement if isinstance(override, (int, float)) else xp.where(xp.isnan(replacement), value, replacement)
        )


_CELLS: dict[str, Cell] = {}


def architecture(entry: type[Cell]) -> type[Cell]:
    """Register a cell class.

    Raises:
        ValueError: If the name is taken by another class.
    """
    present = _CELLS.get(entry.name)
    if present is not None and type(present).__qualname__ != entry.__qualname__:
        raise ValueError(f"architecture `{entry.name}` is registered twice")
    _CELLS[entry.name] = entry()
    return entry


@lru_cache(maxsize=1)
def _discover() -> None:
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], "models.cells."):
        importlib.import_module(module.name)


def architectures() -> Mapping[str, Cell]:
    """Return every architecture by name, in the order in which they are listed."""
    _discover()
    return {cell.name: cell for cell in sorted(_CELLS.values(), key=lambda cell: (cell.order, cell.year, cell.name))}


def get_cell(name: str) -> Cell:
    """Return an architecture; `lstm@Our network` is the LSTM under the title "Our network".

    Raises:
        UnknownNameError: If there is none of that name; the message names the nearest one.
    """
    plain, _, label = name.partition("@")
    return _labelled(plain, label) if label else registered_cell(name)


@lru_cache(maxsize=64)
def _labelled(name: str, label: str) -> Cell:
    shown = copy.copy(registered_cell(name))
    vars(shown).update(name=f"{name}@{label}", title=label)
    return shown


def registered_cell(name: str) -> Cell:
    """Return an architecture by its plain name.

    Raises:
        UnknownNameError: If there is none of that name; the message names the nearest one.
    """
    cells = architectures()
    if name not in cells:
        near = difflib.get_close_matches(name, cells, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "there is " + ", ".join(f"`{known}`" for known in cells) + "."
        raise UnknownNameError(f"There is no architecture `{name[:40]}`; {hint}")
    return cells[name]
