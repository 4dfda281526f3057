"""How many bytes a forward pass holds for its backward pass, counted on the spot."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn


def held_bytes(network: nn.Module, forward: Callable[[], Tensor]) -> tuple[Tensor, int]:
    """Run a forward pass and count the memory behind everything that is kept for the backward pass.

    Args:
        network: Its weights are left out.
        forward: Returns the loss.

    Returns:
        The loss, and bytes. Views of one memory count once, the buffers of the fused kernels included.
    """
    sizes: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        _note(sizes, tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = forward()
    for buffer in _fused_buffers(loss.grad_fn):
        _note(sizes, buffer)
    for parameter in network.parameters():
        sizes.pop(parameter.untyped_storage().data_ptr(), None)
    return loss, sum(sizes.values())


def _note(sizes: dict[int, int], tensor: Tensor) -> None:
    storage = tensor.untyped_storage()
    sizes[storage.data_ptr()] = storage.nbytes()


def _fused_buffers(node: Any) -> Iterator[Tensor]:
    """Walk the graph and yield what the fused recurrence holds beside its saved tensors."""
    seen, waiting = set(), [node]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        done = getattr(node, "done", None)
        if done is not None:
            yield from (done.state, done.gates)
        waiting += _below(node)


def _below(node: Any) -> Iterable[Any]:
    return [below for below, _ in node.next_functions]
