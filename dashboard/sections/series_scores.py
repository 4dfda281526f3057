"""The score of every series, where one model was trained on several: which are hard, and for which architecture."""

import streamlit as st

from dashboard import services
from dashboard.charts.series_scores import MAX_SHOWN, series_chart
from dashboard.components.chart import chart, footer
from models.analysis.comparison_columns import deciding_metric
from models.analysis.series_scores import series_frame, series_table
from models.records.results import ExperimentResult


def show_series(identity: str, result: ExperimentResult) -> None:
    """Draw chart and table of the series; nothing where the data have one."""
    frame = services.drawn(("series_frame", identity), lambda: series_frame(result))
    if frame.empty:
        return
    _, metric = deciding_metric(result)
    chart(services.drawn(("series", identity), lambda: series_chart(frame, metric)), key="series")
    count = frame["series"].nunique()
    cut = f" The {MAX_SHOWN} hardest of {count} are drawn." if count > MAX_SHOWN else ""
    caption = (
        "Dots: mean over the repeats that tested the series; lines: lowest to highest of them. "
        f"The verdict counts every series once, however many windows it has.{cut}"
    )
    footer(caption, lambda: series_frame(result), name="series")
    with st.expander(f"Table of {count} series"):
        table = series_table(frame)
        st.dataframe(table, hide_index=True, column_config={"series": st.column_config.TextColumn("Series")})
