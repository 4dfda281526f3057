"""The verdict: one plain paragraph, the differences behind it, and how long solving took."""

import streamlit as st

from dashboard import services
from dashboard.charts import paired_differences
from dashboard.components.chart import chart, footer
from dashboard.formatting import plain
from models.analysis.comparison import AXES, deciding_metric
from models.analysis.pairs import differences_frame
from models.analysis.solving import solving_frame
from models.analysis.verdict import Verdict, judge
from models.analysis.wording import statement
from models.records.results import ExperimentResult


def show_verdict(identity: str, result: ExperimentResult) -> None:
    """Draw the verdict of a finished comparison."""
    verdict = services.drawn(("verdict", identity), lambda: judge(result))
    st.header("Verdict", anchor="verdict")
    st.markdown(_paragraph(verdict))
    if len(verdict.comparisons) > 1:
        with st.expander(f"All {len(verdict.comparisons)} pairs"):
            st.markdown("\n".join(f"- {_text(statement(comparison))}" for comparison in verdict.comparisons))
    if any(comparison.seeds > 1 for comparison in verdict.comparisons):
        _show_differences(identity, result, verdict)
    _show_solving(identity, result)


def _text(sentence: str) -> str:
    return plain(sentence, longest=len(sentence))


def _paragraph(verdict: Verdict) -> str:
    """Return the paragraph with its first sentence bold."""
    rest = verdict.paragraph.removeprefix(verdict.headline)
    return f"**{_text(verdict.headline)}** {_text(rest).strip()}"


def _show_differences(identity: str, result: ExperimentResult, verdict: Verdict) -> None:
    frame = differences_frame(verdict.comparisons)
    _, metric = deciding_metric(result)
    figure = services.drawn(("differences", identity), lambda: paired_differences.paired_differences(frame, metric))
    chart(figure, key="paired_differences", alt=paired_differences.describe(frame, metric))
    footer(paired_differences.direction(frame, metric), lambda: frame, name="differences")


def _show_solving(identity: str, result: ExperimentResult) -> None:
    frame = services.drawn(("solving", identity), lambda: solving_frame(result))
    if not (frame["unsolved"] < 1).any():  # no criterion, or no seed met it: the paragraph says so
        return
    x = st.segmented_control(
        "Solved against",
        ["update", "seconds"],
        format_func=lambda axis: AXES[axis].title,
        default="update",
        required=True,
        key="solving_x",
        label_visibility="collapsed",
    )
    figure = services.drawn(("solving", identity, x), lambda: paired_differences.solving(frame, x=x))
    chart(figure, key="solving", alt=paired_differences.describe_solving(frame))
    footer(
        "Kaplan and Meier's estimate: a seed that ended unsolved counts as unsolved until its end.",
        lambda: frame,
        name="solving",
    )
