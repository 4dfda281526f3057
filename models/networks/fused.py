"""The fused recurrence: all replicas and steps of a layer in one compiled call per direction.

Axes: R replicas, B batch, T steps, I inputs, H hidden units, L lanes (the batch rounded up to whole registers).
"""

import math
import threading
from bisect import insort
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

from models.cells.base import Cell
from models.kernels import gru, lstm, rnn
from models.kernels.layout import ABSENT, Parameters, Sizes, Upstream, View, scratch_size
from models.kernels.shared_functions import provide
from models.kernels.tile import vector_length

KERNELS: Mapping[str, ModuleType] = {"lstm": lstm, "gru": gru, "rnn": rnn}
MAX_SPARE = 8
TYPES = (torch.float32, torch.float64)


class Fused:
    """The fused recurrence of one network; see `models.networks.recurrent.Recurrence`.

    Outputs and gradients have the layout of the kernels and are returned as permuted views, so that the next layer
    reads them along memory. Works for float32 and float64 on the CPU; there is no second derivative.

    Large buffers are reused by the next call, because mapping new memory page by page takes as long as the arithmetic at 64
    units. They are freed together with the network.
    """

    def __init__(self) -> None:
        self._spare: list[Tensor] = []
        self._lock = threading.Lock()

    def __call__(self, cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
        """Run a layer.

        Raises:
            KeyError: If there is no kernel for the architecture.
            ValueError: If shapes or types do not match.
        """
        call = _Call(self, KERNELS[cell.name], last_only)
        parameters = tuple([weights[name].contiguous() for name in Parameters._fields])
        _check(cell, parameters, inputs)
        provide(str(inputs.dtype).removeprefix("torch."))
        wanted = inputs.requires_grad or any(weight.requires_grad for weight in parameters)
        if wanted and torch.is_grad_enabled():
            outputs: Tensor = _Layer.apply(call, inputs, *parameters)  # type: ignore[no-untyped-call]
            return outputs
        done = call.forward(inputs, parameters, keep=False)
        outputs = done.output(last_only)
        call.give_back(done)
        return outputs

    def take(self, count: int, dtype: torch.dtype) -> Tensor:
        """Return at least `count` numbers of flat memory: the smallest spare one that is large enough, or new."""
        with self._lock:
            for index, spare in enumerate(self._spare):
                if spare.dtype == dtype and spare.numel() >= count:
                    return self._spare.pop(index)
            del self._spare[:1]  # none is large enough: replace the smallest by the new one
        with torch.inference_mode(False):  # a buffer of an evaluation may be reused in training
            return torch.empty(count, dtype=dtype)

    def give_back(self, buffer: Tensor) -> None:
        """Keep memory for the next call."""
        with self._lock:
            if len(self._spare) < MAX_SPARE:
                insort(self._spare, buffer, key=Tensor.numel)


class _Pass(NamedTuple):
    """A forward pass: dimensions, flat state `(R, T + 1, F, L)` and gates `(R, T, planes * H, L)`."""

    sizes: Sizes
    state: Tensor
    gates: Tensor

    def output(self, last_only: bool) -> Tensor:
        """Return a copy `(R, B, H)` of the last step, or a view `(R, B, T, H)`."""
        size = self.sizes
        rows = size.hidden + 1 + size.inputs
        state = self.state[: (size.steps + 1) * size.replicas * rows * size.lanes]
        hidden = state.view(size.replicas, size.steps + 1, rows, size.lanes)[:, 1:, : size.hidden, : size.batch]
        return hidden[:, -1].mT.contiguous() if last_only else hidden.permute(0, 3, 1, 2)


class _Call(NamedTuple):
    """The arguments of a call that are not tensors."""

    owner: Fused
    kernel: ModuleType
    last_only: bool

    def forward(self, inputs: Tensor, parameters: tuple[Tensor, ...], *, keep: bool) -> _Pass:
        """Run the layer; `keep` what the backward pass needs."""
        replicas, batch, steps, features = inputs.shape
        hidden = parameters[1].shape[-1]
        length = vector_length(inputs.element_size())
        lanes = -(-batch // length) * length
        sizes = Sizes(replicas, batch, steps, features, hidden, lanes, steps if keep else 2)
        state = self._buffer((steps + 1) * replicas * (hidden + 1 + features) * lanes, inputs.dtype, self.last_only)
        gates = self._buffer(sizes.kept * replicas * self.kernel.PLANES * hidden * lanes, inputs.dtype, True)
        kept, scratch = (state.numpy(), gates.data_ptr()), self.scratch(sizes, inputs)
        self.kernel.forward(sizes, _addresses(parameters), _view(inputs), kept, scratch.data_ptr())
        return _Pass(sizes, state, gates)

    def backward(self, done: _Pass, parameters: tuple[Tensor, ...], gradient: Tensor, d_inputs: Tensor) -> list[Tensor]:
        """Return the gradients of the parameters, and write those of the inputs unless `d_inputs` is empty."""
        results = [torch.empty(weight.shape, dtype=weight.dtype) for weight in parameters]
        given = _view(gradient.unsqueeze(2) if self.last_only else gradient)
        upstream = Upstream(ABSENT, given) if self.last_only else Upstream(given, ABSENT)
        kept, scratch = (done.state.numpy(), done.gates.data_ptr()), self.scratch(done.sizes, gradient)
        into = (_addresses(results), d_inputs.data_ptr() if len(d_inputs) else 0)
        self.kernel.backward(done.sizes, _addresses(parameters), kept, upstream, into, scratch.data_ptr())
        return results

    def scratch(self, sizes: Sizes, like: Tensor) -> Tensor:
        """Return memory for intermediate results."""
        return torch.empty(scratch_size(sizes, self.kernel.SUMS, like.element_size()), dtype=like.dtype)

    def give_back(self, done: _Pass) -> None:
        """Reclaim the buffers of a pass that is no longer needed; the output may be a view of the state."""
        self.owner.give_back(done.gates)
        if self.last_only:
            self.owner.give_back(done.state)

    def _buffer(self, count: int, dtype: torch.dtype, private: bool) -> Tensor:
        return self.owner.take(count, dtype) if private else torch.empty(count, dtype=dtype)


class _Layer(Function):
    """One layer as one operation of autograd."""

    @staticmethod
    def forward(ctx: Any, call: _Call, inputs: Tensor, *parameters: Tensor) -> Tensor:
        done = call.forward(inputs, parameters, keep=True)
        ctx.call, ctx.sizes, ctx.spent = call, done.sizes, False
        ctx.save_for_backward(inputs, done.state, done.gates, *parameters)
        return done.output(call.last_only)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("the fused recurrence has no second derivative; set GATESCOPE_KERNEL=reference")
        inputs, state, gates, *parameters = ctx.saved_tensors
        call, sizes = ctx.call, ctx.sizes
        done = _Pass(sizes, state, gates)
        if ctx.spent:  # the graph was retained, but the buffers were reclaimed
            done = call.forward(inputs, parameters, keep=True)
        ctx.spent = True
        shape = (sizes.replicas, sizes.steps, sizes.inputs, sizes.lanes)
        d_inputs = torch.empty(math.prod(shape) if ctx.needs_input_grad[1] else 0, dtype=inputs.dtype)
        results = call.backward(done, parameters, gradient, d_inputs)
        call.give_back(done)
        wanted = d_inputs.view(shape)[..., : sizes.batch].permute(0, 3, 1, 2) if len(d_inputs) else None
        return None, wanted, *results


def _check(cell: Cell, parameters: Sequence[Tensor], inputs: Tensor) -> None:
    """Refuse arguments that the kernels would misread, because they only see addresses.

    Raises:
        ValueError: With what was expected and what was passed.
    """
    if inputs.dtype not in TYPES or inputs.device.type != "cpu":
        raise ValueError(f"`inputs` must be float32 or float64 on the CPU, not {inputs.dtype} on {inputs.device}")
    shapes = cell.weight_shapes(inputs.shape[-1], parameters[1].shape[-1])
    for parameter, name in zip(parameters, Parameters._fields, strict=True):
        wanted = (inputs.shape[0], *shapes[name])
        if parameter.shape != wanted or parameter.dtype != inputs.dtype or parameter.device != inputs.device:
            raise ValueError(
                f"`{name}` must be {wanted} like `inputs`, not {tuple(parameter.shape)}, {parameter.dtype}"
            )


def _addresses(parameters: Sequence[Tensor]) -> Parameters:
    weight_ih, weight_hh, bias_ih, bias_hh = parameters
    return Parameters(weight_ih.data_ptr(), weight_hh.data_ptr(), bias_ih.data_ptr(), bias_hh.data_ptr())


def _view(tensor: Tensor) -> View:
    """Return address and strides of a tensor of any layout."""
    by_replica, by_lane, by_step, by_feature = tensor.stride()
    return tensor.data_ptr(), (by_replica, by_lane, by_step, by_feature)
