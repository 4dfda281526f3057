"""Switch off parts of a trained network and score it again, without retraining.

The possible interventions follow from an architecture's own gate descriptions. Values are in the shown convention
(`Gate.complement`). NumPy, no torch. Axes: B samples of a chunk, T steps, H units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from data.task import Array
from models.analysis.gate_statistics import valid_steps
from models.analysis.trained_replica import Overrides, TrainedReplica
from models.cells import Cell
from models.cells.base import Gate, Override
from models.cells.network import layer_count

Value = Literal["zero", "one", "mean", "shuffled"]
VALUES: dict[Value, str] = {"zero": "0", "one": "1", "mean": "its mean", "shuffled": "shuffled in time"}
SHUFFLE_SEED = 20140901


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamp:
    """Hold one gate at a value, whatever the network computes.

    Attributes:
        gate: Name of a gate or candidate.
        value: `zero` and `one` in the shown convention; `mean`: each unit's mean in the unchanged network; `shuffled`: the
            unchanged network's values of each sample in a random order of steps, so that only the timing changes.
        layer: One recurrent layer from 0, or None for all.
        units: Units from 0; empty for all.
    """

    gate: str
    value: Value
    layer: int | None = None
    units: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """An intervention on a trained network.

    Attributes:
        name: Identifier.
        title: Shown on pages: a question, or gate and value.
        done: Description of what is changed.
        clamps: Gates that are held.
        coupled: Whether the input gate is set to 1 - forget gate.
        recurrent: Whether gates and candidates receive the previous hidden state; if not, its weights are zero. The
            cell's own memory is not affected.
    """

    name: str
    title: str
    done: str
    clamps: tuple[Clamp, ...] = ()
    coupled: bool = False
    recurrent: bool = True


NO_CHANGE = Intervention(name="none", title="As trained", done="Nothing is changed.")


def questions(cell: Cell) -> tuple[Intervention, ...]:
    """Return the questions that apply to an architecture, according to its gates."""
    gates = {gate.name: gate for gate in cell.gates}
    found = []
    if keeps := [gate for gate in cell.gates if gate.retains is not None]:
        clamps = tuple(Clamp(gate=gate.name, value=_keeping_value(gate)) for gate in keeps)
        found.append(_question("never_forget", "Never forget?", cell, clamps))
    if "reset_gate" in gates:
        found.append(_question("never_reset", "Never reset?", cell, (Clamp(gate="reset_gate", value="one"),)))
    if "output_gate" in gates:
        found.append(_question("output_open", "Output always open?", cell, (Clamp(gate="output_gate", value="one"),)))
    if _can_couple(cell):
        done = "The input gate writes exactly what the forget gate erases."
        found.append(Intervention(name="coupled", title="Input = 1 − forget?", done=done, coupled=True))
    if "weight_hh" in cell.weight_shapes(1, 1):
        done = "The weights from the previous hidden state to gates and candidate are zero; memory still carries over."
        found.append(Intervention(name="no_recurrence", title="No recurrence?", done=done, recurrent=False))
    return tuple(found)


def _keeping_value(gate: Gate) -> Value:
    """Return the gate value that keeps everything, in the shown convention."""
    return "one" if (gate.retains == "direct") != gate.complement else "zero"


def _question(name: str, title: str, cell: Cell, clamps: tuple[Clamp, ...]) -> Intervention:
    done = " and ".join(f"{cell.gate(clamp.gate).title} = {VALUES[clamp.value]}" for clamp in clamps)
    return Intervention(name=name, title=title, done=f"{done} at every step.", clamps=clamps)


def _can_couple(cell: Cell) -> bool:
    names = [gate.name for gate in cell.gates]
    keeps = [gate.name for gate in cell.gates if gate.retains is not None]
    return "input_gate" in names and len(keeps) == 1 and names.index(keeps[0]) < names.index("input_gate")


def gate_clamps(cell: Cell) -> tuple[Intervention, ...]:
    """Return every gate and candidate at every value; a candidate is never held at 1, which would have no meaning."""
    return tuple(
        clamping(cell, gate.name, value)
        for gate in cell.gates
        for value in VALUES
        if gate.kind == "gate" or value != "one"
    )


def clamping(
    cell: Cell, gate: str, value: Value, *, layer: int | None = None, units: tuple[int, ...] = ()
) -> Intervention:
    """Return the intervention that holds one gate."""
    clamp = Clamp(gate=gate, value=value, layer=layer, units=units)
    title = f"{cell.gate(gate).title}: {VALUES[value]}"
    return Intervention(name=f"{gate}:{value}", title=title, done=f"{title}.", clamps=(clamp,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Scores of one network under one intervention.

    Attributes:
        intervention: What was done.
        metrics: Metric name to value.
    """

    intervention: Intervention
    metrics: Mapping[str, float]


def intervene(subject: TrainedReplica, interventions: Sequence[Intervention]) -> tuple[Damage, ...]:
    """Score a network under each intervention, on the same samples."""
    asked = {clamp.value for each in interventions for clamp in each.clamps}
    means = gate_means(subject) if "mean" in asked else ()
    answers: list[list[Array]] = [[] for _ in interventions]
    for chunk in subject.chunks():
        before = _Before(means=means, shuffled=_shuffled_gates(subject, chunk) if "shuffled" in asked else ())
        for place, each in enumerate(interventions):
            answers[place].append(_answer(subject, chunk, each, before))
    return tuple(
        Damage(intervention=each, metrics=subject.score(np.concatenate(found)))
        for each, found in zip(interventions, answers, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Before:
    """Gates of the unchanged network per layer: means `(H,)`, and a chunk's values in shuffled steps `(B, T, H)`."""

    means: Sequence[Mapping[str, Array]]
    shuffled: Sequence[Mapping[str, Array]]


def _shuffled_gates(subject: TrainedReplica, chunk: slice) -> list[dict[str, Array]]:
    order = shuffled_steps(subject, chunk)[..., None]
    layers = subject.trace(chunk).layers
    names = [gate.name for gate in subject.cell.gates]
    return [{name: np.take_along_axis(layer[name], order, axis=1) for name in names} for layer in layers]


def _answer(subject: TrainedReplica, chunk: slice, asked: Intervention, before: _Before) -> Array:
    changed = subject if asked.recurrent else subject.with_weights(without_recurrence(subject.weights))
    return changed.answer(chunk, _overrides(subject, asked, before))


def _overrides(subject: TrainedReplica, asked: Intervention, before: _Before) -> Overrides:
    coupling = _coupling(subject.cell) if asked.coupled else {}
    return [
        coupling
        | {
            clamp.gate: _override(subject, clamp, layer, before)
            for clamp in asked.clamps
            if clamp.layer in (None, layer)
        }
        for layer in range(layer_count(subject.weights))
    ]


def _override(subject: TrainedReplica, clamp: Clamp, layer: int, before: _Before) -> Array:
    """Return `(B or 1, T or 1, H)` in the cell's own convention; NaN keeps the computed value."""
    flipped, size = subject.cell.gate(clamp.gate).complement, subject.units(layer)
    if clamp.value == "mean":
        values = before.means[layer][clamp.gate][None, None]
    elif clamp.value == "shuffled":
        values = before.shuffled[layer][clamp.gate]
    else:
        values = np.full((1, 1, size), float((clamp.value == "one") != flipped))
    if clamp.units:
        others = np.isin(np.arange(size), clamp.units, invert=True)
        values = np.where(others, np.nan, values)
    return values.astype(np.float32)


def _coupling(cell: Cell) -> dict[str, Override]:
    """Return overrides that set the input gate to 1 minus the kept share."""
    keeps = next(gate for gate in cell.gates if gate.retains is not None)
    flipped = cell.gate("input_gate").complement

    def written(resolved: Mapping[str, Array]) -> Array:
        kept = resolved[keeps.name] if keeps.retains == "direct" else 1 - resolved[keeps.name]
        return kept if flipped else 1 - kept

    return {"input_gate": written}


def gate_means(subject: TrainedReplica) -> list[dict[str, Array]]:
    """Return each layer's gates, in the cell's own convention, averaged over samples and steps: `(H,)`."""
    layers = range(layer_count(subject.weights))
    sums: list[dict[str, Array]] = [{} for _ in layers]
    count = 0.0
    for chunk in subject.chunks():
        trace, valid = subject.trace(chunk), valid_steps(subject, chunk)
        count += float(valid.sum())
        for layer in layers:
            for gate in subject.cell.gates:
                values = np.where(valid[..., None], trace.layers[layer][gate.name], 0)
                total = values.sum((0, 1), dtype=np.float64)
                sums[layer][gate.name] = sums[layer].get(gate.name, 0) + total
    return [{name: total / max(count, 1.0) for name, total in found.items()} for found in sums]


def shuffled_steps(subject: TrainedReplica, chunk: slice) -> Array:
    """Return `(B, T)`: each sample's steps in a fixed random order; padding stays in place."""
    lengths = subject.part.lengths[chunk]
    order = np.tile(np.arange(subject.part.inputs.shape[1]), (len(lengths), 1))
    for row, length in enumerate(lengths):
        random = np.random.default_rng([SHUFFLE_SEED, (chunk.start or 0) + row])
        order[row, :length] = random.permutation(int(length))
    return order


def without_recurrence(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Return weights with which gates and candidates ignore the previous hidden state."""
    return {
        name: np.zeros_like(value) if name.startswith("recurrent.") and name.endswith(".weight_hh") else value
        for name, value in weights.items()
    }
