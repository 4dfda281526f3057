"""Gates over many samples: time courses, saturation, time scales. A worker runs the samples."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.charts import gate_courses, saturation
from dashboard.components.chart import chart, footer
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import arguments, per_architecture
from models.analysis import gate_frames
from models.analysis.gate_jobs import MAX_SAMPLES, STATISTICS
from models.analysis.roles import roles_of
from models.analysis.snapshot_traces import snapshot_replicas
from models.cells import get_cell

POOLED = f"Up to {MAX_SAMPLES} test samples, evenly chosen; all repeats and all units of the chosen layer."


def show_courses(selection: Selection) -> None:
    """Draw mean and spread of every gate over time, and the average hidden state of all architectures."""
    found = _statistics(selection)
    frames = {name: gate_frames.course_frame(name, value, selection.place.layer) for name, value in found.items()}
    both = pd.concat(frames.values(), ignore_index=True)
    names = list(frames)
    for start in range(0, len(names), 2):
        pair = names[start : start + 2]
        roles = _roles(pair)
        for column, name in zip(st.columns(2), pair, strict=False):
            with column:
                figure = gate_courses.gate_courses(frames[name], title=get_cell(name).title, roles=roles)
                chart(figure, key=f"courses_{name}")
    chart(gate_courses.hidden_course(both), key="hidden_course")
    footer(f"Line: mean; band: one standard deviation. {POOLED}", lambda: both, name="gate-courses")


def _roles(names: Sequence[str]) -> dict[str, str]:
    """Return the roles of the gates and candidates of some architectures."""
    return roles_of([{gate.name: gate.title for gate in get_cell(name).gates} for name in names])


def show_saturation(selection: Selection) -> None:
    """Draw how often each unit's gates are open and shut."""
    found = _statistics(selection)
    frames = {
        run.spec.architecture: gate_frames.saturation_frame(run, found[run.spec.architecture], selection.place.layer)
        for run in selection.result.runs
    }
    for name, frame in frames.items():
        if frame.empty:
            st.caption(f"{get_cell(name).title} has no gate.")
            continue
        figure = saturation.saturation(frame, title=get_cell(name).title)
        chart(figure, key=f"saturation_{name}")
    caption = (
        "A dot is a unit of a repeat; axes: share of steps at which its gate is open or shut. Top left: nearly always open. Bottom right: nearly always shut. Bottom left: works in "
        f"between. After Karpathy, Johnson and Li (2015). {POOLED}"
    )
    footer(caption, lambda: pd.concat(frames.values(), ignore_index=True), name="saturation")


def show_time_scales(selection: Selection) -> None:
    """Draw the memory half-lives of all units, trained against initial."""
    trained, first = _statistics(selection), _initial_statistics(selection)
    frames = [
        gate_frames.half_life_frame(
            run,
            {saturation.INITIAL: first.get(run.spec.architecture, []), "trained": trained[run.spec.architecture]},
            selection.place.layer,
        )
        for run in selection.result.runs
    ]
    frame = pd.concat(frames, ignore_index=True)
    steps = int(selection.data.test.lengths.max())
    chart(saturation.half_life_boxes(frame, steps=steps), key="half_lives")
    caption = (
        "Steps until a unit has forgotten half, at its mean rate: ln 2 / mean(−ln kept). Kept: the forget gate (LSTM), or the "
        "share of the state that is kept (GRU). Initial: before the first update. "
        f"{POOLED}"
    )
    footer(caption, lambda: frame, name="half-lives")


def _statistics(selection: Selection) -> dict[str, Any]:
    return per_architecture(selection, STATISTICS, ("trained",), lambda run: arguments(selection, run, run.weights))


def _initial_statistics(selection: Selection) -> dict[str, Any]:
    kept = [run for run in selection.result.runs if snapshot_replicas(run)]
    return per_architecture(
        selection, STATISTICS, ("initial",), lambda run: arguments(selection, run, run.snapshots[0].weights), runs=kept
    )
