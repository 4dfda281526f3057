"""Metrics of the task kinds, in NumPy. Every name carries its unit."""

from collections.abc import Iterable, Iterator

import numpy as np

from data.quantiles import BAND, QUANTILES, inside, pinball, quantile_metric
from data.task import IGNORED, Array, Part, TaskData

MAX_F1 = 20  # classes whose F1 is listed
LN2 = float(np.log(2.0))
_ROWS = 1_000  # samples kept in double precision at a time


def task_metrics(data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
    """Score outputs by the task's kind.

    Args:
        data: The task.
        part: The part that was predicted.
        outputs: `(N, O)` values or class scores, or `(N, T, C)` scores per step.

    Returns:
        regression: `rmse_<unit>` and `mae_<unit>`, and of quantiles `quantile_scores`, too; classification: `accuracy` and `balanced_accuracy`; labelling:
        `accuracy`; next_token: `bits_per_character`, `perplexity` and `accuracy`; multi_label: `nats_per_step` and
        `note_accuracy`.
    """
    if data.are_quantiles(outputs):
        return quantile_metrics(data, part, data.quantiles_in_unit(part, outputs))
    if data.kind == "regression" and data.histories:
        return series_metrics(data, part, data.in_unit(part, outputs), data.in_unit(part, part.targets))
    if data.kind == "regression":
        return _regression_metrics(_errors(data, part, outputs), data.unit, data.naive_errors)
    if data.kind == "next_token":
        return next_token_metrics(outputs, part.targets)
    if data.kind == "multi_label":
        return multi_label_metrics(outputs, part.targets)
    scores = {"accuracy": accuracy(outputs, part.targets, part.scored)}
    if data.kind == "classification":
        scores["balanced_accuracy"] = balanced_accuracy(outputs, part.targets)
    return scores


def regression_metrics(
    predicted: Array, truth: Array, unit: str, *, naive_errors: Array | None = None
) -> dict[str, float]:
    """Return root mean square and mean absolute error in the data's unit, and MASE if there is a scale for it.

    Args:
        predicted: `(N, ...)` in the unit.
        truth: The same shape.
        unit: Part of the metrics' names.
        naive_errors: `(O,)` mean absolute error of the naive forecast within the training part. `mase` is the mean absolute
            error in units of it: above 1, the naive forecast was better (Hyndman and Koehler 2006).
    """
    pieces = [slice(start, start + _ROWS) for start in range(0, len(predicted), _ROWS)]
    errors = (np.subtract(predicted[rows], truth[rows], dtype=np.float64) for rows in pieces)
    return _regression_metrics(errors, unit, naive_errors)


def _regression_metrics(errors: Iterable[Array], unit: str, naive_errors: Array | None) -> dict[str, float]:
    """Return the metrics of `regression_metrics` from errors `(rows, ...)` given in pieces."""
    squared, absolute, count = 0.0, 0.0, 0
    for error in errors:
        flat = error.reshape(len(error), -1)
        squared, count = squared + float(np.sum(flat**2)), count + len(flat)
        absolute = absolute + np.abs(flat).sum(axis=0)
    mean = np.asarray(absolute) / count
    suffix = f"_{unit}" if unit else ""
    found = {f"rmse{suffix}": float(np.sqrt(squared / (count * mean.size))), f"mae{suffix}": float(mean.mean())}
    if naive_errors is not None and (naive_errors > 0).all():
        found["mase"] = float(np.mean(mean / naive_errors))
    return found


def quantile_metrics(data: TaskData, part: Part, said: Array) -> dict[str, float]:
    """Return the metrics of a regression, of the medians, and those of the quantiles; means over series where there are several.

    Args:
        data: The task.
        part: The part that was predicted.
        said: `(Q, N, O)` quantiles in the unit.

    Returns:
        Besides those of `task_metrics`: `pinball_<unit>`, the mean over levels of the pinball loss; `pinball_10_<unit>` and so on
        for each level; `scaled_pinball`, in units of the naive error; `coverage_80`, the share of values between the outer levels.
    """
    truth, median = data.in_unit(part, part.targets), said[len(said) // 2]
    if data.histories:
        scores = series_scores(data, part, median, truth, said=said).values()
        return {name: float(np.mean([one[name] for one in scores])) for name in next(iter(scores))}
    point = regression_metrics(median, truth, data.unit, naive_errors=data.naive_errors)
    return point | quantile_scores(truth, said, data.unit, data.naive_errors)


def quantile_scores(truth: Array, said: Array, unit: str, naive_errors: Array | None) -> dict[str, float]:
    """Return pinball losses and the coverage of `(Q, N, O)` quantiles; names as in `quantile_metrics`."""
    losses = np.stack([pinball(truth[:, [one]], said[:, :, [one]]).mean(axis=(1, 2)) for one in range(truth.shape[1])])
    suffix = f"_{unit}" if unit else ""
    found = {f"pinball{suffix}": float(losses.mean())}
    for level, loss in zip(QUANTILES, losses.mean(axis=0), strict=True):
        found[f"pinball_{level * 100:.0f}{suffix}"] = float(loss)
    if naive_errors is not None and (naive_errors > 0).all():
        found["scaled_pinball"] = float(np.mean(losses.mean(axis=1) / naive_errors))
    return found | {f"coverage_{BAND}": float(inside(truth, said).mean())}


def deciding_metric(data: TaskData, metric: str) -> str:
    """Return the metric that decides on a task's data: a dataset's own, or that of quantiles in its place."""
    return quantile_metric(metric) if data.quantiles else metric


def series_metrics(data: TaskData, part: Part, predicted: Array, truth: Array) -> dict[str, float]:
    """Return the means over series of `series_scores`: every series counts once, however long it is.

    Args:
        data: A task of several series.
        part: The part that was predicted.
        predicted: `(N, O)` in the unit.
        truth: The same shape.
    """
    each = list(series_scores(data, part, predicted, truth).values())
    return {name: float(np.mean([one[name] for one in each])) for name in each[0]}


def series_scores(
    data: TaskData, part: Part, predicted: Array, truth: Array, *, said: Array | None = None
) -> dict[str, dict[str, float]]:
    """Return the name of each series in a part to its `rmse_<unit>`, `mae_<unit>` and `mase`; see `series_metrics`.

    Args:
        data: A task of several series.
        part: The part that was predicted.
        predicted: `(N, O)` in the unit.
        truth: The same shape.
        said: `(Q, N, O)` quantiles in the unit, whose `quantile_scores` are added; None for none.
    """
    if part.series is None:
        return {}
    errors = np.subtract(predicted, truth, dtype=np.float64).reshape(len(part), -1)
    numbers, places = np.unique(part.series, return_inverse=True)
    squared, absolute = (np.zeros((len(numbers), errors.shape[1])) for _ in range(2))
    np.add.at(squared, places, errors**2)
    np.add.at(absolute, places, np.abs(errors))
    counts = np.bincount(places)[:, None]
    scales = np.stack([data.histories[number].naive_errors for number in numbers])
    suffix = f"_{data.unit}" if data.unit else ""
    columns = {
        f"rmse{suffix}": np.sqrt((squared / counts).mean(axis=1)),
        f"mae{suffix}": (absolute / counts).mean(axis=1),
        "mase": (absolute / counts / np.where(scales > 0, scales, np.nan)).mean(axis=1),
    }
    names = [data.histories[number].name for number in numbers]
    found = {name: {title: float(values[row]) for title, values in columns.items()} for row, name in enumerate(names)}
    if said is None:
        return found
    for row, name in enumerate(names):
        own, scale = places == row, np.where(scales[row] > 0, scales[row], np.nan)
        found[name] |= {"scaled_pinball": np.nan} | quantile_scores(truth[own], said[:, own], data.unit, scale)
    return found


def scores_by_series(data: TaskData, part: Part, outputs: Array, metric: str) -> dict[str, float]:
    """Return the name of each series in a part to one metric of it; empty where there is one series.

    Args:
        data: The task.
        part: The part that was predicted.
        outputs: `(N, O)` values or class scores.
        metric: One of those that `task_metrics` returns; of quantiles the one in its place (`deciding_metric`) is returned.
    """
    if part.series is None or not data.histories:
        return {}
    if data.kind == "regression":
        said = data.quantiles_in_unit(part, outputs) if data.are_quantiles(outputs) else None
        found = series_scores(data, part, data.in_unit(part, outputs), data.in_unit(part, part.targets), said=said)
        metric = deciding_metric(data, metric)
        return {name: scores[metric] for name, scores in found.items()}
    places = {int(number): np.flatnonzero(part.series == number) for number in np.unique(part.series)}
    return {
        data.histories[number].name: task_metrics(data, part.at(rows), outputs[rows])[metric]
        for number, rows in places.items()
    }


def _errors(data: TaskData, part: Part, outputs: Array) -> Iterator[Array]:
    """Yield errors in the unit in double precision, `_ROWS` samples at a time."""
    for start in range(0, len(part), _ROWS):
        rows = slice(start, start + _ROWS)
        yield _in_unit(data, part, outputs, rows) - _in_unit(data, part, part.targets, rows)


def _in_unit(data: TaskData, part: Part, values: Array, rows: slice) -> Array:
    """Return the result of `TaskData.in_unit` for some samples."""
    return np.asarray(data.in_unit(part.at(rows), values[rows]), dtype=np.float64)


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


def f1_of_classes(data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
    """Return `f1_<class>` of each class: the harmonic mean of precision and recall, 0 for a class that is never right."""
    said = outputs.argmax(-1)
    found = {}
    for index, name in enumerate(data.class_names[:MAX_F1]):
        right = int(np.sum((said == index) & (part.targets == index)))
        found[f"f1_{name}"] = 2 * right / max(1, int(np.sum(said == index) + np.sum(part.targets == index)))
    return found


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


def multi_label_metrics(outputs: Array, targets: Array) -> dict[str, float]:
    """Return the negative log-likelihood of a step in nats, summed over its labels, and the share of labels that are right.

    Args:
        outputs: `(N, T, O)` log odds that a label holds.
        targets: `(N, T, O)` 0 and 1; `IGNORED` where no answer counts.

    Returns:
        `nats_per_step`; and `note_accuracy`, true positives among all labels that hold or were said to at odds of 1
        (Bay, Ehmann and Downie 2009).
    """
    counted = targets[..., 0] != IGNORED
    said, holds = np.asarray(outputs[counted], dtype=np.float64), targets[counted] > 0
    nats = np.logaddexp(0.0, np.where(holds, -said, said)).sum(axis=-1)
    positive = said > 0
    return {
        "nats_per_step": float(nats.mean()),
        "note_accuracy": float((positive & holds).sum() / max(1, (positive | holds).sum())),
    }


def log_softmax(scores: Array) -> Array:
    """Return log probabilities over the last axis."""
    shifted = scores - scores.max(-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result
