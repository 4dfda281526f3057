"""How long training takes on this server, as visitors see it."""

import os
import time
from pathlib import Path

import streamlit as st

from dashboard import state
from dashboard.wait_estimate import WaitEstimate
from models.records.results import COMPILING, ExperimentView
from models.spec.memory import FUSED_PLANES
from models.spec.plan import Plan
from models.store.interface import DIRECTORY_VARIABLE

_PRESSED = "pressed"


def expected_seconds(plan: Plan) -> float:
    """Return the expected time from the press of Train to the result on the screen."""
    return _estimate().expected(_kind(plan), _work(plan))


def note_press(identity: str, plan: Plan) -> None:
    """Record when this visitor pressed Train, and for which settings."""
    state.put(_PRESSED, (identity, _kind(plan), _work(plan), time.monotonic()))


def note_result(view: ExperimentView) -> None:
    """Learn from a training that this visitor watched from start to result; call it when everything is drawn."""
    pressed = state.get(_PRESSED)
    if pressed is None or pressed[0] != view.id or view.result is None:
        return
    _, kind, work, begun = state.take(_PRESSED)
    stood_in = any(run.environment.get(COMPILING) for run in view.result.runs)
    if view.status == "finished" and not stood_in:
        _estimate().learn(kind, work, time.monotonic() - begun)


def _kind(plan: Plan) -> str:
    fused = all(name in FUSED_PLANES for name in plan.spec.architectures)
    return "fused" if fused else "equations"


def _work(plan: Plan) -> float:
    """Return the estimated seconds of a plan, whose runs train in parallel if there are enough cores."""
    return plan.cost.seconds / min(len(plan.spec.architectures), os.cpu_count() or 1)


@st.cache_resource(show_spinner=False)
def _estimate() -> WaitEstimate:
    return WaitEstimate(Path(os.environ.get(DIRECTORY_VARIABLE) or ".gatescope") / "waits.json")
