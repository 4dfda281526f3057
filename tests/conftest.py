"""What every test gets: fixed seeds, one torch thread, a data directory of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import models.store.sql
from models.networks import kernel_builder

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
settings.register_profile("gatescope", deadline=None)  # no test judges seconds
settings.load_profile("gatescope")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that compare times after all others, when nothing else is running."""
    items.sort(key=lambda item: item.get_closest_marker("timing") is not None)


@pytest.fixture(scope="session", autouse=True)
def _built_kernels() -> None:
    """Compile the kernels that the disk cache lacks, because PyTorch's own operations would give other last bits."""
    kernel_builder.build(("lstm", "gru", "rnn"))


@pytest.fixture(autouse=True)
def _fixed_randomness() -> None:
    """Seed the global streams, so that a test that should not use them is at least repeatable."""
    np.random.seed(0)
    try:
        import torch
    except ImportError:
        return
    torch.manual_seed(0)
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point the store at an empty folder."""
    folder = tmp_path_factory.mktemp("gatescope")
    monkeypatch.setenv("GATESCOPE_DATA_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _closed_stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every store that a page or a command opened: its threads would go on, and log to a stream that is gone."""
    opened = []

    def open_store(url: str | None = None) -> object:
        from models.store.sql.startup import open_store

        opened.append(open_store(url))
        return opened[-1]

    monkeypatch.setitem(vars(models.store.sql), "open_store", open_store)
    yield
    for store in opened:
        store.close()
