"""The Gates page on a network that was trained elsewhere, without a browser; a worker's answers are computed in place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from dashboard import services
from models.analysis.own_runs import plain_label
from models.checkpoints.live_module import recognise_module
from models.checkpoints.own_data import DataChoice
from models.checkpoints.own_network import OwnNetwork, assemble, propose
from models.errors import CapacityError
from models.spec.plan import plan_for
from models.store import own_networks
from models.store.own_networks import KeptNetwork, OwnNetworks
from models.store.sql.in_memory import MemoryStore
from tests.dashboard.conftest import ENTRY, replace_service
from tests.dashboard.drawn import drawn_chart
from tests.dashboard.test_gates_page import TABS, InlineEngine, finished, small
from tests.dashboard.test_gates_page import opened as tab_opened

PARTS = tuple(part for part in TABS if part not in {"learning", "why"})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InlineEngine]:
    """Put an engine without workers in the place of the real one, and an empty data folder."""
    monkeypatch.setenv("GATESCOPE_DATA_DIR", str(tmp_path))
    st.cache_resource.clear()
    fake, kept = InlineEngine(), MemoryStore()
    replace_service(monkeypatch, "engine", lambda: fake)
    replace_service(monkeypatch, "store", lambda: kept)
    yield fake
    st.cache_resource.clear()


def network(name: str = "Our net", *, both: bool = True, layers: int = 1) -> OwnNetwork:
    """Return a converted GRU with a head."""
    torch.manual_seed(1)
    net = nn.ModuleDict({"rnn": nn.GRU(2, 4, layers, bidirectional=both), "fc": nn.Linear(8 if both else 4, 1)})
    found = recognise_module(net)
    return assemble(found, propose(found), name=name)


def kept_file(own: OwnNetwork, **changes: Any) -> KeptNetwork:
    """Return a network that is fed with a small table."""
    rows = "\n".join(f"{np.sin(step / 3):.4f},{np.cos(step / 4):.4f}" for step in range(40))
    choice = DataChoice(window=9, **changes)
    return KeptNetwork(network=own, choice=choice, filename="d.csv", content=f"a,b\n{rows}\n".encode())


def opened(identity: str, **address: str) -> AppTest:
    """Open the page by the link of a network."""
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.switch_page("dashboard/pages/gates.py")
    page.query_params["network"] = identity
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def test_a_link_opens_everything_on_an_own_network(engine: InlineEngine) -> None:
    """Heatmaps per direction, courses, saturation, half-lives, interventions, units and the horizon, with a score."""
    identity = services.own_networks().keep(kept_file(network(), targets=("a",)), "me")
    page = opened(identity, layer="1, backward")
    assert page.selectbox(key="own_network_layer").value == "1, backward"
    for part in PARTS:
        page = tab_opened(page, part, own=True)
        assert not page.exception, part
        assert not page.error, part
        if part == "inputs":
            assert "Our net" in drawn_chart(page, "gradient_horizon")["figure"]["layout"]["meta"]
    assert {"statistics", "standard_interventions", "ablation", "gradient_horizon"} <= set(engine.calls)
    assert any("The right answer" in caption.value for caption in page.caption)


def test_a_network_stands_beside_those_of_an_experiment(engine: InlineEngine) -> None:
    """Data and score are the experiment's; both cells are drawn, and their errors compared."""
    spec = small(architectures=("lstm", "gru"))
    engine.results[spec] = finished(spec)
    experiment = engine.submit(plan_for(spec))
    own = network(both=False)
    kept = KeptNetwork(network=own, query=spec.to_query(), experiment=experiment)
    identity = services.own_networks().keep(kept, "me")
    page = opened(identity, beside=experiment)
    for name in ("gru@Our net", "lstm", "gru"):
        assert drawn_chart(page, f"trace_{name}")
    for part in ("switch_off", "disagree"):
        page = tab_opened(page, part, own=True)
        assert not page.exception, part
        assert not page.error, part
        assert not page.warning, part


def test_what_cannot_stand_beside_is_said(engine: InlineEngine) -> None:
    """One sentence, and the network is shown alone."""
    first = services.own_networks().keep(kept_file(network()), "me")
    second = services.own_networks().keep(kept_file(network("Other", layers=2)), "me")
    page = opened(first, beside=second)
    assert not page.exception
    assert "same number of layers" in page.warning[0].value


def test_an_unknown_link_is_said(engine: InlineEngine) -> None:
    """A network that is gone, or a link that never was one."""
    page = opened("A" * 22)
    assert not page.exception
    assert "no longer kept" in page.warning[0].value
    assert services.own_networks().find("../../etc/passwd") is None


def test_a_kept_network_is_the_same_when_found(tmp_path: Path) -> None:
    """Weights to the bit, names, data; deleted by whoever kept it alone."""
    store = OwnNetworks(tmp_path / "networks")
    kept = kept_file(network(), targets=("a",), scaling="given", mean=(0.0, 1.0), deviation=(1.0, 2.0))
    identity = store.keep(kept, "me")
    found = store.find(identity)
    assert found is not None
    assert found.choice == kept.choice
    assert found.content == kept.content
    assert found.network.layer_names == kept.network.layer_names
    assert all(np.array_equal(found.network.weights[name], value) for name, value in kept.network.weights.items())
    assert not store.delete(identity, "somebody else")
    assert store.find(identity) is not None
    assert store.delete(identity, "me")
    assert store.find(identity) is None


def test_a_damaged_file_of_a_network_is_not_found(tmp_path: Path) -> None:
    """Cut off on the disk: the page says that it is no longer kept."""
    store = OwnNetworks(tmp_path)
    identity = store.keep(kept_file(network()), "me")
    path = tmp_path / f"{identity}.safetensors"
    path.write_bytes(path.read_bytes()[:200])
    assert store.find(identity) is None


def test_a_full_server_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence, and nothing is deleted."""
    monkeypatch.setattr(own_networks, "MAX_NETWORKS", 1)
    store = OwnNetworks(tmp_path)
    identity = store.keep(kept_file(network()), "me")
    with pytest.raises(CapacityError, match="delete one"):
        store.keep(kept_file(network()), "me")
    assert store.find(identity) is not None


def test_a_name_cannot_be_markup(engine: InlineEngine) -> None:
    """Angle brackets, links and signs of Markdown become spaces."""
    assert plain_label("<b>x</b> [a](b) $y$ @z `q`") == "b x b a (b) y z q"
    named = replace(network(), name="<img src=x onerror=alert(1)>")
    page = opened(services.own_networks().keep(kept_file(named), "me"))
    assert not page.exception
    assert "<img" not in "".join(element.value for element in page.markdown).replace("\\<", "")


def test_a_network_is_fed_with_a_dataset_that_nobody_trained_on(engine: InlineEngine) -> None:
    """Chosen by its title; what does not fit is said, and its dates are on the axis."""
    torch.manual_seed(1)
    found = recognise_module(nn.ModuleDict({"rnn": nn.LSTM(1, 4), "fc": nn.Linear(4, 1)}))
    page = AppTest.from_file(str(ENTRY), default_timeout=240)
    page.switch_page("dashboard/pages/gates.py")
    page.session_state["look_into"] = "Your own network"
    page.session_state["own_checkpoint"] = ("net", found)
    page.session_state["own_data_from"] = "A dataset"
    page.session_state["own_dataset"] = "adding"
    page.run()
    page.button(key="own_look").click().run()
    assert "network takes 1 columns per step" in page.error[0].value
    page.selectbox(key="own_dataset").set_value("sunspots").run()
    page.button(key="own_look").click().run()
    assert not page.exception
    assert not page.error
    layout = drawn_chart(page, "trace_lstm@net")["figure"]["layout"]
    axes = [
        layout[name]["title"].get("text") for name in layout if name.startswith("xaxis") and "title" in layout[name]
    ]
    assert "Date" in axes
    assert page.query_params["network"]
