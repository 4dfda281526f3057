"""Measure what networks cost on this machine, and how busy the machine was meanwhile.

All variants of a quantity are timed in turns after a warm-up, on one thread, so that a busy moment affects all of them equally.
Median and quartiles are reported. Runs in a worker; takes and returns plain values.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.networks.selection import choose
from models.platform import load_average
from models.spec.sizes import NetworkSize
from models.training.environment import environment
from models.training.evaluation import replica_losses
from models.training.optimiser import Optimiser
from models.training.timed_work import (
    Action,
    Variant,
    inference_variants,
    network_of,
    random_task,
    streaming_variants,
    training_variants,
)

WARM_UP = 3
MIN_ROUNDS, MAX_ROUNDS = 7, 200  # timed rounds
SHORTEST = 1e-3  # seconds that one timed call, or several of a short one, should take
MEMORY = "training memory"
Maker = Callable[[NetworkSize, int, int], Any]


def measure_costs(sizes: list[dict[str, Any]], steps: int, batch_size: int, seconds: float) -> dict[str, Any]:
    """Measure an update, a sequence, a streamed step and memory of each network.

    Args:
        sizes: Fields of `NetworkSize`, one mapping per network.
        steps: Steps per sequence.
        batch_size: Sequences per update.
        seconds: How long the timed rounds of each quantity may take.

    Returns:
        See `_report`.
    """
    networks = [NetworkSize(**plain) for plain in sizes]
    makers: tuple[Maker, ...] = (training_variants, inference_variants, streaming_variants)

    def work() -> list[dict[str, Any]]:
        rows = [memory_row(size, steps, batch_size) for size in networks]
        for maker in makers:
            variants = [variant for size in networks for variant in maker(size, steps, batch_size)]
            rows += timed_rows([(variant, steps) for variant in variants], seconds)
        return rows

    return _report(work)


def measure_scaling(points: list[tuple[dict[str, Any], int]], batch_size: int, seconds: float) -> dict[str, Any]:
    """Measure updates and memory of networks at several sizes and lengths.

    Args:
        points: Fields of `NetworkSize`, and steps, of each point.
        batch_size: Sequences per update.
        seconds: How long the timed rounds may take.

    Returns:
        See `_report`.
    """
    networks = [(NetworkSize(**plain), steps) for plain, steps in points]

    def work() -> list[dict[str, Any]]:
        variants = [
            (variant, steps) for size, steps in networks for variant in training_variants(size, steps, batch_size)
        ]
        return timed_rows(variants, seconds) + [memory_row(size, steps, batch_size) for size, steps in networks]

    return _report(work)


def _report(work: Callable[[], list[dict[str, Any]]]) -> dict[str, Any]:
    """Run the measurement and add what a reader needs to judge it.

    Returns:
        `rows`: architecture, hidden_size, steps, kernel, quantity, median, low and high (quartiles; milliseconds, or
        megabytes for memory) and rounds. `environment`. `load_before` and `load_after`: runnable threads, averaged over
        a minute. `cores`. `seconds` that it took.
    """
    torch.set_num_threads(1)
    started, before = time.perf_counter(), load_average()
    rows = work()
    return {
        "rows": rows,
        "environment": environment("", torch.device("cpu")),
        "load_before": before,
        "load_after": load_average(),
        "cores": os.cpu_count() or 1,
        "seconds": time.perf_counter() - started,
    }


def timed_rows(variants: Sequence[tuple[Variant, int]], seconds: float) -> list[dict[str, Any]]:
    """Time variants in turns and return a row for each; the second of each pair is its steps."""
    times = time_in_turns([variant.action for variant, _ in variants], seconds)
    return [
        _row(variant.size, steps, variant.quantity, variant.kernel, 1000 * np.asarray(taken))
        for (variant, steps), taken in zip(variants, times, strict=True)
    ]


def time_in_turns(actions: Sequence[Action], seconds: float) -> list[list[float]]:
    """Call every action once per round and return the seconds of one call, per action and round.

    Args:
        actions: What to time. An action shorter than `SHORTEST` is called several times per round.
        seconds: How long all rounds may take; at least `MIN_ROUNDS` and at most `MAX_ROUNDS` are done.
    """
    repeats = [_repeats(action) for action in actions]
    times: list[list[float]] = [[] for _ in actions]
    due = time.perf_counter() + seconds
    for count in range(MAX_ROUNDS):
        if count >= MIN_ROUNDS and time.perf_counter() > due:
            break
        for action, repeat, taken in zip(actions, repeats, times, strict=True):
            started = time.perf_counter()
            for _ in range(repeat):
                action()
            taken.append((time.perf_counter() - started) / repeat)
    return times


def _repeats(action: Action) -> int:
    """Warm an action up and return how often it has to be called to last `SHORTEST`."""
    for _ in range(WARM_UP):
        action()
    started = time.perf_counter()
    action()
    return max(1, min(1000, math.ceil(SHORTEST / max(time.perf_counter() - started, 1e-7))))


def memory_row(size: NetworkSize, steps: int, batch_size: int) -> dict[str, Any]:
    """Return the memory of one update with our kernel: weights, gradients, optimiser state and kept activations."""
    chosen = choose(size.cell)
    return _row(size, steps, MEMORY, f"ours ({chosen.name})", np.array([training_bytes(size, steps, batch_size) / 1e6]))


def training_bytes(size: NetworkSize, steps: int, batch_size: int) -> int:
    """Count the bytes that an update holds at the end of its forward pass, and what gradients and the optimiser add."""
    data = random_task(size, steps, batch_size)
    network = network_of(size, data, None)
    optimiser = Optimiser("adam", network.parameters(), 1e-3)
    inputs, targets = torch.from_numpy(data.train.inputs)[None], torch.from_numpy(data.train.targets)[None]
    loss, kept = held_bytes(network, lambda: replica_losses(data.kind, network(inputs), targets).sum())
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return kept + optimiser.state_bytes() + 2 * sum(parameter.nbytes for parameter in network.parameters())


def _row(size: NetworkSize, steps: int, quantity: str, kernel: str, values: np.ndarray) -> dict[str, Any]:
    low, median, high = np.percentile(values, [25, 50, 75]).tolist()
    return {
        "architecture": size.architecture,
        "hidden_size": size.hidden_size,
        "steps": steps,
        "kernel": kernel,
        "quantity": quantity,
        "median": median,
        "low": low,
        "high": high,
        "rounds": len(values),
    }


def held_bytes(network: nn.Module, forward: Callable[[], Tensor]) -> tuple[Tensor, int]:
    """Run a forward pass and count the memory of everything kept for the backward pass.

    Args:
        network: Its weights are left out.
        forward: Returns the loss.

    Returns:
        The loss, and bytes. Views of the same memory count once; the fused kernels' buffers are included.
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
    """Walk the graph and yield the buffers that the fused recurrence holds in addition to its saved tensors."""
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
