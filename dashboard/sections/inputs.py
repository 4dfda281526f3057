"""Which inputs matter: damage without each column and lag, and how much each value of the chosen sample moves the output."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import services
from dashboard.charts.input_gradients import attribution_heatmap
from dashboard.charts.input_importance import importance_bars
from dashboard.charts.step_axis import StepAxis
from dashboard.components.chart import chart, footer
from dashboard.formatting import escaped
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import arguments, per_architecture
from data.task import Array, TaskData
from models.analysis.comparison_columns import deciding_metric
from models.analysis.input_importance import (
    HELD,
    IMPORTANCE,
    SHUFFLED,
    difference_p,
    importance_frame,
    moving_together,
    summary_frame,
)
from models.analysis.statistics import LEVEL
from models.cells import get_cell

ATTRIBUTIONS = "models.training.input_gradients:attributions"
METHODS = {"integrated": "Integrated gradient", "gradient": "Gradient"}
PER_ROW = 2


def show_inputs(selection: Selection) -> None:
    """Draw damage by column and lag, then the gradients of the chosen sample."""
    found = per_architecture(selection, IMPORTANCE, (), lambda run: arguments(selection, run, run.weights))
    data = selection.data if selection.own else services.task_data(selection.spec, 0)
    name, metric = deciding_metric(selection.result)
    better = metric.better == "high"
    frame = pd.concat(
        [
            importance_frame(
                run.spec.architecture,
                data,
                [seed.seed for seed in run.seeds],
                found[run.spec.architecture][1],
                name,
                higher_is_better=better,
            )
            for run in selection.result.runs
        ],
        ignore_index=True,
    )
    ways = [way for way in (SHUFFLED, HELD) if (frame["how"] == way).any()]
    way = st.segmented_control("An input is", ways, default=ways[0], key="inputs_way") or ways[0]
    summary = summary_frame(frame[frame["how"] == way])
    for kind in ("column", "lag"):
        if (summary["kind"] == kind).any():
            chart(importance_bars(summary, metric, kind=kind), key=f"inputs_{kind}")
    _warn(data)
    _differences(frame, way)
    samples = min(count for count, _ in found.values())
    caption = (
        f"Bars: mean over repeats. Lines: lowest to highest repeat. {samples} test samples; the networks were not retrained. "
        "Shuffled: values come from another sample. p: how often chance alone gives such a difference (sign-flip test, "
        "corrected by Holm's procedure)."
    )
    footer(caption, lambda: frame, name="inputs")
    st.subheader("The chosen sample", anchor="attribution")
    _attributions(selection)


def _warn(data: TaskData) -> None:
    pairs = moving_together(data)
    if pairs:
        told = ", ".join(f"{escaped(one)} and {escaped(other)} ({value:+.2f})" for one, other, value in pairs[:5])
        st.warning(
            f"These columns move together: {told}. If one is removed, the other still tells the network the same. Both look less "
            "important than they are.",
            icon=":material/link:",
        )


def _differences(frame: pd.DataFrame, way: str) -> None:
    """Say for which inputs two architectures lose differently."""
    names = list(dict.fromkeys(frame["architecture"]))
    if len(names) != 2:
        return
    tested = difference_p(frame, names[0], names[1], how=way)
    clear = [f"{escaped(key[1])} (p {p:.3g})" for key, p in tested.items() if p < LEVEL]
    titles = " and ".join(get_cell(name).title for name in names)
    if tested:
        st.caption(
            f"Losing these inputs hurts {titles} differently: {', '.join(clear[:8])}."
            if clear
            else f"As far as these repeats can tell, {titles} need the same inputs."
        )


def _attributions(selection: Selection) -> None:
    place, data = selection.place, selection.data
    part = data.test
    steps = int(part.lengths[place.sample])
    inputs = part.inputs[place.sample, :steps]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.selectbox("Method", list(METHODS), format_func=METHODS.__getitem__, key="inputs_method", width=220)
        names = _outputs(data)
        output = 0
        if len(names) > 1:
            chosen = range(min(len(names), 100))
            output = st.selectbox("Output", chosen, format_func=names.__getitem__, key="inputs_output", width=220)
    found = per_architecture(
        selection,
        ATTRIBUTIONS,
        (place.replica, place.sample, output),
        lambda run: (run.spec.architecture, run.replica(place.replica), inputs, output),
    )
    limit = max(max(float(np.abs(one[method]).max()) for one in found.values()), 1e-9)
    columns = (data.feature_names or _numbered("feature", inputs.shape[1])) if inputs.ndim == 2 else ("token",)
    rows = [_rows(name, one[method], columns) for name, one in found.items()]
    axis = StepAxis.of(data, place)
    for start in range(0, len(rows), PER_ROW):
        for at, one in zip(st.columns(PER_ROW), rows[start : start + PER_ROW], strict=False):
            with at:
                name = str(one["architecture"].iloc[0])
                title = f"{get_cell(name).title}: {METHODS[method].lower()}"
                chart(attribution_heatmap(one, title=title, limit=limit, axis=axis), key=f"attribution_{name}")
    caption = (
        "Effect of every value on the output at the last step: orange lowers it, purple raises it. Integrated gradients add up to "
        "the difference from an input of zeros (Sundararajan, Taly and Yan 2017)."
    )
    footer(caption, lambda: pd.concat(rows, ignore_index=True), name="attributions")


def _rows(architecture: str, values: Array, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return attributions `(T, F)` in long format."""
    steps, width = values.shape
    return pd.DataFrame(
        {
            "architecture": architecture,
            "column": np.tile(np.array(columns, dtype=object), steps),
            "step": np.repeat(np.arange(1, steps + 1), width),
            "value": values.reshape(-1),
        }
    )


def _numbered(what: str, count: int) -> tuple[str, ...]:
    return tuple(f"{what} {index + 1}" for index in range(count))


def _outputs(data: TaskData) -> tuple[str, ...]:
    names = data.target_names if data.kind == "regression" else data.class_names
    return tuple(names) or _numbered("output", data.output_size)
