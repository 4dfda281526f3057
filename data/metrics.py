"""Metrics of the task kinds, in NumPy. Every name carries its unit."""

import numpy as np

from data.task import IGNORED, Array, Part, TaskData

LN2 = float(np.log(2.0))


def task_metrics(data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
    """Score outputs by the task's kind.

    Args:
        data: The task.
        part: The part that was predicted.
        outputs: `(N, O)` values or class scores, or `(N, T, C)` scores per step.

    Returns:
        regression: `rmse_<unit>` and `mae_<unit>`; classification: `accuracy` and `balanced_accuracy`; labelling:
        `accuracy`; next_token: `bits_per_character`, `perplexity` and `accuracy`.
    """
    if data.kind == "regression":
        predicted, truth = data.in_unit(part, outputs), data.in_unit(part, part.targets)
        return regression_metrics(predicted, truth, data.unit, naive_errors=data.naive_errors)
    if data.kind == "next_token":
        return next_token_metrics(outputs, part.targets)
    scores = {"accuracy": accuracy(outputs, part.targets, part.scored)}
    if data.kind == "classification":
        scores["balanced_accuracy"] = balanced_accuracy(outputs, part.targets)
    return scores


def regression_metrics(
    predicted: Array, truth: Array, unit: str, *, naive_errors: Array | None = None
) -> dict[str, float]:
    """Return root mean square and mean absolute error in the data's unit, and where there is a scale for it, MASE.

    Args:
        predicted: `(N, ...)` in the unit.
        truth: The same shape.
        unit: Part of the metrics' names.
        naive_errors: `(O,)` mean absolute error of the naive forecast within the training part. `mase` is the mean absolute
            error in units of it: above 1, the naive forecast was better (Hyndman and Koehler 2006).
    """
    error = np.asarray(predicted, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    suffix = f"_{unit}" if unit else ""
    found = {
        f"rmse{suffix}": float(np.sqrt(np.mean(error**2))),
        f"mae{suffix}": float(np.mean(np.abs(error))),
    }
    if naive_errors is not None and (naive_errors > 0).all():
        found["mase"] = float(np.mean(np.abs(error.reshape(len(error), -1)) / naive_errors))
    return found


def scaled_error(data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
    """Return the mean absolute scaled error of a forecast (Hyndman and Koehler 2006), the mean over its targets.

    An error is divided by the mean step from one row to the next in the training part: 1 is as good as repeating the
    last value was there. Empty for a series that never changed, and for tasks that forecast no number.
    """
    if data.kind != "regression":
        return {}
    error = np.abs(data.in_unit(part, outputs) - data.in_unit(part, part.targets)).mean(axis=0)
    step = np.abs(np.diff(data.in_unit(data.train, data.train.targets), axis=0)).mean(axis=0)
    return {"mase": float(np.mean(error / step))} if len(data.train) > 1 and step.min() > 0 else {}


def accuracy(scores: Array, targets: Array, scored: Array | None = None) -> float:
    """Return the accuracy over counted targets."""
    counted = targets != IGNORED
    if scored is not None:
        counted &= scored
    return float(np.mean(scores.argmax(-1)[counted] == targets[counted]))


def balanced_accuracy(scores: Array, targets: Array) -> float:
    """Return the recall of each class that occurs, averaged over these classes.

    Always answering the most frequent class scores 1 / classes, however frequent it is.
    """
    right = scores.argmax(-1) == targets
    return float(np.mean([right[targets == index].mean() for index in np.unique(targets)]))


def next_token_metrics(scores: Array, targets: Array) -> dict[str, float]:
    """Return bits per character, perplexity and accuracy of next-token scores `(N, T, C)`."""
    counted = targets != IGNORED
    chosen = log_softmax(np.asarray(scores, dtype=np.float64)[counted])
    nats = -float(np.mean(np.take_along_axis(chosen, targets[counted][:, None], axis=-1)))
    return {
        "bits_per_character": nats / LN2,
        "perplexity": float(np.exp(nats)),
        "accuracy": accuracy(scores, targets),
    }


def log_softmax(scores: Array) -> Array:
    """Return log probabilities over the last axis."""
    shifted = scores - scores.max(-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result
