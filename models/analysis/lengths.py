"""Length generalisation: scores of trained networks at lengths other than the trained one. NumPy, no torch."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data import fields
from data.errors import DataError
from data.synthetic.base import sequence_accuracy
from data.task import Array, TaskData
from models.analysis.comparison_columns import Column, metric_column
from models.analysis.trained_replica import affordable, seconds_per_sample, subject
from models.cells import get_cell
from models.cells.base import Weights
from models.spec.deciding_metric import metric_of
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

SCORE_LENGTHS = "models.analysis.lengths:score_lengths"
CHOSEN_LENGTHS = 12  # that a page asks for
LENGTH_COLUMNS = ("architecture", "title", "seed", "length", "measure", "value")
MAX_LENGTHS = 40
LONGEST = 1_000
MAX_SECONDS = 10.0
MAX_SEQUENCES = 200
SCORE, WHOLE = "score", "whole"


def score_lengths(run: Mapping[str, Any], weights: Weights, lengths: Sequence[int]) -> dict[str, Any]:
    """Score every replica at every length; runs in a worker.

    Args:
        run: The run as `RunSpec.to_dict` writes it.
        weights: Its kept weights, `(R, ...)`.
        lengths: Values of the dataset's `lag_option`, at most `MAX_LENGTHS` of them.

    Returns:
        `lengths`, without those at which the task does not exist, and `(lengths, R)` for each measure: `score` is the
        metric of `measures`; `whole`, if a sequence has many answers, is the share of sequences without a mistake.
    """
    spec = RunSpec.from_dict(run)
    chosen = [int(length) for length in lengths[:MAX_LENGTHS] if 1 <= int(length) <= LONGEST]
    each = MAX_SECONDS / max(1, len(chosen))
    found = {}
    for length in chosen:
        with contextlib.suppress(DataError):  # the task does not exist at this length
            found[length] = _scores(spec, weights, length, each)
    names = next(iter(found.values()))[0].keys() if found else ()
    scores = {name: [[one[name] for one in row] for row in found.values()] for name in names}
    return {"lengths": list(found), **scores}


def _scores(spec: RunSpec, weights: Weights, length: int, seconds: float) -> list[dict[str, float]]:
    experiment = spec.experiment
    data = experiment.source().at_lag(experiment.dataset_options(), length, experiment.seed)
    replicas = len(next(iter(weights.values())))
    each = seconds_per_sample(spec, data) * replicas
    samples = affordable(data, seconds=seconds, each=each, most=MAX_SEQUENCES)
    return [
        _score(spec, {name: value[index] for name, value in weights.items()}, data, samples)
        for index in range(replicas)
    ]


def _score(spec: RunSpec, weights: Weights, data: TaskData, samples: Array) -> dict[str, float]:
    looked = subject(spec, weights, data, samples)
    outputs = looked.outputs()
    scores = {SCORE: looked.score(outputs).get(score_name(spec.experiment), float("nan"))}
    if outputs.ndim == 3:
        scores[WHOLE] = sequence_accuracy(outputs, looked.part)
    return scores


def score_name(spec: ExperimentSpec) -> str:
    """Return the metric to plot against length: the deciding one, or the accuracy of next symbols."""
    if spec.source().kind == "next_token":
        return "accuracy"
    return metric_of(spec)


def measures(spec: ExperimentSpec) -> dict[str, Column]:
    """Return the measures that can be plotted against length, the most informative first."""
    source = spec.source()
    next_token = source.kind == "next_token"
    higher = True if next_token else source.higher_is_better(spec.dataset_options())
    score = metric_column(score_name(spec), higher_is_better=higher)
    whole = Column(
        title="Sequences without a mistake", better="high", help="Share of sequences whose every answer is right."
    )
    if next_token:
        return {WHOLE: whole, SCORE: score}
    return {SCORE: score, WHOLE: whole} if source.kind == "labelling" else {SCORE: score}


def length_frame(spec: ExperimentSpec, found: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return scores in long format.

    Args:
        spec: The experiment.
        found: Architecture to what `score_lengths` returned.

    Returns:
        Columns `LENGTH_COLUMNS`; `measure` is a key of `measures`.
    """
    rows = [
        (name, get_cell(name).title, spec.seed_values()[place], length, measure, value)
        for name, scores in found.items()
        for measure in (SCORE, WHOLE)
        for length, values in zip(scores["lengths"], scores.get(measure, ()), strict=False)
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=list(LENGTH_COLUMNS))


def lengths_to_test(spec: ExperimentSpec, longest: int) -> tuple[int, ...]:
    """Return lengths in geometric steps, from a quarter of the trained one to the longest, including the trained one."""
    trained, source = trained_length(spec), spec.source()
    shortest = int(fields.infos(source.Options)[source.lag_option or ""].low)
    first = min(trained, max(shortest, trained // 4))
    spread = np.geomspace(first, max(longest, trained), CHOSEN_LENGTHS).round().astype(int)
    return tuple(int(length) for length in sorted({*spread.tolist(), trained}))


def trained_length(spec: ExperimentSpec) -> int:
    """Return the length at which an experiment was trained."""
    return int(dict(spec.options)[spec.source().lag_option or ""])
