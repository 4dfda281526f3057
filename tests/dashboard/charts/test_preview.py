"""What the data preview contains."""

import numpy as np
import pandas as pd
import pytest

from dashboard.charts.preview import preview, visible
from models.analysis.samples import SAMPLE_COLUMNS


def numeric(features: tuple[str, ...], samples: int = 2, steps: int = 3) -> pd.DataFrame:
    """Return samples whose value is sample * 100 + step * 10 + feature."""
    rows = [
        (sample, step, feature, sample * 100.0 + step * 10 + place, "")
        for sample in range(samples)
        for step in range(1, steps + 1)
        for place, feature in enumerate(features)
    ]
    return pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS))


def test_preview_draws_series_as_lines() -> None:
    """Each sample has a line per feature, headed by its answer."""
    figure = preview(numeric(("value", "mark")), {0: "7", 1: "9"}, picture="series")
    assert [trace.type for trace in figure.data] == ["scatter"] * 4
    assert list(figure.data[2].y) == [110.0, 120.0, 130.0]
    assert [note.text for note in figure.layout.annotations] == ["→ 7", "→ 9"]


def test_preview_draws_many_features_as_a_picture() -> None:
    """Rows are features in their order, columns are steps."""
    names = tuple(f"pixel {index}" for index in range(5))
    figure = preview(numeric(names, samples=1), {0: "3"}, picture="image")
    assert figure.data[0].type == "heatmap"
    assert list(figure.data[0].y) == list(names)
    np.testing.assert_allclose(np.array(figure.data[0].z)[:, 0], [10, 11, 12, 13, 14])


def test_preview_writes_symbols() -> None:
    """Tokens are written, a blank visibly."""
    rows = [(0, step, "token", step, symbol) for step, symbol in enumerate("a b", start=1)]
    figure = preview(pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS)), {0: "c"}, picture="symbols")
    assert list(figure.data[0].text) == ["a", "␣", "b"]


def test_preview_makes_foreign_names_harmless() -> None:
    """A feature's name cannot bring markup into the figure."""
    assert "<b>" not in preview(numeric(("<b>x",)), {0: "<i>"}, picture="series").to_json().replace("\\u003c", "<")


def test_preview_without_samples_is_titled_and_empty() -> None:
    """Nothing to show is said."""
    figure = preview(pd.DataFrame(columns=list(SAMPLE_COLUMNS)), {}, picture="series")
    assert "no sample" in figure.layout.annotations[0].text


def test_preview_names_a_missing_column() -> None:
    """A wrong frame is refused."""
    with pytest.raises(ValueError, match="lacks `symbol`"):
        preview(numeric(("a",)).drop(columns="symbol"), {}, picture="series")


def test_alt_counts_samples_and_steps() -> None:
    """The text alternative has lengths and answers."""
    told = preview(numeric(("a",)), {0: "7", 1: "9"}, picture="series").layout.meta
    assert told == "2 sample sequences: 3 steps with the answer 7; 3 steps with the answer 9."


def test_visible_shows_blanks() -> None:
    """Space, end of line and tabulator are symbols too."""
    assert [visible(symbol) for symbol in " \n\tx"] == ["␣", "↵", "⇥", "x"]
