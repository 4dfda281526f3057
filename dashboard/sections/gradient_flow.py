"""Gradient flow: how far back an error at the end reaches, before and after training, and the gates that decide it."""

from collections.abc import Sequence

import streamlit as st

from dashboard import services, state
from dashboard.charts.gradient_flow import HEIGHT, gradient_flow, kept_shares
from dashboard.components.chart import chart, footer
from dashboard.components.choice import choose_one
from dashboard.components.placeholder import waiting
from dashboard.formatting import escaped, listed
from dashboard.sections.memory_form import PAGE, fresh_form
from models.analysis.gradient_frames import (
    QUANTITIES,
    Flows,
    flow_frame,
    flows_of,
    fresh_flows,
    horizon_frame,
    horizon_sentences,
)
from models.cells import get_cell
from models.errors import InvalidSpecError
from models.records.experiment import valid_id
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

FRESH_FLOW = "models.training.gradient_flow:fresh_flow"
FRESH = "fresh"
ABOUT = (
    "An early step learns only if some gradient from the last step still reaches it. Each step back multiplies the gradient "
    "once more. In a tanh RNN it usually shrinks fast; open gates let it pass."
)


def show_gradient_flow() -> None:
    """Draw the part: networks that were never trained, or a finished experiment before and after training."""
    st.markdown(ABOUT)
    with st.sidebar:
        result = _networks()
        spec = None if result is not None else fresh_form()
    state.commit_settings(PAGE)
    if result is not None:
        _show(flows_of(result), result.spec.seed_values())
    elif spec is not None:
        _show(measure_fresh(spec), spec.seed_values())


def measure_fresh(spec: ExperimentSpec) -> Flows:
    """Measure untrained networks on a worker, with a skeleton in place of the charts.

    Raises:
        EngineError: If it failed or took too long.
    """
    future = services.analyse(FRESH_FLOW, (spec.key(),), lambda: (spec.to_dict(),))
    caption = "A worker measures fresh networks …"
    with waiting(caption, height=HEIGHT, name="fresh_flow", needed=not future.done()):
        return fresh_flows(services.answer(future))


def _networks() -> ExperimentResult | None:
    """Draw the choice of networks; return the result of a finished experiment, or None for fresh ones."""
    asked = state.asked(PAGE, state.EXPERIMENT) or state.experiment() or FRESH
    linked = services.view(asked) if valid_id(asked) else None
    known = {identity: _title(row.view.spec) for identity, row in services.own_experiments().items()}
    if linked is not None and linked.result is not None:
        known = {linked.id: _title(linked.spec)} | known
    elif asked != FRESH:
        st.caption("The experiment of the link has no result here; fresh networks are shown.")
    names = {FRESH: "Fresh, never trained"} | known
    key = state.setting(PAGE, state.EXPERIMENT, asked if asked in names else FRESH, lambda value: value in names)
    chosen = st.selectbox("Networks", list(names), format_func=names.__getitem__, key=key)
    view = services.view(chosen) if chosen != FRESH else None
    if view is None or view.result is None:
        return None
    state.attach(view.id)
    if not any(run.gradient_flow for run in view.result.runs):
        raise InvalidSpecError([_missing(view.result.spec)])
    return view.result


def _missing(spec: ExperimentSpec) -> str:
    """Say why there is no gradient flow."""
    if spec.bidirectional or spec.layer_norm or spec.readout != "last":
        return "Gradient flow is measured for layers in one direction, read at the last step and without layer norm."
    return "This experiment was kept without its gradient flow; train it again to see it."


def _title(spec: ExperimentSpec) -> str:
    names = listed([get_cell(name).title for name in spec.architectures])
    return f"{names} on {escaped(spec.source().title)}, {spec.hidden_size} units"


def _show(flows: Flows, seeds: Sequence[int]) -> None:
    frame, horizons = flow_frame(flows, seeds), horizon_frame(flows, seeds)
    there = {name: title for name, title in QUANTITIES.items() if (frame["quantity"] == name).any()}
    with st.container(horizontal=True, vertical_alignment="bottom", key="flow_look"):
        quantity = choose_one(
            "Gradient for",
            there,
            key="flow_of",
            default="hidden" if "hidden" in there else "input",
            visible=True,
        )
        relative = st.toggle("As a share of its largest", value=True, key="flow_relative")
    left, right = st.columns(2)
    with left:
        figure = gradient_flow(frame, horizons, quantity, relative=relative)
        chart(figure, key="gradient_flow")
    with right:
        chart(kept_shares(frame), key="kept_shares")
    st.markdown(
        "**Horizon**: how many steps back the gradient stays above 1 % of its largest value (hidden state, median of the repeats):"
    )
    st.markdown("\n".join(f"- {sentence}" for sentence in horizon_sentences(horizons)))
    dashes = "Dotted and thin: before training; solid: after. " if frame["moment"].nunique() > 1 else ""
    caption = (
        f"Thick: geometric mean of the repeats; faint: one repeat each. {dashes}Left: size of the gradient of the last output, root "
        "mean square of up to 16 long test sequences. Right: how much of a stored value survives N steps, mean of the units; "
        "the forget gate decides it in an LSTM, the update gate in a GRU."
    )
    if stateless := [get_cell(name).title for name in flows if not get_cell(name).recurrent]:
        caption += f" {listed(stateless)}: no state and no gates; gradients are with respect to the input alone."
    footer(caption, lambda: frame, name="gradient-flow")
