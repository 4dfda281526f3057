"""Decide when to keep weights during training: often at first, when gates change most."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from models.networks.network import ReplicatedNetwork
from models.records.results import Snapshot
from models.spec.memory import MAX_SNAPSHOT_BYTES, MAX_SNAPSHOTS
from models.training.replica_state import SeedState


class SnapshotPlan:
    """Snapshots at update 0, then at geometrically growing intervals up to the last update.

    If those of all replicas would exceed a fixed number of bytes, only the first replicas have snapshots.

    Args:
        updates: Updates in all.
        network: The network, for its size.
    """

    def __init__(self, updates: int, network: ReplicatedNetwork) -> None:
        grown = np.unique(np.geomspace(1, updates, MAX_SNAPSHOTS).round().astype(int))
        spread = np.unique(np.linspace(0, updates, MAX_SNAPSHOTS).round().astype(int))
        self._due = {0, *grown.tolist()} if len(grown) >= MAX_SNAPSHOTS - 4 else set(spread.tolist())
        affordable = MAX_SNAPSHOT_BYTES // (4 * network.parameters_per_replica() * len(self._due))
        self._replicas = int(max(1, min(network.replicas(), affordable)))

    def take(
        self, update: int, active: Sequence[int], seeds: Sequence[SeedState], parameters: Mapping[str, Tensor]
    ) -> Snapshot | None:
        """Return a snapshot if one is due; replicas that ended keep their final weights.

        Args:
            update: Updates done.
            active: Index of the replica at each position of the parameters.
            seeds: All replicas.
            parameters: Name to `(R, ...)`, the weights of the replicas still training.
        """
        if update not in self._due:
            return None
        current = {name: parameter.detach().cpu().numpy() for name, parameter in parameters.items()}
        kept: dict[str, list[np.ndarray]] = {name: [] for name in current}
        for index, state in enumerate(seeds[: self._replicas]):
            for name, values in current.items():
                ended = index not in active
                kept[name].append(
                    state.best[name].cpu().numpy() if ended and state.best else values[active.index(index)].copy()
                )
        return Snapshot(update=update, weights={name: np.stack(values) for name, values in kept.items()})
