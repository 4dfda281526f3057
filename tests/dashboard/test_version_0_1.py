"""Links and stored experiments of version 0.1 in the pages of this version."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import saved_experiments, state
from models.records.experiment import ExperimentQuery
from models.store.interface import Store
from models.store.sql.startup import connect_store
from tests.dashboard.conftest import ENTRY, OpenPage, replace_service
from tests.dashboard.test_experiments_page import Kept
from tests.version_0_1 import EXPERIMENTS, FOLDER, LINKS, database, missing


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Put the database of version 0.1 behind the pages."""
    opened, engine = connect_store(database(tmp_path)), Kept()
    replace_service(monkeypatch, "store", lambda: opened)
    replace_service(monkeypatch, "engine", lambda: engine)
    yield opened
    opened.close()
    st.cache_resource.clear()


@pytest.mark.parametrize("name", list(LINKS))
def test_compare_page_takes_every_setting_of_a_link(open_page: OpenPage, name: str) -> None:
    """The page opens at a link of version 0.1, complains of nothing and has its settings, in the form and in the address."""
    query = dict(parse_qsl(LINKS[name][1]["query"]))
    page = open_page(**query)
    assert not page.exception
    assert not [warning.value for warning in page.warning if "link" in warning.value.lower()]
    assert missing(LINKS[name][1]["spec"], page.session_state["spec"].to_dict()) == []
    address = {key: value if isinstance(value, str) else value[-1] for key, value in page.query_params.items()}
    assert missing(query, address) == []


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_compare_page_shows_a_stored_experiment(store: Store, name: str) -> None:
    """The link of a stored experiment opens its result."""
    page = AppTest.from_file(str(ENTRY), default_timeout=30)
    for key, value in parse_qsl(EXPERIMENTS[name]["query"]):
        page.query_params[key] = value
    page.query_params[state.EXPERIMENT] = EXPERIMENTS[name]["id"]
    page.run()
    assert not page.exception
    assert page.session_state[state.EXPERIMENT] == EXPERIMENTS[name]["id"]
    assert missing(EXPERIMENTS[name]["spec"], page.session_state["spec"].to_dict()) == []
    assert page.get("plotly_chart") or page.get("bidi_component") or page.get("arrow_data_frame")


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_exported_file_opens_on_the_experiments_page(store: Store, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of version 0.1 is kept under a new id, with its notes."""
    monkeypatch.setattr(state, "control", lambda: "c" * 22)
    before = store.list_experiments(ExperimentQuery(limit=200)).rows
    identity = saved_experiments.open_file((FOLDER / f"{name}.json").read_bytes())
    assert identity not in {row.view.id for row in before}
    view = store.view(identity)
    assert view is not None
    assert view.result is not None
    assert view.status == EXPERIMENTS[name]["status"]
    assert len(store.notes(identity)) == len(EXPERIMENTS[name]["notes"])
