"""The state of one replica while it trains: best weights, how it ended."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from models.records.results import SeedResult, Stretch
from models.training.early_stopping import BestEvaluation


@dataclass(slots=True, kw_only=True)
class SeedState(BestEvaluation):
    """One replica: its best weights, its running means and how it ended.

    Attributes:
        seed: Its seed.
        best: Weights with the lowest validation loss so far, without replica axis.
    """

    seed: int
    best: dict[str, Tensor] | None = None
    status: str = "running"
    updates: int = 0
    seconds: float = 0.0
    solved_update: int | None = None
    solved_seconds: float | None = None
    _losses: list[float] = field(default_factory=list)
    _norms: list[float] = field(default_factory=list)

    def note(self, loss: float, norm: float) -> None:
        """Record one update's training loss and gradient norm."""
        self._losses.append(loss)
        self._norms.append(norm)

    def take_means(self) -> tuple[float, float]:
        """Return mean training loss and gradient norm since the last call; NaN if there was no update."""
        if not self._losses:
            return math.nan, math.nan
        means = math.fsum(self._losses) / len(self._losses), math.fsum(self._norms) / len(self._norms)
        self._losses.clear()
        self._norms.clear()
        return means

    def mark_solved(self, update: int, seconds: float) -> None:
        """Record that the solved criterion was met; only the first time counts."""
        if self.solved_update is None:
            self.solved_update, self.solved_seconds = update, seconds

    def end(self, status: str, update: int, seconds: float) -> None:
        """Set how and when it ended."""
        self.status, self.updates, self.seconds = status, update, seconds
        if status == "diverged":
            self.best_update = update

    def result(
        self,
        test_loss: float,
        test_metrics: Mapping[str, float],
        kept_loss: float,
        *,
        stretch: Stretch | None,
        stretch_index: int,
    ) -> SeedResult:
        """Return the replica's result.

        Args:
            test_loss: Test loss of the kept weights.
            test_metrics: Test metrics of the kept weights.
            kept_loss: Validation loss of the kept weights.
            stretch: The part of the time axis on which it was tested, or None.
            stretch_index: Number of its data.
        """
        return SeedResult(
            seed=self.seed,
            status=self.status,
            updates=self.updates,
            seconds=self.seconds,
            best_update=self.best_update,
            validation_loss=kept_loss,
            final_validation_loss=self.last_loss,
            test_loss=test_loss,
            test_metrics=dict(test_metrics),
            solved_update=self.solved_update,
            solved_seconds=self.solved_seconds,
            stretch=stretch,
            stretch_index=stretch_index,
        )
