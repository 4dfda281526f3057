"""Choose a test sample: by its number, or from a list by date, text, class or error."""

import streamlit as st

from dashboard import state
from data.task import TaskData
from models.analysis.disagreement import error_frame
from models.analysis.repeats import on_data_of
from models.analysis.sample_lists import DIFFERENCE, ERROR, WAYS, Listed, listed, ways
from models.records.results import ExperimentResult

WANTED = "wanted_sample"
NUMBER = "number"
MAX_LISTED = 1_000


def look_at_sample(sample: int) -> None:
    """Select another sample for the whole page; the caller must call `st.rerun`."""
    state.put(WANTED, sample)


def choose_sample(page: str, result: ExperimentResult, data: TaskData, *, replica: int, label: str) -> int:
    """Draw the choice of a test sample and return its index; the address holds it.

    Args:
        page: Name of the page whose settings are in the address.
        result: The networks, for their errors.
        data: The task of the chosen repeat.
        replica: Index of the repeat.
        label: Name of the number's box.
    """
    last = len(data.test) - 1
    key = state.setting(page, "sample", 0, lambda value: 0 <= value <= last)
    wanted = state.take(WANTED)
    if wanted is not None and 0 <= wanted <= last:
        state.put(key, wanted)
    sample = int(st.number_input(label, min_value=0, max_value=last, step=1, key=key, width=150))
    tested = [run for run in result.runs if len(run.sample_indices)]
    known = {NUMBER: "Number"} | {way: WAYS[way] for way in ways(data, len(tested))}
    way = st.selectbox(
        "Find by",
        list(known),
        format_func=known.__getitem__,
        key=f"{page}_find_by",
        width=190,
        help="By date, text, class or error you choose from a list. Type to search it.",
    )
    if way != NUMBER:
        _from_list(page, way, sample, _entries(result, data, replica, way))
    return sample


def _entries(result: ExperimentResult, data: TaskData, replica: int, way: str) -> list[Listed]:
    errors = error_frame(on_data_of(result, replica, data), data) if way in (ERROR, DIFFERENCE) else None
    return listed(data, way, errors)


def _from_list(page: str, way: str, sample: int, entries: list[Listed]) -> None:
    """Draw the list; what is chosen becomes the sample of the whole page."""
    key = f"{page}_listed_{way}"
    if len(entries) > MAX_LISTED:
        part = st.text_input("Containing", key=f"{key}_part", width=140)
        entries = [one for one in entries if part.lower() in one.label.lower()][:MAX_LISTED]
    labels = {one.sample: one.label for one in entries}
    state.put(key, sample if sample in labels else None)

    def chosen() -> None:
        if state.get(key) is not None:
            look_at_sample(int(state.get(key)))

    st.selectbox(
        WAYS[way],
        list(labels),
        index=None,
        format_func=lambda one: labels.get(one, ""),
        key=key,
        on_change=chosen,
        placeholder="Choose a sample",
        width=320,
    )
