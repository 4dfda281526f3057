"""Recurrences that are linear in their state: gates for all steps at once, then one multiplication per step.

Axes: R replicas, B batch, T steps, I inputs, H hidden units.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from models.cells.base import Cell, LinearCell

CACHED_NUMBERS = 65_536  # numbers of a part's largest array


def parallel(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Run a layer of a `LinearCell`; see `models.networks.recurrent.Recurrence`.

    Raises:
        TypeError: If the cell's recurrence is not linear in its state.
    """
    if not isinstance(cell, LinearCell):
        raise TypeError(f"the state of `{cell.name}` does not depend linearly on the previous state")
    memory: Tensor | None = None
    shown: list[Tensor] = []
    for part in torch.split(inputs, _steps_at_once(cell, weights, inputs), dim=2):
        memories = _memories(cell, weights, part, memory)  # (T, R, B, H)
        memory = memories[-1]
        if not last_only:
            shown.append(_hidden(cell, weights, memories))
    if last_only:
        last: Tensor = cell.shown(weights, memory)
        return last
    return torch.cat(shown, dim=2)


def _steps_at_once(cell: LinearCell, weights: Mapping[str, Tensor], inputs: Tensor) -> int:
    """Return how many steps to compute together so that their data stays in the processor's cache."""
    return max(1, CACHED_NUMBERS // (inputs.shape[0] * inputs.shape[1] * cell.hidden_size(weights)))


def _memories(cell: LinearCell, weights: Mapping[str, Tensor], inputs: Tensor, before: Tensor | None) -> Tensor:
    replicas, batch, steps, width = inputs.shape
    by_step = inputs.transpose(1, 2).reshape(replicas, steps * batch, width)
    kept, written = (
        values.view(replicas, steps, batch, -1).transpose(0, 1) for values in cell.coefficients(weights, by_step)
    )
    if before is not None:
        written = torch.cat([(written[0] + kept[0] * before).unsqueeze(0), written[1:]])
    return linear_scan(kept, written)


def _hidden(cell: LinearCell, weights: Mapping[str, Tensor], memories: Tensor) -> Tensor:
    steps, replicas, batch, _ = memories.shape
    shown: Tensor = cell.shown(weights, memories.transpose(0, 1).flatten(1, 2))
    return shown.view(replicas, steps, batch, -1).transpose(1, 2)


class _LinearScan(torch.autograd.Function):
    """m_t = a_t m_{t-1} + b_t, and its gradients by the same recurrence backwards.

    It works step by step, without an autograd graph. A scan in log2(T) rounds (Hillis and Steele 1986), measured on two
    cores, is as fast at 24 steps of 32 units, and three to five times slower at 100 steps of 64, because it reads and writes
    everything in each round.
    """

    @staticmethod
    def forward(ctx: Any, kept: Tensor, written: Tensor) -> Tensor:
        memory = torch.empty_like(written)
        memory[0] = written[0]
        for step in range(1, len(kept)):
            torch.addcmul(written[step], kept[step], memory[step - 1], out=memory[step])
        ctx.save_for_backward(kept, memory)
        return memory

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        kept, memory = ctx.saved_tensors
        to_written = gradients[0].clone()
        for step in range(len(kept) - 2, -1, -1):
            to_written[step].addcmul_(kept[step + 1].conj(), to_written[step + 1])
        to_kept = torch.zeros_like(kept)
        torch.mul(to_written[1:], memory[:-1].conj(), out=to_kept[1:])
        return to_kept, to_written


def linear_scan(kept: Tensor, written: Tensor) -> Tensor:
    """Return m_t = a_t m_{t-1} + b_t for all steps, from m_0 = 0.

    Args:
        kept: `a`, `(T, ...)`, real or complex.
        written: `b`, `(T, ...)`.
    """
    memory: Tensor = _LinearScan.apply(kept.contiguous(), written.contiguous())  # type: ignore[no-untyped-call]
    return memory
