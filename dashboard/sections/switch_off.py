"""Switch it off: hold gates of the trained networks at a value and see what that does to the test metric."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.damage import damage_by_gate, damage_by_question
from dashboard.components.chart import chart, footer
from dashboard.formatting import count, grouped
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import arguments, per_architecture
from models.analysis.comparison_columns import Column, deciding_metric
from models.analysis.gate_frames import damage_frame
from models.analysis.gate_jobs import CHOSEN, STANDARD
from models.analysis.interventions import VALUES, Intervention, clamping, questions
from models.cells import get_cell
from models.records.results import RunResult

WARNING = (
    "This is an **intervention after training**, not a retrained variant. The network cannot adapt, so you see what it relies "
    "on. Trained without the gate, it might do better."
)


def show_switch_off(selection: Selection) -> None:
    """Draw the questions, then every gate at every value, then a custom clamp."""
    st.info(WARNING, icon=":material/info:")
    found = per_architecture(selection, STANDARD, (), lambda run: arguments(selection, run, run.weights))
    metric, samples = deciding_metric(selection.result)[1], {name: answer[0] for name, answer in found.items()}
    frame = pd.concat(
        [_frame(selection, run, found[run.spec.architecture][1]) for run in selection.result.runs], ignore_index=True
    )
    _questions(selection, frame[frame["gate"] == ""], metric)
    _gates(frame[frame["gate"] != ""], metric)
    caption = (
        f"Bars: mean over repeats. Dots: single repeats. Dashed: as trained. {_scored(selection, samples)} Its mean: each unit "
        "is held at its own. Shuffled: a sample's gate values in another order of steps."
    )
    footer(caption, lambda: frame, name="interventions")
    st.subheader("Hold a gate yourself", anchor="hold")
    st.fragment(_own)(selection, metric)


def _frame(selection: Selection, run: RunResult, damages: object) -> pd.DataFrame:
    name, column = deciding_metric(selection.result)
    return damage_frame(run, damages, name, higher_is_better=column.better == "high")  # type: ignore[arg-type]


def _scored(selection: Selection, samples: dict[str, int]) -> str:
    fewest, every = min(samples.values()), len(selection.data.test)
    if fewest == every:
        return f"Scored on all {grouped(every)} test samples, all layers."
    return f"Scored on {grouped(fewest)} of {grouped(every)} test samples, evenly chosen, all layers."


def _questions(selection: Selection, frame: pd.DataFrame, metric: Column) -> None:
    chart(damage_by_question(frame, metric), key="damage_questions")
    lines = []
    for run in selection.result.runs:
        cell = get_cell(run.spec.architecture)
        lines += [f"- **{cell.title}, {asked.title}** {asked.done}" for asked in questions(cell)]
    st.caption("Where a bar is missing, the architecture has no such gate.")
    with st.popover("What is done to which architecture", icon=":material/help:"):
        st.markdown("\n".join(lines))


def _gates(frame: pd.DataFrame, metric: Column) -> None:
    finite = frame.loc[np.isfinite(frame["after"]), "after"]
    top = float(max([frame["before"].max(), *finite])) * 1.05 if len(frame) else None
    columns = st.columns(2)
    for place, (name, rows) in enumerate(frame.groupby("architecture", sort=False)):
        with columns[place % 2]:
            figure = damage_by_gate(rows, metric, title=get_cell(str(name)).title, top=top)
            chart(figure, key=f"damage_{name}")


def _own(selection: Selection, metric: Column) -> None:
    asked = _choice(selection)
    if asked is None:
        return
    run, intervention = asked
    name = intervention.name
    found = per_architecture(
        selection,
        CHOSEN,
        (name, *intervention.clamps),
        lambda run: arguments(selection, run, run.weights, intervention),
        runs=[run],
    )
    samples, damages = found[run.spec.architecture]
    frame = _frame(selection, run, damages)
    before, after = float(frame["before"].mean()), float(frame["after"].mean())
    with st.container(horizontal=True, key="own_damage"):
        st.metric(f"{metric.heading}, as trained", f"{before:.4g}", border=True)
        change = after - before
        st.metric(
            f"{metric.heading}, {_where(intervention)}",
            f"{after:.4g}",
            delta=f"{change:+.4g}" if math.isfinite(change) and change else None,
            delta_color="normal" if metric.better == "high" else "inverse",
            border=True,
        )
    caption = f"Mean of {count(len(frame), 'repeat')}. {_scored(selection, {'': samples})}"
    footer(caption.replace(", all layers", ""), lambda: frame, name="own-intervention")


def _where(intervention: Intervention) -> str:
    clamp = intervention.clamps[0]
    units = f"units {', '.join(str(unit + 1) for unit in clamp.units)}" if clamp.units else "all units"
    layer = "" if clamp.layer is None else f", layer {clamp.layer + 1}"
    return f"{intervention.title.lower()} ({units}{layer})"


def _choice(selection: Selection) -> tuple[RunResult, Intervention] | None:
    """Draw the choice of architecture, gate, value, layer and units."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [run.spec.architecture for run in selection.result.runs]
        name = st.selectbox("Architecture", names, format_func=lambda n: get_cell(n).title, key="own_cell", width=150)
        cell = get_cell(name)
        gates = [gate.name for gate in cell.gates]
        gate = st.selectbox("Gate", gates, format_func=lambda n: cell.gate(n).title, key=f"own_gate_{name}", width=180)
        value = st.selectbox("Held at", list(VALUES), format_func=VALUES.__getitem__, key="own_value", width=180)
        everywhere = [None, *range(len(selection.layers))]
        layer = None
        if len(selection.layers) > 1:
            layer = st.selectbox(
                "Layer",
                everywhere,
                format_func=lambda n: "all" if n is None else selection.layers[n],
                key="own_layer",
                width=100,
            )
        run = selection.result.run(name)
        size = run.spec.hidden_size if run else 0
        units = st.multiselect(
            "Units",
            list(range(size)),
            format_func=lambda n: str(n + 1),
            key=f"own_units_{name}",
            placeholder="all",
            width=280,
        )
    if cell.gate(gate).complement:
        st.caption(f"{cell.gate(gate).title} as pictures show it: 1 writes, 0 keeps.")
    return (run, clamping(cell, gate, value, layer=layer, units=tuple(sorted(units)))) if run else None
