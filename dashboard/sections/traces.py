"""Heatmaps of every gate and state for one sample, architectures side by side, and their downloads."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard.charts.gate_heatmaps import state_limit
from dashboard.charts.step_axis import StepAxis
from dashboard.charts.trace_heatmaps import Sample, trace_heatmaps
from dashboard.components.chart import csv_button
from dashboard.components.live_chart import live_chart
from dashboard.sections.selection import Selection
from models.analysis.answers import answer_frame
from models.analysis.gate_frames import npz_bytes
from models.analysis.roles import shared_roles
from models.analysis.samples import sample_frame
from models.analysis.traces import Panel, panels_of, sample_trace, trace_frame, without_gates
from models.analysis.unit_order import unit_order
from models.cells import get_cell
from models.cells.network import Trace

PER_ROW = 2
READING = (
    "Gates: blue is open (1), red is closed (0). States and candidates: teal is positive, brown is negative. Colours mean the "
    "same in all charts. A row is a unit, in the same order in all heatmaps of an architecture. Answer: what the network "
    "would say if the sample ended at that step."
)


def show_traces(selection: Selection) -> None:
    """Draw the heatmaps, how to read them, and the downloads."""
    traces = {
        run.spec.architecture: sample_trace(run, selection.data, selection.place) for run in selection.result.runs
    }
    steps = int(selection.data.test.lengths[selection.place.sample])
    panels = {name: panels_of(name, trace.layers[selection.place.layer], steps) for name, trace in traces.items()}
    limit = (
        math.ceil(2 * state_limit(list(panels.values()))) / 2
    )  # rounded up, so that the scale changes less between samples
    names, sample = list(panels), _sample(selection)
    for start in range(0, len(names), PER_ROW):
        pair = names[start : start + PER_ROW]
        roles = shared_roles([panels[name] for name in pair])
        for column, name in zip(st.columns(PER_ROW), pair, strict=False):
            with column:
                _heatmaps(selection, name, traces[name], panels[name], _Drawn(sample, limit, roles))
    st.caption(" ".join([READING, *_conventions(names), without_gates(names)]))
    _downloads(selection, traces, steps)


class _Drawn(NamedTuple):
    """What the figures of a row have in common."""

    sample: Sample
    limit: float
    roles: Mapping[str, str]


def _sample(selection: Selection) -> Sample:
    data, place = selection.data, selection.place
    return Sample(
        inputs=sample_frame(data, "test", (place.sample,), restored=True),
        picture=selection.spec.source().picture_of(data),
        unit=data.unit,
        axis=StepAxis.of(data, place, selection.spec.options),
    )


def _heatmaps(selection: Selection, name: str, trace: Trace, panels: tuple[Panel, ...], drawn: _Drawn) -> None:
    run = selection.result.run(name)
    if run is None:
        return
    answers = answer_frame(run.replica(selection.place.replica), trace, selection.data, selection.place)
    units = (unit_order(panels, selection.order) + 1).tolist()
    title = get_cell(name).title
    figure = trace_heatmaps(
        panels, drawn.sample, answers, title=title, limit=drawn.limit, units=units, roles=drawn.roles
    )
    live_chart(figure, key=f"trace_{name}", name=f"gates-{name}")


def _conventions(names: list[str]) -> list[str]:
    """Write for which gates pictures show one minus the computed value."""
    return [
        f"The {get_cell(name).title}'s {gate.title.lower()} is shown as the textbook has it (1 = write): one minus "
        "PyTorch's value, where 1 keeps the state."
        for name in names
        for gate in get_cell(name).gates
        if gate.complement
    ]


def _downloads(selection: Selection, traces: dict[str, Trace], steps: int) -> None:
    """Offer all layers of all architectures as NumPy archive and as CSV."""

    def layers() -> dict[str, tuple[Panel, ...]]:
        return {
            f"{name}.layer{number}": panels_of(name, layer, steps)
            for name, trace in traces.items()
            for number, layer in enumerate(trace.layers, start=1)
        }

    def frame() -> pd.DataFrame:
        found = [
            trace_frame(panels).assign(layer=int(prefix.rsplit("layer")[1])) for prefix, panels in layers().items()
        ]
        return pd.concat(found, ignore_index=True).assign(sample=selection.place.sample, seed=selection.seed)

    facts = {
        "experiment": selection.identity,
        "part": "test",
        "sample": str(selection.place.sample),
        "seed": str(selection.seed),
    }
    facts |= {f"{name}.convention": get_cell(name).convention for name in traces}
    with st.container(horizontal=True):
        csv_button(frame, name="gate-traces", label="Traces as CSV")
        st.download_button(
            "Traces as NumPy archive",
            lambda: npz_bytes(layers(), facts),
            file_name="gate-traces.npz",
            mime="application/octet-stream",
            key="npz_traces",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
            help="Arrays (unit, step) of every gate and state of all layers, with named axes.",
        )
