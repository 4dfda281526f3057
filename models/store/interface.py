"""The interface of a store. `models.store.sql` implements it, in SQLite, PostgreSQL and memory."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from models.records.experiment import UNDO_SECONDS, Decision, ExperimentList, ExperimentQuery, ExperimentRecord, Note
from models.records.results import Baselines, ExperimentResult, ExperimentView, RunResult
from models.records.sweep import FoundRun, SweepRecord

DATABASE_VARIABLE = "GATESCOPE_DATABASE_URL"
DIRECTORY_VARIABLE = "GATESCOPE_DATA_DIR"  # the folder for a server's files; `.gatescope` by default


class Store(Protocol):
    """Keeps experiments. Every method is safe to call from several threads.

    A final status is set once: a call that would change it does nothing and returns False.

    Raises:
        StoreError: From any method, if the storage cannot be read or written, or if a write names an experiment that
            does not exist.
    """

    @property
    def notice(self) -> str:
        """One sentence for a banner if something is wrong, else empty."""

    def create(self, record: ExperimentRecord) -> None:
        """Keep a new experiment with the status `queued`."""

    def set_status(self, experiment: str, status: str, message: str = "") -> bool:
        """Set an experiment's status unless it is final; return whether it changed."""

    def set_baselines(self, experiment: str, baselines: Baselines, repeats: Sequence[Baselines] = ()) -> None:
        """Keep the naive predictors' mean scores and those of each repeat, which are computed after acceptance."""

    def set_run_status(
        self, experiment: str, architecture: str, status: str, *, attempt: int = 1, message: str = ""
    ) -> bool:
        """Set a run's status unless it is final; a higher attempt clears its curve."""

    def append_curve(self, experiment: str, architecture: str, points: Sequence[tuple[float, ...]]) -> None:
        """Add rows of `CURVE_COLUMNS` to a run's curve; rows for a final run are ignored."""

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """Keep a run's result, its spec (a search may have changed the rate) and its final status, unless it is final."""

    def view(self, experiment: str) -> ExperimentView | None:
        """Return an experiment with its results so far, or None if it does not exist."""

    def record(self, experiment: str) -> ExperimentRecord | None:
        """Return an experiment as it was accepted, with control token and content, or None."""

    def control(self, experiment: str) -> str | None:
        """Return the control token of an experiment, even of an unreadable one; None if the experiment does not exist."""

    def find_run(self, key: str) -> RunResult | None:
        """Return a finished run with that `RunSpec.key()`, trained here on public data."""

    def find_runs(self, keys: Sequence[str]) -> Mapping[str, FoundRun]:
        """Return the finished or diverged runs among these keys (`RunSpec.key()`), trained here on public data."""

    def save_sweep(self, record: SweepRecord) -> None:
        """Keep a sweep, replacing an earlier record of the same key; this store object owns it while it runs."""

    def sweep(self, key: str) -> SweepRecord | None:
        """Return the record of a sweep, or None."""

    def sweeps(self, limit: int = 50) -> tuple[SweepRecord, ...]:
        """Return the stored sweeps, newest first."""

    def adopt_sweeps(self) -> tuple[SweepRecord, ...]:
        """Take over and return the running sweeps whose owner is gone; each goes to one caller."""

    def list_experiments(self, query: ExperimentQuery) -> ExperimentList:
        """Return one page of the experiments that match."""

    def keep(self, record: ExperimentRecord, result: ExperimentResult, message: str = "") -> None:
        """Keep an experiment that is already final, such as an imported one, atomically."""

    def add_note(self, experiment: str, note: Note) -> None:
        """Add a note to the thread.

        Raises:
            StoreError: Also if the thread is full.
        """

    def notes(self, experiment: str) -> tuple[Note, ...]:
        """Return the notes, oldest first."""

    def set_decision(self, experiment: str, decision: Decision | None) -> None:
        """Store the decision; None takes it back. The one it replaces is kept among the earlier ones.

        Raises:
            StoreError: Also if there are too many earlier ones.
        """

    def decision(self, experiment: str) -> Decision | None:
        """Return the decision, or None."""

    def earlier_decisions(self, experiment: str) -> tuple[Decision, ...]:
        """Return the decisions that were replaced or taken back, oldest first."""

    def set_closed(self, experiment: str, *, closed: bool) -> None:
        """Close an experiment to writing, or open it again; `models.records.rights` says what that forbids."""

    def closed(self, experiment: str) -> bool:
        """Return whether an experiment is closed to writing."""

    def set_tags(self, experiment: str, tags: tuple[str, ...]) -> None:
        """Replace the tags.

        Raises:
            InvalidSpecError: If there are too many.
        """

    def tags(self, experiment: str) -> tuple[str, ...]:
        """Return the tags, sorted."""

    def delete(self, experiment: str, *, undo_seconds: float = UNDO_SECONDS) -> bool:
        """Hide an experiment and purge it later; return whether there was one. `undelete` restores it."""

    def undelete(self, experiment: str) -> bool:
        """Restore a deleted experiment; return whether it was still there."""

    def purge(self) -> int:
        """Remove deleted experiments that can no longer be restored; return how many."""

    def close(self) -> None:
        """Close connections; unfinished experiments of this store become `interrupted`."""
