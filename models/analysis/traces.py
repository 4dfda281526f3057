"""Gate traces of a trained network: every gate and state at each step of one sample. NumPy, no torch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from data.task import Array, PartName, TaskData
from models.cells import Cell, get_cell
from models.cells.network import Trace, run_network
from models.records.results import RunResult
from models.spec.experiment_settings import ExperimentSpec

TRACE_COLUMNS = ("architecture", "quantity", "kind", "unit", "step", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The selected sample of a replica.

    Attributes:
        sample: Index within the part.
        replica: Index of the seed.
        layer: Index of the recurrent layer; 0 receives the input.
        part: Part of the data.
    """

    sample: int = 0
    replica: int = 0
    layer: int = 0
    part: PartName = "test"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """One quantity of a cell over time, in the shown convention.

    Attributes:
        architecture: Name of the cell.
        name: Field of the step record, as `update_gate`.
        title: Name shown; it says so if the chart shows one minus the computed value.
        kind: `gate` (0..1), `candidate` (-1..1) or `state`.
        values: `(H, T)`, without padding.
    """

    architecture: str
    name: str
    title: str
    kind: Literal["gate", "candidate", "state"]
    values: Array


def sample_trace(result: RunResult, data: TaskData, place: Place) -> Trace:
    """Run one sample through one replica and return all gates and states, `(1, T, H)`; `place.layer` is ignored."""
    return trace_with(result.spec.architecture, result.replica(place.replica), data, place)


def trace_with(architecture: str, weights: Mapping[str, Array], data: TaskData, place: Place) -> Trace:
    """Run one sample through a network with given weights; see `sample_trace`."""
    part = data.part(place.part)
    chosen = slice(place.sample, place.sample + 1)
    return run_network(
        get_cell(architecture),
        weights,
        part.inputs[chosen],
        part.lengths[chosen],
        each_step=data.each_step,
    )


def layer_names(spec: ExperimentSpec) -> dict[int, str]:
    """Return the name of each recurrent layer by its number from 1; with both directions every second reads from the end."""
    if not spec.bidirectional:
        return {number: str(number) for number in range(1, spec.layers + 1)}
    return {
        number: f"{(number + 1) // 2}, {'forward' if number % 2 else 'backward'}"
        for number in range(1, 2 * spec.layers + 1)
    }


def without_gates(names: Iterable[str]) -> str:
    """Say which architectures have no gates because they are not recurrent; empty if all are."""
    titles = [get_cell(name).title for name in names if not get_cell(name).recurrent]
    return f"{', '.join(titles)}: not recurrent, so there are no gates; what is shown is the output." if titles else ""


def panels_of(architecture: str, layer: Mapping[str, Array], steps: int) -> tuple[Panel, ...]:
    """Return every gate, candidate and state of one layer and its first sample, in the order of the equations.

    Args:
        architecture: Name of the cell.
        layer: Gate or state name to `(B, T, H)`, in the cell's own convention.
        steps: Steps to show; the rest is padding.
    """
    cell = get_cell(architecture)
    chosen = {name: values[0, :steps].T for name, values in layer.items()}
    return (*_gate_panels(cell, chosen), *_state_panels(cell, chosen))


def trace_panels(result: RunResult, data: TaskData, place: Place) -> tuple[Panel, ...]:
    """Run one sample through one replica and return every gate, candidate and state in the order of the equations."""
    trace = sample_trace(result, data, place)
    steps = int(data.part(place.part).lengths[place.sample])
    return panels_of(result.spec.architecture, trace.layers[place.layer], steps)


def _gate_panels(cell: Cell, layer: dict[str, Array]) -> Iterable[Panel]:
    for gate in cell.gates:
        values = 1 - layer[gate.name] if gate.complement else layer[gate.name]
        title = f"{gate.title} (1 = write)" if gate.complement else gate.title
        yield Panel(architecture=cell.name, name=gate.name, title=title, kind=gate.kind, values=values)


def _state_panels(cell: Cell, layer: dict[str, Array]) -> Iterable[Panel]:
    for state in cell.states:
        yield Panel(architecture=cell.name, name=state.name, title=state.title, kind="state", values=layer[state.name])


def trace_frame(panels: Iterable[Panel]) -> pd.DataFrame:
    """Return panels in long format, columns `TRACE_COLUMNS`; units and steps count from 1."""
    parts = [_long(panel) for panel in panels]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(TRACE_COLUMNS))


def _long(panel: Panel) -> pd.DataFrame:
    units, steps = panel.values.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(1, units + 1), steps),
            "step": np.tile(np.arange(1, steps + 1), units),
            "value": panel.values.reshape(-1),
        }
    )
    return frame.assign(architecture=panel.architecture, quantity=panel.title, kind=panel.kind)[list(TRACE_COLUMNS)]
