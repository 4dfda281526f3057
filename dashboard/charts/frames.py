"""Functions that all charts share: checks of their input frame, and empty figures with a title."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme


def require(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Raise `ValueError` if a frame lacks a column that a chart needs."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(f"`frame` lacks {', '.join(f'`{name}`' for name in missing)}; it has {list(frame.columns)}.")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def figure(title: str, *, height: int = 420) -> go.Figure:
    """Return a figure with the shared style, a title and no traces."""
    return go.Figure(layout=_look(title, height))


def dress(chart: go.Figure, title: str, *, height: int) -> go.Figure:
    """Give a figure the shared style and a title, and return it."""
    return chart.update_layout(_look(title, height))


def _look(title: str, height: int) -> dict[str, Any]:
    return {
        "template": theme.template(),
        "title": {"text": title, "font": {"size": 15, "weight": 600}, "x": 0, "xref": "container", "pad": {"l": 4}},
        "height": height,
    }


def with_alt(chart: go.Figure, alt: str) -> go.Figure:
    """Give a figure its text alternative, which the page reads from `layout.meta`, and return it."""
    return chart.update_layout(meta=alt)


def say_empty(chart: go.Figure, sentence: str) -> go.Figure:
    """Write a sentence into an empty figure, also as its text alternative, and return it."""
    with_alt(chart, f"{chart.layout.title.text}: {sentence}")
    chart.update_layout(xaxis={"visible": False}, yaxis={"visible": False})
    return chart.add_annotation(text=sentence, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")


def quantity(name: str, unit: str) -> str:
    """Return the title of an axis of values: "Umsatz (EUR)"; the unit alone where the name says no more."""
    shown = unit.replace("_", " ")
    if not name or name.casefold() in ("value", shown.casefold()):
        return escape(shown or "value")
    return escape(f"{name} ({shown})" if shown else name)


def escape(text: str) -> str:
    """Escape an untrusted name for Plotly texts, which may contain markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "% {")
