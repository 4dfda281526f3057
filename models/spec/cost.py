"""The cost of an experiment by formula: FLOPs, memory, and seconds on a machine of known speed.

FLOPs are those of matrix products, a multiplication and an addition counted as two, as torch's counter does; element-wise
work is left out. Bytes are those of 32-bit floats. Everything is per replica (seed) unless stated otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

from models.cells.base import LinearCell
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, NetworkSize, parameter_count, run_size
from models.spec.work_count import Work, layer_work

FLOAT_BYTES = 4
INDEX_BYTES = 8
OPTIMISER_STATES = {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 1}  # optimiser state per parameter
LANES = 16  # the fused kernels round a batch up to whole registers of 16 floats
FUSED_PLANES = {
    "lstm": 5,
    "gru": 4,
    "rnn": 0,
}  # values per unit and step that the fused kernels store besides the state
EVALUATION_BATCH = 128
MAX_SNAPSHOTS, MAX_SNAPSHOT_BYTES = 16, 16 * 2**20  # upper bounds on the snapshots that a run stores
CURVE_NUMBERS = 7  # numbers stored per seed and evaluation
SEARCH_SHARE = 0.25  # share of a run's updates for which each learning rate of a search is trained
SEARCH_STARTS = 2  # random starts per learning rate
MIN_SEARCH_UPDATES = 20


def network_work(size: NetworkSize, steps: int) -> Work:
    """Return the FLOPs and stored values of one sequence through encoder, layers and head, counted from the equations."""
    parts = [_encoder_work(size, steps), _head_work(size, steps)]
    for index, inputs in enumerate(size.layer_inputs()):
        below = index >= size.directions or size.encoder != "none"
        parts.append(layer_work(size.architecture, inputs, size.hidden_size, steps, input_gradient=below))
    if size.layer_norm:
        parts.append(Work(forward=0, backward=0, kept=3 * steps * size.width * size.layers))
    return reduce(add, parts)


def _encoder_work(size: NetworkSize, steps: int) -> Work:
    if size.encoder == "none":
        return Work(forward=0, backward=0, kept=0)
    if size.encoder == "embedding":
        return Work(forward=0, backward=0, kept=steps * INDEX_BYTES // FLOAT_BYTES)
    flops = 2 * steps * size.input_size * size.encoded_size
    return Work(forward=flops, backward=flops, kept=steps * size.input_size)


def _head_work(size: NetworkSize, steps: int) -> Work:
    answers = steps if size.each_step else 1
    flops = 2 * answers * size.width * size.output_size
    return Work(forward=flops, backward=2 * flops, kept=answers * (size.width + size.output_size))


def flops_per_step(size: NetworkSize) -> int:
    """Return the FLOPs of one forward step of one sequence, as in streaming: encoder, layers and head."""
    recurrent = sum(size.cell.flops_per_step(inputs, size.hidden_size) for inputs in size.layer_inputs())
    return recurrent + _encoder_work(size, 1).forward + _head_work(size, 1).forward


def flops_per_sequence(size: NetworkSize, steps: int) -> int:
    """Return the FLOPs of a forward pass of one sequence."""
    return network_work(size, steps).forward


def flops_per_update(size: NetworkSize, steps: int, batch_size: int) -> int:
    """Return the FLOPs of one update of one replica: forward and backward pass of a batch."""
    work = network_work(size, steps)
    return (work.forward + work.backward) * batch_size


def weight_bytes(size: NetworkSize) -> int:
    """Return the bytes of the parameters."""
    return parameter_count(size) * FLOAT_BYTES


def optimiser_bytes(size: NetworkSize, optimiser: str) -> int:
    """Return the bytes of the optimiser's state, without gradients."""
    return weight_bytes(size) * OPTIMISER_STATES[optimiser]


def activation_bytes(size: NetworkSize, steps: int, batch_size: int, *, kernel: str = "fused") -> int:
    """Return the bytes kept for the backward pass of one batch.

    Args:
        size: The network.
        steps: Steps per sequence.
        batch_size: Sequences.
        kernel: `fused` (the fastest that the architecture has) or `equations`.
    """
    if kernel != "fused" or size.architecture not in FUSED_PLANES:
        return network_work(size, steps).kept * batch_size * FLOAT_BYTES
    around = _encoder_work(size, steps).kept + _head_work(size, steps).kept
    lanes = -(-batch_size // LANES) * LANES
    layers = sum(_fused_numbers(size, inputs, steps) for inputs in size.layer_inputs())
    first = steps * size.encoded_size  # inputs of the first layer; other layers read the state of the one below
    return ((around + first) * batch_size + layers * lanes) * FLOAT_BYTES


def _fused_numbers(size: NetworkSize, inputs: int, steps: int) -> int:
    """Return what a fused layer stores per lane: states with inputs and a row of ones, and its gates."""
    state = (steps + 1) * (size.hidden_size + 1 + inputs)
    return state + steps * FUSED_PLANES[size.architecture] * size.hidden_size


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
        bytes: Memory of the largest run: weights, gradients, optimiser state, activations, all seeds.
        seconds: Training time on one thread.
        stored_bytes: Size of the stored results.
    """

    updates: int
    flops: float
    bytes: int
    seconds: float
    stored_bytes: int


def total(parts: Iterable[Estimate]) -> Estimate:
    """Return the cost of several runs, one after another."""
    runs = tuple(parts)
    return Estimate(
        updates=sum(run.updates for run in runs),
        flops=sum(run.flops for run in runs),
        bytes=max(run.bytes for run in runs),
        seconds=sum(run.seconds for run in runs),
        stored_bytes=sum(run.stored_bytes for run in runs),
    )


def estimate_run(run: RunSpec, data: DataShape) -> Estimate:
    """Return the cost of one run, including its learning-rate search."""
    alone = _estimate_training(run, data)
    if not run.experiment.rate_search:
        return alone
    replicas = run.experiment.rate_search * SEARCH_STARTS
    trial = replace(run.experiment, seeds=replicas, rate_search=0, evaluations=min(10, run.experiment.evaluations))
    search = _estimate_training(replace(run, experiment=trial, updates=search_updates(run.updates)), data)
    return replace(
        alone,
        updates=alone.updates + search.updates,
        flops=alone.flops + search.flops,
        bytes=max(alone.bytes, search.bytes),
        seconds=alone.seconds + search.seconds,
    )


def search_updates(updates: int) -> int:
    """Return for how many updates each learning rate is tried before a training of `updates` updates."""
    return min(updates, max(MIN_SEARCH_UPDATES, round(updates * SEARCH_SHARE)))


def _estimate_training(run: RunSpec, data: DataShape) -> Estimate:
    spec, size = run.experiment, run_size(run, data)
    all_steps = isinstance(size.cell, LinearCell) or not size.cell.recurrent  # computed together
    kernel = "fused" if size.architecture in FUSED_PLANES or all_steps else "equations"
    speed = RATES[kernel]
    batch = min(spec.batch_size, data.train.sequences)
    evaluations = len(spec.evaluation_updates(run.updates)) + 1
    training = run.updates * flops_per_update(size, data.train.steps, batch)
    scoring = evaluations * data.validation.sequences * flops_per_sequence(size, data.validation.steps)
    flops = float(spec.seeds) * (training + scoring)
    passes = run.updates + evaluations * -(-data.validation.sequences // EVALUATION_BATCH)
    fixed = speed.seconds_per_update + speed.seconds_per_step * data.train.steps * size.layers
    per_seed = weight_bytes(size) * 2 + optimiser_bytes(size, spec.optimiser)
    per_seed += activation_bytes(size, data.train.steps, batch, kernel=kernel)
    return Estimate(
        updates=run.updates,
        flops=flops,
        bytes=spec.seeds * per_seed,
        seconds=passes * fixed + flops / speed.flops_per_second,
        stored_bytes=_stored_bytes(run, size),
    )


def _stored_bytes(run: RunSpec, size: NetworkSize) -> int:
    """Estimate the stored bytes of a run's result: weights, snapshots and curves of all seeds."""
    weights = weight_bytes(size) * run.experiment.seeds
    curves = CURVE_NUMBERS * 8 * run.experiment.seeds * (run.experiment.evaluations + 1)
    return weights + min(MAX_SNAPSHOTS * weights, MAX_SNAPSHOT_BYTES) + curves
