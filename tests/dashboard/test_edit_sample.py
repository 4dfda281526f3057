"""Editing a sample on the Gates page: what was dragged, what was typed, and what is taken back."""

import numpy as np
import pytest

from dashboard import state
from dashboard.components.drag_chart import Dragged, _checked
from dashboard.sections import edit_sample
from models.analysis.edited_sample import value_range
from models.spec.recommended import recommended
from models.spec.repeats import repeat_data

LINE = Dragged(
    title="a", column=2, values=[0.0, 1.0], original=[0.0, 1.0], low=-1.0, high=2.0, labels=["1", "2"], names=["", ""]
)


def test_a_change_from_the_browser_stays_within_its_bounds() -> None:
    """Steps and values that are none are brought inside."""
    assert _checked({"step": 1, "value": 0.5}, LINE) == (2, 1, 0.5)
    assert _checked({"step": 99, "value": 1e9}, LINE) == (2, 1, 2.0)
    assert _checked({"step": -3, "value": -1e9}, LINE) == (2, 0, -1.0)


def test_the_axis_holds_every_value_of_the_test_part_in_its_unit() -> None:
    """Sunspots, not standard deviations."""
    data = repeat_data(recommended("sunspots"), None, 0)
    assert data.input_scaler is not None
    values = data.input_scaler.inverse(data.test.inputs)
    low, high = value_range(data, 0, np.array([500.0, np.nan]))
    assert low < values.min()
    assert 500 < high < 600


def test_dragged_values_start_a_new_table_and_can_be_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed before stays; a table that is drawn anew starts from the last values."""
    session: dict[str, object] = {}
    monkeypatch.setattr(state, "get", lambda key, default=None: session.get(key, default))
    monkeypatch.setattr(state, "put", session.__setitem__)
    session["e_now"] = np.array([[1.0, 2.0], [3.0, 4.0]])  # 2 was typed
    before = edit_sample._table_key("e")
    edit_sample._mover("e", np.zeros((2, 2)))(0, 1, 9.0)
    assert edit_sample._table_key("e") != before
    np.testing.assert_array_equal(edit_sample._kept("e"), [[1.0, 2.0], [9.0, 4.0]])
    session["e_now"] = np.array([[5.0, 2.0], [9.0, 4.0]])
    kept = edit_sample._kept("e")
    assert kept is not None
    assert kept[0, 0] == 5.0
    edit_sample._reset("e")
    assert edit_sample._kept("e") is None
    edit_sample._mover("e", np.zeros((2, 2)))(1, 0, 7.0)
    np.testing.assert_array_equal(edit_sample._kept("e"), [[0.0, 7.0], [0.0, 0.0]])
