"""Architectures over several datasets: mean ranks with the critical difference."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import services
from dashboard.charts.ranking import mean_ranks
from dashboard.components.chart import chart, footer
from dashboard.formatting import count, listed
from models.analysis.critical_difference import RankComparison, rank_comparison
from models.analysis.statistics import LEVEL
from models.cells import get_cell
from models.records.results import ExperimentResult


def show_over_datasets(selected: Sequence[ExperimentResult]) -> None:
    """Draw mean ranks over the selected experiments, or over all of this visitor's that have a result."""
    rows = services.own_experiments().values()
    every = [row.view.result for row in rows if row.view.result is not None]
    results = list(selected) if len(selected) > 1 else every
    names = sorted({run.spec.architecture for result in results for run in result.runs}, key=_order)
    st.caption(
        "Ranks the architectures on each dataset and tests the ranks: one answer over all datasets instead of one for each. "
        + (
            "The selected experiments."
            if len(selected) > 1
            else f"{count(len(every), 'experiment')} with a result; select rows to use fewer."
        )
    )
    chosen = st.multiselect(
        "Architectures",
        names,
        default=_common(results),
        format_func=lambda name: get_cell(name).title,
        key="ranked_architectures",
        help="Experiments that lack one of them are left out.",
    )
    having = [one for one in results if set(chosen) <= {run.spec.architecture for run in one.runs}]
    compared = rank_comparison([_only(one, chosen) for one in having]) if len(chosen) > 1 and having else None
    if compared is None:
        st.info("Choose at least two architectures that some experiments have trained together.")
        return
    frame = compared.frame()
    chart(mean_ranks(frame, len(compared.datasets)), key="mean_ranks")
    st.markdown(_finding(compared))
    footer(
        f"Bars: half the critical difference of Nemenyi ({compared.critical:.2f} ranks) to either side; bars that overlap "
        f"cannot be told apart. Datasets: {listed(compared.datasets)}. Demšar (2006) advises more than ten datasets.",
        lambda: frame,
        name="mean-ranks",
    )


def _finding(compared: RankComparison) -> str:
    have, need = len(compared.datasets), compared.needed
    if not compared.enough:
        more = count(need - have, "more dataset")
        return f"**No claim yet:** {count(have, 'dataset')} of at least {need} that {len(compared.names)} architectures need; train on {more}."
    found = "The ranks differ" if compared.p < LEVEL else "The ranks do not differ more than chance would make them"
    return f"**{found}** (Friedman's test, p = {compared.p:.2g}, {count(have, 'dataset')}; at least {need} are needed)."


def _only(result: ExperimentResult, names: Sequence[str]) -> ExperimentResult:
    return replace(result, runs=tuple(run for run in result.runs if run.spec.architecture in names))


def _common(results: Sequence[ExperimentResult]) -> list[str]:
    """Return the architectures that most experiments have trained together: LSTM and GRU, if anything."""
    sets = [{run.spec.architecture for run in result.runs} for result in results]
    shared = set.intersection(*sets) if sets else set()
    if len(shared) < 2:
        counts = {name: sum(name in own for own in sets) for own in sets for name in own}
        shared = set(sorted(counts, key=lambda name: -counts[name])[:2])
    return sorted(shared, key=_order)


def _order(name: str) -> tuple[int, int, str]:
    cell = get_cell(name)
    return cell.order, cell.year, name
