"""What the first run on a server tells about the next: it trained with stand-ins while fused kernels were compiled."""

from collections.abc import Sequence

from models.records.results import RunResult
from models.spec.cost import estimate_run
from models.spec.sizes import DataShape


def next_run_times(runs: Sequence[RunResult], data: DataShape) -> float:
    """Return how many times faster the same runs train with fused kernels: what they took by what is expected then.

    Args:
        runs: Results of a first run; their cost was measured.
        data: Sizes of their data.
    """
    took = sum(run.cost["milliseconds_per_update"] * run.spec.updates for run in runs) / 1e3
    return took / sum(estimate_run(run.spec, data).seconds for run in runs)
