"""The Cost page, and the plan and verdict on the Compare page, without a browser and without training."""

from concurrent.futures import Future
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models.errors import EngineError
from models.spec.fairness import MEASURE
from models.spec.plan import Plan
from models.training.measure import measure_costs, measure_scaling
from tests.dashboard.conftest import ENTRY, OpenPage
from tests.dashboard.drawn import drawn_chart, open_tab, says
from tests.dashboard.fakes import FakeEngine

FUNCTIONS = {
    "models.training.measure:measure_costs": lambda sizes, steps, batch, _: measure_costs(sizes, steps, batch, 0.0),
    "models.training.measure:measure_scaling": lambda points, batch, _: measure_scaling(points[:3], batch, 0.0),
    MEASURE: lambda spec, _: {"speeds": {"lstm": 3.0, "gru": 2.0}},
}


@pytest.fixture
def calling(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Let the fake engine carry calls out at once, or fail with its refusal."""

    def call(function: str, *arguments: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        if engine.refusal is None:
            future.set_result(FUNCTIONS[function](*arguments))
        else:
            future.set_exception(engine.refusal)
        return future

    monkeypatch.setattr(engine, "call", call)
    return engine


def cost_page(open_page: OpenPage) -> AppTest:
    """Open the Cost page with a short length, so that measuring is quick."""
    page = open_page()
    page.query_params.clear()  # as a browser does on the way to another page
    page.switch_page("dashboard/pages/cost.py").run()
    page.number_input(key="cost_steps").set_value(4).run()
    return page


def chart(page: AppTest, key: str) -> dict[str, Any]:
    """Return a chart's figure by its key."""
    figure: dict[str, Any] = drawn_chart(page, key)["figure"]
    return figure


def test_cost_page_answers_by_formula_before_any_click(open_page: OpenPage) -> None:
    """Table, parameters by gate and memory are there at once; nothing was measured."""
    page = cost_page(open_page)
    assert not page.exception
    assert [heading.value for heading in page.header] == ["Where it goes", "How it grows"]
    for key in ("cost_table", "cost_parameters", "cost_memory"):
        assert drawn_chart(page, key)["figure"]["layout"]["meta"]
    assert len(chart(page, "cost_table")["data"][0]["cells"]["values"][0]) == 3


def test_measuring_adds_times_ratios_and_circumstances(open_page: OpenPage, calling: FakeEngine) -> None:
    """After a measurement the table has times, and kernels, ratios and the load of the machine are shown."""
    page = cost_page(open_page)
    page.button(key="measure_costs").click().run()
    assert not page.exception
    assert "Measured against theory" in [heading.value for heading in page.header]
    assert any("Update" in title for title in chart(page, "cost_table")["data"][0]["header"]["values"])
    captions = " ".join(caption.value for caption in page.caption)
    assert "Load of the machine" in captions
    assert "by formula, measured: ours" in captions


def test_measurement_is_not_shown_for_other_settings(open_page: OpenPage, calling: FakeEngine) -> None:
    """A changed size hides what was measured for another one and says so."""
    page = cost_page(open_page)
    page.button(key="measure_costs").click().run()
    page.number_input(key="cost_hidden_size").set_value(8).run()
    assert "Measured against theory" not in [heading.value for heading in page.header]
    assert any("measure again" in caption.value for caption in page.caption)


def test_scaling_draws_time_and_memory(open_page: OpenPage, calling: FakeEngine) -> None:
    """Two charts appear after their measurement."""
    page = cost_page(open_page)
    page.button(key="measure_scaling").click().run()
    assert not page.exception
    for key in ("scaling_time", "scaling_memory"):
        assert chart(page, key)["layout"]["yaxis"]["type"] == "log"


def test_failed_measurement_is_one_sentence(open_page: OpenPage, calling: FakeEngine) -> None:
    """What the engine says is shown, and the page stays."""
    calling.refusal = EngineError("The engine cannot be reached.")
    page = cost_page(open_page)
    page.button(key="measure_costs").click().run()
    assert [error.value for error in page.error] == ["The engine cannot be reached."]
    assert drawn_chart(page, "cost_table")["figure"]["layout"]["meta"]


def address(page: AppTest) -> dict[str, str]:
    """Return the address that a page has written."""
    return {name: value[0] if isinstance(value, list) else value for name, value in page.query_params.items()}


def opened(**address: str) -> AppTest:
    """Open a link to the page."""
    page = AppTest.from_file(ENTRY.parent / "dashboard" / "pages" / "cost.py", default_timeout=240)
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def test_link_shows_the_same_choices(open_page: OpenPage, calling: FakeEngine) -> None:
    """All that was chosen, also about what was measured, is in the address, and another visitor gets it from there."""
    page = cost_page(open_page)
    page.button_group(key="cost_architectures").set_value(["gru", "lstm"]).run()
    page.number_input(key="cost_hidden_size").set_value(12).run()
    page.selectbox(key="cost_sort").set_value("parameters").run()
    page.selectbox(key="cost_reference").set_value("gru").run()
    page.button(key="measure_costs").click().run()
    page.button_group(key="cost_quantity").set_value("inference").run()
    written = address(page)
    assert written["architectures"] == "gru,lstm"
    assert (written["hidden_size"], written["steps"], written["sort"]) == ("12", "4", "parameters")
    other = opened(**written)
    assert not other.exception
    assert other.number_input(key="cost_hidden_size").value == 12
    assert (other.selectbox(key="cost_sort").value, other.selectbox(key="cost_reference").value) == (
        "parameters",
        "gru",
    )
    other.button(key="measure_costs").click().run()
    assert other.button_group(key="cost_quantity").value == "inference"
    assert address(other) == written


@pytest.mark.parametrize(
    ("name", "value"), [("hidden_size", "1e9"), ("hidden_size", "99999"), ("architectures", "gru,x"), ("sort", "<b>")]
)
def test_bad_choice_in_a_link_is_the_default(open_page: OpenPage, name: str, value: str) -> None:
    """What cannot be chosen in the form is not taken from a link either."""
    page = opened(**{name: value})
    assert not page.exception
    assert page.number_input(key="cost_hidden_size").value == 32
    assert page.button_group(key="cost_architectures").value == ["lstm", "gru", "rnn"]
    assert page.selectbox(key="cost_sort").value == "as chosen"


def test_sorting_and_reference_change_the_table(open_page: OpenPage) -> None:
    """Sorted by parameters the tanh RNN leads; with the GRU as reference the LSTM has a third more."""
    page = cost_page(open_page)
    page.selectbox(key="cost_sort").set_value("parameters").run()
    page.selectbox(key="cost_reference").set_value("gru").run()
    columns = chart(page, "cost_table")["data"][0]["cells"]["values"]
    assert columns[0][0] == "<b>tanh RNN</b>"
    assert any("+33 %" in text for text in columns[1])


def test_no_architecture_is_asked_for(open_page: OpenPage) -> None:
    """An empty choice gets a hint and no chart."""
    page = cost_page(open_page)
    page.button_group(key="cost_architectures").set_value([]).run()
    assert not page.exception
    assert "at least one" in page.info[0].value


def test_compare_shows_the_plan_before_training(open_page: OpenPage) -> None:
    """Matched hidden sizes, parameters with their mismatch, and updates are there before Train."""
    page = open_page(fairness="same_parameters", dataset="adding")
    text = " ".join(entry.value for entry in page.markdown)
    assert "**Same number of parameters**" in text
    assert "% of their middle" in text
    assert "GRU: 37 units" in text or "GRU: 36 units" in text


def test_same_time_measures_at_train_and_submits_the_plan(
    open_page: OpenPage, calling: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Train measures first; the slower architecture gets two thirds of the updates."""
    seen: list[Any] = []
    submit = calling.submit

    def spying(plan: Plan, **more: Any) -> str:
        seen.append(plan.run_specs())
        return submit(plan, **more)

    monkeypatch.setattr(calling, "submit", spying)
    page = open_page(fairness="same_time", dataset="adding", updates="300")
    page.button(key="train").click().run()
    assert not page.exception
    assert [(run.architecture, run.updates) for run in seen[0]] == [("lstm", 200), ("gru", 300)]


def test_verdict_is_above_the_curves(open_page: OpenPage) -> None:
    """The headline says that three repeats are too few; the chart of differences is there, facts and details in a tab."""
    page = open_page(dataset="adding", seeds="3")
    page.button(key="train").click().run()
    assert says(page, "Too few repeats to compare LSTM and GRU on Adding problem: 3 of 6.")
    assert drawn_chart(page, "paired_differences")["figure"]["layout"]["meta"]
    told = [entry.value for entry in open_tab(page, "Why this verdict").markdown]
    assert any(text.startswith("- Solved: ") for text in told)
    assert any("**Limits.** This holds for Adding problem" in text for text in told)
