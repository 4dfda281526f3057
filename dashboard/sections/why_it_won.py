"""Why did it win? Mechanisms of a better score, each tested by training both again without it."""

import pandas as pd
import streamlit as st

from dashboard import services, state
from dashboard.components.chart import csv_button
from dashboard.formatting import escaped
from dashboard.sections.selection import Selection
from models.analysis.mechanisms import Explained, Mechanism, advantages, better_pair, conclusion, explain, mechanisms
from models.cells import get_cell
from models.errors import GatescopeError
from models.records.results import ExperimentResult

STARTED = "mechanisms_started"  # experiment and mechanism to the id of its training, of this session
FAILED = "mechanisms_failed"
WAITS = {"queued": "waits", "running": "trains"}
ABOUT = (
    "Each test trains both networks again with one thing removed: a gate of the winner, a column, or the oldest inputs. It counts if "
    "the verdict's rule says that the advantage shrank, and at least half of it is gone."
)


def show_why_it_won(selection: Selection) -> None:
    """Draw the mechanisms that can be tested, what came out, and the conclusion."""
    pair = better_pair(selection.result)
    if pair is None or pair.better is None:
        st.info("No architecture is clearly better here, so there is nothing to explain. More repeats may decide it.")
        return
    winner = pair.better
    loser = next(name for name in pair.pair if name != winner)
    st.markdown(
        f"**{get_cell(winner).title}** is better than {get_cell(loser).title}. Which part makes the difference?"
    )
    st.caption(ABOUT)
    asked = mechanisms(selection.spec, services.task_data(selection.spec), winner=winner, loser=loser)
    if not asked:
        st.info("There is nothing that could be removed here: no gate variant, no further column, no shorter inputs.")
        return
    results = {one.name: found for one in asked if (found := _result(selection, one)) is not None}
    answers = [(one, results[one.name]) for one in asked if one.name in results]
    explained = {one.mechanism.name: one for one in explain(selection.result, winner, loser, answers)}
    for one in asked:
        _row(selection, one, explained.get(one.name))
    waiting = [identity for one in asked if one.name not in explained and (identity := _started(selection, one))]
    if any(map(_trains, waiting)):
        _watch(waiting)
    if problem := state.take(FAILED):
        st.error(escaped(str(problem), longest=600))
    if explained:
        st.subheader(conclusion(list(explained.values()), winner), anchor="mechanism")
        left = len(asked) - len(explained)
        told = f"{len(explained)} of {len(asked)} mechanisms were tested." if left else "All mechanisms were tested."
        st.caption(f"{told} {len(advantages(selection.result, winner, loser))} paired differences.")
        csv_button(lambda: _frame(list(explained.values())), name="mechanisms")


def _trains(identity: str) -> bool:
    view = services.view(identity)
    return view is not None and view.status in WAITS


@st.fragment(run_every=2)
def _watch(waiting: list[str]) -> None:
    """Draw the page again when a training has ended."""
    if not all(map(_trains, waiting)):
        st.rerun()


def _row(selection: Selection, one: Mechanism, found: Explained | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"mechanism_{one.name}"):
        st.markdown(f"Is it {escaped(one.title)}?", width=420)
        identity = _started(selection, one)
        if found is not None:
            verdict = "**Yes**" if found.found else "No"
            p = "" if found.tested.corrected_p is None else f", p {found.tested.corrected_p:.3g}"
            st.markdown(f"{verdict}: advantage {found.before:.4g}, without it {found.after:.4g}{p}")
        elif identity is not None:
            view = services.view(identity)
            status = "is no longer kept" if view is None else WAITS.get(view.status, view.status)
            st.markdown(f"Its training {status}.")
        else:
            st.button("Test by training", key=f"mechanism_test_{one.name}", on_click=_start, args=(selection, one))


def _started(selection: Selection, one: Mechanism) -> str | None:
    known: dict[tuple[str, str], str] = state.get(STARTED, {})
    return known.get((selection.identity, one.name))


def _start(selection: Selection, one: Mechanism) -> None:
    try:
        content = services.content(one.spec)
        identity = services.engine().submit(services.plan(one.spec), control=state.control(), content=content)
        state.put(STARTED, state.get(STARTED, {}) | {(selection.identity, one.name): identity})
    except GatescopeError as error:
        state.put(FAILED, str(error))


def _result(selection: Selection, one: Mechanism) -> ExperimentResult | None:
    """Return the result of a mechanism's training: this session's, else one that is already known."""
    identity = _started(selection, one)
    view = services.view(identity) if identity else None
    if view is not None:
        return view.result if view.status == "finished" else None
    try:
        return services.known_result(one.spec)
    except GatescopeError:
        return None


def _frame(found: list[Explained]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "mechanism": one.mechanism.title,
                "kind": one.mechanism.kind,
                "advantage": one.before,
                "without": one.after,
                "p": one.tested.corrected_p,
                "found": one.found,
            }
            for one in found
        ]
    )
