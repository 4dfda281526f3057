"""What the download buttons hand out: for experiment trackers on Compare, and of several chosen experiments."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.store.interface import Store
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import open_tab
from tests.dashboard.test_experiments_page import OpenList, keep, open_list, result_of, store
from tests.dashboard.test_forecast_section import ADDRESS

__all__ = ["open_list", "store"]  # fixtures
Offered = dict[str, tuple[str, Callable[[], bytes]]]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offered:
    """Collect the file name and the maker of every download button that is drawn, by its label."""
    found: Offered = {}
    real = DeltaGenerator.download_button

    def noted(self: DeltaGenerator, label: str, data: Any, *args: Any, **more: Any) -> bool:
        found[label] = (str(more.get("file_name")), data)
        return real(self, label, data, *args, **more)

    monkeypatch.setattr(DeltaGenerator, "download_button", noted)
    monkeypatch.setattr(st, "download_button", lambda label, data, **more: noted(st._main, label, data, **more))
    return found


def members(made: bytes) -> list[str]:
    """Return the names in an archive."""
    return zipfile.ZipFile(io.BytesIO(made)).namelist()


def test_tracker_buttons_hand_out_their_formats(open_page: OpenPage, offered: Offered) -> None:
    """An event file for each architecture and seed, and MLflow's folder with a run for each."""
    page = open_page(**ADDRESS)
    page.button(key="train").click().run()
    open_tab(page, "Download")
    assert not page.exception
    name, tensorboard = offered["TensorBoard"]
    assert name.endswith(".tensorboard.zip")
    files = members(tensorboard())
    assert sum("tfevents" in file for file in files) == 4
    assert {file.split("/")[1] for file in files if "tfevents" in file} == {"lstm", "gru"}
    name, mlflow = offered["MLflow"]
    assert name.endswith(".mlflow.zip")
    files = members(mlflow())
    assert all(file.startswith("mlruns/") for file in files)
    assert (
        sum(file.endswith("/meta.yaml") for file in files) == 1 + 1 + 4
    )  # the experiment, its parent run, a run per seed
    assert any("/artifacts/" in file for file in files)


def test_chosen_experiments_are_one_csv(open_list: OpenList, store: Store, offered: Offered) -> None:
    """The button beside curves and verdicts has the rows of all chosen ones, with the settings that differ."""
    first, second = keep(store, result_of(hidden_size=8)), keep(store, result_of(hidden_size=16))
    keep(store, result_of("adding"))
    page = open_list(first, second)
    assert not page.exception
    name, made = offered["All numbers of these experiments (CSV)"]
    assert name == "gatescope-experiments.csv"
    frame = pd.read_csv(io.BytesIO(made()))
    assert set(frame["dataset"]) == {"sunspots"}
    assert frame.groupby("experiment")["hidden_size"].unique().map(list).to_dict() == {"A": [8], "B": [16]}
