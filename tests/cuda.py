"""Measure a CUDA device: `python -m tests.cuda`, a few minutes, needs nothing but the device.

Trains on it, compares outputs and gradients with the CPU, and times an update of LSTM and GRU for 1, 8 and 32 repeats
and 32 to 512 units: stock layers one repeat after another, and all repeats at once (`models.networks.batched`). From
its table follows `MANY_REPLICAS`, the number of repeats from which `batched` is used on a GPU. `--device cpu` tries the
script itself where there is no device.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

from models.cells import get_cell
from models.networks.batched import batched
from models.networks.recurrent import Recurrence, reference

ARCHITECTURES = ("lstm", "gru")
REPEATS, UNITS = (1, 8, 32), (32, 64, 128, 256, 512)
STEPS, BATCH, INPUTS = 50, 32, 8
AGREEMENT = 1e-4  # relative to the largest value; float32, other orders of summation
TIMES, SECONDS = 15, 1.5  # updates of a measurement at most, and seconds after which it is enough
WAYS: dict[str, Recurrence] = {"stock": reference, "batched": batched}


def problem(name: str, repeats: int, units: int, device: str) -> tuple[dict[str, Tensor], Tensor]:
    """Return weights and inputs of a layer, the same on every device."""
    generator = torch.Generator().manual_seed(0)
    bound = units**-0.5
    shapes = get_cell(name).weight_shapes(INPUTS, units)
    weights = {
        key: torch.empty(repeats, *shape).uniform_(-bound, bound, generator=generator).to(device).requires_grad_()
        for key, shape in shapes.items()
    }
    return weights, torch.randn(repeats, BATCH, STEPS, INPUTS, generator=generator).to(device)


def update(name: str, way: Recurrence, weights: dict[str, Tensor], inputs: Tensor) -> list[Tensor]:
    """Run one update without an optimiser: outputs, and gradients of the weights."""
    outputs = way(get_cell(name), weights, inputs, last_only=True)
    return [outputs.detach(), *torch.autograd.grad(outputs.square().mean(), list(weights.values()))]


def difference(name: str, way: Recurrence, device: str) -> float:
    """Return the largest difference from the CPU's stock layers, relative to the largest value."""
    there = update(name, way, *problem(name, 3, 33, device))
    here = update(name, reference, *problem(name, 3, 33, "cpu"))
    return max(
        float((a.cpu() - b).abs().max() / b.abs().max().clamp(min=1e-9)) for a, b in zip(there, here, strict=True)
    )


def milliseconds(work: Callable[[], object], device: str) -> float:
    """Return the median time of a piece of work, the device's queue emptied before and after."""

    def once() -> float:
        _wait(device)
        begun = time.perf_counter()
        work()
        _wait(device)
        return time.perf_counter() - begun

    once(), once()
    times: list[float] = []
    while len(times) < 3 or (len(times) < TIMES and sum(times) < SECONDS):
        times.append(once())
    return 1e3 * statistics.median(times)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def train(device: str) -> str:
    """Train a small experiment on the device as the application does, and say how it went."""
    os.environ["GATESCOPE_DEVICE"] = device
    from models.engine.run_here import run_experiment
    from models.spec.experiment_settings import ExperimentSpec

    begun = time.perf_counter()
    result = run_experiment(ExperimentSpec(dataset="sunspots", seeds=3, updates=200))
    runs = ", ".join(
        f"{run.spec.architecture} {run.kernel} on {run.environment['device']}, validation loss "
        f"{float(run.curves['validation_loss'][-1]):.3f}"
        for run in result.runs
    )
    return f"{result.status} after {time.perf_counter() - begun:.1f} s: {runs}"


def main() -> int:
    """Measure and print; the exit status is 1 where the device does not agree with the CPU, 2 where there is none."""
    parser = argparse.ArgumentParser(prog="python -m tests.cuda")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--units", type=int, nargs="+", default=list(UNITS))
    arguments = parser.parse_args()
    device: str = arguments.device
    if device == "cuda" and not torch.cuda.is_available():
        print("PyTorch sees no CUDA device here.", file=sys.stderr)
        return 2
    named = torch.cuda.get_device_name(0) if device == "cuda" else "CPU"
    print(f"{named}, torch {torch.__version__}; training: {train(device)}\n")
    found = {(name, way): difference(name, WAYS[way], device) for name in ARCHITECTURES for way in WAYS}
    for (name, way), worst in found.items():
        print(f"{name} {way}: differs from the CPU by {worst:.1e}")
    print(f"\n{STEPS} steps, batch {BATCH}, {INPUTS} inputs; milliseconds per update of all repeats:\n")
    print("| units | repeats | LSTM stock | LSTM batched | GRU stock | GRU batched |\n|---|---|---|---|---|---|")
    for units in arguments.units:
        for repeats in REPEATS:
            cells = []
            for name in ARCHITECTURES:
                given = problem(name, repeats, units, device)
                for way in WAYS.values():
                    cells.append(milliseconds(lambda n=name, w=way, g=given: update(n, w, *g), device))
            print(f"| {units} | {repeats} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |", flush=True)
    return int(any(not worst <= AGREEMENT for worst in found.values()))


if __name__ == "__main__":
    sys.exit(main())
