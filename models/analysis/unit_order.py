"""The order in which units are drawn: by number, by mean, or by similarity."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from data.task import Array
from models.analysis.traces import Panel
from models.cells import get_cell

Order = Literal["index", "mean", "similarity"]
ORDERS: dict[Order, str] = {"index": "Number", "mean": "Mean of the memory gate", "similarity": "Similarity"}
MAX_OPTIMAL = 128  # with more units, optimal leaf ordering takes too long


def unit_order(panels: Sequence[Panel], by: Order) -> Array:
    """Return unit indices, top first, the same for all panels of one architecture so that rows can be followed.

    Args:
        panels: Panels of one architecture.
        by: `index`; `mean` of the gate that decides what is kept (or else of the first panel), highest first; or
            `similarity`, which puts units with similar gates and states side by side (hierarchical clustering, average
            linkage of Euclidean distances).
    """
    units = panels[0].values.shape[0] if panels else 0
    if by == "index" or units < 3:
        return np.arange(units)
    if by == "mean":
        order: Array = np.argsort(-memory_panel(panels).values.mean(1), kind="stable")
        return order
    return _by_similarity(panels)


def _by_similarity(panels: Sequence[Panel]) -> Array:
    from scipy.cluster.hierarchy import leaves_list, linkage  # imported late: 20 MB that no other order needs

    rows = np.concatenate([panel.values for panel in panels], axis=1)
    tree = linkage(np.nan_to_num(rows), method="average", optimal_ordering=len(rows) <= MAX_OPTIMAL)
    leaves: Array = leaves_list(tree)
    return leaves


def memory_panel(panels: Sequence[Panel]) -> Panel:
    """Return the panel of the gate that decides what is kept, or the first one."""
    cell = get_cell(panels[0].architecture)
    names = {gate.name for gate in cell.gates if gate.retains is not None}
    return next((panel for panel in panels if panel.name in names), panels[0])
