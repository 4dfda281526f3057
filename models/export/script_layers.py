"""Layers that torch.nn does not have, as source code of an exported script: their equations as the experiment computed them.

Code is taken from this project alone: the body of `Cell.step` or `SequenceLayer.run` becomes a function, beside PyTorch's
form of the operations that it calls.
"""

import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from models.cells.base import Cell
from models.cells.sequence import SequenceLayer

_EQUATIONS = '''
class EquationLayer(nn.Module):
    """One layer of an architecture that torch.nn does not have, computed from its equations."""

    def __init__(self, plan, index):
        super().__init__()
        self.cell, self.states, self.units = CELLS[plan["architecture"]], plan["states"], plan["hidden_size"]
        self.weights = nn.ParameterDict({name: torch.empty(shape) for name, shape in plan["shapes"][index]})

    def forward(self, values):
        state = {name: values.new_zeros(len(values), self.units) for name in self.states}
        shown = []
        for inputs in values.unbind(1):
            step = self.cell(self.weights, inputs, state)
            state = {name: getattr(step, name) for name in self.states}
            shown.append(step.hidden)
        return torch.stack(shown, 1)


# The equations as the experiment computed them.


def array_namespace(values):
    return torch


def sigmoid(values):
    return 0.5 + 0.5 * torch.tanh(0.5 * values)


def log_sigmoid(values):
    return torch.nn.functional.logsigmoid(values)


def normalised(values):
    centred = values - values.mean(-1, keepdim=True)
    return centred / ((centred * centred).mean(-1, keepdim=True) + 1e-5).sqrt()


def affine(inputs, weight, bias=None):
    return inputs @ weight.mT + (0.0 if bias is None else bias)


def split_blocks(stacked, count):
    return stacked.chunk(count, -1)


def stacked_products(weights, inputs, hidden):
    from_input = affine(inputs, weights["weight_ih"], weights["bias_ih"])
    return from_input + affine(hidden, weights["weight_hh"], weights["bias_hh"])


class GateValues(dict):
    def __init__(self, overrides):
        super().__init__()

    def record(self, name, value):
        self[name] = value
        return value

'''
_WHOLE = '''
class WholeSequenceLayer(nn.Module):
    """One layer without recurrence, computed from its equations; no step depends on a later one."""

    def __init__(self, plan, index):
        super().__init__()
        self.run = LAYERS[plan["architecture"]]
        self.weights = nn.ParameterDict({name: torch.empty(shape) for name, shape in plan["shapes"][index]})

    def forward(self, values):
        return self.run(self.weights, values)


def at_each_step(values, weight, bias=None):
    return F.linear(values, weight, bias)


def delayed(values, steps):
    return F.pad(values, (0, 0, steps, 0))[..., : values.shape[-2], :]


def windows(values, size, distance=1):
    return torch.cat([delayed(values, place * distance) for place in range(size)], -1)


def relu(values):
    return values.relu()


def causal_softmax(scores):
    return scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -math.inf).softmax(-1)


def attended(queries, keys, values, heads):
    found = [
        causal_softmax(q @ k.mT * q.shape[-1] ** -0.5) @ v
        for q, k, v in zip(queries.chunk(heads, -1), keys.chunk(heads, -1), values.chunk(heads, -1))
    ]
    return torch.cat(found, -1)


def sinusoids(like, size):
    count = (size + 1) // 2
    waves = torch.tensor([10_000.0 ** (-wave / count) for wave in range(count)])
    angles = torch.arange(float(like.shape[-2]))[:, None] * waves
    return torch.cat([angles.sin(), angles.cos()], -1)[:, :size]


def scaled(values, gain, shift):
    return values * gain + shift

'''


def layers_source(cells: Sequence[Cell]) -> str:
    """Return the equations of those architectures that torch.nn does not have, as source code; empty if it has all."""
    stepped = [cell for cell in cells if cell.stock is None and cell.recurrent]
    whole = [cell for cell in cells if isinstance(cell, SequenceLayer)]
    if not stepped and not whole:
        return ""
    parts = [_EQUATIONS, *([_WHOLE] if whole else [])]
    parts += [_step_source(cell) for cell in stepped]
    parts += [_function_source(cell.run, f"{cell.name}_run", "weights, inputs") for cell in whole]
    known = ", ".join(f'"{cell.name}": {cell.name}_step' for cell in stepped)
    layers = ", ".join(f'"{cell.name}": {cell.name}_run' for cell in whole)
    return "\n".join([*parts, f"CELLS = {{{known}}}", f"LAYERS = {{{layers}}}\n\n"])


def _step_source(cell: Cell) -> str:
    """Return a cell's record and step as a namedtuple and a function, without annotations."""
    step = cell.step
    record = inspect.signature(step).return_annotation
    fields = " ".join(record._fields)
    head = f'{record.__name__} = collections.namedtuple("{record.__name__}", "{fields}")\n\n\n'
    return head + _function_source(step, f"{cell.name}_step", "weights, inputs, state, overrides=None")


def _function_source(method: Callable[..., Any], name: str, arguments: str) -> str:
    """Return a method that does not use `self` as a function, preceded by the constants of its file that it uses."""
    body = textwrap.dedent(inspect.getsource(method)).partition('"""')[2].partition('"""')[2]
    found = {each: method.__globals__.get(each) for each in sorted(method.__code__.co_names)}
    constants = [f"{each} = {value!r}" for each, value in found.items() if isinstance(value, (bool, int, float, tuple))]
    head = "\n".join([*constants, "", ""]) if constants else ""
    return f"{head}\ndef {name}({arguments}):{body.rstrip()}\n\n"
