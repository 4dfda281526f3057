"""A forecast with columns that are known ahead: it uses the plan in the file, and says what to add where there is none."""

import numpy as np
import pandas as pd
import pytest

from models.api import compare
from models.comparison import Comparison
from models.errors import DataError


def trained(plan: int, price: float = 1.0) -> Comparison:
    """Train for a moment on 120 days of sales that follow the price, with so many planned days at one price."""
    random, days = np.random.default_rng(0), 120
    prices = 1 + (np.arange(days + plan) % 5).astype(float)
    prices[days:] = price
    sales = np.r_[50 - 5 * prices[:days] + random.normal(0, 0.5, days), [np.nan] * plan]
    dates = pd.date_range("2024-01-01", periods=days + plan).astype(str)
    return compare(
        pd.DataFrame({"day": dates, "price": prices, "sales": sales}),
        ("gru",),
        target="sales",
        time="day",
        horizon=2,
        options={"known": "price"},
        hidden_size=6,
        seeds=2,
        updates=60,
        rate_search=0,
        evaluations=4,
    )


def test_forecast_follows_the_planned_values() -> None:
    """The same past with a higher planned price gives lower sales on the planned dates."""
    cheap, dear = (trained(2, price).forecast() for price in (1.0, 5.0))
    own = [frame[frame["architecture"] == "gru"] for frame in (cheap, dear)]
    assert own[0]["time"].tolist() == ["2024-04-30", "2024-05-01"]
    assert (own[0]["mean"].to_numpy() > own[1]["mean"].to_numpy() + 0.5).all()


@pytest.mark.parametrize("plan", [0, 1])
def test_missing_plan_is_asked_for(plan: int) -> None:
    """Fewer planned rows than steps: one sentence names the column and the rows to add."""
    with pytest.raises(DataError, match=r"`price` is known ahead, .* next 2 rows .* leave `sales` empty"):
        trained(plan).forecast()


def test_one_missing_row_is_one_row() -> None:
    """The sentence counts as people do."""
    from models.analysis.forecast_sentences import missing_plan
    from models.spec.experiment_settings import ExperimentSpec

    spec = ExperimentSpec(
        dataset="own_series", options=(("content", "0" * 64), ("known", "price"), ("target", "sales"), ("horizon", 1))
    )
    assert missing_plan(spec) == (
        "`price` is known ahead, so a forecast needs it for the row after the last one: add a row with its time and `price` to "
        "the file, and leave `sales` empty in it."
    )
