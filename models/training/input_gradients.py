"""Gradients of a trained network's output with respect to its inputs, by the cells' own equations on torch tensors.

Works for every recurrent architecture, in both directions. Axes: N samples, T steps, E width of the first layer's inputs.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.cells import Cell, get_cell
from models.cells.network import encode, layer_count, layer_groups, layer_weights, reads_backward
from models.training.gradient_flow import horizon

Array = NDArray[Any]
INTEGRATION_STEPS = 24
MAX_HORIZON_SAMPLES = 16
MAX_HORIZON_OUTPUTS = 8


def gradient_horizon(architecture: str, weights: Mapping[str, Array], inputs: Array) -> tuple[Array, float]:
    """Return how strongly the last output depends on each step's input, and how many steps back that reaches.

    Args:
        architecture: Name of the cell.
        weights: Weights of one network.
        inputs: `(N, T, F)` or tokens `(N, T)`, all of full length.

    Returns:
        Root mean square over samples of the gradient's norm, `(T,)`, and the steps back to the first step with at least
        1 % of the largest norm.
    """
    network = _Network(architecture, weights)
    encoded = network.encoded(inputs[:MAX_HORIZON_SAMPLES]).requires_grad_()
    outputs = network.answers(encoded)
    squares = torch.zeros(encoded.shape[:2])
    for index in range(min(outputs.shape[-1], MAX_HORIZON_OUTPUTS)):
        (gradient,) = torch.autograd.grad(outputs[:, index].sum(), encoded, retain_graph=True)
        squares += gradient.square().sum(-1)
    norms: Array = squares.mean(0).sqrt().numpy()
    return norms, horizon(norms)


def attributions(
    architecture: str, weights: Mapping[str, Array], inputs: Array, output: int, baseline: Array | None = None
) -> dict[str, Array]:
    """Return how one output of one sample depends on every value of its input.

    Args:
        architecture: Name of the cell.
        weights: Weights of one network.
        inputs: `(T, F)` or tokens `(T,)`, without padding.
        output: Index of the output at the last step.
        baseline: `(F,)` values that the integrated gradient starts from; None for zeros (of tokens: a zero embedding).

    Returns:
        `gradient` and `integrated`, `(T, F)` (tokens: `(T, 1)`, gradient times embedding). Integrated gradients add up to
        the output's difference from that of the baseline (Sundararajan, Taly and Yan 2017).
    """
    network = _Network(architecture, weights)
    tokens = inputs.ndim == 1
    values = network.encoded(inputs[None]) if tokens else torch.from_numpy(np.asarray(inputs, dtype=np.float32)[None])
    start = torch.zeros_like(values)
    if baseline is not None and not tokens:
        start = start + torch.from_numpy(np.asarray(baseline, dtype=np.float32))
    shares = (torch.arange(INTEGRATION_STEPS, dtype=torch.float32) + 0.5) / INTEGRATION_STEPS
    path = torch.cat([values, start + shares[:, None, None] * (values - start)]).requires_grad_()
    answers = network.answers(path if tokens else network.projected(path))
    (gradients,) = torch.autograd.grad(answers[:, output].sum(), path)
    gradient, mean = gradients[0], gradients[1:].mean(0)
    integrated = mean * (values - start)[0]
    if tokens:
        gradient, integrated = (gradient * values[0]).sum(-1, keepdim=True), integrated.sum(-1, keepdim=True)
    return {"gradient": gradient.numpy(), "integrated": integrated.numpy()}


class _Network:
    """A network of saved weights on torch tensors, for samples of full length."""

    def __init__(self, architecture: str, weights: Mapping[str, Array]) -> None:
        self._cell: Cell = get_cell(architecture)
        self._saved = weights
        self._weights = {name: _tensor(value) for name, value in weights.items()}
        self._layers = [
            {name: _tensor(value) for name, value in layer_weights(weights, layer).items() if name != "backward"}
            for layer in range(layer_count(weights))
        ]

    def encoded(self, inputs: Array) -> Tensor:
        """Return what the first layer sees, `(N, T, E)`."""
        found = encode(self._saved, inputs)
        return _tensor(found)

    def projected(self, values: Tensor) -> Tensor:
        """Return features `(N, T, F)` as the first layer sees them."""
        if "encoder.weight" not in self._weights:
            return values
        return values @ self._weights["encoder.weight"].mT + self._weights["encoder.bias"]

    def answers(self, encoded: Tensor) -> Tensor:
        """Return the head's outputs at the end, `(N, O)`."""
        below = encoded
        ends: list[Tensor] = []
        for group in layer_groups(self._saved):
            found = [self._scan(layer, below) for layer in group]
            ends = [
                hidden[:, 0] if reads_backward(self._saved, layer) else hidden[:, -1]
                for layer, hidden in zip(group, found, strict=True)
            ]
            below = torch.cat(found, dim=-1)
        return torch.cat(ends, dim=-1) @ self._weights["head.weight"].mT + self._weights["head.bias"]

    def _scan(self, layer: int, inputs: Tensor) -> Tensor:
        backward = reads_backward(self._saved, layer)
        values = inputs.flip(1) if backward else inputs
        weights = self._layers[layer]
        state = self._cell.initial_state(values[:, 0], self._cell.hidden_size(weights))
        kept = []
        for index in range(values.shape[1]):
            state = self._cell.next_state(self._cell.step(weights, values[:, index], state))
            kept.append(state["hidden"])
        hidden = torch.stack(kept, dim=1)
        return hidden.flip(1) if backward else hidden


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(np.array(values, dtype=np.float32))
