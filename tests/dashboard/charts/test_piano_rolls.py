"""The piano roll: what sounds, and how probable each network held it."""

import numpy as np
import pandas as pd
import pytest

from dashboard.charts.piano_rolls import piano_rolls
from models.analysis.predictions import ROLL_COLUMNS, TRUTH


def roll() -> pd.DataFrame:
    """Return two steps of three notes: the truth and one network."""
    holds = np.array([[True, False, False], [False, True, False]])
    frames = []
    for name, title, values in ((TRUTH, "Truth", holds.astype(float)), ("gru", "GRU", holds * 0.75 + 0.125)):
        columns = {"architecture": name, "title": title, "step": [1, 1, 1, 2, 2, 2], "label": ["C4", "E4", "G4"] * 2}
        frames.append(pd.DataFrame({**columns, "probability": values.reshape(-1), "holds": holds.reshape(-1)}))
    return pd.concat(frames, ignore_index=True)[list(ROLL_COLUMNS)]


def test_piano_rolls_stand_notes_above_steps_and_mark_what_sounds() -> None:
    """One panel per source; a row of the picture is a note; dots stand where the truth sounds."""
    chart = piano_rolls(roll())
    truth, said, dots = chart.data
    np.testing.assert_allclose(truth.z, [[1, 0], [0, 1], [0, 0]])
    np.testing.assert_allclose(said.z, [[0.875, 0.125], [0.125, 0.875], [0.125, 0.125]])
    assert list(said.y) == ["C4", "E4", "G4"]
    assert list(zip(dots.x, dots.y, strict=True)) == [(1, "C4"), (2, "E4")]
    assert chart.layout.meta == "One piece of 2 steps: on average GRU gave notes that sound 88% and others 12%."


def test_piano_rolls_of_nothing_say_so_and_other_columns_are_refused() -> None:
    """An empty frame gives a titled figure, a wrong frame an error."""
    assert "no sample" in str(piano_rolls(pd.DataFrame(columns=list(ROLL_COLUMNS))).layout.meta)
    with pytest.raises(ValueError, match="probability"):
        piano_rolls(roll().drop(columns="probability"))
