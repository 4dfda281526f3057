"""Gates during training: one sample traced with the weights of every snapshot. NumPy, no torch.

Axes: S snapshots, T steps, H units.
"""

from dataclasses import dataclass, replace

import numpy as np

from data.task import Array, TaskData
from models.analysis.traces import Panel, Place, panels_of, trace_with
from models.records.results import RunResult

MAX_NUMBERS = 2_500_000  # values sent to the browser for all frames of one architecture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """One architecture's gates at every snapshot.

    Attributes:
        architecture: Its name.
        updates: `(S,)` updates at which the snapshots were taken.
        frames: One tuple of panels per snapshot: gates and candidates in the shown convention.
        units: `(h,)` numbers of the units shown, from 1: all, or evenly chosen ones of a large network.
    """

    architecture: str
    updates: Array
    frames: tuple[tuple[Panel, ...], ...]
    units: Array


def snapshot_replicas(run: RunResult) -> int:
    """Return how many of the first replicas have snapshots."""
    if not run.snapshots:
        return 0
    return min(snapshot.replicas for snapshot in run.snapshots)


def film(run: RunResult, data: TaskData, place: Place) -> Film | None:
    """Trace one sample with the weights of every snapshot; None if the replica has none."""
    if place.replica >= snapshot_replicas(run):
        return None
    steps = int(data.part(place.part).lengths[place.sample])
    frames = []
    for snapshot in run.snapshots:
        weights = {name: values[place.replica] for name, values in snapshot.weights.items()}
        trace = trace_with(run.spec.architecture, weights, data, place)
        panels = panels_of(run.spec.architecture, trace.layers[place.layer], steps)
        frames.append(tuple(panel for panel in panels if panel.kind != "state"))
    return _thinned(run, frames)


def _thinned(run: RunResult, frames: list[tuple[Panel, ...]]) -> Film:
    """Leave out units if all frames together would be too much for a browser."""
    units = run.spec.hidden_size
    per_unit = sum(panel.values.size for panels in frames for panel in panels) / units
    count = min(units, max(8, int(MAX_NUMBERS / max(per_unit, 1))))
    kept = np.unique(np.linspace(0, units - 1, count).round().astype(int))
    return Film(
        architecture=run.spec.architecture,
        updates=np.array([snapshot.update for snapshot in run.snapshots]),
        frames=tuple(tuple(replace(panel, values=panel.values[kept]) for panel in panels) for panels in frames),
        units=kept + 1,
    )
