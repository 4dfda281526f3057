"""Several experiments side by side: curves, settings that differ, and a verdict if the comparison is fair."""

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from dashboard.charts.overlay import overlay
from dashboard.components.chart import chart, footer
from dashboard.components.choice import choose_one
from dashboard.formatting import escaped
from dashboard.sections.experiment_detail import title
from dashboard.sections.over_datasets import show_over_datasets
from models.analysis.compare_experiments import Labelled, findings, overlay_frame, settings_frame
from models.analysis.comparison_columns import AXES
from models.analysis.experiment_list import key_settings
from models.export.tables import several_csv
from models.records.results import ExperimentResult, ExperimentView

LETTERS = "ABCDEF"

_AXES: Mapping[Literal["update", "seconds"], str] = {"update": AXES["update"].title, "seconds": AXES["seconds"].title}


def show_experiments(views: list[ExperimentView]) -> None:
    """Draw several experiments; those without a result are named and left out of curves and verdicts."""
    st.header("Side by side", anchor="side-by-side")
    named = dict(zip(LETTERS, views, strict=False))
    for letter, view in named.items():
        st.markdown(
            f"**{letter}** {escaped(title(view.spec, view))} · {escaped(key_settings(view.spec))} · {view.status}"
        )
    labelled = [Labelled(label=letter, result=view.result) for letter, view in named.items() if view.result]
    st.download_button(
        "All numbers of these experiments (CSV)",
        lambda: several_csv({one.label: one.result for one in labelled}),
        file_name="gatescope-experiments.csv",
        mime="text/csv",
        key="export_several",
        on_click="ignore",
        icon=":material/download:",
        disabled=not labelled,
    )
    _curves(labelled)
    _settings(named)
    _verdicts(labelled)


def show_ranks(views: Sequence[ExperimentView]) -> None:
    """Offer mean ranks over datasets, computed only while they are open."""
    st.fragment(_ranks)([view.result for view in views if view.result is not None])


def _ranks(results: list[ExperimentResult]) -> None:
    part = st.expander("Over several datasets", icon=":material/leaderboard:", key="part_ranks", on_change="rerun")
    if part.open:
        with part:
            show_over_datasets(results)


def _curves(experiments: list[Labelled]) -> None:
    left, right = st.columns([0.7, 0.3], vertical_alignment="center")
    with left:
        x = choose_one("Against", _AXES, key="overlay_x", default="update")
    with right:
        logarithmic = st.toggle("Logarithmic loss", value=True, key="overlay_log")
    frame = overlay_frame(experiments)
    chart(overlay(frame, x=x, logarithmic=logarithmic), key="overlay")
    footer("One hue per architecture, one dash per experiment; mean over repeats.", lambda: frame, name="overlay")


def _settings(named: dict[str, ExperimentView]) -> None:
    st.subheader("Settings", anchor=False)
    only = st.toggle("Differences only", value=True, key="differences_only")
    frame = settings_frame({letter: view.spec for letter, view in named.items()}, differences_only=only)
    if frame.empty:
        st.caption("All settings are the same.")
        return
    shown = frame.drop(columns="differs").reset_index()
    st.dataframe(
        shown, hide_index=True, column_config={"setting": "Setting"}, alt="Settings of the chosen experiments."
    )


def _verdicts(experiments: list[Labelled]) -> None:
    st.subheader("Verdict", anchor=False)
    if len(experiments) < 2:
        st.caption("Fewer than two of them have a result.")
        return
    for finding in findings(experiments):
        pair = " and ".join(finding.labels)
        if finding.obstacle:
            st.markdown(f"**{pair}** cannot be compared. {escaped(finding.obstacle, longest=300)}")
            continue
        st.markdown(f"**{pair}**")
        st.markdown("\n".join(f"- {escaped(told, longest=len(told))}" for told in finding.statements))
