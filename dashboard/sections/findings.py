"""Published findings: the table of all of them, and one with its source, its numbers then and here, and its chart."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.charts.finding import finding_chart
from dashboard.components.chart import chart, footer
from dashboard.formatting import count, escaped
from dashboard.navigation import page_file
from models.findings.finding import TOPICS, Finding, findings
from models.findings.frames import NOT_RUN, chart_frame, current, table_frame, value_heading
from models.findings.reproduce import Reproduced, read_result

PAGE = "findings"
CHOSEN = "finding"
ALL = "all"
MARKS = {
    "reproduced": (":material/check_circle:", "green"),
    "partly": (":material/incomplete_circle:", "orange"),
    "not reproduced": (":material/cancel:", "red"),
    NOT_RUN: (":material/help:", "gray"),
}
READING = "Each dot is a repeat, each line across the median. Grey rings are simple predictors."
READINGS = {
    "scores": READING,
    "curve": "Median over repeats, on validation data.",
    "gradient": "Median over repeats, as a share of the gradient at the last step.",
    "numbers": "Measured without training; a line marks the median where there are several.",
}


def results() -> dict[str, Reproduced]:
    """Return the shipped results by name."""
    read = {name: read_result(name) for name in findings()}
    return {name: result for name, result in read.items() if result is not None}


def choose_topic() -> str:
    """Draw the filter; return a key of `TOPICS`, or `ALL`."""
    known = {ALL: "All topics"} | TOPICS
    key = state.setting(PAGE, "topic", ALL, known.__contains__)
    chosen = st.pills("Topic", list(known), format_func=known.__getitem__, key=key, label_visibility="collapsed")
    return str(chosen or ALL)


def show_table(topic: str) -> str:
    """Draw the table of a topic's findings; return the name of the chosen one."""
    entries = {name: entry for name, entry in findings().items() if topic in (ALL, entry.topic)}
    frame = table_frame(entries, results())
    st.markdown(_tally(frame))
    names = frame["name"].tolist()
    linked = state.asked(PAGE, CHOSEN)
    key = f"findings_of_{topic}"

    def picked() -> None:
        rows = state.get(key, {}).get("selection", {}).get("rows", [])
        state.put(CHOSEN, names[rows[0]] if rows and rows[0] < len(names) else None)

    st.dataframe(
        frame[["claim", "then", "here", "state", "seconds", "source", "link"]],
        hide_index=True,
        key=key,
        on_select=picked,
        selection_mode="single-row",
        row_height=38,
        column_config=_columns(),
        alt="Published findings; choose a row to read one.",
    )
    footer("Choose a row to read one. Links open its experiment on Compare.", lambda: frame, name="findings")
    chosen = state.get(CHOSEN)
    return next((name for name in (chosen, linked) if name in names), names[0])


def _tally(frame: pd.DataFrame) -> str:
    parts = []
    for name, (icon, colour) in MARKS.items():
        number = int((frame["state"] == name).sum())
        if number:
            parts.append(f":{colour}-badge[{icon} {number} {name}]")
    return f"{count(len(frame), 'finding')}: {' '.join(parts)}"


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "claim": config.TextColumn("Claim", width="large"),
        "state": config.TextColumn("State", width="small"),
        "then": config.TextColumn("Then", width="medium", help="What the source reports."),
        "here": config.TextColumn("Here", width="medium", help="What this project measured."),
        "seconds": config.NumberColumn("Time", format="%.0f s", help="Seconds on one core."),
        "source": config.TextColumn("Source"),
        "link": config.LinkColumn("Experiment", display_text="Open"),
    }


def show_finding(name: str) -> None:
    """Draw one finding."""
    entry = findings()[name]
    kept = current(entry, read_result(name))
    icon, colour = MARKS[kept.state if kept else NOT_RUN]
    st.subheader(escaped(entry.claim, longest=len(entry.claim)), anchor=False)
    st.markdown(f":{colour}-badge[{icon} {kept.state if kept else NOT_RUN}] :gray-badge[{TOPICS[entry.topic]}]")
    left, right = st.columns(2)
    with left:
        _tell(entry, kept)
    with right:
        _draw(entry, kept)
    _open(entry)


def _tell(entry: Finding, kept: Reproduced | None) -> None:
    source = escaped(entry.source.citation, longest=400)
    st.markdown(f"**Source.** {f'[{source}]({entry.source.link})' if entry.source.link else source}")
    for heading, text in (
        ("Then", entry.then),
        ("Expected here, before the first run", entry.expected),
        ("Here", kept.here if kept else "It was not run yet."),
        ("Why it differs", entry.reason),
        ("How this experiment differs", entry.differs),
    ):
        if text:
            st.markdown(f"**{heading}.** {escaped(text, longest=len(text))}")
    if kept:
        kernels = f", kernel: {', '.join(kept.kernels)}" if kept.kernels else ""
        st.caption(
            f"Measured on {kept.date} with version {kept.version} in {kept.seconds:.0f} s: {kept.machine}{kernels}."
        )


def _draw(entry: Finding, kept: Reproduced | None) -> None:
    if kept is None:
        return
    frame = chart_frame(entry, kept.measured)
    chart(finding_chart(frame, entry.chart, value_heading(entry, kept.measured)), key="finding_chart")
    footer(READINGS[entry.chart], lambda: frame, name=f"finding-{entry.name}")


def _open(entry: Finding) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Run it again", key="run_finding", icon=":material/replay:", help="Set this experiment up on Compare."
        ):
            st.switch_page(page_file(""), query_params=state.link(entry.spec))
        if len(entry.experiments) > 1:
            links = " · ".join(f"[{label}]({state.url(spec)})" for label, spec in entry.experiments.items())
            st.markdown(f"All its experiments: {links}")
    st.caption(f"All of it, with its rule: `python -m models reproduce {entry.name}`")
