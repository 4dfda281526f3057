"""The list of experiments: search, filters, order, table and selection."""

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import saved_experiments, services, state
from dashboard.formatting import count, escaped
from dashboard.sections.training import STATUS
from data.catalog import catalogue, get_dataset
from models.analysis.experiment_list import list_frame, short_verdict
from models.cells import architectures, get_cell
from models.records.experiment import ExperimentQuery, ExperimentSummary, SortBy, UnreadableExperiment
from models.records.results import ExperimentResult

_log = logging.getLogger("gatescope.page")
CHOSEN = "experiments_chosen"
MAX_CHOSEN = 6
PER_PAGE = 25
ORDERS = {
    "Newest first": (SortBy.CREATED, True),
    "Oldest first": (SortBy.CREATED, False),
    "By dataset": (SortBy.DATASET, False),
    "By architectures": (SortBy.ARCHITECTURES, False),
    "By status": (SortBy.STATUS, False),
}


def chosen() -> list[str]:
    """Return the ids of the selected experiments, in the order of selection."""
    picked: list[str] = state.get(CHOSEN, [])
    return picked


def choose(identities: Sequence[str]) -> None:
    """Select experiments, replacing the selection."""
    state.put(CHOSEN, list(identities)[:MAX_CHOSEN])


def show_list() -> None:
    """Draw search, filters and table."""
    query = _query()
    found = saved_experiments.listed(query)
    if not found.total and not found.rows:
        _nothing(query)
        return
    frame, odd = _frame(found.rows)
    _table(frame)
    _pages(query, found.total)
    _show_unreadable((*found.unreadable, *odd))


def _frame(rows: Sequence[ExperimentSummary]) -> tuple[pd.DataFrame, list[UnreadableExperiment]]:
    """Return the table of all experiments that can be summarised, and the others, so that one bad row does not hide the rest."""
    try:
        return list_frame(rows, _verdict), []
    except Exception:  # which one and why is determined below
        _log.info("a row of the list cannot be drawn")
    good, odd = [], []
    for row in rows:
        try:
            list_frame([row], _verdict)
            good.append(row)
        except Exception as error:
            _log.warning("experiment %s cannot be shown", row.view.id, exc_info=error)
            reason = f"Its numbers cannot be shown ({type(error).__name__})."
            odd.append(UnreadableExperiment(id=row.view.id, control=row.control, reason=reason))
    return list_frame(good, _verdict), odd


def _show_unreadable(experiments: Sequence[UnreadableExperiment]) -> None:
    """List the unreadable experiments, and let those who started them delete them."""
    for one in experiments:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"An experiment cannot be shown. {escaped(one.reason, longest=400)}")
            if saved_experiments.may_control_with(one.control) and st.button(
                "Delete", icon=":material/delete:", key=f"delete_unreadable_{one.id}"
            ):
                saved_experiments.delete_kept(one.id)
                st.rerun()


def _verdict(identity: str, result: ExperimentResult) -> str:
    return services.drawn(("short verdict", identity), lambda: short_verdict(identity, result))


def _query() -> ExperimentQuery:
    """Draw search and filters; return the query."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        about = "Finds experiments by dataset, architecture, tag, note or decision."
        search = st.text_input("Search", key="experiments_search", placeholder="Any word", max_chars=200, help=about)
        order = st.selectbox("Order", list(ORDERS), key="experiments_order", width=180)
    with st.sidebar:
        st.markdown("Show only")
        status = st.multiselect("Status", list(STATUS), key="experiments_status")
        datasets = st.multiselect(
            "Dataset",
            list(catalogue()),
            format_func=lambda name: get_dataset(name).title,
            key="experiments_dataset",
        )
        architecture = st.selectbox(
            "Architecture",
            ["", *architectures()],
            format_func=lambda name: get_cell(name).title if name else "Any",
            key="experiments_architecture",
        )
        tag = st.text_input("Tag", key="experiments_tag", max_chars=30)
        swept = st.toggle("Also experiments of sweeps", key="experiments_swept", help="A sweep makes many of them.")
    sort, descending = ORDERS[order]
    page = state.get("experiments_page", 1)
    return ExperimentQuery(
        search=search,
        status=tuple(status),
        datasets=tuple(datasets),
        architecture=architecture,
        tag=tag.strip(),
        sweep=None if swept else "",
        sort=sort,
        descending=descending,
        offset=(int(page) - 1) * PER_PAGE,
        limit=PER_PAGE,
    )


def _table(frame: pd.DataFrame) -> None:
    """Draw the table; choosing rows in it chooses experiments."""
    identities = frame["id"].tolist()
    key = "experiments_" + hashlib.sha256("".join(identities).encode()).hexdigest()[:12]

    def picked() -> None:
        rows = state.get(key, {}).get("selection", {}).get("rows", [])
        choose([identities[row] for row in rows if row < len(identities)])

    st.dataframe(
        frame.drop(columns="id"),
        hide_index=True,
        key=key,
        on_select=picked,
        selection_mode="multi-row",
        row_height=38,
        column_config=_columns(),
        placeholder="–",
        alt="List of experiments; choose rows to open or compare them.",
    )


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "dataset": config.TextColumn("Dataset", width="medium"),
        "architectures": config.TextColumn("Architectures"),
        "verdict": config.TextColumn("Verdict"),
        "score": config.TextColumn("Test", help="Mean over repeats, in the order of the architectures."),
        "loss": config.LineChartColumn(
            "Loss", help="Validation loss of the architecture that ended lowest.", width="small"
        ),
        "settings": config.TextColumn("Settings"),
        "cost": config.NumberColumn("Cost", format="%.1f s", help="Seconds of training, all architectures together."),
        "status": config.TextColumn("Status"),
        "created": config.DatetimeColumn("Started", format="YYYY-MM-DD HH:mm", help="UTC"),
        "tags": config.ListColumn("Tags"),
        "notes": config.NumberColumn("Notes"),
        "decision": config.TextColumn("Decision"),
    }


def _pages(query: ExperimentQuery, total: int) -> None:
    pages = -(-total // query.limit)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{count(total, 'experiment')}. Choose one to open it, two or more to compare them.")
        if pages > 1:
            st.number_input("Page", 1, pages, key="experiments_page", width=140)


def _nothing(query: ExperimentQuery) -> None:
    if chosen():
        st.caption("You have trained nothing on this server yet. The experiment of your link is below.")
    elif query == ExperimentQuery(limit=query.limit, sort=query.sort, descending=query.descending):
        st.info("Nothing here yet: what you train on the Compare page is listed here, with its verdict and its cost.")
    else:
        st.info("No experiment matches; try fewer words or filters.")
