"""How long a visitor waits, against an empty application on the same machine in the same minutes."""

import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.serving import Server, serving
from tests.browser.test_compare import await_points, heading, long_training, train

TITLE = "LSTM and GRU on Sunspots, yearly"
VISITS = 6
WARMING = 12  # seconds in which the first visit's worker gets ready
RERUNS = 9
MOST_RATIO = 1.5
MOST_MILLISECONDS = 300
_RECORD = """() => {
  window.reruns = [];
  const app = document.querySelector('[data-testid=stApp]');
  let since;
  new MutationObserver(() => {
    const running = app.dataset.testScriptState === 'running';
    if (running) since ??= performance.now();
    else if (since !== undefined) { window.reruns.push(performance.now() - since); since = undefined; }
  }).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
}"""


def seconds_to_text(open_tab: OpenTab, url: str) -> float:
    """Return how long a new visitor waits for the title."""
    begun = time.perf_counter()
    tab = open_tab(url)
    tab.get_by_role("heading", name=TITLE).wait_for()
    waited = time.perf_counter() - begun
    tab.context.close()
    return waited


@pytest.mark.slow
def test_first_view_takes_little_longer_than_an_empty_application(
    open_tab: OpenTab, server: Server, tmp_path: Path
) -> None:
    """Text is visible within one and a half times what Streamlit itself needs."""
    empty = tmp_path / "empty.py"
    empty.write_text(f'import streamlit as st\nst.title("{TITLE}")\n', encoding="utf-8")
    ours, theirs = [], []
    with serving(tmp_path, empty) as other:
        seconds_to_text(open_tab, f"{server.url}/"), seconds_to_text(open_tab, f"{other.url}/")
        time.sleep(WARMING)
        for _ in range(VISITS):
            ours.append(seconds_to_text(open_tab, f"{server.url}/"))
            theirs.append(seconds_to_text(open_tab, f"{other.url}/"))
    assert statistics.median(ours) <= MOST_RATIO * statistics.median(theirs), (ours, theirs)


def rerun_times(tab: Any) -> list[float]:
    """Change a setting again and again and return how many milliseconds each rerun of the page took."""
    tab.evaluate(_RECORD)
    slider = tab.get_by_role("slider", name="Seeds")
    for press in range(RERUNS):
        slider.press("ArrowRight" if press % 2 == 0 else "ArrowLeft")
        tab.wait_for_function("count => window.reruns.length >= count", arg=press + 1)
        tab.wait_for_timeout(200)
    times: list[float] = tab.evaluate("window.reruns")
    return times


@pytest.mark.slow
def test_page_with_a_result_stays_quick_while_another_one_trains(open_tab: OpenTab) -> None:
    """A rerun with every chart of a finished experiment is short at the median, beside a training."""
    tab = open_tab()
    train(tab)
    heading(tab, "Predictions").wait_for()
    with long_training(open_tab) as other:
        await_points(other, "LSTM", 2)
        times = rerun_times(tab)
    assert statistics.median(times) <= MOST_MILLISECONDS, times
