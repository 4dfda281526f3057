"""Visual behaviour in a real browser: nothing jumps, every press gets feedback, labels do not overlap."""

import statistics
from itertools import pairwise
from typing import Any

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.visits import NARROW, WIDE, settle, train_default

RUN = "/?dataset=sunspots&updates=1500&evaluations=30&seeds=1&architectures=lstm,gru"
STILL_HELD = 4  # pixels that may be lost to rounding
SIGN = 100  # milliseconds until a press has a visible answer
TRIES = 5
LEADING = 5  # pixels of a box of text that are empty
PARTS = {
    "title": "h1",
    "Train": ".st-key-train",
    "headline": ".headline",
    "cards": ".cards",
    "score": ".card-score",
    "time": ".card-time",
    "curves": ".st-key-loss_curves",
    "below the curves": ".st-key-csv_loss-curves",
    "right of the curves": ".st-key-differences_tools, .place",
}
_WATCH = """(parts) => {
  const main = document.querySelector('[data-testid=stMain]');
  window.tops = {};
  const look = () => {
    for (const [name, selector] of Object.entries(parts)) {
      const found = document.querySelector(selector);
      if (!found || !found.getClientRects().length) continue;
      const top = found.getBoundingClientRect().top + main.scrollTop;
      const [low, high] = window.tops[name] ?? [top, top];
      window.tops[name] = [Math.min(low, top), Math.max(high, top)];
    }
    requestAnimationFrame(look);
  };
  look();
}"""
_TIME_SIGN = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const line = getComputedStyle(app, '::after');
  const shown = () => (line.content === '""' && Number(line.opacity) > 0)
    || document.querySelector('[data-testid=stSkeleton], [data-testid=stSkeletonElement], [data-testid=stSpinner]');
  window.signs = [];
  addEventListener('keydown', () => {
    const begun = performance.now();
    const look = () => {
      if (shown()) window.signs.push(performance.now() - begun);
      else if (performance.now() - begun < 5000) requestAnimationFrame(look);
    };
    look();
  }, true);
}"""
_NAMES = """(key) => {
  const canvas = document.querySelector(`.st-key-${key} .js-plotly-plot`), frame = canvas.getBoundingClientRect();
  return [...canvas.querySelectorAll('.annotation-text')].map(text => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return { name: text.textContent, left: left - frame.left, right: frame.right - right, top, bottom };
  });
}"""


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_that_is_drawn_moves_while_training(width: int, open_tab: OpenTab) -> None:
    """From the first point of a curve to the last result, headings and charts stay where they are."""
    tab = open_tab(RUN, width=width)
    settle(tab)
    before = {name: tab.locator(PARTS[name]).first.bounding_box()["y"] for name in ("title", "Train")}
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.wait_for_function("document.querySelector('.live-chart-canvas')?._fullData?.length > 0")
    tab.evaluate(_WATCH, PARTS)
    assert tab.locator(".st-key-stop").count()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    settle(tab)
    seen: dict[str, list[float]] = tab.evaluate("window.tops")
    assert seen.keys() == PARTS.keys()
    moved = {name: high - low for name, (low, high) in seen.items() if high - low > STILL_HELD}
    moved |= {name: y - seen[name][0] for name, y in before.items() if abs(y - seen[name][0]) > STILL_HELD}
    assert moved == {}


def test_a_press_that_takes_longer_is_answered_at_once(open_tab: OpenTab) -> None:
    """While a page computes, a line along its edge says so within a tenth of a second, and nothing is pushed aside."""
    tab = open_tab("/learn")
    settle(tab)
    tab.evaluate(_TIME_SIGN)
    tab.evaluate(_WATCH, {"after the chart": ".st-key-csv_gradient_flow_fresh"})
    for _ in range(TRIES):
        tab.get_by_role("slider", name="Length of the sequence").press("ArrowRight")
        tab.wait_for_timeout(1500)
        settle(tab)
    signs = tab.evaluate("window.signs")
    assert len(signs) == TRIES
    assert statistics.median(signs) <= SIGN, signs
    low, high = tab.evaluate("window.tops")["after the chart"]
    assert high - low <= STILL_HELD


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_names_at_the_ends_of_lines_stand_free(width: int, open_tab: OpenTab) -> None:
    """No label overlaps another or is cut off at the edge, not even where lines end side by side."""
    tab = open_tab(
        "/?dataset=sunspots&updates=60&evaluations=6&seeds=1&architectures=lstm,gru,peephole,gru_textbook", width=width
    )
    train_default(tab)
    settle(tab)
    names: list[dict[str, Any]] = tab.evaluate(_NAMES, "loss_curves")
    assert sorted(name["name"][2:] for name in names) == ["GRU", "LSTM", "PeepholeLSTM", "Textbook GRU"]
    assert all(name["left"] >= 0 and name["right"] >= 0 for name in names), names
    ordered = sorted(names, key=lambda name: name["top"])
    assert all(high["top"] >= low["bottom"] - LEADING for low, high in pairwise(ordered)), names
