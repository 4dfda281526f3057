"""The cost of an experiment by formula: FLOPs, memory, and seconds on a machine of known speed.

FLOPs are those of matrix products, a multiplication and an addition counted as two, as torch's counter does; element-wise
work is left out. Bytes are those of 32-bit floats. Everything is per replica (seed) unless stated otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from models.spec.experiment_settings import ExperimentSpec
from models.spec.memory import EVALUATION_BATCH, MAX_SNAPSHOT_BYTES, MAX_SNAPSHOTS, kernel_of, run_bytes, weight_bytes
from models.spec.network_work import encoder_work, head_work, network_work
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, NetworkSize, run_size

CURVE_NUMBERS = 7  # numbers stored per seed and evaluation
SEARCH_SHARE = 0.25  # share of a run's updates for which each learning rate of a search is trained
SEARCH_STARTS = 2  # random starts per learning rate
MIN_SEARCH_UPDATES = 20


def flops_per_step(size: NetworkSize) -> int:
    """Return the FLOPs of one forward step of one sequence, as in streaming: encoder, layers and head."""
    recurrent = sum(size.cell.flops_per_step(inputs, size.hidden_size) for inputs in size.layer_inputs())
    return recurrent + encoder_work(size, 1).forward + head_work(size, 1).forward


def flops_per_sequence(size: NetworkSize, steps: int) -> int:
    """Return the FLOPs of a forward pass of one sequence."""
    return network_work(size, steps).forward


def flops_per_update(size: NetworkSize, steps: int, batch_size: int) -> int:
    """Return the FLOPs of one update of one replica: forward and backward pass of a batch."""
    work = network_work(size, steps)
    return (work.forward + work.backward) * batch_size


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRate:
    """The speed of a machine: seconds = updates x (fixed + steps x per_step) + FLOPs / rate.

    Attributes:
        seconds_per_update: Overhead of an update of all replicas together (Python, optimiser).
        seconds_per_step: Overhead of a time step of a layer, forward and backward.
        flops_per_second: Speed of the matrix products.
    """

    seconds_per_update: float
    seconds_per_step: float
    flops_per_second: float


# Measured with one thread on a recent server processor; a first estimate for other machines.
RATES = {
    "fused": MachineRate(seconds_per_update=4e-4, seconds_per_step=2e-6, flops_per_second=6e10),
    "equations": MachineRate(seconds_per_update=5e-4, seconds_per_step=3e-4, flops_per_second=1e10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The estimated cost of an experiment.

    Attributes:
        updates: Updates of all runs together.
        flops: FLOPs of training and evaluation, all seeds.
        bytes: Memory that the largest run adds to its worker at its peak; see `models.spec.memory`.
        batch_bytes: How much of that grows with the batch.
        seconds: Training time on one thread.
        stored_bytes: Size of the stored results.
    """

    updates: int
    flops: float
    bytes: int
    batch_bytes: int
    seconds: float
    stored_bytes: int


def total(parts: Iterable[Estimate]) -> Estimate:
    """Return the cost of several runs, one after another."""
    runs = tuple(parts)
    return Estimate(
        updates=sum(run.updates for run in runs),
        flops=sum(run.flops for run in runs),
        bytes=max(run.bytes for run in runs),
        batch_bytes=max(runs, key=lambda run: run.bytes).batch_bytes,
        seconds=sum(run.seconds for run in runs),
        stored_bytes=sum(run.stored_bytes for run in runs),
    )


def estimate_run(run: RunSpec, data: DataShape) -> Estimate:
    """Return the cost of one run, including its learning-rate search."""
    size, spec = run_size(run, data), run.experiment
    replicas = spec.rate_search * SEARCH_STARTS
    held, growing = run_bytes(run, size, data, searched=replicas)
    parts = [_training_work(spec, size, data, run.updates)]
    if replicas:
        trial = replace(spec, seeds=replicas, rate_search=0, evaluations=min(10, spec.evaluations))
        parts.append(_training_work(trial, size, data, search_updates(run.updates)))
    updates, flops, seconds = (sum(values) for values in zip(*parts, strict=True))
    return Estimate(
        updates=round(updates),
        flops=flops,
        bytes=held,
        batch_bytes=growing,
        seconds=seconds,
        stored_bytes=_stored_bytes(run, size),
    )


def search_updates(updates: int) -> int:
    """Return for how many updates each learning rate is tried before a training of `updates` updates."""
    return min(updates, max(MIN_SEARCH_UPDATES, round(updates * SEARCH_SHARE)))


def _training_work(spec: ExperimentSpec, size: NetworkSize, data: DataShape, updates: int) -> tuple[int, float, float]:
    """Return updates, FLOPs and seconds of a training."""
    speed = RATES[kernel_of(size)]
    batch = min(spec.batch_size, data.train.sequences)
    evaluations = len(spec.evaluation_updates(updates)) + 1
    training = updates * flops_per_update(size, data.train.steps, batch)
    scoring = evaluations * data.validation.sequences * flops_per_sequence(size, data.validation.steps)
    flops = float(spec.seeds) * (training + scoring)
    passes = updates + evaluations * -(-data.validation.sequences // EVALUATION_BATCH)
    fixed = speed.seconds_per_update + speed.seconds_per_step * data.train.steps * size.layers
    return updates, flops, passes * fixed + flops / speed.flops_per_second


def _stored_bytes(run: RunSpec, size: NetworkSize) -> int:
    """Estimate the stored bytes of a run's result: weights, snapshots and curves of all seeds."""
    weights = weight_bytes(size) * run.experiment.seeds
    curves = CURVE_NUMBERS * 8 * run.experiment.seeds * (run.experiment.evaluations + 1)
    return weights + min(MAX_SNAPSHOTS * weights, MAX_SNAPSHOT_BYTES) + curves
