"""The difference between two architectures in every repeat, beside the loss curves."""

import streamlit as st

from dashboard import services
from dashboard.charts.paired_differences import paired_differences
from dashboard.components.chart import chart, csv_button
from dashboard.components.place import show_place
from dashboard.sections.comments import show_comments
from dashboard.sections.curves import HEIGHT
from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import PairComparison, differences_frame
from models.analysis.verdict import Verdict
from models.records.results import ExperimentView

TITLE = "Differences"
LATER = "Which one is better in each repeat appears here when training ends."


def show_differences(view: ExperimentView, verdict: Verdict | None) -> None:
    """Draw the chart, or its place while there is nothing to draw."""
    known = [pair for pair in verdict.comparisons if pair.tested.repeats > 1] if verdict else []
    if not known or verdict is None or view.result is None:
        show_place(TITLE, _why_none(view, verdict))
        return
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="differences_tools"):
        pair = _chosen(known)
        csv_button(lambda: differences_frame(verdict.comparisons), name="differences")
        show_comments(view, TITLE)
    frame = differences_frame([pair])
    _, metric = deciding_metric(view.result)
    figure = services.drawn(
        ("differences", view.id, pair.pair), lambda: paired_differences(frame, metric, height=HEIGHT)
    )
    with place:
        chart(figure, key="paired_differences")


def _why_none(view: ExperimentView, verdict: Verdict | None) -> str:
    """Say why there is no chart."""
    if len(view.spec.architectures) < 2:
        return "One architecture has nothing to be compared with."
    if verdict is None:
        return LATER
    if view.status == "stopped":
        return "Training was stopped: repeats that did not end are not compared."
    return "Fewer than two repeats ended in both architectures, so there is no difference to show."


def _chosen(pairs: list[PairComparison]) -> PairComparison:
    """Let a visitor choose one of several pairs."""
    if len(pairs) == 1:
        return pairs[0]
    titles = [" and ".join(pair.titles) for pair in pairs]
    title = st.selectbox("Pair", titles, key="differences_pair", label_visibility="collapsed", width=220)
    return pairs[titles.index(title)]
