"""The fused implementation of the recurrence: all replicas and steps of a layer in one compiled call each way.

Axes: R replicas, B batch, T steps, I inputs, H hidden units, L lanes (the batch rounded up to whole registers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from models.cells.base import Cell
from models.networks.kernels import gru, lstm, rnn
from models.networks.kernels.layout import Parameters, Sizes, Upstream, View, room_size
from models.networks.kernels.tile import vector_length

KERNELS: Mapping[str, ModuleType] = {"lstm": lstm, "gru": gru, "rnn": rnn}
NO_STRIDES = (0, 0, 0, 0)


def fused(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Run a layer; see `models.networks.recurrent.Recurrence`.

    Outputs and gradients have the layout of the kernels and are returned as permuted views, so that the next layer
    reads them along memory. Works for float32 and float64 on the CPU; there is no second derivative.

    Raises:
        KeyError: If there is no kernel for the architecture.
    """
    kernel = KERNELS[cell.name]
    parameters = tuple(weights[name] for name in Parameters._fields)
    if torch.is_grad_enabled() and (inputs.requires_grad or any(weight.requires_grad for weight in parameters)):
        outputs: Tensor = _Layer.apply(kernel, last_only, inputs, *parameters)  # type: ignore[no-untyped-call]
        return outputs
    return _run(kernel, inputs, parameters, keep=False).output(last_only)


@dataclass(frozen=True, slots=True)
class _Pass:
    """A forward pass: dimensions, state `(T + 1, R, F, L)` and gates `(T, R, planes * H, L)`."""

    sizes: Sizes
    state: Tensor
    gates: Tensor

    def output(self, last_only: bool) -> Tensor:
        """Return `(R, B, T, H)`, a view, or `(R, B, H)`."""
        size = self.sizes
        if last_only:
            return self.state[-1, :, : size.hidden, : size.batch].mT.contiguous()
        return self.state[1:, :, : size.hidden, : size.batch].permute(1, 3, 0, 2)


def _run(kernel: ModuleType, inputs: Tensor, parameters: tuple[Tensor, ...], *, keep: bool) -> _Pass:
    replicas, batch, steps, features = inputs.shape
    hidden = parameters[1].shape[-1]
    length = vector_length(inputs.element_size())
    lanes = -(-batch // length) * length
    sizes = Sizes(replicas, batch, steps, features, hidden, lanes, steps if keep else 1)
    state = inputs.new_empty(steps + 1, replicas, hidden + 1 + features, lanes)
    gates = inputs.new_empty(sizes.kept, replicas, kernel.PLANES * hidden, lanes)
    room = inputs.new_empty(room_size(sizes, kernel.SUMS, inputs.element_size()))
    kept = (_flat(state), _flat(gates))
    kernel.forward(sizes, _arrays(parameters), _view(inputs), kept, _flat(room), (0, replicas))
    return _Pass(sizes, state, gates)


class _Layer(Function):
    """One layer as one operation of the graph."""

    @staticmethod
    def forward(ctx: Any, kernel: ModuleType, last_only: bool, inputs: Tensor, *parameters: Tensor) -> Tensor:
        done = _run(kernel, inputs, parameters, keep=True)
        ctx.kernel, ctx.sizes, ctx.last_only = kernel, done.sizes, last_only
        ctx.save_for_backward(done.state, done.gates, *parameters)
        return done.output(last_only)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        state, gates, *parameters = ctx.saved_tensors
        sizes: Sizes = ctx.sizes
        wanted = ctx.needs_input_grad[2]
        shape = (sizes.steps, sizes.replicas, sizes.inputs, sizes.lanes) if wanted else (0,)
        d_inputs = state.new_empty(shape)
        results = [torch.empty_like(weight, memory_format=torch.contiguous_format) for weight in parameters]
        absent = (_flat(state[:0]), NO_STRIDES)
        if ctx.last_only:
            upstream = Upstream(absent, _view(gradient.unsqueeze(2)))
        else:
            upstream = Upstream(_view(gradient), absent)
        ctx.kernel.backward(
            sizes,
            _arrays(parameters),
            (_flat(state), _flat(gates)),
            upstream,
            (_arrays(results), _flat(d_inputs)),
            _flat(state.new_empty(room_size(sizes, ctx.kernel.SUMS, state.element_size()))),
            (0, sizes.replicas),
        )
        d_in = d_inputs[..., : sizes.batch].permute(1, 3, 0, 2) if wanted else None
        return None, None, d_in, *results


def _flat(tensor: Tensor) -> Any:
    """Return a contiguous tensor's memory as a flat array."""
    return tensor.detach().view(-1).numpy()


def _arrays(parameters: Any) -> Parameters:
    return Parameters(*(_flat(weight.contiguous()) for weight in parameters))


def _view(tensor: Tensor) -> View:
    """Return memory and strides of a tensor of any layout."""
    tensor = tensor.detach()
    by_replica, by_lane, by_step, by_feature = strides = tensor.stride()
    span = 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, strides, strict=True))
    return tensor.as_strided((span,), (1,)).numpy(), (by_replica, by_lane, by_step, by_feature)
