"""What differs from the recommended settings, each with a way back, and undo of the last changes."""

from typing import Any

import streamlit as st

from dashboard import state
from dashboard.formatting import escaped
from data import fields
from data.fields import FieldInfo, Value
from models.spec.experiment_settings import ExperimentSpec
from models.spec.recommended import recommended

_EARLIER, _BEFORE = "earlier_settings", "settings_before"
_MAX_EARLIER = 30
_COMPARED = ("architectures", "seed")  # what is compared is no deviation
_LONGEST = 24  # characters of a value


def show_changes(spec: ExperimentSpec | None) -> None:
    """Draw what differs from the recommended settings, and undo.

    Args:
        spec: The form's settings, or None while they are invalid.
    """
    _remember(spec)
    found = changes(spec) if spec is not None else {}
    earlier = state.get(_EARLIER, [])
    if not found and not earlier:
        return
    with st.container(horizontal=True, key="changed_settings", gap="small"):
        for key, (text, usual) in found.items():
            st.button(
                text,
                key=f"reset_{key}",
                icon=":material/close:",
                on_click=state.put,
                args=(key, usual),
                help="Differs from the recommended setting. Press to go back to it.",
            )
        st.button(
            "Undo",
            key="undo_settings",
            icon=":material/undo:",
            type="tertiary",
            disabled=not earlier,
            on_click=_undo,
            help="Takes back the last change of the settings.",
        )


def changes(spec: ExperimentSpec) -> dict[str, tuple[str, Value]]:
    """Return what differs from the recommended settings: key of the widget to text of the chip and recommended value."""
    usual = recommended(spec.dataset)
    found = {}
    for name, info in fields.infos(ExperimentSpec).items():
        if name not in _COMPARED and info.group != "hidden":
            found[state.widget(name)] = (info, getattr(spec, name), getattr(usual, name))
    defaults = dict(usual.options)
    for name, info in fields.infos(spec.source().Options).items():
        if info.group != "hidden" and spec.source().family != "own":  # a file's reading sets its own
            found[state.option_widget(spec.dataset, name)] = (info, dict(spec.options)[name], defaults[name])
    return {key: (_chip(info, value), usual) for key, (info, value, usual) in found.items() if value != usual}


def _chip(info: FieldInfo, value: Any) -> str:
    if info.kind == "choice":
        return escaped(f"{info.label}: {dict(info.choices)[value]}")
    if info.kind == "flag":
        return f"{info.label}: {'on' if value else 'off'}"
    text = f"{value:g}" if isinstance(value, float) else f"{value}"
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return escaped(f"{info.label}: {text}{' ' + info.unit if info.unit == '%' else ''}")


def _remember(spec: ExperimentSpec | None) -> None:
    """Keep the settings before a change for undo."""
    before: ExperimentSpec | None = state.get(_BEFORE)
    if spec is None or spec == before:
        return
    if before is not None:
        state.put(_EARLIER, [*state.get(_EARLIER, [])[-_MAX_EARLIER + 1 :], before])
    state.put(_BEFORE, spec)


def _undo() -> None:
    earlier: list[ExperimentSpec] = state.get(_EARLIER, [])
    if earlier:
        state.put(_EARLIER, earlier[:-1])
        state.put(_BEFORE, earlier[-1])
        state.fill(earlier[-1])
