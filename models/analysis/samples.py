"""Frames of a task's samples: inputs step by step, targets in words, sizes of the parts. NumPy and pandas only."""

import numpy as np
import pandas as pd

from data.task import IGNORED, Array, Part, PartName, TaskData

SAMPLE_COLUMNS = ("sample", "step", "feature", "value", "symbol")
PART_NAMES: tuple[PartName, ...] = ("train", "validation", "test")
PART_TITLES = {"train": "Training", "validation": "Validation", "test": "Test"}


def sample_frame(data: TaskData, part: PartName, samples: tuple[int, ...], *, restored: bool = False) -> pd.DataFrame:
    """Return the inputs of some samples in long format, without padding.

    Args:
        data: The task.
        part: The part that the samples belong to.
        samples: Their indices.
        restored: Whether to return values in the inputs' unit, if they share one, instead of scaled.

    Returns:
        Columns `SAMPLE_COLUMNS`; steps count from 1. Numeric inputs have a row per feature and an empty symbol; tokens
        have one row per step with the token's number as value and its name as symbol.
    """
    parts = [_inputs(data, data.part(part), sample, restored=restored) for sample in samples]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(SAMPLE_COLUMNS))


def _inputs(data: TaskData, part: Part, sample: int, *, restored: bool) -> pd.DataFrame:
    steps = int(part.lengths[sample])
    inputs = part.inputs[sample, :steps]
    if restored and data.input_scaler is not None:
        inputs = data.input_scaler.inverse(inputs)
    if inputs.ndim == 1:
        names = np.array([data.vocabulary[token] for token in inputs], dtype=object)
        columns = {"step": np.arange(1, steps + 1), "feature": "token", "value": inputs, "symbol": names}
    else:
        features = inputs.shape[1]
        columns = {
            "step": np.repeat(np.arange(1, steps + 1), features),
            "feature": np.tile(np.array(_feature_names(data), dtype=object), steps),
            "value": inputs.reshape(-1),
            "symbol": "",
        }
    return pd.DataFrame({"sample": sample, **columns})[list(SAMPLE_COLUMNS)]


def _feature_names(data: TaskData) -> tuple[str, ...]:
    return data.feature_names or tuple(f"feature {index + 1}" for index in range(data.input_size))


def target_text(data: TaskData, part: PartName, sample: int) -> str:
    """Return a sample's answer as text: `7`, `0.93 value`, or the labels of its steps."""
    chosen = data.part(part)
    if data.kind == "classification":
        return data.class_names[int(chosen.targets[sample])]
    if data.kind == "regression":
        return ", ".join(f"{value:.4g}" for value in in_unit(data, chosen, chosen.targets, [sample])[0]) + (
            f" {data.unit.replace('_', ' ')}" if data.unit else ""
        )
    answers = chosen.targets[sample, : int(chosen.lengths[sample])]
    if data.kind == "multi_label":
        return " ".join("+".join(names) or "·" for names in (_holding(data, one) for one in answers))
    return step_labels(data, answers)


def _holding(data: TaskData, labels: Array) -> list[str]:
    return [data.class_names[index] for index in np.flatnonzero(labels > 0)]


def target_points(data: TaskData, part: PartName, samples: tuple[int, ...]) -> pd.DataFrame:
    """Return where a forecast's answers lie on the lines of restored inputs, columns `SAMPLE_COLUMNS`.

    Empty if answers are not later values of an input: without a common unit, or if changes are predicted.
    """
    chosen = data.part(part)
    rows = []
    if data.kind == "regression" and data.input_scaler is not None and chosen.base is None:
        for sample in samples:
            steps = int(chosen.lengths[sample])
            answers = in_unit(data, chosen, chosen.targets, [sample])[0]
            for name, value in zip(data.target_names, answers, strict=True):
                feature, ahead = _ahead(name)
                if feature in data.feature_names:
                    rows.append((sample, steps + ahead, feature, float(value), ""))
    return pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS))


def _ahead(name: str) -> tuple[str, int]:
    """Split a target's name: "wind, 3 ahead" is three steps ahead; a name alone is one step ahead."""
    feature, _, told = name.rpartition(", ")
    return (feature, int(told.split()[0])) if feature and told.endswith(" ahead") else (name, 1)


def step_labels(data: TaskData, targets: Array) -> str:
    """Return the labels of steps as one text; a dot where no answer counts."""
    names = [data.class_names[target] if target != IGNORED else "·" for target in targets]
    return ("" if all(len(name) == 1 for name in names) else " ").join(names)


def in_unit(data: TaskData, part: Part, values: Array, samples: Array | list[int]) -> Array:
    """Return regression values `(..., N, O)` of chosen samples `(..., n, O)` in the data's unit.

    Args:
        data: The task.
        part: The part that the values belong to.
        values: Standardised values of all samples of the part.
        samples: Indices of the chosen ones.
    """
    return data.in_unit(part, values)[..., samples, :]


def part_frame(data: TaskData) -> pd.DataFrame:
    """Return one row per part: `part`, `sequences`, `shortest`, `longest` (steps)."""
    rows = []
    for name in PART_NAMES:
        part = data.part(name)
        lengths = part.lengths if len(part) else np.zeros(1, dtype=np.int64)
        rows.append(
            {
                "part": PART_TITLES[name],
                "sequences": len(part),
                "shortest": int(lengths.min()),
                "longest": int(lengths.max()),
            }
        )
    return pd.DataFrame(rows)
