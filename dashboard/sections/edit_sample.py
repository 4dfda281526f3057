"""Edit a sample: drag its values, change them in a table, or type a text; every network answers, and the difference is drawn."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.charts.edited_sample import answers_chart, difference_heatmaps, largest_change
from dashboard.charts.step_axis import StepAxis
from dashboard.components.chart import chart, footer
from dashboard.components.drag_chart import Dragged, drag_chart
from dashboard.sections.selection import Selection
from data.task import Array
from models.analysis.edited_sample import LONGEST_PROMPT, Edited, edited_sample, prompt_tokens, value_range
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
    inputs = _prompt(selection, original) if original.ndim == 1 else _numbers(selection, original)
    found = {run.spec.architecture: edited_sample(run, selection.data, place, inputs) for run in selection.result.runs}
    answers = pd.concat([one.answers for one in found.values()], ignore_index=True)
    axis = StepAxis.of(selection.data, place) if original.ndim > 1 else StepAxis()
    chart(answers_chart(answers, unit=selection.data.unit.replace("_", " "), axis=axis), key="edited_answers")
    caption = "Dashed: the sample as it is; solid: edited. Each point is the answer if the sample ended at that step."
    footer(caption, lambda: answers, name="edited-answers")
    if inputs.shape == original.shape and np.array_equal(inputs, original):
        st.caption("Nothing is changed yet. Change a value to see how gates and states respond.")
        return
    _differences(found, axis)


def _differences(found: dict[str, Edited], axis: StepAxis) -> None:
    """Draw how far the gates and states of every network moved."""
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
    key = f"prompt_{_subject(selection)}"
    typed = st.text_input("Type a text; every network reads it", value=text, max_chars=LONGEST_PROMPT, key=key)
    return prompt_tokens(selection.data, typed)


def _subject(selection: Selection) -> str:
    return f"{selection.identity}_{selection.place.replica}_{selection.place.sample}"


def _numbers(selection: Selection, original: Array) -> Array:
    """Draw the sample as a line to drag and as a table, in its unit if it has one; return the inputs as changed."""
    data, key = selection.data, f"edited_{_subject(selection)}"
    scaler = data.input_scaler
    values = np.array(original if scaler is None else scaler.inverse(original), dtype=np.float64)
    width = min(values.shape[1], MAX_COLUMNS)
    names = data.feature_names[:width] or tuple(f"feature {index + 1}" for index in range(width))
    kept = _kept(key)
    shown = pd.DataFrame(values[:, :width] if kept is None else kept, columns=[*names])
    column = 0
    if width > 1:
        column = st.selectbox("Column", range(width), format_func=names.__getitem__, key="edit_column", width=260)
    left, right = st.columns([0.68, 0.32])
    with right:
        changed = _table(shown, key=key, dates=StepAxis.of(data, selection.place).dates)
    state.put(f"{key}_now", changed)
    with left:
        _line(selection, names, column, (values[:, column], changed[:, column]), _mover(key, values[:, :width]))
    if not np.array_equal(changed, values[:, :width]):
        st.button("Undo all changes", key="edit_undo", icon=":material/undo:", on_click=_reset, args=(key,))
    whole = values.copy()
    whole[:, :width] = changed
    scaled = whole if scaler is None else scaler.transform(whole)
    touched = whole != values
    return np.asarray(np.where(touched, scaled, np.asarray(original, dtype=np.float64)))


def _table_key(key: str) -> str:
    """Return the key of the table: a new one whenever something else than the table changed the values."""
    return f"{key}_table_{state.get(f'{key}_version', 0)}"


def _kept(key: str) -> Array | None:
    """Return the values from which the table starts: those of the last drag, or the last ones where the table is drawn anew."""
    now = state.get(f"{key}_now")
    if state.get(_table_key(key)) is None and now is not None:
        state.put(key, now)
    found: Array | None = state.get(key)
    return found


def _table(shown: pd.DataFrame, *, key: str, dates: tuple[str, ...]) -> Array:
    """Draw the table beside the line; return its numbers."""
    table = shown.set_axis(pd.Index(dates or range(1, len(shown) + 1), name="date" if dates else "step"))
    edited = st.data_editor(table, key=_table_key(key), num_rows="fixed", height=240)
    return np.asarray(edited.to_numpy(dtype=np.float64, na_value=np.nan))


def _mover(key: str, original: Array) -> Callable[[int, int, float], None]:
    """Return what keeps a dragged value: a new table starts from it, with what was typed before."""

    def moved(column: int, step: int, value: float) -> None:
        known = state.get(f"{key}_now")
        now = np.array(original if known is None else known)
        now[step, column] = value
        state.put(key, now)
        state.put(f"{key}_now", now)
        state.put(f"{key}_version", state.get(f"{key}_version", 0) + 1)

    return moved


def _reset(key: str) -> None:
    state.put(key, None)
    state.put(f"{key}_now", None)
    state.put(f"{key}_version", state.get(f"{key}_version", 0) + 1)


def _line(
    selection: Selection,
    names: tuple[str, ...],
    column: int,
    values: tuple[Array, Array],
    moved: Callable[[int, int, float], None],
) -> None:
    """Draw one column as a line that can be dragged."""
    original, changed = values[0], np.where(np.isfinite(values[1]), values[1], values[0])
    axis = StepAxis.of(selection.data, selection.place, selection.spec.options)
    steps = range(1, len(original) + 1)
    low, high = value_range(selection.data, column, np.concatenate([original, changed]))
    line = Dragged(
        title=f"{names[column]}{f' ({axis.unit})' if axis.unit not in ('', names[column]) else ''}: drag a point",
        column=column,
        values=changed.tolist(),
        original=original.tolist(),
        low=low,
        high=high,
        labels=[axis.dates[step - 1] if axis.dates else str(step) for step in steps],
        names=[axis.name(step) for step in steps],
    )
    drag_chart(line, key=f"edit_line_{column}", moved=moved)
