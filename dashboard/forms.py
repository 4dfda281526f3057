"""Widgets generated from the metadata of settings: the form in the sidebar, and its spec."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import services, state, uploads
from dashboard.changed_settings import show_changes
from dashboard.column_choices import column_widget
from dashboard.formatting import duration
from dashboard.presets import comparison_of, presets
from data import fields
from data.catalog import Dataset, catalogue, get_dataset
from data.fields import FieldInfo
from models.cells import architectures
from models.errors import GatescopeError
from models.spec.experiment_settings import MAX_ARCHITECTURES, ExperimentSpec
from models.spec.installation_limits import lowered
from models.spec.recommended import recommended

_MARKS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)  # of each decade of a logarithmic scale
_WIDEST_SLIDER = 16
_AT_SIGHT = ("horizon",)  # options of a dataset that are part of the question
_GROUPS = {"data": "Data", "network": "Network", "training": "Training", "comparison": "Comparison"}


def settings_form() -> ExperimentSpec:
    """Draw every setting and return the spec that they make.

    At first sight stand the data, the architectures, their size and the repeats; the rest is under "More settings".

    Raises:
        InvalidSpecError: If the settings are invalid together; with one sentence per problem.
    """
    above = st.container()
    dataset = _dataset_choice()
    settings, options = fields.infos(ExperimentSpec), fields.infos(get_dataset(dataset).Options)
    chosen_options = _options(dataset, _named(options, _AT_SIGHT))
    chosen = {"architectures": _architectures()} | _settings(_of_group(settings, "main"))
    changes = st.container()
    with st.expander("More settings", icon=":material/tune:"):
        for group, heading in _GROUPS.items():
            st.markdown(f"**{heading}**")
            if group == "data":
                chosen_options |= _options(dataset, _below(options))
            chosen |= _settings(_of_group(settings, group))
    chosen_options |= _hidden_options(dataset, options)
    spec = None
    try:
        spec = ExperimentSpec(dataset=dataset, options=tuple(chosen_options.items()), **chosen)
    finally:
        with above:
            _preset_choice(spec)
        with changes:
            _time(spec)
            show_changes(spec)
    return spec


def _time(spec: ExperimentSpec | None) -> None:
    """Say how long training will take; what is missing or too large is said beside Train."""
    if spec is None or services.lacks_file(spec):
        return
    try:
        plan = services.plan(spec)
    except GatescopeError:
        return
    if not plan.problems:
        st.caption(f":material/timer: Training takes about **{duration(services.expected_seconds(plan))}**.")


def _of_group(known: Mapping[str, FieldInfo], group: str) -> dict[str, FieldInfo]:
    return {name: info for name, info in known.items() if info.group == group}


def _named(known: Mapping[str, FieldInfo], names: tuple[str, ...]) -> dict[str, FieldInfo]:
    return {name: info for name, info in known.items() if name in names}


def _below(options: Mapping[str, FieldInfo]) -> dict[str, FieldInfo]:
    """Return a dataset's options under "More settings", the rarer ones last."""
    return {
        name: info
        for group in ("main", "advanced")
        for name, info in _of_group(options, group).items()
        if name not in _AT_SIGHT
    }


def _settings(known: Mapping[str, FieldInfo]) -> dict[str, Any]:
    drawn = {}
    for name, info in known.items():
        key = state.widget(name)
        drawn[name] = field_widget(key, lowered(name, info, state.get(key)))
    return drawn


def _options(dataset: str, known: Mapping[str, FieldInfo]) -> dict[str, Any]:
    drawn = {}
    for name, info in known.items():
        key = state.option_widget(dataset, name)
        column = column_widget(dataset, name, key, info)
        drawn[name] = field_widget(key, info) if column is None else column
    return drawn


def _hidden_options(dataset: str, known: Mapping[str, FieldInfo]) -> dict[str, Any]:
    keys = {name: state.option_widget(dataset, name) for name, info in known.items() if info.group == "hidden"}
    return {name: state.get(key) for name, key in keys.items() if state.get(key) is not None}


def _architectures() -> tuple[str, ...]:
    cells = architectures()
    chosen = st.multiselect(
        "Architectures",
        list(cells),
        max_selections=MAX_ARCHITECTURES,
        placeholder="Choose at least one",
        format_func=lambda name: cells[name].title,
        key=state.widget("architectures"),
        help="Every chosen architecture is trained on the same data, in the same order, from the same seeds.",
    )
    return tuple(chosen)


def field_widget(key: str, info: FieldInfo) -> Any:
    """Draw the widget that suits a field and return its value."""
    label = f"{info.label} ({info.unit})" if info.unit else info.label
    common: dict[str, Any] = {"key": key, "help": info.help}
    if info.kind == "choice":
        labels = dict(info.choices)
        return st.selectbox(label, list(labels), format_func=lambda value: labels[value], **common)
    if info.kind == "flag":
        return st.toggle(label, **common)
    if info.kind == "text":
        return st.text_input(label, max_chars=int(info.high), **common)
    if info.logarithmic:
        return st.select_slider(label, scale(info, state.filled(key)), format_func=lambda value: f"{value:g}", **common)
    return _number(label, info, common)


def _number(label: str, info: FieldInfo, common: dict[str, Any]) -> Any:
    if info.kind == "integer":
        low, high, step = int(info.low), int(info.high), int(info.step)
        draw = st.slider if high - low <= _WIDEST_SLIDER else st.number_input
        return draw(label, min_value=low, max_value=high, step=step, **common)
    return st.number_input(
        label, min_value=float(info.low), max_value=float(info.high), step=float(info.step), format="%g", **common
    )


def scale(info: FieldInfo, also: float | None = None) -> list[float]:
    """Return the marks of a logarithmic scale within a field's bounds.

    Args:
        info: The field.
        also: A value to offer although it is not a mark.
    """
    decades = range(math.floor(math.log10(info.low)), math.ceil(math.log10(info.high)) + 1)
    marks = {float(f"{mark}e{decade}") for decade in decades for mark in _MARKS}
    inside = {mark for mark in marks if info.low <= mark <= info.high}
    return sorted(inside | ({float(also)} if also is not None else set()))


def _preset_choice(spec: ExperimentSpec | None) -> None:
    """Draw the presets and mark the one that equals the settings."""
    known = presets()
    key = state.widget("preset")
    state.put(key, next((title for title, preset in known.items() if preset.spec() == spec), None))
    chosen = st.selectbox(
        "Presets",
        list(known),
        key=key,
        placeholder="Questions to begin with",
        on_change=_preset_changed,
        help="Each sets the whole form to a question that a short training answers.",
    )
    if chosen:
        st.caption(known[chosen].lesson)


def _preset_changed() -> None:
    chosen = state.get(state.widget("preset"))
    if chosen:
        choose_preset(chosen)


def choose_preset(title: str) -> None:
    """Fill the form with a preset's settings; used as a callback."""
    state.fill(presets()[title].spec())


def _dataset_choice() -> str:
    entries = _own_first(catalogue())
    name: str = st.selectbox(
        "Dataset",
        list(entries),
        format_func=lambda entry: entries[entry].title,
        key=state.widget("dataset"),
        help="What is learned. Choosing one sets what it recommends for size and training.",
        on_change=_dataset_changed,
    )
    st.caption(entries[name].description)
    uploads.held_file()
    if entries[name].family == "own":
        uploads.uploader()
    return name


def _own_first(entries: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """Return the datasets with those for the visitor's own files first, because most visitors come for them."""
    return dict(sorted(entries.items(), key=lambda entry: entry[1].family != "own"))


def _dataset_changed() -> None:
    """Apply a newly chosen dataset's recommended settings; the comparison settings stay."""
    before: ExperimentSpec = state.get("spec")
    chosen = state.get(state.widget("dataset"))
    state.fill(recommended(chosen, **comparison_of(before)))
    uploads.choose_form(chosen)
