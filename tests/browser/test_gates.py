"""The Gates page in a real browser, on a small experiment that the page trained itself."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from models.spec.recommended import recommended
from tests.browser.conftest import PATIENCE, OpenTab, Server
from tests.browser.visits import train_default

SPEC = recommended(
    "adding",
    options=(("length", 12),),
    hidden_size=6,
    seeds=2,
    updates=60,
    evaluations=6,
    architectures=("lstm", "gru"),
)
TRACE = "document.querySelector('.st-key-trace_lstm .live-chart-canvas')"
FILM = "(document.querySelector('.st-key-film .film-charts')?.children ?? [])"
SCATTER = "document.querySelector('.st-key-disagreement .js-plotly-plot')"


@pytest.fixture(scope="module")
def experiment(chromium: Any, server: Server) -> str:
    """Train the experiment once and return its id."""
    context = chromium.new_context()
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(f"{server.url}/?{SPEC.to_query()}")
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("heading", name="Predictions", exact=True).wait_for()
    found = parse_qs(urlparse(tab.url).query)["experiment"][0]
    context.close()
    return found


@pytest.fixture
def gates(open_tab: OpenTab, experiment: str) -> Any:
    """Open the page on the experiment, with its heatmaps drawn."""
    tab = open_tab(f"/gates?experiment={experiment}")
    tab.wait_for_function(f"{TRACE}?._fullData?.filter(t => t.type === 'heatmap').length === 6")
    return tab


def inputs(tab: Any) -> list[float]:
    """Return the first input line above the LSTM's heatmaps."""
    values: list[float] = tab.evaluate(f"Array.from({TRACE}._fullData.find(t => t.type === 'scatter').y)")
    return values


def settle(tab: Any) -> None:
    """Wait until no script runs."""
    tab.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def show(tab: Any, title: str, choice: str = "") -> None:
    """Open a tab of the page, and a part of it."""
    settle(tab)
    tab.get_by_role("tab", name=title, exact=True).click()
    settle(tab)
    if choice:
        tab.get_by_text(choice, exact=True).click()


def choose(tab: Any, label: str, option: str) -> None:
    """Choose an option of a list; a page that is still being drawn may close the list again."""
    from playwright.sync_api import TimeoutError as Late

    wanted = tab.get_by_role("option", name=option)
    for _ in range(10):
        settle(tab)
        tab.get_by_role("combobox", name=label).click()
        try:
            wanted.click(timeout=PATIENCE / 15)
        except Late:
            tab.keyboard.press("Escape")
        else:
            return
    raise AssertionError(f"`{option}` could not be chosen")


def test_choosing_a_sample_redraws_the_traces(gates: Any) -> None:
    """The next sample's input, gates and answer replace those of the first, in the same chart."""
    before = inputs(gates)
    gates.evaluate(f"{TRACE}.marked = true")
    settle(gates)
    gates.locator(".st-key-look_sample button").last.click()
    gates.wait_for_function(
        f"before => JSON.stringify(Array.from({TRACE}._fullData.find(t => t.type === 'scatter').y)) !== before",
        arg=gates.evaluate("JSON.stringify", before),
    )
    assert gates.get_by_label("Test sample").input_value() == "1"
    assert gates.evaluate(f"{TRACE}.marked")


def test_traces_download_with_named_axes(gates: Any, tmp_path: Any) -> None:
    """The archive and the table hold every gate of both architectures."""
    import numpy as np

    settle(gates)
    with gates.expect_download() as download:
        gates.get_by_role("button", name="Traces as NumPy archive").first.click()
    with np.load(download.value.path(), allow_pickle=False) as loaded:
        assert loaded["lstm.layer1.forget_gate"].shape == loaded["gru.layer1.update_gate"].shape == (6, 12)
    with gates.expect_download() as download:
        gates.get_by_role("button", name="Traces as CSV").first.click()
    assert download.value.path().read_text().startswith("architecture,quantity,kind,unit,step,value,layer,sample,seed")


def test_snapshot_slider_replays_training_without_the_server(gates: Any) -> None:
    """Moving the slider changes every heatmap, the label and the cursor, and no script runs."""
    show(gates, "While learning")
    gates.wait_for_function(f"{FILM}.length === 3 && {FILM}[2]._fullData?.length > 0")
    settle(gates)
    slider = gates.get_by_role("slider", name="Snapshot")
    assert int(slider.get_attribute("max")) >= 11
    state = f"""() => JSON.stringify([Array.from({FILM}[0]._fullData[0].z[0]), Array.from({FILM}[1]._fullData[0].z[0]),
        Array.from({FILM}[2]._fullData.at(-1).x)])"""
    last = gates.evaluate(state)
    gates.evaluate(
        """() => { window.reruns = 0; new MutationObserver(() => window.reruns++).observe(
            document.querySelector('[data-testid="stApp"]'), {attributeFilter: ['data-test-script-state']}); }"""
    )
    slider.focus()
    gates.keyboard.press("Home")
    gates.get_by_text("after 0 updates").wait_for()
    gates.wait_for_function(f"last => ({state})() !== last", arg=last)
    gates.keyboard.press("End")
    gates.get_by_text("after 60 updates").wait_for()
    gates.wait_for_function(f"last => ({state})() === last", arg=last)
    assert gates.evaluate("window.reruns") == 0


def test_clamped_gate_shows_the_metric_before_and_after(gates: Any) -> None:
    """Bars show the damage of every question; a custom clamp shows both scores, for both architectures."""
    show(gates, "Switch it off")
    gates.get_by_text("not a retrained variant").wait_for()
    gates.locator(".st-key-damage_questions .barlayer .point path").first.wait_for()
    metric = gates.locator(".st-key-own_damage [data-testid='stMetric']")
    metric.nth(1).wait_for()
    assert "forget gate: 0 (all units)" in metric.nth(1).inner_text()
    before = metric.nth(1).inner_text()
    choose(gates, "Held at", "shuffled in time")
    gates.get_by_text("forget gate: shuffled in time (all units)").wait_for()
    assert metric.nth(1).inner_text() != before


def test_click_on_a_disagreeing_sample_chooses_it(gates: Any) -> None:
    """A dot of the scatter chooses its sample; the heatmaps are then of that sample."""
    before = inputs(gates)
    show(gates, "Find alike", "Where networks disagree")
    gates.wait_for_function(f"{SCATTER}?._fullData?.length === 2")
    for _ in range(2):  # what is drawn on the way moves the page once more
        gates.locator(".st-key-disagreement .js-plotly-plot").evaluate(
            "chart => chart.scrollIntoView({block: 'center'})"
        )
        settle(gates)
    sample, x, y = gates.evaluate(
        f"""() => {{ const plot = {SCATTER}, dots = plot._fullData[1], box = plot.getBoundingClientRect();
        const order = Array.from(dots.x, (x, i) => [Math.abs(x - dots.y[i]), i]).sort((a, b) => b[0] - a[0]);
        const i = order[0][1], {{xaxis, yaxis}} = plot._fullLayout;
        return [dots.customdata[i][0], box.x + xaxis._offset + xaxis.l2p(dots.x[i]),
                box.y + yaxis._offset + yaxis.l2p(dots.y[i])]; }}"""
    )
    gates.mouse.move(x, y)
    gates.mouse.click(x, y)
    gates.wait_for_function(
        "sample => document.querySelector('.st-key-look_sample input').value === String(sample)", arg=sample
    )
    show(gates, "Heatmaps")
    gates.wait_for_function(f"{TRACE}?._fullData?.length > 0")
    gates.wait_for_function(
        f"before => JSON.stringify(Array.from({TRACE}._fullData.find(t => t.type === 'scatter').y)) !== before",
        arg=gates.evaluate("JSON.stringify", before),
    )


def test_click_on_a_unit_shows_its_trace(gates: Any) -> None:
    """The third bar of the ranking puts that unit's gates below it."""
    show(gates, "Units")
    bars = gates.locator(".st-key-ranking_lstm .barlayer .point path")
    bars.nth(5).wait_for()
    gates.locator(".st-key-ranking_lstm").scroll_into_view_if_needed()
    settle(gates)
    chart = "document.querySelector('.st-key-ranking_lstm .js-plotly-plot')"
    unit, x, y = gates.evaluate(
        f"""() => {{ const plot = {chart}, box = plot.getBoundingClientRect(), {{xaxis, yaxis}} = plot._fullLayout;
        const bar = plot._fullData[0];
        return [bar.x[0] === undefined ? 0 : bar.x[1], box.x + xaxis._offset + xaxis.l2p(1),
                box.y + yaxis._offset + (yaxis.l2p(0) + yaxis.l2p(bar.y[1])) / 2]; }}"""
    )
    gates.mouse.move(x, y)
    gates.mouse.click(x, y)
    title = "document.querySelector('.st-key-unit_lstm .js-plotly-plot')?._fullLayout?.title?.text"
    gates.wait_for_function(f"unit => {title}?.includes(`LSTM: unit ${{unit}} on sample 0`)", arg=unit)


@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1440, "light")])
def test_page_fits_its_width(open_tab: OpenTab, experiment: str, width: int, scheme: str) -> None:
    """Nothing is wider than the window, on a phone and on a desk, in any of these tabs."""
    tab = open_tab(f"/gates?experiment={experiment}", width=width, scheme=scheme)
    tab.wait_for_function(f"{TRACE}?._fullData?.length > 0")
    centre = "#232B36" if scheme == "dark" else "#F7F7F7"  # nothing near white on a dark page
    assert tab.evaluate(f"{TRACE}._fullLayout.coloraxis.colorscale[2][1]").upper() == centre
    assert tab.locator(".modebar").count() == 0 or width > 760  # it would cover the titles
    for title, choice, drawn in (
        ("Heatmaps", "", f"{TRACE}?._fullData?.length > 0"),
        ("Units", "How long they remember", "document.querySelector('.st-key-half_lives .js-plotly-plot')"),
        ("While learning", "", f"{FILM}[2]?._fullData"),
    ):
        show(tab, title, choice)
        tab.wait_for_function(drawn)
        settle(tab)
        assert tab.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width, title


def test_questions_about_inputs_samples_and_the_winner_are_answered(gates: Any) -> None:
    """Damage by lag, both answers to a sample, places alike, and that a tie has no reason."""
    for title, shown in (
        ("Inputs", ".st-key-inputs_lag .js-plotly-plot"),
        ("Edit a sample", ".st-key-edited_answers .js-plotly-plot"),
        ("Find alike", ".st-key-alike_threshold"),
        ("Why did it win", ".st-key-look_tab [data-testid='stAlert']"),
    ):
        show(gates, title)
        gates.locator(shown).first.wait_for()


def test_a_value_is_dragged_and_both_answers_follow(gates: Any) -> None:
    """With the mouse and with arrow keys; the table has the new value, and everything can be taken back."""
    show(gates, "Edit a sample")
    chart = gates.locator(".drag-chart svg")
    chart.locator(".drag-hold").nth(11).wait_for()
    settle(gates)
    answers = "document.querySelector('.st-key-edited_answers .js-plotly-plot')"
    gates.wait_for_function(f"{answers}?._fullData?.length === 4")
    last = f"name => Array.from({answers}._fullData.find(t => t.name === name).y).at(-1)"
    before = {name: gates.evaluate(last, f"{name}, edited") for name in ("LSTM", "GRU")}
    point = chart.locator(".drag-hold").nth(3)
    point.evaluate("one => one.scrollIntoView({block: 'center'})")
    box = point.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    gates.mouse.move(x, y)
    gates.mouse.down()
    gates.mouse.move(x, y - 60, steps=4)
    gates.mouse.up()
    gates.wait_for_function(f"([name, old]) => ({last})(name) !== old", arg=["LSTM, edited", before["LSTM"]])
    assert gates.evaluate(last, "GRU, edited") != before["GRU"]
    assert gates.evaluate(last, "LSTM, original") == pytest.approx(before["LSTM"])
    gates.locator(".st-key-edited_lstm .js-plotly-plot").wait_for()
    told = chart.get_attribute("aria-valuetext")
    chart.focus()
    gates.keyboard.press("ArrowUp")
    gates.wait_for_function(
        "old => document.querySelector('.drag-chart svg').getAttribute('aria-valuetext') !== old", arg=told
    )
    gates.wait_for_timeout(800)  # a key that is held sends its last value alone
    settle(gates)
    gates.get_by_role("button", name="Undo all changes").click()
    gates.wait_for_function(
        f"([name, old]) => Math.abs(({last})(name) - old) < 1e-6", arg=["LSTM, edited", before["LSTM"]]
    )
    gates.get_by_text("Nothing is changed yet").wait_for()


def test_why_it_won_is_tested_by_training_on_a_clear_verdict(open_tab: OpenTab, server: Server) -> None:
    """GRU beats a plain network clearly; its reset gate is tested by training, and the conclusion is said."""
    spec = replace(
        SPEC, architectures=("gru", "rnn"), hidden_size=8, seeds=8, updates=200, evaluations=4, rate_search=1
    )
    tab = open_tab(f"/?{spec.to_query()}")
    found = train_default(tab)
    tab.goto(f"{server.url}/gates?experiment={found}&tab=Why+did+it+win")
    tab.get_by_text("is better than tanh RNN").wait_for()
    row = tab.locator(".st-key-mechanism_gate-mgu")
    row.get_by_role("button", name="Test by training").click()
    tab.get_by_role("heading", name=re.compile("^(No mechanism found|GRU won by a reset gate)")).wait_for()
    assert re.search(r"(Yes|No): advantage [0-9.]+, without it", row.inner_text())
