"""Which inputs matter to trained networks: the damage to the test score when a column or a lag carries no information.

Shuffled: each sample gets the values of another sample, always in the same order. Held: the mean of all samples at that step. Axes: N
samples, T steps, F columns, R repeats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from data.task import Array, Part, TaskData
from models.analysis.gate_jobs import Content, opened, replica, samples_for
from models.analysis.statistics import holm, sign_flip_p
from models.analysis.trained_replica import TrainedReplica, subject
from models.cells.base import Weights

IMPORTANCE = "models.analysis.input_importance:importance"
IMPORTANCE_COLUMNS = ("architecture", "kind", "input", "how", "seed", "before", "after", "damage")
SUMMARY_COLUMNS = ("architecture", "kind", "input", "how", "damage", "lowest", "highest", "p")
SHUFFLED, HELD = "shuffled", "held at its mean"
MAX_LAGS = 24
MAX_COLUMNS = 40
SECONDS = 6.0
TOGETHER = 0.9  # correlation from which two columns are said to move together
SEED = 20160601


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What is taken away from the inputs.

    Attributes:
        kind: `column` or `lag`.
        place: Index of the column, or the lag: 0 is the last step.
        how: `SHUFFLED` or `HELD`.
    """

    kind: str
    place: int
    how: str


def removals(data: TaskData) -> tuple[Removed, ...]:
    """Return everything that is taken away in turn; tokens have no mean, and one column is no choice of columns."""
    numeric = data.test.inputs.ndim == 3
    ways = (SHUFFLED, HELD) if numeric else (SHUFFLED,)
    columns = min(data.test.inputs.shape[2], MAX_COLUMNS) if numeric else 0
    lags = min(int(data.test.lengths.max()), MAX_LAGS)
    places = [("column", place) for place in range(columns)] + [("lag", place) for place in range(lags)]
    return tuple(Removed(kind=kind, place=place, how=how) for how in ways for kind, place in places)


def importance(run: Mapping[str, Any], content: Content, weights: Weights) -> tuple[int, list[list[dict[str, float]]]]:
    """Score every repeat without each column and each lag. Runs in a worker.

    Returns:
        The number of test samples; per repeat, the scores of the untouched inputs and of each of `removals`.
    """
    spec, data, seeds = opened(run, content, weights)
    asked = removals(data[0])
    samples = samples_for(spec, data, seconds=SECONDS / (seeds * (len(asked) + 1)))
    found = []
    for index in range(seeds):
        network = subject(spec, replica(weights, index), data[index], samples)
        found.append([network.score(network.outputs()), *(_score_without(network, one) for one in asked)])
    return len(samples), found


def _score_without(network: TrainedReplica, removed: Removed) -> dict[str, float]:
    part = without(network.part, removed)
    changed = replace(network, part=part)
    return network.score(changed.outputs())


def without(part: Part, removed: Removed) -> Part:
    """Return samples without the information of a column or a lag; targets stay as they are."""
    inputs = part.inputs.copy()
    rows = np.arange(len(inputs))
    other = _another_sample(len(inputs))
    if removed.kind == "column":
        old = inputs[:, :, removed.place]
        new = old[other] if removed.how == SHUFFLED else np.broadcast_to(old.mean(0), old.shape)
        inputs[:, :, removed.place] = new
        return replace(part, inputs=inputs)
    steps = part.lengths - 1 - removed.place
    there = steps >= 0
    old = inputs[rows, np.maximum(steps, 0)]
    new = old[other] if removed.how == SHUFFLED else np.broadcast_to(old[there].mean(0), old.shape)
    inputs[rows[there], steps[there]] = new[there]
    return replace(part, inputs=inputs)


def _another_sample(count: int) -> Array:
    """Return a fixed random order in which no sample stays in its place."""
    order = np.random.default_rng(SEED).permutation(count)
    found = np.empty(count, dtype=np.int64)
    found[order] = np.roll(order, 1)
    return found


def input_name(data: TaskData, removed: Removed) -> str:
    """Return the name of a column, or how far back a lag is."""
    if removed.kind == "lag":
        return "last step" if removed.place == 0 else f"{removed.place} before"
    names = data.feature_names
    return names[removed.place] if removed.place < len(names) else f"feature {removed.place + 1}"


def importance_frame(
    architecture: str,
    data: TaskData,
    seeds: Sequence[int],
    found: Sequence[Sequence[Mapping[str, float]]],
    metric: str,
    *,
    higher_is_better: bool,
) -> pd.DataFrame:
    """Return the damage of every repeat; columns `IMPORTANCE_COLUMNS`. Above zero the score became worse."""
    asked, rows = removals(data), []
    for seed, (before, *scores) in zip(seeds, found, strict=False):
        for removed, after in zip(asked, scores, strict=True):
            change = after[metric] - before[metric]
            damage = -change if higher_is_better else change
            told = (architecture, removed.kind, input_name(data, removed), removed.how, seed)
            rows.append((*told, before[metric], after[metric], damage))
    return pd.DataFrame(rows, columns=list(IMPORTANCE_COLUMNS))


def summary_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return mean, lowest and highest damage over repeats, with the verdict's paired test; columns `SUMMARY_COLUMNS`.

    `p` is that of the sign-flip test that the damage is not zero, corrected by Holm's procedure within an architecture and a way of
    removing. With one repeat it is NaN.
    """
    rows = []
    for (architecture, how), group in frame.groupby(["architecture", "how"], sort=False):
        parts = [(key, part["damage"].to_numpy()) for key, part in group.groupby(["kind", "input"], sort=False)]
        tested = [
            float(sign_flip_p(damage)) if len(damage) > 1 and np.isfinite(damage).all() else 1.0 for _, damage in parts
        ]
        for ((kind, name), damage), p in zip(parts, holm(tested), strict=True):
            shown = p if len(damage) > 1 else float("nan")
            rows.append((architecture, kind, name, how, damage.mean(), damage.min(), damage.max(), shown))
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


def difference_p(frame: pd.DataFrame, first: str, second: str, *, how: str) -> dict[tuple[str, str], float]:
    """Test whether two architectures lose differently: kind and input to Holm-corrected p over their shared repeats."""
    chosen = frame[frame["how"] == how].pivot_table(
        index=["kind", "input"], columns=["architecture", "seed"], values="damage", sort=False
    )
    shared = [seed for seed in chosen[first].columns if seed in set(chosen[second].columns)]
    if len(shared) < 2:
        return {}
    gaps = chosen[first][shared].to_numpy() - chosen[second][shared].to_numpy()
    finite = np.isfinite(gaps).all(axis=1)
    keys = [key for key, good in zip(chosen.index, finite, strict=True) if good]
    return dict(zip(keys, holm([float(p) for p in sign_flip_p(gaps[finite])]), strict=True)) if keys else {}


def moving_together(data: TaskData) -> list[tuple[str, str, float]]:
    """Return pairs of columns whose values correlate by 0.9 or more: shuffling one leaves its information in the other."""
    inputs = data.test.inputs
    if inputs.ndim != 3 or inputs.shape[2] < 2:
        return []
    valid = np.arange(inputs.shape[1]) < data.test.lengths[:, None]
    values = inputs[valid][:, :MAX_COLUMNS].astype(np.float64)
    varied = np.flatnonzero(values.std(0) > 0)
    if len(varied) < 2:
        return []
    table = np.atleast_2d(np.corrcoef(values[:, varied].T))
    names = [input_name(data, Removed(kind="column", place=int(place), how=SHUFFLED)) for place in varied]
    return [
        (names[i], names[j], float(table[i, j]))
        for i in range(len(varied))
        for j in range(i + 1, len(varied))
        if abs(table[i, j]) >= TOGETHER
    ]
