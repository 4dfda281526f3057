"""Edit a sample: change its values, or type a text; every network answers at once, and the difference is drawn."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.edited_sample import answers_chart, difference_heatmaps, largest_change
from dashboard.charts.step_axis import StepAxis
from dashboard.components.chart import chart, footer
from dashboard.sections.selection import Selection
from data.task import Array
from models.analysis.edited_sample import LONGEST_PROMPT, edited_sample, prompt_tokens
from models.analysis.roles import shared_roles
from models.analysis.traces import trace_frame
from models.cells import get_cell

PER_ROW = 2
MAX_COLUMNS = 30


def show_edit_sample(selection: Selection) -> None:
    """Draw the editor, both answers, and how gates and states moved."""
    place = selection.place
    steps = int(selection.data.test.lengths[place.sample])
    original = selection.data.test.inputs[place.sample, :steps]
    inputs = _prompt(selection, original) if original.ndim == 1 else _table(selection, original)
    found = {run.spec.architecture: edited_sample(run, selection.data, place, inputs) for run in selection.result.runs}
    answers = pd.concat([one.answers for one in found.values()], ignore_index=True)
    unit = selection.data.unit.replace("_", " ")
    axis = StepAxis.of(selection.data, place) if original.ndim > 1 else StepAxis()
    chart(answers_chart(answers, unit=unit, axis=axis), key="edited_answers")
    caption = "Dashed: the sample as it is; solid: edited. Each point is the answer if the sample ended at that step."
    footer(caption, lambda: answers, name="edited-answers")
    if inputs.shape == original.shape and np.array_equal(inputs, original):
        st.caption("Nothing is changed yet. Change a value, and gates and states show how far they moved.")
        return
    moved = {name: one.difference() for name, one in found.items()}
    limit, names = largest_change(moved.values()), list(found)
    for start in range(0, len(names), PER_ROW):
        pair = names[start : start + PER_ROW]
        roles = shared_roles([moved[name] for name in pair])
        for column, name in zip(st.columns(PER_ROW), pair, strict=False):
            with column:
                title = f"{get_cell(name).title}: change of gates and states"
                figure = difference_heatmaps(moved[name], title=title, limit=limit, roles=roles, axis=axis)
                chart(figure, key=f"edited_{name}")
    gates = pd.concat([trace_frame(one.edited) for one in found.values()], ignore_index=True)
    footer("Gates and states of the edited sample.", lambda: gates, name="edited-gates")


def _prompt(selection: Selection, original: Array) -> Array:
    names = selection.data.vocabulary
    separator = "" if all(len(name) == 1 for name in names) else " "
    text = separator.join(names[int(token)] for token in original[:LONGEST_PROMPT])
    key = f"prompt_{selection.identity}_{selection.place.replica}_{selection.place.sample}"
    typed = st.text_input("Type a text; every network reads it", value=text, max_chars=LONGEST_PROMPT, key=key)
    return prompt_tokens(selection.data, typed)


def _table(selection: Selection, original: Array) -> Array:
    """Draw the sample as a table that can be edited, in its unit if it has one."""
    data = selection.data
    scaler = data.input_scaler
    values = original if scaler is None else scaler.inverse(original)
    width = min(values.shape[1], MAX_COLUMNS)
    names = data.feature_names[:width] or tuple(f"feature {index + 1}" for index in range(width))
    shown = pd.DataFrame(np.asarray(values[:, :width], dtype=np.float64), columns=[*names])
    shown.index = pd.RangeIndex(1, len(shown) + 1, name="step")
    key = f"edit_{selection.identity}_{selection.place.replica}_{selection.place.sample}"
    edited = st.data_editor(shown, key=key, num_rows="fixed", height=280)
    whole = np.array(values, dtype=np.float64)
    changed = edited.to_numpy(dtype=np.float64, na_value=np.nan)
    touched = changed != shown.to_numpy()
    whole[:, :width] = changed
    scaled = whole if scaler is None else scaler.transform(whole)
    kept: Array = np.array(original, dtype=np.float64)
    kept[:, :width] = np.where(touched, scaled[:, :width], kept[:, :width])
    return kept
