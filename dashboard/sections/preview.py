"""The data before anything is trained: samples with their answers, sizes, source and licence."""

import plotly.graph_objects as go
import streamlit as st

from dashboard import services
from dashboard.charts.preview import preview
from dashboard.components.chart import chart, footer
from dashboard.formatting import escaped, grouped
from data.catalog import Dataset
from data.task import TaskData
from data.uploads.report import Report
from models.analysis.comparison_columns import metric_column
from models.analysis.samples import part_frame, sample_frame, target_points, target_text
from models.analysis.wording import file_name
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import data_note

SAMPLES = 3


def show_preview(spec: ExperimentSpec, *, opened: bool) -> None:
    """Draw three training samples and describe the data.

    Args:
        spec: The settings.
        opened: Whether it is open at first; a closed one draws nothing.
    """
    source = spec.source()
    part = st.expander(
        f"The data: {escaped(file_name(spec) if source.family == 'own' else source.title)}",
        expanded=opened,
        icon=":material/dataset:",
        key=f"preview_{'open' if opened else 'closed'}",
        on_change="rerun",
    )
    if part.open:
        with part:
            _samples(spec, source)


def _samples(spec: ExperimentSpec, source: Dataset) -> None:
    data = services.task_data(spec)
    chosen = spread(len(data.train))
    st.markdown(f"{source.description} {source.lesson}")
    if report := services.report(spec):
        _report(report)
    chart(services.drawn(("preview", spec.key()), lambda: _figure(data, source, chosen)), key="preview")
    caption = f"{sizes(data)}. Source: {source.source}. Licence: {source.licence}."
    footer(caption, lambda: sample_frame(data, "train", chosen, restored=True), name="samples")
    given = services.content(spec)  # counting the splits of a file reads it
    if note := services.drawn(("repeats", spec.key(), given is None), lambda: data_note(spec, data, given)):
        st.caption(note)
    _expected(spec, source)


def _expected(spec: ExperimentSpec, source: Dataset) -> None:
    """Write what theory and literature predict, so that the run can confirm or refute it."""
    parts = [f"{claim.statement.rstrip('.')} ({claim.source})" for claim in source.claims]
    solved = source.solved(spec.dataset_options())
    if solved is not None:
        side = "at least" if solved.higher_is_better else "below"
        metric = metric_column(solved.metric, higher_is_better=solved.higher_is_better).heading
        parts.insert(
            0, f"Counted as solved when the validation {metric} is {side} {solved.threshold:g} ({solved.source})"
        )
    if parts:
        st.markdown("**What to expect**\n\n" + "\n".join(f"- {escaped(one, longest=len(one))}" for one in parts))


def spread(count: int) -> tuple[int, ...]:
    """Return which samples to show: neighbours overlap in time, so take distant ones."""
    return tuple(sorted({place * count // SAMPLES for place in range(SAMPLES)})) if count else ()


def _figure(data: TaskData, source: Dataset, chosen: tuple[int, ...]) -> go.Figure:
    samples = sample_frame(data, "train", chosen, restored=True)
    points = target_points(data, "train", chosen)
    answers = {sample: target_text(data, "train", sample) for sample in chosen}
    return preview(samples, answers, picture=source.picture_of(data), points=points, unit=data.input_unit)


def _report(report: Report) -> None:
    """Write what an uploaded file contains and how it is used."""
    st.markdown("\n".join(f"- {escaped(sentence, longest=len(sentence))}" for sentence in report.sentences()))
    if len(report.frame()):
        st.dataframe(report.frame(), hide_index=True, alt="The columns of the uploaded file", key="upload_columns")


def sizes(data: TaskData) -> str:
    """Return the sizes of the parts: "Training 200, validation 42, test 43 sequences of 24 steps"."""
    frame = part_frame(data)
    counts = zip(frame["part"].tolist(), frame["sequences"].tolist(), strict=True)
    parts = ", ".join(f"{part.lower()} {grouped(sequences)}" for part, sequences in counts)
    shortest, longest = int(frame["shortest"].min()), int(frame["longest"].max())
    steps = f"{longest}" if shortest == longest else f"{shortest} to {longest}"
    return f"{parts[0].upper()}{parts[1:]} sequences of {steps} steps"
