"""Sentences about a run during and after training."""

import streamlit as st

from models.analysis.first_run import next_run_times
from models.cells import get_cell
from models.engine.engine import EngineState
from models.records.results import COMPILING, ExperimentView

STATUS = {
    "queued": "waiting",
    "running": "training",
    "finished": "finished",
    "stopped": "stopped",
    "diverged": "diverged: try a tenth of the learning rate",
    "failed": "failed",
    "interrupted": "interrupted",
}
_LINES = {
    "queued": "Next in the queue: a worker gets ready.",
    "running": "Training. Stop keeps what was learned.",
    "finished": "Finished.",
    "stopped": "Stopped before there was anything to compare.",
}
_PAUSED = "Paused. Go on continues where it stands; One update shows a single step of learning."
_GETTING_READY = {
    "starting": "Starting a worker process; training begins by itself.",
    "preparing": "Training begins; the first run on a server uses PyTorch's kernels while faster ones are compiled.",
}


def status_line(view: ExperimentView, *, engine: EngineState) -> str:
    """Write an experiment's status in a short line, which is there before, during and after training.

    Args:
        view: The experiment.
        engine: The engine's state.
    """
    if view.message:
        return view.message
    if view.paused:
        return _PAUSED
    if engine.name == "silent" and view.status == "running":
        return engine.message
    if (
        engine.name in _GETTING_READY
        and view.position <= 1
        and not view.final
        and not any(run.update for run in view.runs)
    ):
        return _GETTING_READY[engine.name]
    if view.status == "queued" and view.position > 1:
        return f"Number {view.position} in the queue, after {view.position - 1} others."
    return _LINES.get(view.status, f"This experiment {STATUS[view.status]}.")


def first_run(view: ExperimentView) -> str:
    """Write that the fused kernels were still being compiled, and how much faster the next run will be."""
    runs = [run for run in (view.result.runs if view.result else ()) if run.environment.get(COMPILING)]
    if not runs:
        return ""
    return f"First run on this server: PyTorch's kernels; the next is about {next_run_times(runs):.0f} times faster."


def show_problems(view: ExperimentView) -> None:
    """Say which architecture failed and why, and what a run that ended otherwise gives."""
    for run in view.runs:
        if view.final and run.message:
            st.error(f"{get_cell(run.spec.architecture).title}: {run.message}")
    if view.result is not None and view.status not in ("finished", "stopped"):
        st.warning(f"This experiment {STATUS[view.status]}.")
