"""The Learn page in a real browser: the picture is measured, a claim sets its experiment up on Compare."""

from tests.browser.conftest import OpenTab


def test_check_it_sets_the_experiment_up_on_compare(open_tab: OpenTab) -> None:
    """The gradient picture appears, equations are drawn, and Check it leads to that experiment's settings."""
    tab = open_tab("/learn")
    tab.locator(".st-key-vanishing_gradient .js-plotly-plot").wait_for()
    tab.get_by_role("radio", name="Is it true?").click()
    tab.wait_for_function("location.search.includes('part=statements')")
    claim = tab.locator("[data-testid=stVerticalBlock]", has_text="An LSTM is better on long-term dependencies.").last
    claim.get_by_role("button", name="Check it").click()
    tab.get_by_role("heading", name="LSTM and GRU on Adding problem").wait_for()
    tab.wait_for_function("location.search.includes('option.length=100')")
    assert "seeds=8" in tab.url


def test_narrow_and_dark_nothing_is_cut(open_tab: OpenTab) -> None:
    """At 400 px in dark mode nothing scrolls sideways and equations are drawn."""
    tab = open_tab("/learn?part=equations", width=400, scheme="dark")
    tab.locator(".katex").first.wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
