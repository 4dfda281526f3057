"""The small pictures of the gallery."""

from xml.etree import ElementTree

import pandas as pd
import pytest

from dashboard.charts.thumbnail import HEIGHT, WIDTH, thumbnail
from dashboard.presets import presets
from models.analysis.samples import SAMPLE_COLUMNS, sample_frame

SVG = "{http://www.w3.org/2000/svg}"


def drawn(sample: pd.DataFrame, picture: str) -> ElementTree.Element:
    """Return the parsed picture."""
    return ElementTree.fromstring(thumbnail(sample, picture=picture))  # noqa: S314  # our own text


def series(values: list[float], marks: list[float] | None = None) -> pd.DataFrame:
    """Return a sample of one numeric feature, and perhaps one of marks."""
    rows = [(0, step, "value", value, "") for step, value in enumerate(values, start=1)]
    rows += [(0, step, "mark", value, "") for step, value in enumerate(marks or [], start=1)]
    return pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS))


@pytest.mark.parametrize("title", list(presets()))
def test_every_preset_has_a_picture_inside_its_frame(title: str) -> None:
    """Real data of each preset gives well-formed SVG whose shapes lie inside the frame."""
    spec = presets()[title].spec()
    source = spec.source()
    data = source.load(source.parse(dict(spec.options)), spec.seed)
    root = drawn(sample_frame(data, "train", (0,)), source.picture)
    assert len(root) > 1
    for tile in root.iter(f"{SVG}rect"):
        assert 0 <= float(tile.get("x", -1)) <= WIDTH - float(tile.get("width", 0))
        assert 0 <= float(tile.get("y", -1)) <= HEIGHT - float(tile.get("height", 0))


def test_series_rises_with_its_values_and_marks_stand_on_the_line() -> None:
    """The largest value is drawn highest, and a feature of zeros and ones puts its dots on the line."""
    root = drawn(series([0.0, 1.0, 0.5], [0.0, 1.0, 0.0]), "series")
    points = [tuple(map(float, pair.split(","))) for pair in str(root[0].get("points")).split()]
    assert min(points, key=lambda point: point[1]) == points[1]
    dots = [(float(str(dot.get("cx"))), float(str(dot.get("cy")))) for dot in root.iter(f"{SVG}circle")]
    assert dots == [points[1]]


def test_constant_series_is_drawn() -> None:
    """A sample without any change is a level line, not a division by zero."""
    root = drawn(series([2.0, 2.0]), "series")
    assert "nan" not in str(root[0].get("points"))


def test_symbols_are_escaped_and_equal_ones_share_a_colour() -> None:
    """Markup among the symbols stays text; the same symbol has the same tile everywhere."""
    rows = [(0, step, "token", 0.0, symbol) for step, symbol in enumerate("<&<", start=1)]
    root = drawn(pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS)), "symbols")
    colours = [tile.get("fill") for tile in root.iter(f"{SVG}rect")]
    assert colours[0] == colours[2] != colours[1]
    assert [letter.text for letter in root.iter(f"{SVG}text")] == ["<", "&", "<"]
