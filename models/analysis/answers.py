"""The network's output if the sequence had ended at each step, to show when the answer forms. NumPy only."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from data.metrics import log_softmax
from data.task import IGNORED, Array, TaskData
from models.analysis.predictions import chosen_samples
from models.analysis.traces import Place
from models.cells.network import Trace

ANSWER_COLUMNS = ("output", "step", "value", "target", "told", "right")
OUTPUT = "probability of the right answer"  # name of the only output if answers are classes


def answer_frame(weights: Mapping[str, Array], trace: Trace, data: TaskData, place: Place) -> pd.DataFrame:
    """Return the answer after every step of one sample.

    Args:
        weights: Weights of the replica that was traced, for its head.
        trace: Its trace of the sample, from `models.analysis.traces.sample_trace`.
        data: The task.
        place: Which sample.

    Returns:
        Columns `ANSWER_COLUMNS`; steps count from 1. Regression: `value` and `target` in the data's unit, one `output`
        per target. Otherwise `value` is the probability of the right answer, `target` is 1 if the step counts and NaN if
        not, `told` names the most likely answer and the right one, and `right` says whether they agree.
    """
    steps = int(data.part(place.part).lengths[place.sample])
    outputs = trace.read[0, :steps] @ weights["head.weight"].T + weights["head.bias"]  # (T, O)
    if data.kind == "regression":
        return _values(outputs, data, place)
    if data.kind == "multi_label":
        return _labels(outputs, data, place)
    return _probabilities(outputs, data, place)


def _labels(outputs: Array, data: TaskData, place: Place) -> pd.DataFrame:
    """Return the probability of each step's whole set of labels."""
    targets = data.part(place.part).targets[place.sample, : len(outputs)]
    holds, said = targets > 0, outputs.astype(np.float64)
    nats = np.logaddexp(0.0, np.where(holds, -said, said)).sum(axis=-1)
    names = np.array(data.class_names, dtype=object)
    told = ["+".join(names[one > 0]) or "none" for one in said]
    right = ["+".join(names[one]) or "none" for one in holds]
    columns = {
        "output": OUTPUT,
        "step": np.arange(1, len(outputs) + 1),
        "value": np.exp(-nats),
        "target": 1.0,
        "told": [one if one == other else f"{one} (right: {other})" for one, other in zip(told, right, strict=True)],
        "right": [one == other for one, other in zip(told, right, strict=True)],
    }
    return pd.DataFrame(columns)[list(ANSWER_COLUMNS)]


def _values(outputs: Array, data: TaskData, place: Place) -> pd.DataFrame:
    sample = chosen_samples(data.part(place.part), np.array([place.sample]))
    answered = data.in_unit(sample, outputs[:, None, :])[:, 0]  # (T, O)
    truth = data.in_unit(sample, sample.targets)[0]
    steps, count = answered.shape
    names = data.target_names or tuple(f"output {index + 1}" for index in range(count))
    columns = {
        "output": np.repeat(np.array(names, dtype=object), steps),
        "step": np.tile(np.arange(1, steps + 1), count),
        "value": answered.T.reshape(-1),
        "target": np.repeat(truth, steps),
    }
    return pd.DataFrame(columns).assign(told="", right=False)[list(ANSWER_COLUMNS)]


def _probabilities(outputs: Array, data: TaskData, place: Place) -> pd.DataFrame:
    steps = len(outputs)
    target = data.part(place.part).targets[place.sample]
    targets = np.full(steps, target) if target.ndim == 0 else target[:steps]
    counted = targets != IGNORED
    likeliest = outputs.argmax(-1)
    right = np.where(counted, targets, likeliest)
    names = np.array(data.class_names, dtype=object)
    parts = [
        f"{names[a]} (right: {names[b]})" if c else f"{names[a]}"
        for a, b, c in zip(likeliest, right, counted, strict=True)
    ]
    columns = {
        "output": OUTPUT,
        "step": np.arange(1, steps + 1),
        "value": np.exp(log_softmax(outputs.astype(np.float64)))[np.arange(steps), right],
        "target": np.where(counted, 1.0, np.nan),
        "told": parts,
        "right": likeliest == targets,
    }
    return pd.DataFrame(columns)[list(ANSWER_COLUMNS)]
