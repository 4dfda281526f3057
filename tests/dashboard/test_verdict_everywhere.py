"""One stored experiment: page, report, Markdown, command line, JSON and list say the same; and any repeat can be shown."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from html import unescape
from typing import Any

import numpy as np
import onnx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import state
from dashboard.report import report_html
from dashboard.sections import exports
from dashboard.sections.add_repeats import adds_starts_only
from models.analysis.verdict import Verdict, judge
from models.cli.main import main
from models.engine.run_here import run_experiment
from models.export.dossier import dossier
from models.export.experiment_document import to_json
from models.export.report import markdown_report
from models.records.experiment import ExperimentRecord, new_id
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data
from models.store.interface import Store
from models.store.sql.in_memory import MemoryStore
from tests.dashboard.conftest import ENTRY, replace_service
from tests.dashboard.drawn import drawn_chart, html_texts, open_tab
from tests.dashboard.test_experiments_page import MINE, Kept, said

SPEC = ExperimentSpec(dataset="airline", hidden_size=4, updates=15, evaluations=2, seeds=8)


@lru_cache(maxsize=1)
def trained() -> ExperimentResult:
    """Train eight repeats on eight stretches of time for a moment."""
    return run_experiment(SPEC)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, str]]:
    """Keep the experiment in a store behind the pages; return both the store and its id."""
    store, engine, result = MemoryStore(), Kept(), trained()
    replace_service(monkeypatch, "store", lambda: store)
    replace_service(monkeypatch, "engine", lambda: engine)
    runs = tuple(run.spec for run in result.runs)
    record = ExperimentRecord(
        id=new_id(),
        spec=SPEC,
        runs=runs,
        control=MINE,
        baselines=result.baselines,
        repeat_baselines=result.repeat_baselines,
    )
    store.keep(record, result)
    yield store, record.id
    st.cache_resource.clear()


def opened(identity: str) -> AppTest:
    """Open Compare at the experiment's link, as the one who started it."""
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.session_state["control"] = MINE
    for name, value in state.link(SPEC, identity).items():
        page.query_params[name] = value
    return page.run()


def plain(text: str) -> str:
    """Return a text without markup, escapes and line breaks."""
    shown = unescape(re.sub(r"<[^>]+>", " ", text))
    return " ".join(shown.replace("\\", "").replace("*", "").split())


def all_said(page: AppTest) -> str:
    """Return what Compare says in headline, cards and the tabs on why and on the table."""
    texts = html_texts(page)
    for title in ("Why this verdict", "Table"):
        texts.append(said(open_tab(page, title)))
    return "\n".join(texts)


def everything_said(verdict: Verdict) -> list[str]:
    """Return headline, facts and details as plain texts."""
    return [plain(text) for text in (verdict.headline, *verdict.facts, *[detail.text for detail in verdict.details])]


def test_all_layers_are_the_same_wherever_they_are_read(
    stored: tuple[Store, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Headline, facts and details on Compare, Experiments, in HTML, Markdown, terminal and JSON; five words in the list."""
    store, identity = stored
    verdict = judge(trained())
    assert len(verdict.facts) == 5
    assert len(verdict.details) >= 6
    kept = dossier(store, identity)
    monkeypatch.setattr("models.engine.run_here.run_experiment", lambda *_, **__: kept.result)
    assert main(["compare", "--dataset", "airline"]) == 0
    compare = opened(identity)
    places = {
        "Compare": all_said(compare),
        "report": report_html(kept, repeat_data(SPEC)).decode(),
        "Markdown": markdown_report(kept),
        "terminal": capsys.readouterr().out,
        "JSON": json.dumps(json.loads(to_json(kept))["verdict"], ensure_ascii=False).replace("\\u202f", "\u202f"),
    }
    compare.switch_page("dashboard/pages/experiments.py").run()
    assert not compare.exception
    places["Experiments"] = said(compare)
    for place, text in places.items():
        missing = [line for line in everything_said(verdict) if line not in plain(text)]
        assert not missing, place
        rates = [f"{run.spec.learning_rate:g}" for run in trained().runs]
        assert all(rate in text for rate in rates), place
        assert "each the best of 3" in text, place
    assert "8 repeats: new start and new data. Timed here on" in places["Compare"]
    assert compare.dataframe[0].value["verdict"].tolist() == [verdict.short]
    assert len(verdict.short.split()) <= 5


def years(page: AppTest) -> set[str]:
    """Return the years of the dates on the chart of predictions."""
    figure: dict[str, Any] = drawn_chart(page, "predictions")["figure"]
    return {str(place)[:4] for trace in figure["data"] for place in trace.get("x", [])}


def test_newest_stretch_is_shown_unless_another_repeat_is_chosen(stored: tuple[Store, str]) -> None:
    """Predictions, gates and exported networks begin with repeat 0; each has a choice that names all stretches."""
    _, identity = stored
    page = opened(identity)
    stretches = [seed.stretch for seed in trained().runs[0].seeds]
    names = [f"{place}: {one.first} to {one.last}" for place, one in enumerate(stretches) if one is not None]
    for tab, key in (("Gates", "gates_seed"), ("Predictions", "predictions_repeat")):
        choice = open_tab(page, tab).selectbox(key=key)
        assert (choice.options, choice.index) == (names, 0)
    newest = years(page)
    assert "1960" in newest
    page.selectbox(key="predictions_repeat").set_value(7).run()
    assert not page.exception
    assert max(years(page)) < min(newest)
    before = drawn_chart(open_tab(page, "Gates"), "gates_lstm")["figure"]
    page.selectbox(key="gates_seed").set_value(7).run()
    assert drawn_chart(page, "gates_lstm")["figure"] != before


def test_added_repeats_are_called_starts_where_all_stretches_are_in_use(stored: tuple[Store, str]) -> None:
    """Eight stretches are the most: the button's help says what eight more repeats add; with fewer it does not."""
    assert "new starts on the same data" in opened(stored[1]).button(key="add_repeats").help
    result = trained()
    fewer = replace(result, runs=tuple(replace(run, seeds=run.seeds[:3]) for run in result.runs))
    assert not adds_starts_only(fewer)


def test_exported_network_of_a_repeat_has_its_own_weights_and_scale(
    stored: tuple[Store, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ONNX file of the chosen repeat holds its weights, its stretches and the scale of its own training part."""
    made: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(exports, "_button", lambda label, _subject, _ending, make, **_: made.update({label: make}))
    result, facts = trained(), {}
    for repeat in (0, 7):
        monkeypatch.setattr(st, "selectbox", lambda _label, seeds, repeat=repeat, **_: seeds[repeat])
        exports.show_exports(stored[1], result)
        model = onnx.load_from_string(made["LSTM ONNX"]())
        facts[repeat] = {entry.key: entry.value for entry in model.metadata_props}
        assert facts[repeat]["seed"] == str(repeat)
        data = repeat_data(SPEC, repeat=repeat)
        assert data.scaler is not None
        assert json.loads(facts[repeat]["target_mean"]) == pytest.approx(data.scaler.mean.tolist())
        weights = [onnx.numpy_helper.to_array(one) for one in model.graph.initializer]
        head = result.runs[0].weights["head.weight"][repeat]
        assert any(one.size == head.size and np.allclose(one.reshape(-1), head.reshape(-1)) for one in weights)
    assert facts[0]["target_mean"] != facts[7]["target_mean"]
    assert [first for first, _ in json.loads(facts[7]["stretches"])] == sorted(
        [first for first, _ in json.loads(facts[0]["stretches"])], reverse=True
    )
