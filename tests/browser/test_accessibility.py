"""Every page, found by discovery, in both themes and both widths: readable by everybody, nothing cut, a picture of each."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from dashboard.navigation import PageInfo, declared
from tests.browser.conftest import OpenTab
from tests.browser.visits import NARROW, SCHEMES, WIDE, address, overflow, photograph, settle, train_default

PICTURES = "GATESCOPE_SCREENSHOTS"  # a folder that keeps the pictures of a run
SMALL = "/?updates=60&evaluations=6&seeds=1&architectures=lstm,gru&dataset=sunspots"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def trained(chromium: Any, server: Any) -> str:
    """Train something small, for the pages that look at a result; return its id."""
    context = chromium.new_context()
    tab = context.new_page()
    tab.set_default_timeout(90_000)
    tab.goto(server.url + SMALL)
    identity = train_default(tab)
    context.close()
    return identity


def violations(tab: Any) -> list[str]:
    """Return one line for each element that breaks a serious rule."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", declared().values(), ids=lambda page: page.title)
def test_page_is_accessible_and_nothing_is_cut(
    page: PageInfo, scheme: str, trained: str, open_tab: OpenTab, tmp_path: Path
) -> None:
    """No serious violation of axe-core's rules, no sideways scrolling, and a picture at both widths."""
    tab = open_tab(address(page, trained), width=WIDE, scheme=scheme)
    settle(tab)
    for problem in ("could not be shown", "failed"):
        assert not tab.get_by_text(problem).count(), problem
    folder = Path(os.environ.get(PICTURES, tmp_path))
    for width in (WIDE, NARROW):
        picture = folder / f"{page.url or 'compare'}-{scheme}-{width}.png"
        photograph(tab, picture, width=width)
        assert picture.stat().st_size > 10_000
        assert overflow(tab) <= 0
        assert violations(tab) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_first_view_is_accessible(scheme: str, open_tab: OpenTab) -> None:
    """What a newcomer sees, and the sidebar with everything in it opened, breaks no serious rule."""
    tab = open_tab("/", width=WIDE, scheme=scheme)
    settle(tab)
    tab.locator("[data-testid=stSidebar]").get_by_text("More settings", exact=True).click()
    settle(tab)
    assert violations(tab) == []


def focused(tab: Any) -> str:
    """Return the words of the element that has the keyboard's focus."""
    words: str = tab.evaluate("(document.activeElement.innerText ?? '').trim().split('\\n').at(-1)")  # after an icon
    return words


def tab_to(tab: Any, words: str, *, most: int = 90) -> None:
    """Press the Tab key until the element with these words has the focus, which can be seen."""
    for _ in range(most):
        if focused(tab) == words:
            break
        tab.keyboard.press("Tab")
    assert focused(tab) == words
    seen = tab.evaluate(
        "(() => { const style = getComputedStyle(document.activeElement);"
        " return style.outlineStyle !== 'none' || style.boxShadow !== 'none'; })()"
    )
    assert seen


def test_keyboard_alone_chooses_and_trains(open_tab: OpenTab) -> None:
    """Tab and Enter reach the first card that can be chosen, then Train; every stop shows where the focus is."""
    tab = open_tab("/?updates=60&evaluations=6&seeds=1&dataset=sunspots")
    settle(tab)
    tab_to(tab, "Choose")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="LSTM and GRU on Sunspots, yearly").wait_for()
    settle(tab)
    tab.locator("body").press("Home")
    tab_to(tab, "Train")
    tab.keyboard.press("Enter")
    tab.locator(".st-key-loss_curves .live-chart").first.wait_for()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["01-monthly-us-slash.csv", "54-google-udemy-mixed-thousands.csv"])
def test_reading_of_a_file_is_accessible_and_nothing_is_cut(
    name: str, scheme: str, open_tab: OpenTab, tmp_path: Path
) -> None:
    """Questions and lines of a reading break no serious rule and fit both widths."""
    tab = open_tab("/", width=WIDE, scheme=scheme)
    settle(tab)
    file = Path(__file__).parent.parent / "data" / "uploads" / "people" / name
    tab.locator(".st-key-upload_file_card input[type=file]").set_input_files(str(file))
    tab.get_by_role("heading", name="We read it like this").wait_for()
    for width in (WIDE, NARROW):
        photograph(
            tab, Path(os.environ.get(PICTURES, tmp_path)) / f"reading-{name[:2]}-{scheme}-{width}.png", width=width
        )
        assert overflow(tab) <= 0
        assert violations(tab) == []
