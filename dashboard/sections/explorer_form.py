"""The cell explorer's settings. Every widget is bound to the address, so the link holds the whole state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import services, state
from models.analysis.explorer import (
    GENERATORS,
    MAX_HIDDEN,
    MAX_STEPS,
    UPDATE_GATE,
    Array,
    GateOverride,
    Trajectory,
    explore,
    generated_inputs,
    hand_names,
    hand_weights,
    parse_inputs,
    random_weights,
    reset_before,
    telling_value,
    write_inputs,
)
from models.analysis.hand_set_weights import TEACHING, teaching_weights
from models.cells import Cell, get_cell, recurrent_cells
from models.cells.network import layer_weights
from models.errors import DataError

SOURCES = {"preset": "Teaching preset", "random": "Random", "hand": "By hand", "trained": "Trained"}
CONVENTIONS = {"write": "1 = write", "keep": "1 = keep"}
RESETS = {"after": "after the product", "before": "before the product"}
BIND: dict[str, Any] = {"bind": "query-params"}
LARGEST_HAND = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """The cells and inputs that the settings describe.

    Attributes:
        trajectories: One per cell, left and right.
        inputs: The input sequence.
        keeps: Whether update gates are shown as 1 = keep.
        unit: Unit whose arithmetic is shown, from 0.
        lesson: What to look for in a teaching preset.
    """

    trajectories: tuple[Trajectory, ...]
    inputs: tuple[float, ...]
    keeps: bool
    unit: int
    lesson: str = ""


def explorer_form() -> Explored:
    """Draw the settings and compute both cells.

    Raises:
        GatescopeError: If a setting cannot be used; the sentence says why.
    """
    with st.sidebar:
        names = _cells()
        weights, lesson = _weights(names)
        inputs = _inputs()
        keeps, reset = _conventions(names)
        if reset == "before":
            weights = {
                _before(name): reset_before(value) if name == "gru" else value for name, value in weights.items()
            }
        overrides = [one for name, value in weights.items() for one in _overrides(name, value, inputs, keeps=keeps)]
    trajectories = tuple(explore(name, value, inputs, overrides) for name, value in weights.items())
    hidden = min(one.values["hidden"].shape[1] for one in trajectories)
    unit = 0
    if hidden > 1:
        with st.sidebar:
            unit = st.number_input("Unit in the arithmetic", 1, hidden, key="unit", **BIND) - 1
    return Explored(trajectories=trajectories, inputs=inputs, keeps=keeps, unit=unit, lesson=lesson)


def _before(name: str) -> str:
    return "gru_textbook" if name == "gru" else name


def _cells() -> tuple[str, ...]:
    cells = recurrent_cells()
    columns = st.columns(2)
    chosen = []
    for column, key, default in zip(columns, ("left", "right"), ("lstm", "gru"), strict=True):
        with column:
            place = list(cells).index(default)
            label = f"{key.capitalize()} cell"
            title = st.selectbox(label, list(cells), place, key=key, format_func=lambda name: cells[name].title, **BIND)
            chosen.append(title)
    return tuple(dict.fromkeys(chosen))


def _weights(names: Sequence[str]) -> tuple[dict[str, Mapping[str, Array]], str]:
    """Return weights by architecture and the lesson of a preset."""
    source = st.selectbox(
        "Weights",
        list(SOURCES),
        key="weights",
        format_func=SOURCES.__getitem__,
        help="Where the numbers in the cells come from. By hand, every weight and bias of one unit has a slider.",
        **BIND,
    )
    cells = {name: get_cell(name) for name in names}
    if source == "preset":
        return _preset(cells)
    if source == "random":
        size = st.slider(
            "Hidden size",
            1,
            MAX_HIDDEN,
            2,
            key="hidden",
            help="Units of each cell. With one, every number can be followed by hand; charts show the average of several.",
            **BIND,
        )
        seed = st.number_input("Seed", 0, 99_999, 0, key="seed", help="Another seed, other weights.", **BIND)
        return {name: random_weights(cell, size, seed) for name, cell in cells.items()}, ""
    if source == "hand":
        return {name: _hand(cell) for name, cell in cells.items()}, ""
    return _trained(cells)


def _preset(cells: Mapping[str, Cell]) -> tuple[dict[str, Mapping[str, Array]], str]:
    name = st.selectbox(
        "What one unit should do",
        list(TEACHING),
        key="preset",
        format_func=lambda key: TEACHING[key].title,
        on_change=_preset_inputs,
        **BIND,
    )
    preset = TEACHING[name]
    return {key: teaching_weights(cell, preset) for key, cell in cells.items()}, preset.lesson


def _preset_inputs() -> None:
    """Set the input that suits a newly chosen preset."""
    state.put("inputs", write_inputs(TEACHING[state.get("preset")].inputs))


def _hand(cell: Cell) -> dict[str, Array]:
    start = [number for value in teaching_weights(cell, TEACHING["remember"]).values() for number in value.reshape(-1)]
    with st.expander(f"{cell.title}: every number"):
        numbers = [
            st.slider(label, -LARGEST_HAND, LARGEST_HAND, float(start[place]), 0.1, key=f"{cell.name}_{place}", **BIND)
            for place, (label, _, _) in enumerate(hand_names(cell))
        ]
    return hand_weights(cell, numbers)


def _trained(cells: Mapping[str, Cell]) -> tuple[dict[str, Mapping[str, Array]], str]:
    kept = services.own_experiments()
    if kept and not state.get("from"):
        st.caption("Your latest experiments: " + ", ".join(list(kept)[:3]))
    identity = st.text_input("Experiment", key="from", max_chars=22, help="The id in an experiment's link.", **BIND)
    seed = st.number_input("Seed of that experiment", 1, 10, 1, key="replica", **BIND)
    view = services.view(identity or next(iter(kept), None))
    if view is None or view.result is None:
        raise DataError(
            "There is no finished experiment of this id yet; train one on Compare, or choose other weights."
        )
    weights: dict[str, Mapping[str, Any]] = {}
    for name, cell in cells.items():
        run = view.result.run(name)
        if run is None:
            raise DataError(f"That experiment has not trained {cell.title}; choose one of its architectures.")
        weights[name] = layer_weights(run.replica(min(seed, len(run.seeds)) - 1), 0)
        if weights[name]["weight_ih"].shape[1] != 1:
            raise DataError(
                "That experiment's cells read several numbers a step; the explorer needs one, as sunspots have."
            )
    return weights, ""


def _inputs() -> tuple[float, ...]:
    first = write_inputs(TEACHING["remember"].inputs)
    text = st.text_input(
        "Input sequence", first, key="inputs", max_chars=600, help=f"1 to {MAX_STEPS} numbers.", **BIND
    )
    with st.popover("Draw or edit the input", width="stretch"):
        st.selectbox("Generator", list(GENERATORS), format_func=GENERATORS.__getitem__, key="generator_kind")
        st.slider("Steps", 1, MAX_STEPS, 5, key="generator_steps")
        st.button("Use this sequence", on_click=_generate, width="stretch")
        inputs = parse_inputs(text)
        st.data_editor(
            {"value": list(inputs)},
            key="inputs_table",
            num_rows="dynamic",
            on_change=_table_edited,
            args=(inputs,),
            column_config={"value": st.column_config.NumberColumn("Input", min_value=-100, max_value=100)},
        )
    return inputs


def _generate() -> None:
    state.put("inputs", write_inputs(generated_inputs(state.get("generator_kind"), state.get("generator_steps"))))


def _table_edited(before: Sequence[float]) -> None:
    changes = state.get("inputs_table")
    values = [*before]
    for row, change in changes["edited_rows"].items():
        values[int(row)] = change.get("value", values[int(row)]) or 0.0
    removed = {int(row) for row in changes["deleted_rows"]}
    values = [value for place, value in enumerate(values) if place not in removed]
    values += [row.get("value") or 0.0 for row in changes["added_rows"]]
    if values:
        state.put("inputs", write_inputs(values[:MAX_STEPS]))


def _conventions(names: Sequence[str]) -> tuple[bool, str]:
    """Return whether update gates are shown as keeping, and where the GRU's reset acts."""
    having = [name for name in names if any(gate.name == UPDATE_GATE for gate in get_cell(name).gates)]
    if not having:
        return False, "after"
    shown = st.radio(
        "Update gate drawn as",
        list(CONVENTIONS),
        format_func=CONVENTIONS.__getitem__,
        key="update",
        horizontal=True,
        **BIND,
    )
    reset = "after"
    if "gru" in having and "gru_textbook" not in having:
        reset = st.radio(
            "Reset acts", list(RESETS), format_func=RESETS.__getitem__, key="reset", horizontal=True, **BIND
        )
    return shown == "keep", reset


def _overrides(name: str, weights: Mapping[str, Array], inputs: Sequence[float], *, keeps: bool) -> list[GateOverride]:
    """Draw the overrides of one cell."""
    cell = get_cell(name)
    titles = {gate.name: gate.title for gate in cell.gates}
    held = st.pills(
        f"Hold gates of {cell.title}",
        list(titles),
        selection_mode="multi",
        format_func=titles.__getitem__,
        key=f"hold_{cell.name}",
        help="A held gate ignores its inputs. The dashed line is the same cell with nothing held.",
        **BIND,
    )
    return [
        _override(cell, one, _start(name, weights, inputs, one, keeps=keeps), len(inputs), keeps=keeps) for one in held
    ]


def _start(name: str, weights: Mapping[str, Array], inputs: Sequence[float], gate: str, *, keeps: bool) -> float:
    """Return the value at which a gate is first held: the end of its range that changes the hidden state most."""
    value = telling_value(name, weights, inputs, gate)
    return 1 - value if keeps and gate == UPDATE_GATE else value


def _override(cell: Cell, name: str, start: float, steps: int, *, keeps: bool) -> GateOverride:
    gate = cell.gate(name)
    low = 0.0 if gate.kind == "gate" else -1.0
    value = st.slider(f"{gate.title} held at", low, 1.0, start, 0.05, key=f"value_{cell.name}_{name}", **BIND)
    first, last = 1, steps
    if steps > 1:
        key = f"steps_{cell.name}_{name}"
        first, last = st.slider(f"{gate.title}: steps", 1, steps, (1, steps), key=key, **BIND)
    written = 1 - value if keeps and name == UPDATE_GATE else value
    return GateOverride(architecture=cell.name, gate=name, value=written, first=first, last=last)
