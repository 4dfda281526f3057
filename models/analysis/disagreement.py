"""Find where architectures disagree: the error of each test sample, for every architecture. NumPy and pandas only."""

import numpy as np
import pandas as pd

from data.metrics import LN2, log_softmax
from data.task import IGNORED, Array, Part, TaskData
from models.analysis.predictions import kept_part
from models.analysis.samples import target_text
from models.records.results import ExperimentResult, RunResult

ERROR_COLUMNS = ("sample", "target", "architecture", "error")


def sample_errors(data: TaskData, part: Part, outputs: Array) -> Array:
    """Return one error per sample, `(..., N)`.

    Args:
        data: The task.
        part: The samples.
        outputs: `(..., N, O)` or `(..., N, T, C)` of networks.

    Returns:
        Regression: absolute error in the data's unit, mean over outputs. Otherwise: cross-entropy of the right answer in
        bits, averaged over the steps that count; of several labels at a step the sum over labels.
    """
    if data.kind == "regression":
        difference = data.in_unit(part, outputs) - data.in_unit(part, part.targets)
        error: Array = np.abs(difference).mean(-1)
        return error
    if data.kind == "multi_label":
        counted = part.targets[..., 0] != IGNORED
        said = np.asarray(outputs, dtype=np.float64)
        bits = np.logaddexp(0.0, np.where(part.targets > 0, -said, said)).sum(axis=-1) / LN2
        per_step: Array = np.where(counted, bits, 0).sum(-1) / np.maximum(counted.sum(-1), 1)
        return per_step
    logarithms = log_softmax(np.asarray(outputs, dtype=np.float64))
    counted = part.targets != IGNORED
    right = np.broadcast_to(np.where(counted, part.targets, 0)[..., None], (*logarithms.shape[:-1], 1))
    bits = -np.take_along_axis(logarithms, right, axis=-1)[..., 0] / LN2
    if data.kind == "classification":
        return bits
    total: Array = np.where(counted, bits, 0).sum(-1) / np.maximum(counted.sum(-1), 1)
    return total


def error_name(data: TaskData) -> str:
    """Say what `sample_errors` measures, with its unit."""
    if data.kind != "regression":
        return "Surprise at the right answer (bits)"
    unit = data.unit.replace("_", " ")
    return f"Absolute error ({unit})" if unit else "Absolute error"


def error_frame(result: ExperimentResult, data: TaskData) -> pd.DataFrame:
    """Return each kept test sample's error, mean over the seeds that have one.

    Returns:
        Columns `ERROR_COLUMNS`, only samples that every architecture kept; `target` is the answer in words.
    """
    runs = [run for run in result.runs if len(run.sample_indices)]
    if not runs:
        return pd.DataFrame(columns=list(ERROR_COLUMNS))
    common = sorted(set.intersection(*({int(index) for index in run.sample_indices} for run in runs)))
    targets = [target_text(data, "test", sample) for sample in common]
    return pd.concat([_rows(run, data, common, targets) for run in runs], ignore_index=True)


def _rows(run: RunResult, data: TaskData, samples: list[int], targets: list[str]) -> pd.DataFrame:
    errors = sample_errors(data, kept_part(data, run.sample_indices), run.sample_outputs)  # (R, n)
    finite = np.isfinite(errors)
    mean = np.where(finite, errors, 0).sum(0) / np.maximum(finite.sum(0), 1)
    kept = dict(zip(run.sample_indices.tolist(), np.where(finite.any(0), mean, np.nan), strict=True))
    frame = pd.DataFrame({"sample": samples, "target": targets, "error": [float(kept[sample]) for sample in samples]})
    return frame.assign(architecture=run.spec.architecture)[list(ERROR_COLUMNS)]


def most_disputed(frame: pd.DataFrame, first: str, second: str) -> int | None:
    """Return the sample whose errors under two architectures differ most, or None."""
    wide = frame.pivot(index="sample", columns="architecture", values="error")
    if first not in wide or second not in wide:
        return None
    distance = (wide[first] - wide[second]).abs().dropna()
    return None if distance.empty else int(distance.index[int(distance.to_numpy().argmax())])
