"""The verdict in layers: what was found, at what cost, against simple predictors, and its limits; and what it rests on."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from dashboard import services
from dashboard.charts import paired_differences
from dashboard.components.chart import chart, footer
from dashboard.components.choice import choose_one
from dashboard.formatting import escaped
from dashboard.sections.ranking import show_ranking
from models.analysis.comparison_columns import AXES
from models.analysis.time_to_solve import time_to_solve_frame
from models.analysis.verdict import Verdict, judge
from models.records.results import ExperimentResult

_AXES: Mapping[Literal["update", "seconds"], str] = {"update": AXES["update"].title, "seconds": AXES["seconds"].title}


def show_why(identity: str, result: ExperimentResult) -> None:
    """Draw everything behind a headline."""
    verdict = services.drawn(("verdict", identity), lambda: judge(result))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("\n".join(f"- {_text(fact)}" for fact in verdict.facts))
        show_ranking(identity, result, verdict)
        _show_solving(identity, result)
    with right:
        _show_details(verdict)


def show_layers(verdict: Verdict) -> None:
    """Draw headline and facts, and the details folded."""
    st.markdown(f"**{_text(verdict.headline)}**")
    st.markdown("\n".join(f"- {_text(fact)}" for fact in verdict.facts))
    with st.expander("Why this verdict", icon=":material/fact_check:"):
        _show_details(verdict)


def _show_details(verdict: Verdict) -> None:
    st.markdown("\n\n".join(f"**{heading}.** {_text(text)}" for heading, text in verdict.details))


def _text(sentence: str) -> str:
    return escaped(sentence, longest=len(sentence))


def _show_solving(identity: str, result: ExperimentResult) -> None:
    frame = services.drawn(("solving", identity), lambda: time_to_solve_frame(result))
    if not (frame["unsolved"] < 1).any():  # no criterion, or no repeat met it: the facts say so
        return
    x = choose_one("Solved against", _AXES, key="solving_x", default="update")
    figure = services.drawn(("solving", identity, x), lambda: paired_differences.solving(frame, x=x))
    chart(figure, key="solving")
    footer(
        "Kaplan and Meier's estimate: a repeat that ended unsolved counts as unsolved until its end.",
        lambda: frame,
        name="solving",
    )
