"""Frames of gradient flow: norms against distance from the end, before and after training, and horizons."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data.task import Array
from models.cells import get_cell
from models.records.results import ExperimentResult

FLOW_COLUMNS = ("architecture", "title", "moment", "quantity", "seed", "distance", "norm", "relative")
HORIZON_COLUMNS = ("architecture", "title", "moment", "seed", "horizon", "steps")
MOMENTS = {"initial": "before training", "trained": "after training"}
QUANTITIES = {"hidden": "Hidden state", "input": "Input", "cell": "Cell state"}
KEPT = "kept"
HORIZON_SHARE = 0.01  # of the largest norm, as in `models.training.gradient_flow`
_TINY = 1e-300

Flows = Mapping[str, Mapping[str, Array]]


def flows_of(result: ExperimentResult) -> dict[str, Mapping[str, Array]]:
    """Return the gradient flow of every run that has it, by architecture."""
    return {run.spec.architecture: run.gradient_flow for run in result.runs if run.gradient_flow}


def fresh_flows(found: Flows) -> dict[str, dict[str, Array]]:
    """Rename the output of `models.training.gradient_flow` to the names in results, all as before training."""
    return {name: {f"initial_{key}": values for key, values in flow.items()} for name, flow in found.items()}


def flow_frame(flows: Flows, seeds: Sequence[int]) -> pd.DataFrame:
    """Return norms in long format.

    Args:
        flows: Architecture to `RunResult.gradient_flow`.
        seeds: Seed of each replica.

    Returns:
        Columns `FLOW_COLUMNS`. `moment` is a key of `MOMENTS`; `quantity` is a key of `QUANTITIES`, or `KEPT`: the mean
        product of kept shares; `distance` counts steps back from the last one; `relative` is the norm as a share of the
        maximum of its curve.
    """
    parts = [
        _lines(name, moment, quantity, np.asarray(flow[f"{moment}_{quantity}"]), seeds)
        for name, flow in flows.items()
        for moment in MOMENTS
        for quantity in (*QUANTITIES, KEPT)
        if f"{moment}_{quantity}" in flow
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(FLOW_COLUMNS))


def _lines(name: str, moment: str, quantity: str, norms: Array, seeds: Sequence[int]) -> pd.DataFrame:
    replicas, steps = norms.shape
    largest = np.maximum(norms.max(axis=1, keepdims=True), _TINY)
    columns: dict[str, Any] = {
        "architecture": name,
        "title": get_cell(name).title,
        "moment": moment,
        "quantity": quantity,
        "seed": np.repeat(np.asarray(seeds[:replicas]), steps),
        "distance": np.tile(np.arange(steps)[::-1], replicas),
        "norm": norms.reshape(-1),
        "relative": (norms / largest).reshape(-1),
    }
    return pd.DataFrame(columns)[list(FLOW_COLUMNS)]


def typical_frame(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return the geometric mean over repeats of a column of `flow_frame` at each distance, for line charts.

    Returns:
        `architecture`, `title`, `moment`, `quantity`, `distance` and the column.
    """
    keys = ["architecture", "title", "moment", "quantity", "distance"]
    logs = frame.assign(**{value: np.log(frame[value].clip(lower=_TINY))})
    means = logs.groupby(keys, sort=False)[[value]].mean().reset_index()
    means[value] = np.exp(means[value])
    return means


def horizon_frame(flows: Flows, seeds: Sequence[int]) -> pd.DataFrame:
    """Return how many steps back the gradient stays above 1 % of its largest norm, per seed.

    Returns:
        Columns `HORIZON_COLUMNS`; `steps` is the largest distance measured.
    """
    rows = [
        (name, get_cell(name).title, moment, seeds[place], float(value), _norms(flow, moment).shape[1] - 1)
        for name, flow in flows.items()
        for moment in MOMENTS
        if f"{moment}_horizon" in flow
        for place, value in enumerate(flow[f"{moment}_horizon"])
    ]
    return pd.DataFrame(rows, columns=list(HORIZON_COLUMNS))


def _norms(flow: Mapping[str, Array], moment: str) -> Array:
    """Return the norms that a horizon is read from: of the hidden state, or of the inputs where none is carried."""
    norms = flow.get(f"{moment}_hidden")
    return flow[f"{moment}_input"] if norms is None else norms


def horizon_sentences(frame: pd.DataFrame) -> list[str]:
    """Say each architecture's horizon in words: "LSTM: 12 steps before training, 31 after training"."""
    sentences = []
    for title, rows in frame.groupby("title", sort=False):
        parts = []
        for moment, own in rows.groupby("moment", sort=False):
            median, steps = float(np.nanmedian(own["horizon"])), int(own["steps"].iloc[0])
            reach = f"all {steps} steps" if median >= steps else f"{median:.3g} of {steps} steps"
            parts.append(f"{reach} {MOMENTS[str(moment)]}")
        stateless = "" if get_cell(str(rows["architecture"].iloc[0])).recurrent else " (with respect to its inputs)"
        sentences.append(f"{title}: {', '.join(parts)}{stateless}")
    return sentences
