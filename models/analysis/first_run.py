"""Estimate how much faster the next run will be, if the first one trained without fused kernels while they compiled."""

import statistics
from collections.abc import Sequence

from models.records.results import RunResult

# Time of PyTorch's own operations over that of the fused kernel, forward and backward pass on one thread: medians over the
# sizes in docs/speed.md, AMD EPYC with AVX-512. The first run's own times are no guide, because the compiler ran meanwhile.
TIMES = {"lstm": 3.2, "gru": 4.6, "rnn": 3.4}


def next_run_times(runs: Sequence[RunResult]) -> float:
    """Estimate how many times faster the same runs train with fused kernels."""
    return statistics.mean(TIMES[run.spec.architecture] for run in runs)
