"""Gate heatmaps of every architecture side by side, for a chosen test sample."""

from collections.abc import Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import services, state
from dashboard.charts.gate_heatmaps import gate_heatmaps, state_limit
from dashboard.charts.step_axis import StepAxis
from dashboard.components.chart import chart, footer
from dashboard.navigation import page_file
from data.task import TaskData
from models.analysis.repeats import repeat_name
from models.analysis.roles import shared_roles
from models.analysis.samples import sample_frame
from models.analysis.traces import Panel, Place, layer_names, trace_frame, trace_panels, without_gates
from models.cells import get_cell
from models.records.results import ExperimentResult

PER_ROW = 2
READING = (
    "Gates: blue is open (1), red is closed (0). Candidates and states: teal is positive, brown is negative, from −1 to 1; "
    "a cell state may be larger and has a scale of its own. All architectures share the scales."
)


def show_gates(identity: str, result: ExperimentResult) -> None:
    """Draw the section; choosing another sample redraws nothing else."""
    if not all(run.weights for run in result.runs):
        st.caption("The trained networks were too large for the file that this experiment was opened from.")
        return
    st.fragment(_gates)(identity, result)
    if st.button(
        "Look inside: every layer, many samples, gates switched off",
        icon=":material/door_open:",
        key="look_inside",
    ):
        state.go_to(page_file("gates"), {state.EXPERIMENT: identity})


def _gates(identity: str, result: ExperimentResult) -> None:
    data = services.task_data(result.spec)
    place = _place(result, data)
    data = services.task_data(result.spec, place.replica)
    key = ("gates", identity, place.sample, place.replica, place.layer)
    figures = list(services.drawn(key, lambda: _figures(result, data, place)).items())
    for start in range(0, len(figures), PER_ROW):
        for column, (name, figure) in zip(st.columns(PER_ROW), figures[start : start + PER_ROW], strict=False):
            with column:
                chart(figure, key=f"gates_{name}")
    reading = " ".join(filter(None, (READING, without_gates(result.spec.architectures))))
    footer(reading, lambda: _table(_panels(result, data, place).values()), name="gates")


def _panels(result: ExperimentResult, data: TaskData, place: Place) -> dict[str, tuple[Panel, ...]]:
    return {run.spec.architecture: trace_panels(run, data, place) for run in result.runs}


def _figures(result: ExperimentResult, data: TaskData, place: Place) -> dict[str, go.Figure]:
    """Draw every architecture's heatmaps on one scale."""
    axis = StepAxis.of(data, place, result.spec.options)
    inputs = sample_frame(data, place.part, (place.sample,), restored=True)
    panels = _panels(result, data, place)
    roles = shared_roles(list(panels.values()))
    limit, picture = state_limit(list(panels.values())), result.spec.source().picture_of(data)
    return {
        name: gate_heatmaps(get_cell(name).title, own, inputs, picture=picture, limit=limit, roles=roles, axis=axis)
        for name, own in panels.items()
    }


def _place(result: ExperimentResult, data: TaskData) -> Place:
    """Draw the choice of sample, seed and layer."""
    columns = st.columns(3)
    with columns[0]:
        last = len(data.test) - 1
        sample = st.number_input("Test sample", min_value=0, max_value=last, value=0, step=1, key="gates_sample")
    with columns[1]:
        seeds = [seed.seed for seed in result.runs[0].seeds]
        names = {one.seed: repeat_name(one) for one in result.runs[0].seeds}
        seed = st.selectbox("Repeat", seeds, key="gates_seed", format_func=names.__getitem__)
    layer = 1
    layers = layer_names(result.spec)
    if len(layers) > 1:
        with columns[2]:
            layer = st.selectbox("Layer", list(layers), key="gates_layer", format_func=layers.__getitem__)
    return Place(sample=int(sample), replica=seeds.index(seed), layer=layer - 1)


def _table(groups: Iterable[Sequence[Panel]]) -> pd.DataFrame:
    return trace_frame(panel for panels in groups for panel in panels)
