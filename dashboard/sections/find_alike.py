"""Find alike: choose steps and a threshold; other samples where the same units are on, with dates or text."""

import pandas as pd
import streamlit as st

from dashboard.components.chart import csv_button
from dashboard.sections.sample_choice import look_at_sample
from dashboard.sections.selection import Selection
from dashboard.sections.worker_answers import arguments, per_architecture
from models.analysis.alike import ALIKE, Alike, Pattern, alike_frame
from models.analysis.gate_frames import quantities, shown_title
from models.cells import get_cell


def show_find_alike(selection: Selection) -> None:
    """Draw the choice of a pattern, and the places that match it best."""
    st.caption("Choose steps of the sample. The table lists other samples in which the same units are on for as long.")
    place, runs = selection.place, {run.spec.architecture: run for run in selection.result.runs}
    name, pattern = _pattern(selection, list(runs))
    weights = {key: value[place.replica : place.replica + 1] for key, value in runs[name].weights.items()}
    found: Alike = per_architecture(
        selection,
        ALIKE,
        (place.replica, pattern),
        lambda run: arguments(selection, run, weights, pattern, place.replica),
        runs=[runs[name]],
    )[name]
    if not found.units:
        st.info("No unit stays above the threshold during these steps. Choose a lower threshold, or fewer steps.")
        return
    units = ", ".join(str(unit + 1) for unit in found.units[:20])
    st.caption(f"On during these steps: {len(found.units)} units ({units}). {found.searched} samples were searched.")
    frame = alike_frame(found, selection.data)
    if frame.empty:
        st.info("No other sample has one of these units on for as long.")
        return
    _places(frame)


def _pattern(selection: Selection, names: list[str]) -> tuple[str, Pattern]:
    """Draw the choice of network, quantity, threshold and steps."""
    place = selection.place
    steps = int(selection.data.test.lengths[place.sample])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Network", names, format_func=lambda n: get_cell(n).title, key="alike_cell", width=160)
        cell = get_cell(name)
        known = list(quantities(cell))
        quantity = st.selectbox(
            "Gate or state",
            known,
            index=len(known) - 1,
            format_func=lambda n: shown_title(cell, n),
            key=f"alike_quantity_{name}",
            width=200,
        )
        threshold = st.number_input("On above", -50.0, 50.0, 0.3, step=0.1, key="alike_threshold", width=120)
    first, last = max(1, steps - 2), steps
    if steps > 1:
        key = f"alike_span_{selection.identity}_{place.sample}_{steps}"
        first, last = st.slider("Steps of the chosen sample", 1, steps, (first, last), key=key)
    return name, Pattern(
        sample=place.sample,
        first=first - 1,
        last=last - 1,
        quantity=quantity,
        layer=place.layer,
        threshold=float(threshold),
    )


def _places(frame: pd.DataFrame) -> None:
    """Draw the places as a table, with a way to look at the best one."""
    st.dataframe(
        frame,
        hide_index=True,
        key="alike_places",
        column_config={
            "sample": st.column_config.NumberColumn("Sample"),
            "first": st.column_config.NumberColumn("First step"),
            "last": st.column_config.NumberColumn("Last step"),
            "shared": st.column_config.NumberColumn("Same units on"),
            "others": st.column_config.NumberColumn("Other units on"),
            "match": st.column_config.ProgressColumn("Match", min_value=0.0, max_value=1.0, format="percent"),
            "where": st.column_config.TextColumn("Date or place"),
            "inputs": st.column_config.TextColumn("Inputs there"),
        },
    )
    csv_button(lambda: frame, name="alike")
    best = int(frame["sample"].iloc[0])
    if st.button(f"Look at sample {best}", icon=":material/visibility:", key="alike_look"):
        look_at_sample(best)
        st.rerun()
