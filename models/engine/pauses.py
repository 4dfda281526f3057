"""Pause experiments that train, let them make single updates, and let them go on."""

import time

from models.engine.connection import Connection
from models.engine.experiment_queue import ExperimentQueue


class Pauses:
    """Belongs to the engine's thread.

    Args:
        live_queue: The live experiments.
        connection: To the workers.
        token: Identifies this engine among those of a cluster.
        longest: Seconds without an order after which a paused experiment goes on, because it keeps its workers.
    """

    def __init__(self, live_queue: ExperimentQueue, connection: Connection, token: str, *, longest: float) -> None:
        self._queue, self._connection, self._token, self.longest = live_queue, connection, token, longest

    def name(self, submission: int) -> str:
        """Return the name of the variable from which a run reads its orders."""
        return f"orders-{self._token}-{submission}"

    def order(self, experiment: str, *, paused: bool, steps: int = 0) -> None:
        """Pause an experiment or let it go on.

        Args:
            experiment: Its id.
            paused: Whether its runs wait after their current update.
            steps: How many more updates each run of a paused experiment makes.
        """
        live, link = self._queue.find(experiment), self._connection.link
        if live is None or live.closed or live.stopping or link is None or (steps and live.paused is None):
            return
        with self._queue.lock:
            live.steps = live.steps + steps if live.paused is not None else 0
            live.paused = time.monotonic() if paused else None
        for run in live.runs:
            if run.submission is not None:
                run.ordered = True
                link.order(self.name(run.submission), paused=paused, steps=live.steps)

    def end_long(self) -> None:
        """Let experiments go on that were paused for so long that they keep others waiting."""
        for live in self._queue.long_paused(self.longest):
            self.order(live.record.id, paused=False)
