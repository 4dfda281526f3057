"""The effect of the fairness rule on the settings, shown before anything trains."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import services
from dashboard.formatting import count, grouped
from models.cells import get_cell
from models.spec.experiment_settings import FAIRNESS, ONE_SPLIT, ExperimentSpec
from models.spec.fairness import needs_measuring
from models.spec.plan import Plan, PlannedRun

RULES = {
    "same_hidden": "the same number of units each; parameters and seconds differ",
    "same_parameters": "hidden sizes are chosen so that whole networks have nearly the same number of parameters",
    "same_time": "each gets as many updates as fit into the same seconds at its own measured speed; speeds vary, so a second run may get other counts and other numbers",
}


def show_plan(spec: ExperimentSpec) -> None:
    """Draw one line per architecture: hidden size, parameters, updates."""
    plan = services.plan(spec)
    lines = [f"**{FAIRNESS[spec.fairness]}**: {RULES[spec.fairness]}.", *[line(plan, item) for item in plan.runs]]
    if spec.shares_one_split():
        lines.append(ONE_SPLIT)
    st.markdown("  \n".join(f":small[{text}]" for text in lines))
    if needs_measuring(spec) and not services.measured(spec):
        _offer_measuring(spec)


def _offer_measuring(spec: ExperimentSpec) -> None:
    line = st.empty()
    line.caption("Speeds are measured by short trainings when you press Train, or now:")
    if st.button("Find out now", key="measure_plan", icon=":material/speed:"):
        wait_for_measuring(spec, line)
        st.rerun()


def wait_for_measuring(spec: ExperimentSpec, line: DeltaGenerator) -> None:
    """Measure what the plan needs; returns at once if there is nothing to measure.

    Args:
        spec: The settings.
        line: A line that reports progress; nothing else moves.

    Raises:
        EngineError: If it could not be measured.
    """
    if needs_measuring(spec) and not services.measured(spec):
        line.caption(":material/hourglass_top: Short trainings measure speeds …")
        services.measure(spec)


def line(plan: Plan, item: PlannedRun) -> str:
    """Say what one architecture gets: "LSTM: 64 units, 17 217 parameters (−0.2 %), 600 updates, about 1.2 s"."""
    run = item.run
    parts = [count(run.hidden_size, "unit"), f"{grouped(item.parameters)} parameters{_mismatch(plan, item)}"]
    parts.append(count(run.updates, "update"))
    if item.seconds is not None:
        parts.append(f"about {item.seconds:.2g} s")
    if plan.spec.rate_search:
        parts.append(f"learning rate: the best of {plan.spec.rate_search}")
    return f"{get_cell(run.architecture).title}: {', '.join(parts)}"


def _mismatch(plan: Plan, item: PlannedRun) -> str:
    if plan.spec.fairness != "same_parameters" or len(plan.runs) < 2:
        return ""
    return f" ({100 * item.mismatch:+.1f} % of their middle)"
