"""Frames of trained networks' answers to the kept test samples. NumPy and pandas only."""

import dataclasses

import numpy as np
import pandas as pd

from data.quantiles import QUANTILES
from data.task import IGNORED, Array, Part, TaskData
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult

TRUTH = "truth"
FORECAST_COLUMNS = ("sample", "position", "target", "architecture", "title", "seed", "value")
QUANTILE_COLUMNS = tuple(f"quantile_{level * 100:.0f}" for level in (QUANTILES[0], QUANTILES[-1]))
CONFUSION_COLUMNS = ("architecture", "title", "truth", "predicted", "count")
ROLL_COLUMNS = ("architecture", "title", "step", "label", "probability", "holds")
LABEL_COLUMNS = ("architecture", "title", "seed", "step", "symbol", "label", "counted", "correct")


def kept_part(data: TaskData, indices: Array) -> Part:
    """Return the part that holds only the kept test samples."""
    return chosen_samples(data.test, indices)


def chosen_samples(part: Part, indices: Array) -> Part:
    """Return a part that holds only some samples of another."""
    return part.at(indices)


def forecast_frame(result: ExperimentResult, data: TaskData) -> pd.DataFrame:
    """Return truth and each seed's prediction of a regression, in the data's unit.

    Returns:
        Columns `FORECAST_COLUMNS`; the architecture of the truth is `truth` and its seed -1. `position` is the
        target's position on the time axis, or the sample's index without one. Where quantiles are predicted, `value` is
        the median, and `QUANTILE_COLUMNS` follow, NaN for the truth.
    """
    frames: list[pd.DataFrame] = []
    for run in result.runs:
        part = kept_part(data, run.sample_indices)
        if not frames:
            truth = data.in_unit(part, part.targets)[None]
            frames.append(_regression_rows(data, part, run.sample_indices, truth, _Source(TRUTH, "Truth", (-1,))))
        values = data.in_unit(part, run.sample_outputs)
        rows = _regression_rows(data, part, run.sample_indices, values, _source(run))
        if data.quantiles:
            said = data.quantiles_in_unit(part, run.sample_outputs)
            rows = rows.assign(**dict(zip(QUANTILE_COLUMNS, (said[0].reshape(-1), said[-1].reshape(-1)), strict=True)))
        frames.append(rows)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(FORECAST_COLUMNS))


@dataclasses.dataclass(frozen=True, slots=True)
class _Source:
    architecture: str
    title: str
    seeds: tuple[int, ...]


def _source(run: RunResult) -> _Source:
    name = run.spec.architecture
    return _Source(name, get_cell(name).title, tuple(seed.seed for seed in run.seeds))


def _regression_rows(data: TaskData, part: Part, indices: Array, values: Array, source: _Source) -> pd.DataFrame:
    """Return `(R, n, O)` values in long format."""
    replicas, samples, outputs = values.shape
    places = np.asarray(indices if part.positions is None else part.positions).reshape(samples, -1)  # (n, K)
    positions = np.repeat(places, outputs // places.shape[1], axis=1).reshape(-1)
    names = data.target_names or tuple(f"output {index + 1}" for index in range(outputs))
    frame = pd.DataFrame(
        {
            "sample": np.tile(np.repeat(indices, outputs), replicas),
            "position": np.tile(positions, replicas),
            "target": np.tile(np.array(names, dtype=object), replicas * samples),
            "seed": np.repeat(np.array(source.seeds), samples * outputs),
            "value": values.reshape(-1),
        }
    )
    return frame.assign(architecture=source.architecture, title=source.title)[list(FORECAST_COLUMNS)]


def confusion_frame(result: ExperimentResult, data: TaskData) -> pd.DataFrame:
    """Return how often each class was predicted as each other one, over the kept test samples and all repeats.

    Returns:
        Columns `CONFUSION_COLUMNS`, every pair of classes of every architecture.
    """
    frames = [_confusion_rows(run, data) for run in result.runs]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(CONFUSION_COLUMNS))


def class_scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Return precision, recall and F1 of each class for each architecture.

    Args:
        frame: A frame of `confusion_frame`.

    Returns:
        Columns `class`, `title`, `samples`, `precision`, `recall`, `f1`; NaN where a class was never predicted or never occurs.
    """
    rows = []
    for title, own in frame.groupby("title", sort=False):
        wide = own.pivot(index="truth", columns="predicted", values="count")
        for name in own["truth"].unique():
            right, said, there = wide.loc[name, name], wide[name].sum(), wide.loc[name].sum()
            precision, recall = (right / count if count else np.nan for count in (said, there))
            f1 = 2 * right / (said + there) if said + there else np.nan
            rows.append((name, title, int(there), precision, recall, f1))
    return pd.DataFrame(rows, columns=["class", "title", "samples", "precision", "recall", "f1"])


def _confusion_rows(run: RunResult, data: TaskData) -> pd.DataFrame:
    part = kept_part(data, run.sample_indices)
    predicted = run.sample_outputs.argmax(-1)  # (R, n) or (R, n, T)
    truth = np.broadcast_to(part.targets, predicted.shape)
    counted = truth != IGNORED
    if part.scored is not None:
        counted &= part.scored
    classes = len(data.class_names)
    counts = np.bincount(truth[counted] * classes + predicted[counted], minlength=classes**2)
    names = np.array(data.class_names, dtype=object)
    return pd.DataFrame(
        {
            "architecture": run.spec.architecture,
            "title": get_cell(run.spec.architecture).title,
            "truth": np.repeat(names, classes),
            "predicted": np.tile(names, classes),
            "count": counts,
        }
    )


def label_frame(result: ExperimentResult, data: TaskData, *, kept: int, replica: int) -> pd.DataFrame:
    """Return the labels of one kept sample step by step: the truth, then each architecture's answer.

    Args:
        result: The comparison, of a labelling or next-token task.
        data: Its data.
        kept: Index of the kept sample.
        replica: Index of the seed.

    Returns:
        Columns `LABEL_COLUMNS`; steps count from 1; `counted` says whether the step is scored. Rows of the truth are
        `correct` if they are counted.
    """
    frames: list[pd.DataFrame] = []
    for run in result.runs:
        part = kept_part(data, run.sample_indices)
        steps = int(part.lengths[kept])
        truth = part.targets[kept, :steps]
        counted = truth != IGNORED
        if part.scored is not None:
            counted = counted & part.scored[kept, :steps]
        base = {"step": np.arange(1, steps + 1), "symbol": _symbols(data, part, kept, steps), "counted": counted}
        if not frames:
            rows = {"architecture": TRUTH, "title": "Truth", "seed": -1, "label": _names(data, truth), **base}
            frames.append(pd.DataFrame({**rows, "correct": counted}))
        answer = run.sample_outputs[replica, kept, :steps].argmax(-1)
        source = _source(run)
        rows = {"architecture": source.architecture, "title": source.title, "seed": source.seeds[replica], **base}
        frames.append(pd.DataFrame({**rows, "label": _names(data, answer), "correct": answer == truth}))
    if not frames:
        return pd.DataFrame(columns=list(LABEL_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(LABEL_COLUMNS)]


def roll_frame(result: ExperimentResult, data: TaskData, *, kept: int) -> pd.DataFrame:
    """Return how probable each label of each step was in one kept sample: mean over repeats, of labels that occur in it.

    Args:
        result: The comparison, of a task with several labels at a step.
        data: Its data.
        kept: Index of the kept sample.

    Returns:
        Columns `ROLL_COLUMNS`; the truth comes first, with probabilities 0 and 1.
    """
    frames: list[pd.DataFrame] = []
    for run in result.runs:
        part = kept_part(data, run.sample_indices)
        steps = int(part.lengths[kept])
        holds = part.targets[kept, :steps] > 0  # (T, O)
        said = (0.5 + 0.5 * np.tanh(run.sample_outputs[:, kept, :steps] / 2)).mean(axis=0)
        shown = _range(holds)
        if not frames:
            frames.append(_roll(data, holds[:, shown], holds[:, shown].astype(float), (TRUTH, "Truth"), shown))
        named = (run.spec.architecture, get_cell(run.spec.architecture).title)
        frames.append(_roll(data, holds[:, shown], said[:, shown], named, shown))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(ROLL_COLUMNS))


def _range(holds: Array) -> slice:
    """Return the labels from the lowest to the highest that occurs, with two more on both sides."""
    present = np.flatnonzero(holds.any(axis=0))
    if not len(present):
        return slice(0, holds.shape[1])
    return slice(max(0, int(present[0]) - 2), int(present[-1]) + 3)


def _roll(data: TaskData, holds: Array, said: Array, named: tuple[str, str], shown: slice) -> pd.DataFrame:
    steps, labels = holds.shape
    columns = {
        "architecture": named[0],
        "title": named[1],
        "step": np.repeat(np.arange(1, steps + 1), labels),
        "label": np.tile(np.array(data.class_names[shown], dtype=object), steps),
        "probability": said.reshape(-1),
        "holds": holds.reshape(-1),
    }
    return pd.DataFrame(columns)[list(ROLL_COLUMNS)]


def _names(data: TaskData, labels: Array) -> Array:
    return np.array([data.class_names[label] if label != IGNORED else "" for label in labels], dtype=object)


def _symbols(data: TaskData, part: Part, kept: int, steps: int) -> Array:
    inputs = part.inputs[kept, :steps]
    if inputs.ndim == 1:
        return np.array([data.vocabulary[token] for token in inputs], dtype=object)
    return np.array([f"{value:.3g}" for value in inputs[:, 0]], dtype=object)
