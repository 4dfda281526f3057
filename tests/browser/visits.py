"""Walk through the pages as a visitor: open, wait until all is drawn, look at the whole of it."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

from dashboard.navigation import PageInfo

WIDE, NARROW, HEIGHT = 1440, 400, 900
TALLEST = 14_000  # pixels
SCHEMES = ("light", "dark")
_STILL = """(milliseconds) => {
  const app = document.querySelector('[data-testid=stApp]');
  const far = (chart) => { const { top, bottom } = chart.getBoundingClientRect();
    return bottom < 0 || top > innerHeight || !chart.clientWidth; };
  const drawn = [...document.querySelectorAll('.chart')].every(
    chart => chart.dataset.drawn === 'yes' && chart.querySelector('.main-svg') || far(chart));
  const still = app?.dataset.testScriptState === 'notRunning' && drawn && app.innerText.trim().length > 80
    && !document.querySelector('[data-testid=stSkeleton], [data-testid=stSkeletonElement], [data-testid=stSpinner], [data-stale=true]');
  if (!still) { window.stillSince = undefined; return false; }
  window.stillSince ??= Date.now();
  return Date.now() - window.stillSince >= milliseconds;
}"""


def settle(tab: Any, milliseconds: int = 600) -> None:
    """Wait until scripts rest, charts are drawn and nothing loads, for so many milliseconds in a row."""
    tab.evaluate("window.stillSince = undefined")
    tab.wait_for_function(_STILL, arg=milliseconds, polling=100)


def address(page: PageInfo, experiment: str = "") -> str:
    """Return the address of a page, about an experiment where one is given."""
    return f"/{page.url}" + (f"?experiment={experiment}" if experiment else "")


def train_default(tab: Any) -> str:
    """Train the settings that a tab shows to the end and return the experiment's id."""
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    tab.wait_for_function("location.search.includes('experiment=')")
    return parse_qs(urlparse(tab.url).query)["experiment"][0]


def open_result_tab(tab: Any, title: str) -> None:
    """Open one of the tabs below a result on Compare and wait until it is drawn."""
    tab.get_by_role("tab", name=title, exact=True).click()
    tab.get_by_role("heading", name=title, exact=True).wait_for()


def overflow(tab: Any) -> int:
    """Return by how many pixels a page is wider than its window."""
    pixels: int = tab.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]'), root = document.documentElement;"
        " return Math.max(root.scrollWidth - root.clientWidth, main.scrollWidth - main.clientWidth); }"
    )
    return pixels


def photograph(tab: Any, path: Path, *, width: int) -> None:
    """Save a picture of the whole page at a width; the window grows to its length for it."""
    tab.set_viewport_size({"width": width, "height": HEIGHT})
    settle(tab)
    tallest: int = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    tab.set_viewport_size({"width": width, "height": max(HEIGHT, min(TALLEST, tallest))})
    settle(tab)
    path.parent.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=path, animations="disabled")
