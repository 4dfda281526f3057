"""Notice workers that no longer answer: those whose heartbeat has not reached the scheduler for seconds."""

import time
from collections.abc import Callable, Mapping

SILENT_SECONDS = 5.0  # without a heartbeat; workers send one or two a second


class SilentWorkers:
    """Follows the heartbeats of workers. The scheduler's clock may jump or differ from ours, so only changes count.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[float, float]] = {}  # address to the scheduler's time of the heartbeat, and ours

    def take(self, seen: Mapping[str, float]) -> None:
        """Record the time of each worker's last heartbeat, by address and the scheduler's clock."""
        now = self._clock()
        self._seen = {
            address: known if (known := self._seen.get(address)) and known[0] == value else (value, now)
            for address, value in seen.items()
        }

    def sentence(self, *, local: bool) -> str:
        """Say which workers are silent, for how long and what happens next; empty if all answer.

        Args:
            local: Whether the only worker is a process on this machine.
        """
        now = self._clock()
        silent = [waited for _, known in self._seen.values() if (waited := now - known) >= SILENT_SECONDS]
        if not silent:
            return ""
        since = f"answered for {max(silent):,.0f} seconds"
        if local:
            return f"The worker process has not {since}. If it stays silent, a new one starts the runs over within two minutes."
        which = "One worker has" if len(silent) == 1 else f"{len(silent)} workers have"
        return f"{which} not {since}. Runs on a worker that stays silent start over on another one."
