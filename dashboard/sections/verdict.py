"""The verdict in three layers: headline, facts, details; the differences behind it, and how long solving took."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from dashboard import services
from dashboard.charts import paired_differences
from dashboard.components.chart import chart, footer
from dashboard.components.choice import choose_one
from dashboard.formatting import escaped
from dashboard.sections.ranking import show_ranking
from models.analysis.comparison_columns import AXES, deciding_metric
from models.analysis.pairs import PairComparison, differences_frame
from models.analysis.time_to_solve import time_to_solve_frame
from models.analysis.verdict import Verdict, judge
from models.records.results import ExperimentResult

_AXES: Mapping[Literal["update", "seconds"], str] = {"update": AXES["update"].title, "seconds": AXES["seconds"].title}


def show_verdict(identity: str, result: ExperimentResult) -> None:
    """Draw the verdict of a finished comparison."""
    verdict = services.drawn(("verdict", identity), lambda: judge(result))
    st.header("Verdict", anchor="verdict")
    show_layers(verdict)
    show_ranking(identity, result, verdict)
    _show_differences(identity, result, verdict)
    _show_solving(identity, result)


def show_layers(verdict: Verdict) -> None:
    """Draw headline and facts, and the details folded."""
    st.markdown(f"**{_text(verdict.headline)}**")
    st.markdown("\n".join(f"- {_text(fact)}" for fact in verdict.facts))
    with st.expander("Why this verdict", icon=":material/fact_check:"):
        st.markdown("\n\n".join(f"**{heading}.** {_text(text)}" for heading, text in verdict.details))


def _text(sentence: str) -> str:
    return escaped(sentence, longest=len(sentence))


def _show_differences(identity: str, result: ExperimentResult, verdict: Verdict) -> None:
    known = [pair for pair in verdict.comparisons if pair.tested.repeats > 1]
    if not known:
        return
    pair = _chosen(known)
    frame = differences_frame([pair])
    _, metric = deciding_metric(result)
    figure = services.drawn(
        ("differences", identity, pair.pair), lambda: paired_differences.paired_differences(frame, metric)
    )
    chart(figure, key="paired_differences")
    every = lambda: differences_frame(verdict.comparisons)  # noqa: E731 - made when it is asked for
    footer(paired_differences.direction(frame, metric), every, name="differences")


def _chosen(pairs: list[PairComparison]) -> PairComparison:
    """Let a visitor choose one of several pairs."""
    if len(pairs) == 1:
        return pairs[0]
    titles = [" and ".join(pair.titles) for pair in pairs]
    title = st.selectbox("Pair", titles, key="differences_pair", label_visibility="collapsed")
    return pairs[titles.index(title)]


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
