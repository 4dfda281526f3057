"""The memory that a run adds to its worker, by formula, for every architecture and kernel. Bytes are those of 32-bit floats.

What is held (data, weights, snapshots) and the working memory of three phases (an update, an evaluation, the gradient flow at
the end) are added up: their blocks differ in size, so malloc rarely reuses those of one phase for the next. The numbers
of values per place were fitted to peaks of resident memory, see docs/speed.md. Axes: R repeats, B batch, T steps.
"""

from data.repeat_splits import MAX_BYTES, MAX_STRETCHES
from models.cells.base import LinearCell
from models.spec.network_work import FLOAT_BYTES, encoder_work, head_work, network_work
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, NetworkSize, parameter_count

OPTIMISER_STATES = {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 1}  # optimiser state per parameter
LANES = 16  # the fused kernels round a batch up to whole registers of 16 floats
FUSED_PLANES = {
    "lstm": 5,
    "gru": 4,
    "rnn": 0,
}  # values per unit and step that the fused kernels store besides the state
EVALUATION_BATCH = 128
MAX_SNAPSHOTS, MAX_SNAPSHOT_BYTES = 16, 16 * 2**20  # upper bounds on the snapshots that a run stores
WEIGHT_COPIES = 6  # gradients, best weights, initial weights, those of the result, and two passing ones
FIXED_BYTES = 2_000_000  # Python objects, fragments, and what the first run of a kind loads
READING = 15  # times the size of a file while it is read: the table and its columns
POOLED_BYTES = 16_000_000  # up to this size a part of all repeats is copied into one array
FLOW_SAMPLES, FLOW_REPEATS, FLOW_NUMBERS, FLOW_VALUES = 16, 8, 1_500_000, 22  # of `models.training.gradient_flow`
SCAN_VALUES = 3  # times what is kept for the backward pass: the scan of a linear cell works on copies
EVALUATION_VALUES = {"transformer": 2.2, "tcn": 0.5, "window_mlp": 3.0}  # times what is kept; no recurrence
OUTPUT_VALUES = 6  # per output at each step while its loss is computed


def run_bytes(run: RunSpec, size: NetworkSize, data: DataShape, *, searched: int = 0) -> tuple[int, int]:
    """Return by how much a run raises the peak memory of its worker process, and how much of that grows with the batch.

    Args:
        run: The run, all repeats.
        size: Its network.
        data: The data of one repeat.
        searched: Networks that train together while learning rates are tried before, 0 if none are.
    """
    spec, weights, update = run.experiment, weight_bytes(size), _update_bytes(run, size, data)
    each = WEIGHT_COPIES * weights + optimiser_bytes(size, spec.optimiser) + update + _evaluation_bytes(size, data)
    together = max(spec.seeds, searched)
    working = together * each + min(MAX_SNAPSHOTS * weights * together, MAX_SNAPSHOT_BYTES)
    last = _flow_bytes(run, size, data)
    # after fused kernels no phase before worked with blocks of the sizes of the last
    working = working + last if size.architecture in FUSED_PLANES else max(working, last)
    held = FIXED_BYTES + READING * data.file_bytes + _data_bytes(run, size, data)
    return held + working, together * update


def _update_bytes(run: RunSpec, size: NetworkSize, data: DataShape) -> int:
    """Return the memory in which one replica makes an update."""
    batch = min(run.experiment.batch_size, data.train.sequences)
    update = activation_bytes(size, data.train.steps, batch, kernel=kernel_of(size))
    update *= SCAN_VALUES if isinstance(size.cell, LinearCell) else 1
    return update + batch * _read_numbers(size, data.train.steps) * FLOAT_BYTES


def kernel_of(size: NetworkSize) -> str:
    """Return `fused` for the fastest kernel that an architecture has, if that is not its equations, else `equations`."""
    together = isinstance(size.cell, LinearCell) or not size.cell.recurrent  # all steps at once
    return "fused" if size.architecture in FUSED_PLANES or together else "equations"


def _data_bytes(run: RunSpec, size: NetworkSize, data: DataShape) -> int:
    """Return what the data of all repeats hold, and their copies where small parts are put together."""
    spec = run.experiment
    fitting = max(1, MAX_BYTES // max(1, data.array_bytes))
    different = 1 if spec.resampling == "start" else min(spec.seeds, MAX_STRETCHES, fitting)
    copied = 0
    for part in (data.train, data.validation, data.test) if different > 1 else ():
        inputs = different * part.sequences * part.steps * (2 if data.tokens else size.input_size) * FLOAT_BYTES
        copied += inputs if inputs <= POOLED_BYTES else 0
    return different * data.array_bytes + copied


def _read_numbers(size: NetworkSize, steps: int) -> int:
    """Return the numbers of one sequence's inputs and, where there are targets at each step, of its loss."""
    inputs = 2 * steps if size.encoder == "embedding" else steps * size.input_size
    return inputs + (OUTPUT_VALUES * steps * size.output_size if size.each_step else 0)


def _evaluation_bytes(size: NetworkSize, data: DataShape) -> int:
    """Return the memory of one replica's evaluation: a batch and all outputs."""
    part = data.validation
    batch, steps = min(EVALUATION_BATCH, part.sequences), part.steps
    if size.architecture in FUSED_PLANES:
        numbers = steps * size.width * size.layers
    elif size.cell.recurrent:
        numbers = 3 * steps * size.width * size.layers // 2
    else:
        numbers = round(EVALUATION_VALUES.get(size.architecture, 1.0) * network_work(size, steps).kept)
    outputs = size.output_size * (steps if size.each_step else 1) * max(part.sequences, data.test.sequences)
    return (batch * (numbers + _read_numbers(size, steps)) + 2 * outputs) * FLOAT_BYTES


def _flow_bytes(run: RunSpec, size: NetworkSize, data: DataShape) -> int:
    """Return the memory in which the gradient flow of all repeats is measured."""
    if size.each_step or not size.cell.recurrent:
        return 0
    place = FLOW_REPEATS * data.test.steps * size.hidden_size
    samples = min(FLOW_SAMPLES, max(2, FLOW_NUMBERS // place))
    repeats = min(FLOW_REPEATS, run.experiment.seeds)
    return FLOW_VALUES * FLOAT_BYTES * repeats * samples * data.test.steps * size.hidden_size


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
    around = encoder_work(size, steps).kept + head_work(size, steps).kept
    lanes = -(-batch_size // LANES) * LANES
    layers = sum(_fused_numbers(size, inputs, steps) for inputs in size.layer_inputs())
    first = steps * size.encoded_size  # inputs of the first layer; other layers read the state of the one below
    return ((around + first) * batch_size + layers * lanes) * FLOAT_BYTES


def _fused_numbers(size: NetworkSize, inputs: int, steps: int) -> int:
    """Return what a fused layer stores per lane: states with inputs and a row of ones, and its gates."""
    state = (steps + 1) * (size.hidden_size + 1 + inputs)
    return state + steps * FUSED_PLANES[size.architecture] * size.hidden_size
