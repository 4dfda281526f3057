"""What each architecture costs: by formula, measured here, and how it grows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

import streamlit as st

from dashboard import state
from dashboard.charts import costs, scaling
from dashboard.charts.cost_table import cost_table, ordered
from dashboard.components.chart import chart, footer
from dashboard.components.choice import choose_one
from dashboard.components.style import SCROLLED
from dashboard.sections.measurement import circumstances, measurement
from models.analysis.costs import (
    COST_COLUMNS,
    INFERENCE,
    MEASURE_COSTS,
    MEASURE_SCALING,
    MEMORY,
    STREAMING,
    TRAINING,
    CostSettings,
    cost_frame,
    explanation,
    measured_frame,
    memory_frame,
    parts_frame,
    ratio_frame,
    scaling_frame,
    scaling_points,
)
from models.cells import get_cell

PAGE = "cost"  # of the settings in the address
SECONDS = 3.0  # of timed rounds per quantity
AS_CHOSEN = "as chosen"
QUANTITIES = {
    TRAINING: "Time of one update (ms)",
    INFERENCE: "Time of one sequence (ms)",
    STREAMING: "Time of one step (ms)",
}

_PARTS: Mapping[Literal["gate", "matrix"], str] = {"gate": "gate", "matrix": "matrix"}


def show_measuring(settings: CostSettings, names: Sequence[str]) -> dict[str, Any] | None:
    """Draw the button that measures; return the report."""
    arguments = ([asdict(settings.network(name)) for name in names], settings.steps, settings.batch_size, SECONDS)
    return measurement(
        "costs",
        MEASURE_COSTS,
        arguments,
        label="Measure here",
        about="Times an update, a whole sequence and a streamed step of each network on this machine, about 15 seconds.",
    )


def show_table(settings: CostSettings, names: Sequence[str], report: dict[str, Any] | None) -> None:
    """Draw the table with its order and its reference row."""
    measured = None if report is None else measured_frame(report["rows"])
    frame = cost_frame(settings, names, measured)
    left, right = st.columns(2)
    choices = [AS_CHOSEN, *[name for name in COST_COLUMNS if frame[name].notna().any()]]
    by = left.selectbox("Sort by", choices, format_func=_column_title, key=_choice("sort", choices))
    reference = right.selectbox(
        "Differences to",
        list(names),
        format_func=lambda name: get_cell(name).title,
        key=_choice("reference", names),
    )
    rows = frame if by == AS_CHOSEN else ordered(frame, by, COST_COLUMNS)
    with st.container(key=f"{SCROLLED}_costs"):
        chart(cost_table(rows, COST_COLUMNS, reference=reference), key="cost_table")
    caption = "Counts, bytes and FLOPs by formula. FLOPs are those of matrix products, a multiplication and an addition are two."
    footer(caption if report is None else f"{caption} {circumstances(report)}", lambda: frame, name="costs")


def _choice(name: str, options: Sequence[str]) -> str:
    """Return the key of a choice whose first option is the default; a link holds what was chosen."""
    return state.setting(PAGE, name, options[0], lambda value: value in options)


def _column_title(name: str) -> str:
    return COST_COLUMNS[name].heading if name in COST_COLUMNS else "As chosen"


def show_parts(settings: CostSettings, names: Sequence[str]) -> None:
    """Draw where the parameters and the memory of training are."""
    frame, memory = parts_frame(settings, names), memory_frame(settings, names)
    by = choose_one("Parameters by", _PARTS, key=_choice("by", list(_PARTS)), visible=True)
    chart(costs.parameter_bars(frame, by=by), key="cost_parameters")
    footer("By formula: " + "; ".join(_formula(name) for name in names) + ".", lambda: frame, name="cost-parameters")
    chart(costs.memory_bars(memory), key="cost_memory")
    footer(
        "By formula, for one batch: Adam keeps two numbers per parameter; activations are what our kernel keeps from the "
        "forward for the backward pass.",
        lambda: memory,
        name="cost-memory",
    )


def _formula(name: str) -> str:
    return f"{get_cell(name).title} ${get_cell(name).parameter_formula}$ per layer"


def show_measured(settings: CostSettings, report: dict[str, Any]) -> None:
    """Draw what was measured, kernel by kernel, and its ratios beside the theory."""
    frame = measured_frame(report["rows"])
    titles = {name: name.capitalize() for name in QUANTITIES}
    quantity = choose_one("Measured", titles, key=_choice("quantity", list(titles)), visible=True)
    figure = costs.measured_dots(frame, quantity, axis=QUANTITIES[quantity])
    chart(figure, key="cost_measured")
    footer(circumstances(report), lambda: frame, name="cost-measured")
    reference = frame["architecture"].iloc[0]
    ratios = ratio_frame(settings, frame, str(reference))
    if ratios["title"].nunique() > 1:
        chart(costs.ratio_bars(ratios), key="cost_ratios")
        footer(explanation(ratios), lambda: ratios, name="cost-ratios")


def show_scaling(settings: CostSettings, names: Sequence[str]) -> None:
    """Draw how time and memory grow with size and length, measured over the theory."""
    report = measurement(
        "scaling",
        MEASURE_SCALING,
        (scaling_points(settings, names), settings.batch_size, SECONDS),
        label="Measure scaling",
        about="Times updates at five hidden sizes and five lengths, about 20 seconds, minutes for large networks.",
    )
    if report is None:
        return
    frame = scaling_frame(settings, measured_frame(report["rows"]))
    left, right = st.columns(2)
    with left:
        x = choose_one("Against", scaling.AXES, key=_choice("against", list(scaling.AXES)), visible=True)
    with right:
        kernels = {name: name for name in ("ours", "stock PyTorch")}
        kernel = choose_one("Kernel", kernels, key=_choice("kernel", list(kernels)), visible=True)
    chart(
        scaling.scaling(frame, TRAINING, x=x, kernel=kernel),
        key="scaling_time",
    )
    chart(scaling.scaling(frame, MEMORY, x=x), key="scaling_memory")
    footer(
        "Points: measured. Dashed: theory. For memory this is the formula; for time, a line that grows with FLOPs and meets "
        f"the last point, so points above it show fixed cost. {circumstances(report)}",
        lambda: frame,
        name="cost-scaling",
    )
