"""Charts below the fold cost nothing until somebody scrolls to them."""

from typing import Any

from tests.browser.conftest import OpenTab
from tests.browser.test_compare import await_points, heading, train
from tests.browser.visits import settle

LIBRARIES = "() => performance.getEntriesByType('resource').map(e => e.name).filter(n => /plotly/i.test(n))"
MAX_MEGABYTES = 4.0
_SENT = "() => performance.getEntriesByType('resource').reduce((sum, e) => sum + e.transferSize, 0) / 1e6"


def libraries(tab: Any) -> list[str]:
    """Return the files of a chart library that a tab has fetched."""
    found: list[str] = tab.evaluate(LIBRARIES)
    return [name.rpartition("/")[2] for name in found]


def test_train_can_be_pressed_before_any_chart_library(open_tab: OpenTab) -> None:
    """A visit fetches no chart library and at most 4 MB before Train can be pressed; scrolling to a chart fetches one."""
    tab = open_tab("/", scrolls=True)
    tab.locator(".st-key-train button:not([disabled])").wait_for()
    assert libraries(tab) == []
    assert tab.evaluate(_SENT) <= MAX_MEGABYTES
    settle(tab)
    tab.locator(".st-key-preview .chart").scroll_into_view_if_needed()
    tab.locator(".st-key-preview .chart[data-drawn=yes] .main-svg").first.wait_for()
    assert libraries(tab) == ["plotly.min.js"]


def test_one_bundle_draws_live_and_plain_charts_when_they_are_reached(open_tab: OpenTab) -> None:
    """After a training, charts below the fold wait until somebody scrolls to them, and need no second library."""
    tab = open_tab("/", scrolls=True)
    tab.set_viewport_size({"width": 1440, "height": 560})
    train(tab)
    await_points(tab, "GRU", 41)
    heading(tab, "Predictions").wait_for()
    settle(tab)
    chart = tab.locator(".st-key-predictions .chart")
    assert chart.get_attribute("data-drawn") == "no"
    assert chart.bounding_box()["height"] > 100
    chart.scroll_into_view_if_needed()
    tab.locator(".st-key-predictions .chart[data-drawn=yes] .scatterlayer .trace").first.wait_for()
    assert libraries(tab) == ["plotly.min.js"]
