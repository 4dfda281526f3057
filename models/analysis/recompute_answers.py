"""Recompute networks' answers from their weights, because exported files do not contain them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from data.task import Array, TaskData
from models.analysis.predictions import kept_part
from models.cells import get_cell
from models.cells.network import answer_network
from models.errors import InvalidSpecError
from models.records.results import ExperimentResult, RunResult
from models.spec.cost import flops_per_sequence
from models.spec.sizes import DataShape, run_size
from models.spec.weight_shapes import weight_shapes

MAX_SAMPLES = 200
MAX_FLOPS = 4_000_000_000  # about two seconds of NumPy in the server
MAX_NUMBERS = 2_000_000


def with_answers(result: ExperimentResult, data_of: Callable[[int], TaskData]) -> ExperimentResult:
    """Return a result with its networks' outputs on samples of the test part.

    Args:
        result: An imported result. It is returned unchanged if weights are missing, outputs are present, or computing
            them would take the server too long.
        data_of: Returns the data of a repeat.

    Raises:
        InvalidSpecError: If the weights do not fit this data.
    """
    if any(not run.weights or len(run.sample_indices) for run in result.runs):
        return result
    data = data_of(0)
    for run in result.runs:
        _check(run, data)
    count = _samples(result, data)
    if count < 1:
        return result
    chosen = np.unique(np.linspace(0, len(data.test) - 1, count).round().astype(np.int64))
    runs = (replace(run, sample_indices=chosen, sample_outputs=_answers(run, data_of, chosen)) for run in result.runs)
    return replace(result, runs=tuple(runs))


def _check(run: RunResult, data: TaskData) -> None:
    embedding = run_size(run.spec, DataShape.of(data)).encoded_size if data.vocabulary else 0
    expected = weight_shapes(run.spec, data.input_size, data.head_size, embedding=embedding)
    if {name: value.shape for name, value in run.weights.items()} != expected:
        raise InvalidSpecError(["The weights in the file do not fit this data."])


def _samples(result: ExperimentResult, data: TaskData) -> int:
    """Return how many test samples all networks can process within the limit."""
    shape, seeds = DataShape.of(data), result.spec.seeds
    work = sum(flops_per_sequence(run_size(run.spec, shape), data.test.inputs.shape[1]) for run in result.runs)
    numbers = seeds * int(np.prod(data.test.targets.shape[1:], dtype=np.int64)) * data.output_size
    return min(len(data.test), MAX_SAMPLES, MAX_FLOPS // max(seeds * work, 1), MAX_NUMBERS // max(numbers, 1))


def _answers(run: RunResult, data_of: Callable[[int], TaskData], chosen: Array) -> Array:
    """Return `(R, n, O)`, or `(R, n, T, C)` where the task answers at each step."""
    cell, answers = get_cell(run.spec.architecture), []
    for index in range(len(next(iter(run.weights.values())))):
        data = data_of(index)
        part = kept_part(data, chosen)
        with np.errstate(all="ignore"):  # a diverged network outputs NaN
            answers.append(
                answer_network(cell, run.replica(index), part.inputs, part.lengths, each_step=data.each_step)
            )
    if answers[0].ndim == 3:  # sequences of some repeats may be longer
        steps = max(answer.shape[1] for answer in answers)
        answers = [np.pad(answer, ((0, 0), (0, steps - answer.shape[1]), (0, 0))) for answer in answers]
    return np.stack(answers).astype(np.float32)
