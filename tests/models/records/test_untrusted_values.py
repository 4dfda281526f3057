"""Numbers from outside are so small that squares and means of them are numbers, too."""

import math

import numpy as np
import pytest

from data.errors import InvalidSpecError
from models.records import untrusted_values
from models.records.untrusted_values import MAX_MAGNITUDE


@pytest.mark.parametrize("text", ["1e308", "-1e101", "1e400"])
def test_number_beyond_any_score_is_refused(text: str) -> None:
    """As JSON and as a value."""
    with pytest.raises(InvalidSpecError):
        untrusted_values.load_json(f"[{text}]")
    with pytest.raises(InvalidSpecError, match="at most"):
        untrusted_values.number(min(float(text), 1e308), "A score")


def test_largest_numbers_have_a_spread() -> None:
    """The spread over repeats squares them."""
    assert math.isfinite(float(np.std([MAX_MAGNITUDE, -MAX_MAGNITUDE, 0.0], ddof=1)))


def test_numbers_of_diverged_networks_pass() -> None:
    """They come as text."""
    assert math.isinf(untrusted_values.number("inf", "A loss"))
    assert untrusted_values.number(3e38, "A loss") == 3e38
