"""When weights are kept during training: often at first, when gates change most."""

from typing import TYPE_CHECKING

import numpy as np

from models.networks.network import ReplicatedNetwork
from models.records.results import Snapshot

if TYPE_CHECKING:
    from models.training.loop import TrainingGroup

MAX_SNAPSHOTS = 16
MAX_BYTES = 16 * 2**20


class SnapshotPlan:
    """Snapshots at update 0, then at geometrically growing distances to the last update.

    Where all replicas together would exceed a fixed budget of bytes, only the first ones are kept.

    Args:
        updates: Updates in all.
        network: The network, for its size.
    """

    def __init__(self, updates: int, network: ReplicatedNetwork) -> None:
        grown = np.unique(np.geomspace(1, updates, MAX_SNAPSHOTS).round().astype(int))
        spread = np.unique(np.linspace(0, updates, MAX_SNAPSHOTS).round().astype(int))
        self._due = {0, *grown.tolist()} if len(grown) >= MAX_SNAPSHOTS - 4 else set(spread.tolist())
        affordable = MAX_BYTES // (4 * network.parameters_per_replica() * len(self._due))
        self._replicas = int(max(1, min(network.replicas(), affordable)))

    def take(self, group: "TrainingGroup") -> None:
        """Add a snapshot of the group if one is due; replicas that ended keep their final weights."""
        if group.update not in self._due:
            return
        current = {name: p.detach().cpu().numpy() for name, p in group.network.named_parameters()}
        kept: dict[str, list[np.ndarray]] = {name: [] for name in current}
        for index, state in enumerate(group.seeds[: self._replicas]):
            for name, values in current.items():
                ended = index not in group.active
                kept[name].append(
                    state.best[name].cpu().numpy() if ended and state.best else values[group.active.index(index)].copy()
                )
        group.snapshots.append(
            Snapshot(update=group.update, weights={name: np.stack(values) for name, values in kept.items()})
        )
