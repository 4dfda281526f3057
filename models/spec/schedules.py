"""Schedules of the learning rate: the factor on it before each update."""

import math

SCHEDULES = {
    "constant": "Constant",
    "cosine": "Cosine to zero",
    "one_cycle": "One cycle: up, then down",
}
WARM, START = 0.3, 1 / 25  # of one cycle: share of updates that rise, and where they start


def rate_factor(schedule: str, update: int, updates: int) -> float:
    """Return what the learning rate is multiplied with.

    Args:
        schedule: A key of `SCHEDULES`. Cosine: Loshchilov and Hutter 2017, equation 5, without restarts. One cycle: Smith
            and Topin 2018, as PyTorch's OneCycleLR: half a cosine up to the learning rate, then half a cosine down.
        update: Updates done so far.
        updates: Updates of the whole training.
    """
    done = update / max(updates, 1)
    if schedule == "cosine":
        return _between(1.0, 0.0, done)
    if schedule == "one_cycle":
        return _between(START, 1.0, done / WARM) if done < WARM else _between(1.0, 0.0, (done - WARM) / (1 - WARM))
    return 1.0


def _between(first: float, last: float, share: float) -> float:
    """Return a value on half a cosine from the first to the last."""
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
