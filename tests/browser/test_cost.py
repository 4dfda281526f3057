"""The Cost page in a real browser, with real measurements."""

from tests.browser.conftest import OpenTab

QUARTILES = "[...document.querySelectorAll('.st-key-cost_measured .js-plotly-plot')].at(-1)?._fullData ?? []"


def test_measure_here_shows_kernels_and_ratios(open_tab: OpenTab) -> None:
    """One click: a worker measures, then medians of every kernel and ratios appear, on a narrow screen too."""
    tab = open_tab()
    tab.get_by_role("link", name="Cost").first.click()
    tab.get_by_role("heading", name="What does each cost?").wait_for()
    tab.locator(".st-key-cost_table .js-plotly-plot .table").first.wait_for()
    tab.get_by_role("button", name="Measure here").click()
    tab.get_by_role("heading", name="Measured against theory").wait_for()
    tab.wait_for_function(f"({QUARTILES}).length === 3")
    medians = tab.evaluate(f"({QUARTILES}).flatMap(trace => Array.from(trace.x))")
    assert len(medians) >= 6
    assert all(0 < value < 10_000 for value in medians)
    tab.get_by_text("Load of the machine").first.wait_for()
    tab.locator(".st-key-cost_ratios .js-plotly-plot .bars").first.wait_for()
    tab.set_viewport_size({"width": 400, "height": 900})
    overflow = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    assert not tab.locator("[data-testid='stException']").count()
