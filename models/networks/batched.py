"""All replicas at once as batched matrix products, step by step: for many replicas on a GPU.

Axes: R replicas, B batch, T steps, I inputs, H hidden units, G gate blocks. cuDNN has no kernel for several networks with
different weights, so the stock layers run one replica after another; here each operation covers all of them, and the
number of launches does not grow with R. Plain torch operations: any device, any dtype, gradients by autograd.

Not measured on a GPU. Judging by the number of launches (about 30 per step, forward and backward, against one call of cuDNN
per replica and direction) it should be faster from about eight replicas on (`MANY_REPLICAS`). On a CPU it stands in for
fused kernels of GRU and tanh RNN that are not available.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from models.cells.base import Cell, split_blocks
from models.networks.recurrent import reference

MANY_REPLICAS = 8
State = tuple[Tensor, ...]
Step = Callable[[Tensor, Tensor, State], State]


def batched(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Run a layer; see `models.networks.recurrent.Recurrence`.

    Raises:
        KeyError: If the architecture has no batched form.
    """
    advance = STEPS[cell.name]
    replicas, batch, steps, features = inputs.shape
    by_step = inputs.transpose(1, 2).reshape(replicas, steps * batch, features)
    from_inputs = torch.baddbmm(weights["bias_ih"].unsqueeze(1), by_step, weights["weight_ih"].mT)
    recurrent, bias = weights["weight_hh"].mT, weights["bias_hh"].unsqueeze(1)
    zero = inputs.new_zeros(replicas, batch, recurrent.shape[1])
    state: State = (zero, zero)
    hidden = []
    for given in from_inputs.view(replicas, steps, batch, -1).unbind(1):
        state = advance(given, torch.baddbmm(bias, state[0], recurrent), state)
        hidden.append(state[0])
    return hidden[-1] if last_only else torch.stack(hidden, dim=2)


def on_gpu(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Run a layer with cuDNN, or batched if there are many replicas."""
    chosen = batched if inputs.shape[0] >= MANY_REPLICAS else reference
    return chosen(cell, weights, inputs, last_only=last_only)


def _lstm(from_inputs: Tensor, from_state: Tensor, state: State) -> State:
    entering, kept, candidate, shown = split_blocks(from_inputs + from_state, 4)
    cell = torch.sigmoid(kept) * state[1] + torch.sigmoid(entering) * torch.tanh(candidate)
    return torch.sigmoid(shown) * torch.tanh(cell), cell


def _gru(from_inputs: Tensor, from_state: Tensor, state: State) -> State:
    reset_inputs, kept_inputs, candidate_inputs = split_blocks(from_inputs, 3)
    reset_state, kept_state, candidate_state = split_blocks(from_state, 3)
    candidate = torch.tanh(candidate_inputs + torch.sigmoid(reset_inputs + reset_state) * candidate_state)
    return (torch.lerp(candidate, state[0], torch.sigmoid(kept_inputs + kept_state)),)


def _rnn(from_inputs: Tensor, from_state: Tensor, state: State) -> State:
    return (torch.tanh(from_inputs + from_state),)


STEPS: Mapping[str, Step] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
