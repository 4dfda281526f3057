"""Three or more architectures: their order, groups that cannot be told apart, and each against one reference."""

import pandas as pd
import streamlit as st

from dashboard import services
from dashboard.charts.ranking import against_reference
from dashboard.components.chart import chart, footer
from dashboard.formatting import count
from models.analysis.comparison_columns import deciding_metric
from models.analysis.ranking import MIN_LISTED, ranking_frame, reference_frame
from models.analysis.statistics import LEVEL, min_repeats
from models.analysis.verdict import Verdict
from models.analysis.wording import number
from models.cells import get_cell
from models.records.results import ExperimentResult

READING = (
    "Two architectures without a common letter are shown to differ (sign-flip test, all pairs corrected by Holm). "
    "A common letter means that they cannot be told apart, not that they are equal."
)


def show_ranking(identity: str, result: ExperimentResult, verdict: Verdict) -> None:
    """Draw the section where there are at least three architectures."""
    if len(result.runs) < MIN_LISTED:
        return
    frame = services.drawn(("ranking", identity), lambda: ranking_frame(result, verdict.comparisons))
    _, metric = deciding_metric(result)
    shown = frame.assign(score=[number(value) for value in frame["score"]])[["rank", "title", "score", "groups"]]
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "rank": st.column_config.NumberColumn("Rank", width="small"),
            "title": "Architecture",
            "score": st.column_config.TextColumn(metric.heading, alignment="right"),
            "groups": "Group",
        },
        alt="Architectures by mean score, with groups that cannot be told apart",
    )
    footer(f"{READING}{_too_few(result, verdict)}", lambda: frame, name="ranking")
    st.fragment(_against)(identity, result)


def _too_few(result: ExperimentResult, verdict: Verdict) -> str:
    """Say how many repeats so many pairs need, where there are fewer."""
    needed = min_repeats(LEVEL / len(verdict.comparisons))
    fewest = min((pair.tested.repeats for pair in verdict.comparisons), default=0)
    if fewest >= needed:
        return ""
    return f" {count(len(verdict.comparisons), 'pair')} need {needed} repeats for a claim; there are {fewest}."


def _against(identity: str, result: ExperimentResult) -> None:
    """Draw every architecture against the one that a visitor chooses."""
    names = [run.spec.architecture for run in result.runs]
    reference = st.selectbox(
        "Compare with", names, format_func=lambda name: get_cell(name).title, key="ranking_reference", width=260
    )
    frame = services.drawn(("reference", identity, reference), lambda: reference_frame(result, reference))
    _, metric = deciding_metric(result)
    chart(against_reference(frame, metric), key="against_reference")
    footer(
        f"Bars: interval of the mean difference over repeats, corrected by Holm for {len(frame)} comparisons. Grey: too "
        f"small to matter.{_needed(frame)}",
        lambda: frame,
        name="against-reference",
    )


def _needed(frame: pd.DataFrame) -> str:
    if not (frame["outcome"] == "too_few").any():
        return ""
    return f" {count(len(frame), 'comparison')} need {min_repeats(LEVEL / len(frame))} repeats for a claim."
