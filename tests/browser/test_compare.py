"""The main job in a real browser, with real training."""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import pytest

from models.spec.recommended import recommended
from tests.browser.conftest import OpenTab
from tests.browser.visits import open_result_tab

CURVES = "[...document.querySelectorAll('.live-chart-canvas')].at(-1)?._fullData ?? []"
LONG = f"/?{recommended('adding', updates=40_000, evaluations=400, seeds=1, rate_search=0).to_query()}"
TABS = ["Predictions", "Forecast", "Gates", "Table", "Why this verdict", "Download"]


def train(tab: Any) -> None:
    """Press Train when it can be pressed."""
    tab.get_by_role("button", name="Train", exact=True).click()


def heading(tab: Any, name: str) -> Any:
    """Return a section's heading."""
    return tab.get_by_role("heading", name=name, exact=True)


def points(tab: Any, name: str) -> int:
    """Return how many points a loss curve has."""
    length: int = tab.evaluate(f"({CURVES}).filter(t => t.name === '{name}')[0]?.y.length ?? 0")
    return length


def await_points(tab: Any, name: str, least: int) -> None:
    """Wait until a loss curve has at least so many points."""
    tab.wait_for_function(
        f"([name, least]) => (({CURVES}).filter(t => t.name === name)[0]?.y.length ?? 0) >= least", arg=[name, least]
    )


def experiment(tab: Any) -> str:
    """Return the id in the address bar."""
    tab.wait_for_function("location.search.includes('experiment=')")
    return parse_qs(urlparse(tab.url).query)["experiment"][0]


def test_train_on_the_default_preset_shows_everything(open_tab: OpenTab) -> None:
    """One press of Train: curves of LSTM and GRU grow, then predictions, table and heatmaps, each in its tab."""
    tab = open_tab()
    tab.get_by_role("heading", name="LSTM and GRU on Sunspots, yearly").wait_for()
    train(tab)
    for name in ("LSTM", "GRU"):
        await_points(tab, name, 2)
    heading(tab, "Predictions").wait_for()
    assert tab.get_by_role("tab").all_inner_texts() == TABS
    for name in ("LSTM", "GRU"):
        await_points(tab, name, 41)
    tab.locator(".st-key-predictions .js-plotly-plot .scatterlayer .trace").first.wait_for()
    open_result_tab(tab, "Table")
    tab.locator(".st-key-comparison .js-plotly-plot .table").first.wait_for()
    with tab.expect_download() as download:
        tab.locator(".st-key-csv_comparison button").first.click()
    assert "LSTM" in download.value.path().read_text()
    open_result_tab(tab, "Gates")
    for name, gates in (("lstm", 6), ("gru", 4)):
        tab.wait_for_function(
            "([key, least]) => document.querySelectorAll(`.st-key-${key} .js-plotly-plot .heatmaplayer .hm`).length >= least",
            arg=[f"gates_{name}", gates],
        )
    assert not tab.locator("[data-testid='stException']").count()


@contextlib.contextmanager
def long_training(open_tab: OpenTab) -> Iterator[Any]:
    """Start an experiment that lasts for minutes; stop it in the end, so that it does not keep others waiting."""
    tab = open_tab(LONG)
    train(tab)
    try:
        yield tab
    finally:
        if tab.locator(".st-key-stop button").count():
            stop(tab)


def stop(tab: Any) -> None:
    """Press Stop and wait until it has its effect."""
    tab.locator(".st-key-stop button").first.click()
    tab.locator(".finding").get_by_text("Stopped").wait_for()


def test_stop_midway_keeps_what_was_learned(open_tab: OpenTab) -> None:
    """Stop ends a long training, and its partial results are shown."""
    with long_training(open_tab) as tab:
        await_points(tab, "GRU", 3)
        stop(tab)
        heading(tab, "Predictions").wait_for()
        assert points(tab, "GRU") < 400


def test_reload_finds_a_running_experiment_again(open_tab: OpenTab) -> None:
    """Curves go on growing after a reload; the same link in another browser shows the same, and cannot stop it."""
    with long_training(open_tab) as tab:
        await_points(tab, "LSTM", 2)
        started = experiment(tab)
        tab.reload()
        await_points(tab, "LSTM", 2)
        before = points(tab, "LSTM")
        await_points(tab, "LSTM", before + 2)
        assert experiment(tab) == started
        other = open_tab(tab.url)
        await_points(other, "LSTM", before)
        other.get_by_text("Started in another browser").wait_for()
        stop(tab)
        other.locator(".finding").get_by_text("Stopped").wait_for()


def test_zoom_is_kept_while_curves_grow(open_tab: OpenTab) -> None:
    """A visitor who zooms in stays there, in the same chart."""
    with long_training(open_tab) as tab:
        await_points(tab, "LSTM", 2)
        canvas = "document.querySelector('.live-chart-canvas')"
        tab.evaluate(f"Plotly.relayout({canvas}, {{'xaxis.range': [10, 60]}})")
        tab.evaluate(f"{canvas}.dataset.mark = 'same'")
        await_points(tab, "LSTM", points(tab, "LSTM") + 3)
        assert tab.evaluate(f"{canvas}._fullLayout.xaxis.range") == [10, 60]
        assert tab.evaluate(f"{canvas}.dataset.mark") == "same"


def test_address_follows_the_form_and_back_undoes(open_tab: OpenTab) -> None:
    """A changed setting is in the address; the browser's Back restores the one before."""
    tab = open_tab()
    tab.wait_for_function("location.search.includes('seeds=8')")
    tab.get_by_role("combobox", name="Presets").click()
    tab.get_by_role("option", name="Digits", exact=True).click()
    tab.wait_for_function("location.search.includes('dataset=digits')")
    tab.get_by_role("heading", name="LSTM and GRU on Handwritten digits").wait_for()
    tab.wait_for_timeout(2500)
    tab.go_back()
    tab.get_by_role("heading", name="LSTM and GRU on Sunspots, yearly").wait_for()


@pytest.mark.parametrize(
    "link",
    [
        {"hidden_size": "99999999999"},
        {"dataset": "<script>alert(1)</script>"},
        {"experiment": "'; drop table experiment; --"},
        {"option.window": "nan"},
    ],
)
def test_bad_link_leaves_a_working_page(open_tab: OpenTab, link: dict[str, str]) -> None:
    """A link that cannot be used says so in a sentence and shows the default."""
    tab = open_tab(f"/?{urlencode(link)}")
    tab.get_by_role("heading", name="LSTM and GRU on Sunspots, yearly").wait_for()
    tab.locator("[data-testid='stAlert']").first.wait_for()
    tab.wait_for_function("location.search.includes('dataset=sunspots')")


def test_narrow_page_does_not_scroll_sideways(open_tab: OpenTab) -> None:
    """At 400 pixels everything fits; the wide table scrolls by itself."""
    tab = open_tab(width=400, height=860, scheme="dark")
    train(tab)
    heading(tab, "Predictions").wait_for()
    tab.locator(".st-key-predictions .js-plotly-plot .scatterlayer .trace").first.wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.locator("[data-testid='stMain']").evaluate("main => main.scrollWidth <= main.clientWidth")
    assert tab.locator("[data-testid='stMain']").evaluate("main => main.scrollHeight") <= 3 * 860
    open_result_tab(tab, "Table")
    table = tab.locator("[class*='st-key-scrolled_comparison']")
    table.scroll_into_view_if_needed()
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") > 200
    assert "local, local, scroll, scroll" in table.evaluate("box => getComputedStyle(box).backgroundAttachment")
    table.hover(position={"x": 200, "y": 150})
    tab.mouse.wheel(600, 0)
    tab.wait_for_function("document.querySelector(\"[class*='st-key-scrolled_comparison']\").scrollLeft > 200")


def test_result_is_copied_presented_and_saved_as_pictures(open_tab: OpenTab) -> None:
    """Visible buttons copy one paragraph with the link, save a chart as PNG and SVG, and show the result without controls."""
    tab = open_tab(f"/?{recommended('sunspots', updates=20, evaluations=4, seeds=2, hidden_size=8).to_query()}")
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    train(tab)
    heading(tab, "Predictions").wait_for()
    for name, start in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with tab.expect_download() as saved:
            tab.locator(".st-key-loss_curves .chart-pictures").get_by_text(name, exact=True).click()
        assert saved.value.path().read_bytes().startswith(start)
    tab.get_by_role("button", name="Share", exact=True).click()
    tab.get_by_role("button", name="Copy as Markdown").click()
    tab.get_by_text("Copied.").wait_for()
    copied: str = tab.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("LSTM and GRU on Sunspots, yearly")
    assert f"experiment={experiment(tab)}" in copied
    tab.get_by_role("button", name="Present").click()
    tab.get_by_role("button", name="Leave").wait_for()
    tab.wait_for_function("location.search.includes('present=1')")
    assert not tab.locator("[data-testid=stSidebar]").is_visible()
    tab.get_by_role("button", name="Leave").click()
    tab.get_by_role("button", name="Train", exact=True).wait_for()
    tab.wait_for_function("!location.search.includes('present=1')")
