"""The Gates page, without a browser and without training: a worker's answers are computed in place."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import state
from dashboard.sections.selection import TABS as LABELS
from models.errors import EngineError
from models.records.experiment import ExperimentSummary
from models.records.results import ExperimentResult, RunResult, Snapshot
from models.spec.experiment_settings import ExperimentSpec
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from models.worker.execute import resolve
from tests.dashboard.conftest import ENTRY, replace_service
from tests.dashboard.drawn import drawn_chart, drawn_charts, open_tab
from tests.dashboard.fakes import FakeEngine, made_up_result
from tests.models.analysis.test_mechanisms import with_advantage

TABS: dict[str, dict[str, str]] = {  # tab and choice within it
    "courses": {"tab": "Heatmaps", "heatmaps_of": "many"},
    "saturation": {"tab": "Units", "units_about": "saturation"},
    "time_scales": {"tab": "Units", "units_about": "time_scales"},
    "learning": {"tab": "While learning"},
    "switch_off": {"tab": "Switch it off"},
    "units": {"tab": "Units", "units_about": "damage"},
    "inputs": {"tab": "Inputs"},
    "edit": {"tab": "Edit a sample"},
    "alike": {"tab": "Find alike", "samples_by": "alike"},
    "disagree": {"tab": "Find alike", "samples_by": "disagree"},
    "why": {"tab": "Why did it win"},
}


class InlineEngine(FakeEngine):
    """Answers calls at once, in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def call(self, function: str, *args: Any) -> "Future[Any]":
        """Call the function."""
        self.calls.append(function.partition(":")[2])
        future: Future[Any] = Future()
        future.set_result(resolve(function)(*args))
        return future


def with_snapshots(run: RunResult) -> RunResult:
    """Add three snapshots that grow towards the kept weights."""
    scales = {0: 0.1, 10: 0.5, run.spec.updates: 1.0}
    kept = tuple(
        Snapshot(update=update, weights={name: value * np.float32(scale) for name, value in run.weights.items()})
        for update, scale in scales.items()
    )
    return replace(run, snapshots=kept)


def finished(spec: ExperimentSpec) -> ExperimentResult:
    """Return a comparison with snapshots that nobody trained."""
    result = made_up_result(spec)
    return replace(result, runs=tuple(with_snapshots(run) for run in result.runs))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[InlineEngine]:
    """Put an engine without workers in the place of the real one."""
    fake = InlineEngine()
    replace_service(monkeypatch, "engine", lambda: fake)
    kept = MemoryStore()
    replace_service(monkeypatch, "store", lambda: kept)
    yield fake
    st.cache_resource.clear()


def small(**changes: Any) -> ExperimentSpec:
    """Return the settings of a small experiment."""
    options = {"dataset": "adding", "options": (("length", 10),), "hidden_size": 4, "seeds": 2, "updates": 20}
    return ExperimentSpec(**{**options, **changes})


def open_gates(engine: InlineEngine, spec: ExperimentSpec) -> AppTest:
    """Open the page on a finished experiment."""
    engine.results[spec] = finished(spec)
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.switch_page("dashboard/pages/gates.py")
    page.query_params[state.EXPERIMENT] = engine.submit(plan_for(spec))
    return page.run()


def opened(page: AppTest, part: str, *, own: bool = False) -> AppTest:
    """Open the tab of a part, and the part within it."""
    for name, value in TABS[part].items():
        page.session_state[f"{'own_network' if own else 'look'}_tab" if name == "tab" else name] = value
    return page.run()


def figure(page: AppTest, key: str) -> dict[str, Any]:
    """Return a chart's figure by its key."""
    found: dict[str, Any] = drawn_chart(page, key)["figure"]
    return found


def address(page: AppTest) -> str:
    """Return the experiment that the address bar names."""
    value = page.query_params[state.EXPERIMENT]
    return value[0] if isinstance(value, list) else value


def test_without_experiments_the_page_says_what_will_appear(engine: InlineEngine) -> None:
    """A first visitor reads what the page will show, and one click leads to a preset on Compare."""
    page = AppTest.from_file(str(ENTRY), default_timeout=240).switch_page("dashboard/pages/gates.py").run()
    assert not page.exception
    assert not page.header
    assert "heatmaps of every gate" in page.markdown[-1].value
    page.button(key="to_compare").click().run()
    assert page.title[0].value.startswith("LSTM, GRU and tanh RNN on Adding problem")


def test_closed_tabs_ask_no_worker(engine: InlineEngine) -> None:
    """On arrival there are heatmaps and closed tabs; nothing heavy has been computed."""
    page = open_gates(engine, small())
    assert not page.exception
    assert [tab.label for tab in page.tabs] == list(LABELS)
    assert engine.calls == []
    assert all(chart["live"] for chart in drawn_charts(page))  # the heatmaps


@pytest.mark.parametrize(
    "spec",
    [
        small(),
        small(architectures=("rnn", "mgu", "peephole"), layers=2),
        small(dataset="digits", options=()),
        small(dataset="embedded_reber", options=(), architectures=("gru",)),
        small(dataset="first_names", options=()),
        small(dataset="sunspots", options=(), architectures=("cifg", "gru_textbook")),
    ],
    ids=["regression", "other cells", "classes", "labels, one architecture", "text", "series"],
)
def test_every_part_works_for_every_kind_of_experiment(engine: InlineEngine, spec: ExperimentSpec) -> None:
    """Whatever the task and the architectures, all tabs open without an error and state their data."""
    page = open_gates(engine, spec)
    keys: set[str] = set()
    for part in TABS:
        page = opened(page, part)
        assert not page.exception, part
        assert not page.error, part
        keys |= {chart["name"] for chart in drawn_charts(page)}
        assert part in {"why", "alike", "disagree"} or page.get("download_button"), part
    assert {"statistics", "learning", "standard_interventions", "ablation"} <= set(engine.calls)
    assert "damage_questions" in keys
    assert keys >= {f"{kind}_{name}" for name in spec.architectures for kind in ("courses", "ranking", "unit")}


def test_answers_of_workers_are_kept(engine: InlineEngine) -> None:
    """Drawing the page again for another sample asks the workers nothing that they have answered."""
    page = open_gates(engine, small())
    for part in ("courses", "switch_off", "units"):
        page = opened(page, part)
    asked = list(engine.calls)
    page.number_input(key="look_sample").set_value(7).run()
    for part in ("courses", "switch_off", "units"):
        page = opened(page, part)
    assert not page.exception
    assert engine.calls == asked
    assert figure(page, "unit_lstm")["layout"]["title"]["text"].endswith("on sample 7")


def test_switching_off_says_that_nothing_was_retrained(engine: InlineEngine) -> None:
    """The part states in words that it is an intervention after training, and on how many samples it was scored."""
    page = opened(open_gates(engine, small()), "switch_off")
    assert "intervention after training" in page.info[0].value
    assert any("Scored on all 1\u202f000 test samples" in caption.value for caption in page.caption)


def test_own_clamp_is_scored_before_and_after(engine: InlineEngine) -> None:
    """Holding a gate shows the metric as trained, the metric now and the change, for the chosen units."""
    page = opened(open_gates(engine, small()), "switch_off")
    page.selectbox(key="own_cell").set_value("gru").run()
    page.selectbox(key="own_gate_gru").set_value("update_gate").run()
    page.multiselect(key="own_units_gru").set_value([1, 3]).run()
    assert not page.exception
    before, after = page.metric
    assert before.label == "MAE (value), as trained"
    assert after.label == "MAE (value), update gate: 0 (units 2, 4)"
    assert float(after.delta.replace("+", "")) == pytest.approx(float(after.value) - float(before.value), abs=1e-3)


def test_most_disputed_sample_is_looked_at_by_one_click(engine: InlineEngine) -> None:
    """The button below the scatter chooses the sample on which both differ most."""
    page = opened(open_gates(engine, small()), "disagree")
    button = page.button(key="most_disputed")
    wanted = int(button.label.split("sample ")[1].split(",")[0])
    button.click().run()
    assert not page.exception
    assert page.number_input(key="look_sample").value == wanted


def test_a_sample_is_found_by_its_error_and_its_date(engine: InlineEngine) -> None:
    """The list has the worst first; what is chosen is the sample of the whole page, also in the number's box."""
    page = open_gates(engine, small(dataset="sunspots", options=()))
    page.selectbox(key="look_find_by").set_value("error").run()
    worst = page.selectbox(key="look_listed_error").options[0]
    number = int(worst.split("sample ")[1].split(",")[0])
    page.selectbox(key="look_listed_error").set_value(number).run()
    assert not page.exception
    assert page.number_input(key="look_sample").value == number
    page.selectbox(key="look_find_by").set_value("date").run()
    dates = page.selectbox(key="look_listed_date")
    assert dates.options[number] in worst
    dates.set_value(3).run()
    assert page.number_input(key="look_sample").value == 3
    assert dates.options[3] not in page.caption[1].value  # the target's year; the caption has those of the inputs
    assert str(int(dates.options[3]) - 1) in page.caption[1].value


def test_picker_changes_experiment_and_address(engine: InlineEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choosing another experiment shows it and puts its id in the address."""
    first, second = small(), small(seed=5, seeds=1)
    engine.results |= {first: finished(first), second: finished(second)}
    ids = [engine.submit(plan_for(first)), engine.submit(plan_for(second))]
    rows = {
        identity: ExperimentSummary(view=view, created=datetime(2026, 1, 2, tzinfo=UTC))
        for identity in ids
        if (view := engine.view(identity)) is not None
    }
    replace_service(monkeypatch, "own_experiments", lambda: rows)
    page = AppTest.from_file(str(ENTRY), default_timeout=240).switch_page("dashboard/pages/gates.py").run()
    assert address(page) == ids[0]
    page.selectbox(key="look_experiment").set_value(ids[1]).run()
    assert not page.exception
    assert address(page) == ids[1]
    assert page.selectbox(key="look_seed").options == ["5"]


def test_link_restores_what_is_looked_at(engine: InlineEngine) -> None:
    """Sample, seed, layer and order are in the address; what an experiment does not have is left out."""
    spec = small(layers=2)
    first = open_gates(engine, spec)
    first.number_input(key="look_sample").set_value(9).run()
    first.selectbox(key="look_seed").set_value(1).run()
    first.selectbox(key="look_layer").set_value(2).run()
    first.selectbox(key="look_order").set_value("similarity").run()
    link = {name: value[0] if isinstance(value, list) else value for name, value in first.query_params.items()}
    assert link == {
        "experiment": address(first),
        "sample": "9",
        "seed": "1",
        "layer": "2",
        "order": "similarity",
        "tab": "Heatmaps",
    }
    for settings, sample in ((link, 9), (link | {"sample": "-1"}, 0), (link | {"sample": "x"}, 0)):
        second = AppTest.from_file(str(ENTRY), default_timeout=240).switch_page("dashboard/pages/gates.py")
        for name, value in settings.items():
            second.query_params[name] = value
        second.run()
        assert not second.exception
        assert second.number_input(key="look_sample").value == sample
        assert second.selectbox(key="look_order").value == "similarity"


def test_compare_leads_to_the_gates_of_its_experiment(engine: InlineEngine) -> None:
    """Below the heatmaps in a tab of Compare one click opens this page on the same experiment."""
    page = AppTest.from_file(str(ENTRY), default_timeout=240).run()
    page.button(key="train").click().run()
    shown = address(page)
    open_tab(page, "Gates").button(key="look_inside").click().run()
    assert not page.exception
    assert page.title[0].value == "What do the gates do?"
    assert address(page) == shown


def test_link_to_nothing_says_so(engine: InlineEngine) -> None:
    """A link to an experiment that is gone, or is none, leaves the page standing."""
    for identity in ("A" * 22, "../../etc/passwd"):
        page = AppTest.from_file(str(ENTRY), default_timeout=240)
        page.switch_page("dashboard/pages/gates.py")
        page.query_params[state.EXPERIMENT] = identity
        page.run()
        assert not page.exception
        assert page.button(key="to_compare")


def test_failed_worker_gives_one_sentence(engine: InlineEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a worker fails, its part says so in one sentence, the page stands, and the next visit asks again."""
    page = open_gates(engine, small())

    def failing(function: str, *args: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_exception(EngineError("A worker was lost."))
        return future

    with monkeypatch.context() as patch:
        patch.setattr(engine, "call", failing)
        page = opened(page, "courses")
        assert not page.exception
        assert page.error[0].value == "A worker was lost."
    page.run()
    assert not page.error
    assert figure(page, "courses_lstm")["data"]


@pytest.mark.parametrize("kept", [0, 1])
def test_networks_without_weights_are_left_out(engine: InlineEngine, kept: int) -> None:
    """An experiment without weights gets only a sentence; one with some weights shows these."""
    spec = small()
    result = finished(spec)
    runs = tuple(run if place < kept else replace(run, weights={}) for place, run in enumerate(result.runs))
    engine.results[spec] = replace(result, runs=runs)
    page = AppTest.from_file(str(ENTRY), default_timeout=240).switch_page("dashboard/pages/gates.py")
    page.query_params[state.EXPERIMENT] = engine.submit(plan_for(spec))
    page.run()
    assert not page.exception
    assert page.info
    assert len(page.tabs) == (kept and len(LABELS))


def test_training_without_snapshots_says_so(engine: InlineEngine) -> None:
    """Where no weights were kept during training there is a sentence in place of the film."""
    spec = small()
    engine.results[spec] = made_up_result(spec)
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.switch_page("dashboard/pages/gates.py")
    page.query_params[state.EXPERIMENT] = engine.submit(plan_for(spec))
    page = opened(page.run(), "learning")
    assert not page.exception
    assert "No weights were kept" in page.info[0].value
    page = opened(page, "time_scales")
    assert not page.exception


def test_a_mechanism_is_tested_by_training_and_the_conclusion_is_said(engine: InlineEngine) -> None:
    """The variant trains in the winner's place; until then there is no conclusion."""
    spec = small(seeds=8)
    engine.results[spec] = with_advantage(spec, "lstm", 0.3, 1)
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.switch_page("dashboard/pages/gates.py")
    page.query_params[state.EXPERIMENT] = engine.submit(plan_for(spec))
    opened(page.run(), "why")
    assert not page.exception
    assert not any("No mechanism found" in heading.value for heading in page.subheader)
    tested = replace(spec, architectures=("cifg", "gru"))
    engine.results[tested] = with_advantage(tested, "cifg", 0.3, 2)
    page.button(key="mechanism_test_gate:cifg").click().run()
    assert not page.exception
    assert engine.submitted[-1] == tested
    assert any("No mechanism found" in heading.value for heading in page.subheader)
