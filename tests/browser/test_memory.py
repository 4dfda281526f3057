"""The Memory page in a real browser: every part, from its link to its picture."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.visits import overflow, settle, train_default

SMALL = "&{part}_architectures=lstm,gru&{part}_updates_{task}=20&{part}_seeds_{task}=2&{part}_hidden_size_{task}=4"
TINY = "/?dataset=adding&option.length=20&architectures=lstm,rnn&hidden_size=4&updates=20&seeds=2&evaluations=2"


def title(tab: Any, text: str) -> Any:
    """Return the title of a chart."""
    return tab.locator(".gtitle").filter(has_text=text)


def lines(tab: Any, key: str) -> dict[str, list[float]]:
    """Return the named lines of a chart and what is drawn upwards."""
    found: dict[str, list[float]] = tab.evaluate(
        "key => Object.fromEntries(document.querySelector(`.st-key-${key} .js-plotly-plot`)._fullData"
        ".filter(trace => trace.showlegend).map(trace => [trace.name, Array.from(trace.y)]))",
        key,
    )
    return found


def test_gradient_flow_is_there_at_once_and_follows_the_settings(open_tab: OpenTab) -> None:
    """Fresh networks on opening; another quantity, another view; the address names what is shown."""
    tab = open_tab("/memory")
    title(tab, "Gradient with respect to the hidden state").wait_for()
    title(tab, "What the gates keep").wait_for()
    settle(tab)
    drawn = lines(tab, "gradient_flow")
    assert list(drawn) == ["LSTM", "GRU", "tanh RNN"]
    assert len(drawn["LSTM"]) == 60
    assert list(lines(tab, "kept_shares")) == ["LSTM", "GRU"]
    tab.get_by_role("radio", name="Cell state").click()
    title(tab, "Gradient with respect to the cell state").wait_for()
    tab.wait_for_function("location.search.includes('flow_length_adding=60')")
    assert overflow(tab) <= 0


def test_gradient_flow_of_an_experiment_shows_before_and_after_training(open_tab: OpenTab) -> None:
    """The link of an experiment opens its own networks."""
    tab = open_tab(TINY)
    experiment = train_default(tab)
    tab.goto(f"{tab.url.partition('?')[0]}memory?experiment={experiment}")
    title(tab, "Gradient with respect to the hidden state").wait_for()
    settle(tab)
    names = ["LSTM, before training", "LSTM, after training", "tanh RNN, before training", "tanh RNN, after training"]
    assert list(lines(tab, "gradient_flow")) == names
    expect(tab.get_by_text("after training").first).to_be_visible()
    assert f"experiment={experiment}" in tab.url


def test_memory_horizon_trains_draws_and_comes_back_from_its_link(open_tab: OpenTab) -> None:
    """A sweep runs from its button to its end; the same link shows it, in a narrow window, without training again."""
    address = "/memory?part=horizon&horizon_lags_adding=10,12,14" + SMALL.format(part="horizon", task="adding")
    tab = open_tab(address)
    tab.get_by_role("button", name="Run the sweep").click()
    tab.get_by_text("6 of 6 runs").wait_for()
    tab.wait_for_function(
        "() => (document.querySelector('.live-chart .js-plotly-plot')?._fullData || []).some(t => t.x?.length === 3)"
    )
    assert list(lines(tab, "memory_horizon")) == ["LSTM", "GRU"]
    tab.get_by_text("does not solve it even at 10 steps").first.wait_for()
    assert tab.get_by_role("button", name="Run the sweep").count() == 0
    with tab.expect_download() as download:
        tab.locator(".st-key-csv_memory-horizon button").first.click()
    assert download.value.suggested_filename == "memory-horizon.csv"
    again = open_tab(tab.url, width=400)
    again.get_by_text("6 of 6 runs").wait_for()
    settle(again)
    assert len(lines(again, "memory_horizon")["GRU"]) == 3
    assert overflow(again) <= 0


def test_sweep_stops_and_goes_on(open_tab: OpenTab) -> None:
    """Stop keeps what is done; Continue trains the rest. A reload in between loses nothing."""
    address = "/memory?part=horizon&horizon_lags_adding=10,11,12,13,14,15,16,17,18,19,20,21"
    tab = open_tab(address + SMALL.format(part="horizon", task="adding").replace("=20&", "=900&", 1))
    tab.get_by_role("button", name="Run the sweep").click()
    tab.wait_for_function(r"() => /\b[2-9] of 24 runs/.test(document.body.innerText)")
    tab.reload()
    tab.get_by_role("button", name="Stop").first.click()
    tab.get_by_role("button", name="Continue").wait_for()
    assert "stopped" in tab.locator("[data-testid=stProgress]").inner_text()
    tab.get_by_role("button", name="Continue").click()
    tab.get_by_role("button", name="Stop").first.wait_for()
    tab.get_by_role("button", name="Stop").first.click()
    tab.get_by_role("button", name="Continue").wait_for()


def test_length_generalisation_tests_what_was_trained(open_tab: OpenTab) -> None:
    """One press trains and tests; lengths beyond training are drawn, and another measure on demand."""
    tab = open_tab(
        "/memory?part=length&length_task=parity&length_longest_parity=64" + SMALL.format(part="length", task="parity")
    )
    tab.get_by_role("button", name="Train and test").click()
    tab.get_by_text("2 of 2 runs").wait_for()
    title(tab, "Accuracy beyond the length of training").wait_for()
    tab.wait_for_function(
        "() => (document.querySelector('.st-key-length_generalisation .js-plotly-plot')?._fullData || []).length > 0"
    )
    settle(tab)
    reach = tab.evaluate(
        "() => document.querySelector('.st-key-length_generalisation .js-plotly-plot')._fullData.map(t => Math.max(...t.x))"
    )
    assert max(reach) == 64
    tab.get_by_role("radio", name="Sequences without a mistake").click()
    title(tab, "Sequences without a mistake beyond").wait_for()


def test_trainability_map_draws_every_architecture_on_one_scale(open_tab: OpenTab) -> None:
    """Side by side, the same limits of colour, and any point opens on Compare."""
    tab = open_tab(
        "/memory?part=map&map_rates=0.001,0.1&map_hidden_size=2,4&map_architectures=lstm,gru&map_updates_adding=10&map_seeds_adding=2"
    )
    tab.get_by_role("button", name="Run the sweep").click()
    tab.get_by_text("8 of 8 runs").wait_for()
    tab.wait_for_function(
        "() => { const maps = [...document.querySelectorAll('.live-chart .js-plotly-plot')].map(p => p._fullData?.[0]);"
        " return maps.length === 2 && maps.every(m => m?.z?.flat().filter(Number.isFinite).length === 4); }"
    )
    limits = tab.evaluate(
        "() => [...document.querySelectorAll('.live-chart .js-plotly-plot')].map(p => [p._fullData[0].zmin, p._fullData[0].zmax])"
    )
    assert limits[0] == limits[1]
    settle(tab)
    tab.get_by_text("All runs:").click()
    settle(tab)  # the table takes its place first, or the button moves away under the click
    tab.locator(".st-key-open_map button").click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    assert "learning_rate=0.001" in tab.url
