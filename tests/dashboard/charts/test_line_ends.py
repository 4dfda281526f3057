"""Labels are at the ends of lines, close to them, and never overlap."""

import math
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import theme
from dashboard.charts.frames import figure
from dashboard.charts.line_ends import MAX_NAMED, ROW, End, name_ends, places

TALL = 300.0


def end(up: float, *, across: float = 1.0, rows: int = 1) -> End:
    """Return an end so many pixels above the lower edge."""
    return End(x=1, y=up, across=across, up=up, rows=("name",) * rows, architecture="lstm")


def lines(*values: float, logarithmic: bool = False, names: tuple[str, ...] = ()) -> go.Figure:
    """Return a figure with a line to each value and their names at the ends."""
    chart = figure("Lines", height=400)
    chart.update_yaxes(type="log" if logarithmic else "linear")
    titles = names or tuple(f"line {place}" for place in range(len(values)))
    for title, value in zip(titles, values, strict=True):
        chart.add_scatter(x=[1, 2, 3], y=[1, 1, value], name=title)
    name_ends(chart, {title: ("gru", title) for title in titles})
    return chart


@given(st.lists(st.tuples(st.floats(0, TALL), st.integers(1, 2)), min_size=1, max_size=MAX_NAMED))
def test_places_never_overlap(ends: list[tuple[float, int]]) -> None:
    """However close the lines end, neighbouring labels stay a label's height apart, in the order of the lines."""
    given_ends = [end(up, rows=rows) for up, rows in ends]
    found = sorted(zip(places(given_ends, TALL), given_ends, strict=True), key=lambda one: one[0])
    for (low, lower), (high, upper) in pairwise(found):
        assert high - low >= (lower.height + upper.height) / 2 - 0.5
        assert lower.up <= upper.up


def test_places_leave_names_where_there_is_room() -> None:
    """Labels that do not overlap stay at their lines."""
    assert places([end(20), end(20 + 2 * ROW)], TALL) == [20, 20 + 2 * ROW]
    assert places([end(20), end(22, across=0.2)], TALL) == [20, 22]


def test_name_ends_writes_names_instead_of_a_legend() -> None:
    """A label has the architecture's marker in its hue and is at the last point; there is no legend."""
    chart = lines(2.0, 5.0)
    assert chart.layout.showlegend is False
    assert [(note.xref, note.x, note.y) for note in chart.layout.annotations] == [("paper", 1, 2), ("paper", 1, 5)]
    assert "line 0" in chart.layout.annotations[0].text
    assert f"color:{theme.hue('gru')}" in chart.layout.annotations[0].text
    assert theme.glyph("gru") in chart.layout.annotations[0].text


def test_name_ends_stands_at_the_logarithm_on_a_logarithmic_axis() -> None:
    """Plotly places notes on such an axis by exponent."""
    assert [note.y for note in lines(100.0, logarithmic=True).layout.annotations] == [2.0]


def test_name_ends_pushes_equal_ends_apart() -> None:
    """Two lines that end in the same point have their names a row apart."""
    first, second = (note.yshift for note in lines(4.0, 4.0).layout.annotations)
    assert abs(first - second) == pytest.approx(ROW, abs=0.5)


def test_name_ends_takes_the_last_point_that_is_a_number() -> None:
    """A line that ends early is labelled where it ends."""
    assert [(note.x, note.y) for note in lines(math.nan).layout.annotations] == [(2, 1)]


def test_name_ends_stands_in_the_plot_where_a_line_ends_early() -> None:
    """Against seconds the faster one ends first: its name stays at its end."""
    chart = figure("Lines", height=400)
    chart.add_scatter(x=[1, 2, 3], y=[1, 1, 1], name="fast")
    chart.add_scatter(x=[1, 5, 9], y=[1, 1, 1], name="slow")
    name_ends(chart, {"fast": ("lstm", "fast"), "slow": ("gru", "slow")})
    assert [(note.xref, note.x) for note in chart.layout.annotations] == [("x", 3), ("paper", 1)]


@pytest.mark.parametrize(
    "names",
    [tuple(f"line {place}" for place in range(MAX_NAMED + 1)), ("a name of far too many words to stand there",)],
)
def test_name_ends_keeps_the_legend_where_names_have_no_room(names: tuple[str, ...]) -> None:
    """Many lines or long names stay in the legend."""
    chart = lines(*range(1, len(names) + 1), names=names)
    assert not chart.layout.annotations
    assert chart.layout.showlegend is None
