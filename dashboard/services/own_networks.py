"""Networks that visitors brought: kept in the data folder, their data loaded once for all who look."""

import os
from pathlib import Path

import streamlit as st

from dashboard.services import datasets, singletons
from data.task import TaskData
from models.checkpoints.own_data import task_of_dataset, task_of_file
from models.errors import CheckpointError
from models.spec.experiment_settings import ExperimentSpec
from models.store.interface import DIRECTORY_VARIABLE
from models.store.own_networks import KeptNetwork, OwnNetworks

_MAX_TASKS = 12


@st.cache_resource(show_spinner=False)
def own_networks() -> OwnNetworks:
    """Return the kept networks of visitors."""
    return OwnNetworks(Path(os.environ.get(DIRECTORY_VARIABLE) or ".gatescope") / "networks")


def own_spec(kept: KeptNetwork) -> ExperimentSpec | None:
    """Return the settings of the dataset that a network is fed with, or None where it is a file."""
    return ExperimentSpec.from_query(kept.query) if kept.query else None


def own_task(identity: str, kept: KeptNetwork) -> TaskData:
    """Return what a kept network is fed with.

    Raises:
        GatescopeError: If the data do not fit the network, or are no longer there.
    """
    return _own_task(identity, kept)


@st.cache_resource(show_spinner=False, max_entries=_MAX_TASKS)
def _own_task(identity: str, _kept: KeptNetwork) -> TaskData:
    return load_own_task(_kept)


def load_own_task(kept: KeptNetwork) -> TaskData:
    """Return what a network would be fed with; see `own_task`."""
    spec = own_spec(kept)
    if spec is None:
        return task_of_file(kept.network, kept.content or b"", kept.filename, kept.choice)
    record = singletons.store().record(kept.experiment) if kept.experiment else None
    content = record.content if record else None
    if spec.source().family == "own" and content is None:
        raise CheckpointError("The file of the experiment that this network is fed with is no longer kept.")
    return task_of_dataset(kept.network, datasets.data_with(spec, content))
