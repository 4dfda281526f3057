"""The Memory page: its parts, their settings in the address, and sweeps in every state."""

from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import services
from dashboard.sections.sweep_panel import progress_line, share
from models.errors import CapacityError
from models.spec.sweep import SweepSpec
from tests.dashboard.conftest import OpenPage, replace_service
from tests.dashboard.drawn import drawn_charts
from tests.dashboard.fake_sweeps import FakeSweeps
from tests.dashboard.fakes import FakeEngine

STEPS = 12


def fresh_flow(spec: dict[str, Any]) -> dict[str, dict[str, np.ndarray]]:
    """Return made-up norms in the place of a worker's."""
    norms = np.tile(0.5 ** np.arange(STEPS)[::-1], (3, 1))
    flow = {"hidden": norms, "input": norms, "kept": norms, "horizon": np.full(3, 6.0)}
    return {name: dict(flow) for name in spec["architectures"]}


def score_lengths(run: dict[str, Any], weights: dict[str, Any], lengths: list[int]) -> dict[str, Any]:
    """Return made-up scores in the place of a worker's."""
    return {"lengths": lengths, "score": [[0.9, 0.8, 0.7]] * len(lengths), "whole": [[0.5] * 3] * len(lengths)}


@pytest.fixture
def worker(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Answer calls to workers at once, and return what was called."""
    called: list[tuple[str, tuple[Any, ...]]] = []

    def call(function: str, *args: Any) -> "Future[Any]":
        called.append((function, args))
        future: Future[Any] = Future()
        future.set_result({"fresh_flow": fresh_flow, "score_lengths": score_lengths}[function.partition(":")[2]](*args))
        return future

    monkeypatch.setattr(engine, "call", call)
    return called


def opened(open_page: OpenPage, **address: str) -> AppTest:
    """Open the Memory page at an address."""
    page = open_page(**address).switch_page("dashboard/pages/memory.py")
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def spec_of(page: AppTest, part: str) -> SweepSpec:
    """Return the sweep that a page would start."""
    fake = services.sweeps()
    page.button(key=f"start_{part}").click().run()
    assert not page.exception
    return fake.started[-1]


def test_page_opens_with_networks_that_were_never_trained(open_page: OpenPage, worker: list[Any]) -> None:
    """Nobody has to train anything to see something."""
    page = opened(open_page)
    assert [header.value for header in page.header] == ["Gradient flow"]
    charts = drawn_charts(page)
    titles = [chart["figure"]["layout"]["title"]["text"] for chart in charts]
    assert titles == ["Gradient with respect to the hidden state", "What the gates keep"]
    assert all("6 of 11 steps" in chart["figure"]["layout"]["meta"] for chart in charts[:1])
    assert any("LSTM: 6 of 11 steps before training" in text.value for text in page.markdown)
    assert [name for name, _ in worker] == ["models.training.gradient_flow:fresh_flow"]


def test_address_holds_part_and_settings_and_brings_them_back(
    open_page: OpenPage, sweeps: FakeSweeps, worker: list[Any]
) -> None:
    """What the link says is what the form shows; what it cannot mean is left out."""
    page = opened(
        open_page,
        part="horizon",
        horizon_task="delayed_recall",
        horizon_lags_delayed_recall="5,10",
        horizon_architectures="gru",
        horizon_forget_bias="both",
        horizon_seeds_delayed_recall="99",
    )
    spec = spec_of(page, "horizon")
    assert spec.base.dataset == "delayed_recall"
    assert spec.base.architectures == ("gru",)
    assert dict(spec.axes) == {"option.delay": (5, 10), "forget_bias": (0.0, 1.0)}
    assert spec.base.seeds == 3
    page.segmented_control(key="memory_part").set_value("map").run()
    assert [header.value for header in page.header] == ["Trainability map"]


def test_sweep_says_what_it_takes_starts_and_can_be_stopped_by_its_starter(
    open_page: OpenPage, sweeps: FakeSweeps
) -> None:
    """Before, while it runs with partial results, and after."""
    page = opened(open_page, part="horizon")
    assert page.get("progress")[0].proto.text == "**0 of 12 runs** · about 30 s"
    sweeps.done = 5
    page.button(key="start_horizon").click().run()
    assert sweeps.control
    assert page.get("progress")[0].proto.text.startswith("**5 of 12 runs**")
    assert not [button for button in page.button if button.key == "start_horizon"]
    page.button(key="stop_horizon").click().run()
    assert sweeps.stopped == [sweeps.started[0].key()]
    page.run()
    assert page.button(key="start_horizon").label == "Continue"
    sweeps.done = None
    page.run()
    assert page.get("progress")[0].proto.text == "**12 of 12 runs**"
    assert not [button for button in page.button if button.key in ("start_horizon", "stop_horizon")]
    assert any("**LSTM**" in text.value and "MAE" not in text.value for text in page.markdown)


def test_sweep_of_another_browser_cannot_be_stopped(open_page: OpenPage, sweeps: FakeSweeps) -> None:
    """Its progress is shown all the same."""
    page = opened(open_page, part="map")
    sweeps.done = 1
    page.button(key="start_map").click().run()
    sweeps.control = "somebody else"
    page.run()
    assert not [button for button in page.button if button.key == "stop_map"]
    assert any("another browser" in caption.value for caption in page.caption)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ({"part": "horizon", "horizon_lags_adding": "10, x"}, "must be a whole number from 10 to 400, not 'x'"),
        ({"part": "horizon", "horizon_lags_adding": ","}, "give 1 to 50 numbers"),
        ({"part": "map", "map_rates": "0.1,0.1"}, "each value once"),
        ({"part": "map", "map_rates": ",".join(str(i / 100) for i in range(1, 60))}, "give 1 to 50 numbers"),
    ],
)
def test_bad_settings_are_answered_with_a_sentence(
    open_page: OpenPage, sweeps: FakeSweeps, address: dict[str, str], message: str
) -> None:
    """And nothing can be started."""
    page = opened(open_page, **address)
    assert any(message in error.value for error in page.error)
    assert not [button for button in page.button if str(button.key).startswith("start_")]


def test_sweep_beyond_the_limits_is_refused(open_page: OpenPage, sweeps: FakeSweeps) -> None:
    """With the runner's own sentence."""
    page = opened(open_page, part="map")
    sweeps.refusal = CapacityError("Too many sweeps.")
    page.button(key="start_map").click().run()
    assert any("Too many sweeps." in error.value for error in page.error)
    assert not sweeps.started


def test_map_shows_every_architecture_and_all_runs(open_page: OpenPage, sweeps: FakeSweeps) -> None:
    """Diverged cells are told, and each finished point can be opened on Compare."""
    page = opened(open_page, part="map")
    sweeps.diverged = 2
    page.button(key="start_map").click().run()
    assert not page.dataframe
    page.session_state["runs_map"] = True
    page.run()
    table = page.dataframe[0].value
    assert len(table) == 56
    assert table["State"].value_counts().to_dict() == {"finished": 54, "diverged": 2}
    assert page.button(key="open_map").label == "Open"
    page.button(key="open_map").click().run()
    assert not page.exception


def test_trained_networks_are_tested_at_other_lengths(
    open_page: OpenPage, sweeps: FakeSweeps, worker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the kept weights, in a worker, once per architecture."""
    from tests.dashboard.fake_sweeps import task
    from tests.dashboard.fakes import made_up_run

    page = opened(open_page, part="length")
    store = services.store()
    runs = {run.run.key(): run.run for run in sweeps.view(spec_of(page, "length")).outcomes for run in [run.run]}

    class Keeper:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def find_run(self, key: str) -> Any:
            return made_up_run(runs[key], task(runs[key].experiment))

    replace_service(monkeypatch, "store", Keeper)
    page.run()
    assert not page.exception
    assert "trained at 16" in drawn_charts(page)[0]["figure"]["layout"]["meta"]
    assert [name for name, _ in worker] == ["models.analysis.lengths:score_lengths"] * 3


def test_progress_line_says_all_there_is(sweeps: FakeSweeps) -> None:
    """Done, failed and left."""
    from dataclasses import replace

    spec = SweepSpec.from_query("dataset=adding&axis.option.length=10,20&updates=10")
    sweeps.started.append(spec)
    sweeps.done = 2
    view = sweeps.view(spec)
    failed = (*view.outcomes[:3], replace(view.outcomes[3], status="failed"))
    told = progress_line(replace(view, outcomes=failed, seconds_left=70.0))
    assert told == "**2 of 4 runs** · waiting for a worker · 1 failed · about 1 min 10 s left"
    assert share(view) == 0.5
    assert progress_line(replace(view, status="elsewhere")).endswith("trained by another server; results come in here")


def test_experiments_page_lists_runs_of_sweeps_on_demand(open_page: OpenPage) -> None:
    """A sweep makes many of them; they are there where they are asked for."""
    from tests.models.records.samples import a_record

    page = open_page().switch_page("dashboard/pages/experiments.py").run()
    services.store().create(a_record(control=page.session_state["control"], sweep="some sweep"))
    page.run()
    assert not page.dataframe
    page.toggle(key="experiments_swept").set_value(True).run()
    assert len(page.dataframe[0].value) == 1
