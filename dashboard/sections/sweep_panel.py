"""A sweep while it runs: start, progress, time left, stop, and charts of the results so far."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import services, state
from dashboard.components.chart import csv_button
from dashboard.formatting import count, duration, escaped, sentence_of
from dashboard.navigation import page_file
from models.analysis.sweeps import axis_column, described, score_column, sweep_frame, sweep_summary
from models.cells import get_cell
from models.errors import GatescopeError
from models.records.experiment import may_control_with
from models.records.sweep import SweepOutcome, SweepView
from models.spec.sweep import SweepSpec

TICK = 1.0  # seconds between two checks of a running sweep
_WATCHED = ("running", "elsewhere")
Draw = Callable[[SweepView], None]


def show_sweep(spec: SweepSpec, draw: Draw, *, name: str, label: str = "Run the sweep") -> None:
    """Draw a sweep; it refreshes itself until it is over.

    Args:
        spec: The sweep.
        draw: Draws its results so far.
        name: Identity on the page.
        label: Text of the button that starts it.
    """
    watched = services.sweeps().view(spec).status in _WATCHED
    st.fragment(_panel, run_every=TICK if watched else None)(spec, draw, name=name, label=label, watched=watched)


def _panel(spec: SweepSpec, draw: Draw, *, name: str, label: str, watched: bool) -> None:
    try:
        view = services.sweeps().view(spec)
        if watched and view.status not in _WATCHED:
            st.rerun()
        _progress(view, name=name, label=label)
        draw(view)
    except GatescopeError as error:
        st.error(sentence_of(error))


def _progress(view: SweepView, *, name: str, label: str) -> None:
    left, right = st.columns([0.76, 0.24], vertical_alignment="center")
    with left:
        st.progress(share(view), text=progress_line(view))
    with right:
        _button(view, name=name, label=label)
    if view.message:
        st.warning(escaped(view.message, longest=300), icon=":material/error:")


def share(view: SweepView) -> float:
    """Return how much of a sweep is done, counting running runs by their share."""
    return min(1.0, sum(outcome.share for outcome in view.outcomes) / max(1, len(view.outcomes)))


def progress_line(view: SweepView) -> str:
    """Describe a sweep's progress: "**5 of 24 runs** · 2 in training · about 40 s left"."""
    parts = [f"**{view.done} of {count(len(view.outcomes), 'run')}**"]
    if view.status == "running":
        training = sum(outcome.status == "running" and outcome.share > 0 for outcome in view.outcomes)
        parts += [f"{training} in training"] if training else ["waiting for a worker"]
    if view.count("failed"):
        parts.append(f"{view.count('failed')} failed")
    if view.status == "elsewhere":
        parts.append("trained by another server; results come in here")
    elif view.status == "stopped":
        parts.append("stopped")
    if view.seconds_left and not view.complete:
        parts.append(f"about {duration(view.seconds_left)}{' left' if view.status == 'running' else ''}")
    return " · ".join(parts)


def _button(view: SweepView, *, name: str, label: str) -> None:
    if view.complete or view.status == "elsewhere":  # the line is never empty, so that nothing moves
        done = ("Finished", ":material/check:") if view.complete else ("Trained elsewhere", ":material/cloud:")
        st.button(done[0], key=f"ended_{name}", icon=done[1], width="stretch", disabled=True)
        return
    if view.status == "running":
        if may_control_with(view.control, state.control()):
            if st.button(
                "Stop", key=f"stop_{name}", icon=":material/stop:", width="stretch", help="Keeps what is done."
            ):
                services.sweeps().stop(view.spec.key())
        else:
            st.caption("Started in another browser.")
        return
    text = "Continue" if view.done and view.status == "stopped" else label
    if st.button(text, key=f"start_{name}", type="primary", icon=":material/play_arrow:", width="stretch"):
        services.use("sweeps")
        services.sweeps().start(view.spec, control=state.control())
        st.rerun()


def show_runs(view: SweepView, *, name: str) -> None:
    """Draw the table of all runs with their state, and a way to open one on Compare."""
    part = st.expander(f"All runs: {escaped(described(view.spec), longest=200)}", key=f"runs_{name}", on_change="rerun")
    if not part.open:
        return
    with part:
        st.dataframe(runs_frame(view), hide_index=True, width="stretch")
        csv_button(lambda: sweep_frame(view.spec, view.outcomes), name=f"{name}-runs", label="CSV, a row per seed")
        _open(view, name)


def runs_frame(view: SweepView) -> pd.DataFrame:
    """Return one row per run: what varies, its state, and the median score over repeats."""
    spec, score = view.spec, score_column(view.spec)
    summary = sweep_summary(spec, sweep_frame(spec, view.outcomes))
    names = [name for name, _ in spec.axes]
    scores = {(*(row[name] for name in names), row["title"]): row["median"] for row in summary.to_dict("records")}
    rows = []
    for outcome in view.outcomes:
        title, values = get_cell(outcome.run.run.architecture).title, dict(outcome.run.values)
        row: dict[str, Any] = {axis_column(spec, name).heading: values[name] for name in names} | {
            "Architecture": title
        }
        row |= {"State": _state(outcome), f"Test {score.heading}, median": scores.get((*values.values(), title))}
        rows.append(row)
    return pd.DataFrame(rows)


def _state(outcome: SweepOutcome) -> str:
    if outcome.status == "running":
        return f"{outcome.share:.0%}"
    return f"{outcome.status}: {escaped(outcome.message)}" if outcome.message else outcome.status


def _open(view: SweepView, name: str) -> None:
    there: dict[str, list[SweepOutcome]] = {}
    for outcome in view.outcomes:
        if outcome.result is not None:
            there.setdefault(outcome.experiment, []).append(outcome)
    if not there:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Open on Compare",
            list(there),
            format_func=lambda identity: _point(view.spec, there[identity]),
            key=f"open_{name}_choice",
            width=420,
        )
        if st.button("Open", key=f"open_{name}", icon=":material/open_in_new:"):
            state.attach(chosen)
            state.go_to(page_file(""), state.link(there[chosen][0].run.run.experiment, chosen))


def _point(spec: SweepSpec, outcomes: list[SweepOutcome]) -> str:
    """Name an experiment by what varies and what it trained: "Length (steps) 10: LSTM, GRU"."""
    caption = ", ".join(f"{axis_column(spec, axis).heading} {value}" for axis, value in outcomes[0].run.values)
    titles = ", ".join(get_cell(outcome.run.run.architecture).title for outcome in outcomes)
    return f"{caption}: {titles}" if caption else titles
