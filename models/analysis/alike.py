"""Find alike: other samples and places where the same units are on (after LSTMVis, Strobelt et al. 2018). NumPy, no torch.

The units above a threshold during the whole chosen span are the pattern. Other places are spans of the same length, ranked by how
many of these units are on throughout, then by how few others are. Axes: N samples, T steps, H units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.task import Array, TaskData
from models.analysis.gate_jobs import Content, opened, replica, samples_for
from models.analysis.gate_statistics import shown
from models.analysis.trained_replica import subject
from models.cells.base import Weights

ALIKE = "models.analysis.alike:alike"
ALIKE_COLUMNS = ("sample", "first", "last", "shared", "others", "match", "where", "inputs")
SECONDS = 3.0
MAX_PLACES = 25
MAX_STEPS_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What is looked for.

    Attributes:
        sample: Index of the test sample.
        first: First step of the span, from 0.
        last: Last step, included.
        quantity: Gate or state, in the shown convention.
        layer: Layer or direction.
        threshold: A unit is on where its value is above.
    """

    sample: int
    first: int
    last: int
    quantity: str
    layer: int
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alike:
    """What was found.

    Attributes:
        units: Units that are on during the chosen span, from 0.
        places: Rows of sample, first step, last step (from 0), shared units, other units.
        searched: How many samples were looked through.
    """

    units: tuple[int, ...]
    places: Array
    searched: int


def alike(run: Mapping[str, Any], content: Content, weights: Weights, pattern: Pattern, repeat: int = 0) -> Alike:
    """Search the test samples of one repeat, whose weights are `(1, ...)`. Runs in a worker."""
    spec, data, _ = opened(run, content, weights, first=repeat)
    chosen = samples_for(spec, data, seconds=SECONDS)
    chosen = np.unique(np.append(chosen, pattern.sample))
    network = subject(spec, replica(weights, 0), data[0], chosen)
    own = int(np.flatnonzero(chosen == pattern.sample)[0])
    on = [
        shown(network.cell, network.trace(chunk), pattern.layer)[pattern.quantity] > pattern.threshold
        for chunk in network.chunks()
    ]
    active = np.concatenate(on)  # (N, T, H)
    units = np.flatnonzero(active[own, pattern.first : pattern.last + 1].all(axis=0))
    return Alike(
        units=tuple(int(unit) for unit in units),
        places=_places(active, network.part.lengths, units, chosen, pattern),
        searched=len(chosen),
    )


def _places(active: Array, lengths: Array, units: Array, chosen: Array, pattern: Pattern) -> Array:
    """Return the best span of every sample, best first; the chosen span itself is left out."""
    span = pattern.last - pattern.first + 1
    if not len(units) or active.shape[1] < span:
        return np.empty((0, 5), dtype=np.int64)
    counts = np.concatenate([np.zeros_like(active[:, :1], dtype=np.int64), active.cumsum(axis=1)], axis=1)
    during = counts[:, span:] - counts[:, :-span] == span  # (N, T - span + 1, H)
    shared = during[:, :, units].sum(-1)
    others = during.sum(-1) - shared
    fits = np.arange(during.shape[1]) + span <= lengths[:, None]
    near = np.abs(np.arange(during.shape[1]) - pattern.first) < span
    fits &= ~((chosen == pattern.sample)[:, None] & near)
    score = np.where(fits, shared * (active.shape[2] + 1) - others, -1)
    best = score.argmax(axis=1)
    rows = np.arange(len(score))
    order = [
        row for row in np.argsort(-score[rows, best], kind="stable") if fits[row, best[row]] and shared[row, best[row]]
    ]
    found = [
        (chosen[row], best[row], best[row] + span - 1, shared[row, best[row]], others[row, best[row]])
        for row in order[:MAX_PLACES]
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 5)


def alike_frame(found: Alike, data: TaskData) -> pd.DataFrame:
    """Return the places with their dates or text; columns `ALIKE_COLUMNS`, steps from 1.

    `match` is the share of the pattern's units that are on; `where` the date of the sample's target, `inputs` the span's text, or the
    values of its first column.
    """
    rows = []
    for sample, first, last, shared, others in found.places.tolist():
        match = shared / max(len(found.units), 1)
        rows.append(
            (
                sample,
                first + 1,
                last + 1,
                shared,
                others,
                match,
                _where(data, sample),
                _inputs(data, sample, first, last),
            )
        )
    return pd.DataFrame(rows, columns=list(ALIKE_COLUMNS))


def _where(data: TaskData, sample: int) -> str:
    places = data.test.first_positions
    return "" if places is None else str(places[sample])


def _inputs(data: TaskData, sample: int, first: int, last: int) -> str:
    values = data.test.inputs[sample, first : min(last + 1, first + MAX_STEPS_SHOWN)]
    if values.ndim == 1:
        names = [data.vocabulary[int(token)] for token in values]
        return ("" if all(len(name) == 1 for name in names) else " ").join(names)
    if data.input_scaler is not None:
        values = data.input_scaler.inverse(values)
    return ", ".join(f"{value:.3g}" for value in values[:, 0])
