"""What the page says about an experiment while it trains."""

from dataclasses import replace

from dashboard.sections.training import status_line
from models.engine.connection import PREPARING
from models.engine.engine import EngineState
from models.engine.live_state import LiveExperiment, LiveRun
from tests.models.records.samples import a_record

SILENT = EngineState(name="silent", message="The worker process has not answered for 7 seconds.")


def test_silent_worker_is_named_while_the_experiment_trains() -> None:
    """Instead of 'Training'; what waits and what is over says what it said before."""
    record = a_record()
    view = LiveExperiment(record=record, runs=[LiveRun(spec=run) for run in record.runs]).view(1)
    assert "has not answered" in status_line(replace(view, status="running"), engine=SILENT)
    assert "has not answered" not in status_line(view, engine=SILENT)
    assert "has not answered" not in status_line(replace(view, status="stopped"), engine=SILENT)


def test_preparing_engine_is_named_before_the_first_update() -> None:
    """The first run on a server."""
    record = a_record()
    view = LiveExperiment(record=record, runs=[LiveRun(spec=run) for run in record.runs]).view(1)
    assert "while faster ones are compiled" in status_line(view, engine=PREPARING)
