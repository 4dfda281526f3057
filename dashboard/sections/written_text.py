"""Text that next-token models write: while they learn, and afterwards at a chosen temperature."""

import streamlit as st

from dashboard import services
from dashboard.components.chart import csv_button
from dashboard.formatting import grouped
from data.task import TaskData
from models.analysis.written_text import writing_frame
from models.cells import get_cell
from models.records.results import ExperimentResult, ExperimentView


def show_latest_samples(view: ExperimentView) -> None:
    """Draw what each model wrote at its latest evaluation."""
    for run in view.runs:
        if run.samples:
            st.caption(f"{get_cell(run.spec.architecture).title} writes after {grouped(run.update)} updates")
            st.code(run.samples[0], language=None, wrap_lines=True)


def writes(result: ExperimentResult, data: TaskData) -> bool:
    """Return whether the networks write text; an imported experiment may have none."""
    return data.kind == "next_token" and all(run.weights for run in result.runs)


def show_writing(identity: str, result: ExperimentResult) -> None:
    """Draw what the networks write; see `writes`."""
    st.fragment(_writing)(identity, result)


def _writing(identity: str, result: ExperimentResult) -> None:
    temperature = st.slider(
        "Temperature",
        0.1,
        1.5,
        0.7,
        0.1,
        key="temperature",
        help="Low repeats what is likeliest, 1 follows the model's own probabilities, above 1 grows wild.",
    )
    data = services.task_data(result.spec)
    frame = services.drawn(
        ("writing", identity, temperature), lambda: writing_frame(result, data, temperature=temperature)
    )
    for column, (title, rows) in zip(st.columns(len(result.runs)), frame.groupby("title", sort=False), strict=False):
        with column:
            st.markdown(f"**{title}**")
            for update, text in zip(rows["update"].tolist(), rows["text"].tolist(), strict=True):
                st.caption(f"After {grouped(update)} updates")
                st.code(text, language=None, wrap_lines=True)
    csv_button(lambda: frame, name="writing")
