"""Everything about one experiment, gathered once for all exports."""

from dataclasses import dataclass, field
from datetime import datetime

from models.analysis.forecast import Forecast
from models.errors import StoreError
from models.records.experiment import Decision, Note, now
from models.records.results import ExperimentResult
from models.store.interface import Store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dossier:
    """One experiment to export.

    Attributes:
        result: Its result.
        id: Its id, empty if it was never stored.
        created: Time of acceptance, UTC.
        notes: The thread of notes.
        decision: The decision, or None.
        earlier_decisions: Those that were replaced or taken back, oldest first.
        tags: Its tags.
        forecast: What comes after the last row, for tasks that forecast a series; None leaves it out.
    """

    result: ExperimentResult
    id: str = ""
    created: datetime = field(default_factory=now)
    notes: tuple[Note, ...] = ()
    decision: Decision | None = None
    earlier_decisions: tuple[Decision, ...] = ()
    tags: tuple[str, ...] = ()
    forecast: Forecast | None = None

    @property
    def title(self) -> str:
        """Return what was compared: `LSTM and GRU on Sunspots, yearly`."""
        from models.analysis.wording import question

        return question(self.result.spec)

    @property
    def file_name(self) -> str:
        """Return a name for files, without extension: letters, digits and `-`."""
        spec = self.result.spec
        return "-".join(("gatescope", spec.dataset, *spec.architectures, spec.key()[:8])).replace("_", "-")


def dossier(store: Store, experiment: str) -> Dossier:
    """Collect an experiment from a store.

    Raises:
        StoreError: If it does not exist or has no result yet.
    """
    view, record = store.view(experiment), store.record(experiment)
    if view is None or record is None:
        raise StoreError("This experiment is no longer stored; train it again from its link.")
    if view.result is None:
        raise StoreError("This experiment has no result yet; export it when it has ended.")
    return Dossier(
        result=view.result,
        id=experiment,
        created=record.created,
        notes=store.notes(experiment),
        decision=store.decision(experiment),
        earlier_decisions=store.earlier_decisions(experiment),
        tags=store.tags(experiment),
    )
