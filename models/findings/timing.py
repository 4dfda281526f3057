"""What findings about time share: both ways of training LSTM and GRU, timed in turns in one process."""

from collections.abc import Mapping
from functools import lru_cache

STOCK, FUSED = "stock PyTorch", "fused kernels"
SECONDS = 12.0


@lru_cache(maxsize=1)
def times() -> Mapping[str, Mapping[str, list[float]]]:
    """Return way to architecture to milliseconds per update of five repeats: 32 units, 50 steps, batches of 32.

    It is measured once per process: findings about time look at the same measurement.
    """
    from models.training.speed import SpeedSettings, measure_speed

    report = measure_speed(SpeedSettings(architectures=("lstm", "gru", "rnn"), seconds=SECONDS))
    rows = report["architectures"]
    return {
        STOCK: {row["architecture"]: [row["reference_milliseconds"]] for row in rows},
        FUSED: {row["architecture"]: [row["fused_milliseconds"]] for row in rows},
    }
