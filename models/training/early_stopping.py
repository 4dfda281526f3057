"""Early stopping: a replica ends when several evaluations in a row bring no lower validation loss."""

import math
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class BestEvaluation:
    """The best evaluation of a replica so far.

    Attributes:
        best_loss: Lowest validation loss.
        best_update: Update at which it was reached.
        last_loss: Latest validation loss.
        stale: Evaluations since the best one.
    """

    best_loss: float = math.inf
    best_update: int = 0
    last_loss: float = math.nan
    stale: int = 0

    def improves(self, loss: float, update: int) -> bool:
        """Record a validation loss; return whether it is the best so far."""
        self.last_loss = loss
        if not loss < self.best_loss:
            self.stale += 1
            return False
        self.best_loss, self.best_update, self.stale = loss, update, 0
        return True

    def out_of_patience(self, patience: int) -> bool:
        """Return whether so many evaluations in a row brought nothing better; 0 never stops early."""
        return bool(patience) and self.stale >= patience
