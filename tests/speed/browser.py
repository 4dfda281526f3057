"""Visits with a real browser: how long, in seconds, until something can be seen or pressed."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.serving import ARGUMENTS, PATIENCE, chromium_path

EMPTY = """
import streamlit as st
def first():
    st.title("LSTM and GRU on Sunspots, yearly")
    st.button("Train", type="primary", key="train")
def second():
    st.title("Cost")
st.navigation([st.Page(first, title="Compare", default=True), st.Page(second, title="Cost")], position="top").run()
"""
TRAIN = ".st-key-train button:not([disabled])"
RESTING = "[data-testid=stApp][data-test-script-state=notRunning]"
POINTS = (
    "name => ([...document.querySelectorAll('.live-chart-canvas')].at(-1)?._fullData ?? [])"
    ".some(trace => trace.name === name && trace.y.length > 0)"
)
PAGES = ("Gates", "Cell explorer", "Memory", "Cost", "Learn", "Experiments")


@contextmanager
def browsing() -> Iterator[Callable[[str], Any]]:
    """Start a browser and yield what opens a page in a fresh profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)

        def opened(url: str) -> Any:
            tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            tab.set_default_timeout(PATIENCE)
            tab.goto(url)
            return tab

        yield opened
        browser.close()


def empty_script(folder: Path) -> Path:
    """Write the smallest application with a button and two pages."""
    script = folder / "empty.py"
    script.write_text(EMPTY, encoding="utf-8")
    return script


def visit(opened: Callable[[str], Any], url: str) -> tuple[float, float]:
    """Return seconds until Train can be pressed, and megabytes that came until then."""
    begun = time.perf_counter()
    tab = opened(url)
    tab.locator(TRAIN).wait_for()
    took = time.perf_counter() - begun
    sent = tab.evaluate(
        "() => performance.getEntriesByType('resource').reduce((sum, e) => sum + e.transferSize, 0) / 1e6"
    )
    tab.context.close()
    return took, float(sent)


def visits(opened: Callable[[str], Any], ours: str, theirs: str, count: int) -> tuple[float, float, float]:
    """Return the medians of our and their visits, in turn, and the most megabytes of ours."""
    pairs = [(visit(opened, ours), visit(opened, theirs)) for _ in range(count)]
    return (
        statistics.median(our[0] for our, _ in pairs),
        statistics.median(their[0] for _, their in pairs),
        max(our[1] for our, _ in pairs),
    )


def train(tab: Any) -> dict[str, float]:
    """Press Train; return what was announced, and seconds until first points and until the result is on the screen."""
    tab.locator(TRAIN).wait_for()
    told = (
        tab.locator("[data-testid=stCaptionContainer]").filter(has_text=re.compile(r"about .+ · ")).first.inner_text()
    )
    begun = time.perf_counter()
    tab.locator(TRAIN).click()
    tab.wait_for_function(POINTS, arg="LSTM", polling=20)
    points = time.perf_counter() - begun
    tab.get_by_role("tab", name="Table", exact=True).wait_for()
    return {"announced": seconds_of(told), "points": points, "result": time.perf_counter() - begun}


def seconds_of(told: str) -> float:
    """Read "about 6 s" or "about 2 min"."""
    found = re.search(r"about ([\d.,\u202f ]+) (s|min|h)", told)
    assert found, told
    number = float(re.sub(r"[,\u202f ]", "", found[1]))
    return number * {"s": 1, "min": 60, "h": 3600}[found[2]]


def switches(tab: Any, names: tuple[str, ...]) -> list[float]:
    """Go from page to page; return seconds until each page's heading is there and its script rests."""
    times = []
    for name in names:
        begun = time.perf_counter()
        tab.get_by_test_id("stTopNavLink").filter(has_text=name).first.click()
        tab.wait_for_function("name => document.title.includes(name) || document.querySelector('h1, h2')", arg=name)
        tab.wait_for_timeout(20)
        tab.locator(RESTING).wait_for()
        times.append(time.perf_counter() - begun)
    return times
