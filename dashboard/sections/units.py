"""Which units matter: silence one at a time, rank them by damage, and inspect one."""

from typing import Any

import streamlit as st

from dashboard import state
from dashboard.charts.damage import MAX_BARS, unit_ranking
from dashboard.charts.step_axis import StepAxis
from dashboard.charts.trace_heatmaps import unit_trace
from dashboard.components.chart import chart, footer
from dashboard.components.clickable_chart import pick_chart
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import arguments, per_architecture
from models.analysis.ablation import Ablation
from models.analysis.comparison_columns import deciding_metric
from models.analysis.gate_frames import ablation_frame
from models.analysis.gate_jobs import ABLATION
from models.analysis.traces import Panel, trace_panels
from models.cells import get_cell

PICKED = "picked_unit"


def show_units(selection: Selection) -> None:
    """Draw the ranking of every architecture; a click on a unit draws its trace."""
    place = selection.place
    found: dict[str, Ablation] = per_architecture(
        selection,
        ABLATION,
        (place.replica, place.layer),
        lambda run: arguments(
            selection,
            run,
            {name: value[place.replica : place.replica + 1] for name, value in run.weights.items()},
            place.layer,
            place.replica,
        ),
    )
    columns = st.columns(2)
    for number, (name, ablation) in enumerate(found.items()):
        with columns[number % 2]:
            _ranking(selection, name, ablation)
            _trace(name, _panels(selection, name), selection)


def _panels(selection: Selection, name: str) -> tuple[Panel, ...]:
    run = selection.result.run(name)
    return () if run is None else trace_panels(run, selection.data, selection.place)


def _ranking(selection: Selection, name: str, ablation: Ablation) -> None:
    metric, column = deciding_metric(selection.result)
    frame = ablation_frame(
        name, ablation.before[metric], ablation.after[metric], higher_is_better=column.better == "high"
    )

    def picked(point: Any) -> None:
        state.put(f"{PICKED}_{name}", int(point[0]))

    title = get_cell(name).title
    figure = unit_ranking(frame, column, title=f"{title}: damage without each unit")
    pick_chart(figure, key=f"ranking_{name}", picked=picked)
    shown = f"The {MAX_BARS} worst of {len(frame)} units. " if len(frame) > MAX_BARS else ""
    caption = (
        f"{shown}A silenced unit's hidden state is zero. Seed {selection.seed}, {ablation.samples} test samples; as trained "
        f"{ablation.before[metric]:.4g}. Click a bar to see that unit's gates."
    )
    footer(caption, lambda: frame, name=f"units-{name}")
    if state.get(f"{PICKED}_{name}") is None or state.get(f"{PICKED}_{name}") > len(frame):
        state.put(f"{PICKED}_{name}", int(frame["unit"].iloc[0]))


def _trace(name: str, panels: tuple[Panel, ...], selection: Selection) -> None:
    unit = int(state.get(f"{PICKED}_{name}"))
    title = f"{get_cell(name).title}: unit {unit} on sample {selection.place.sample}"
    axis = StepAxis.of(selection.data, selection.place)
    chart(unit_trace(panels, unit, title=title, axis=axis), key=f"unit_{name}")
