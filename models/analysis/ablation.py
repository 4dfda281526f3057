"""Which units matter: silence one unit at a time in a trained network and score it again.

A silenced unit has no effect: the weights from its hidden state to gates, next layer and head are zero, which is the
same as a hidden state of zero at every step (the method of Lakretz et al. 2019 for single LSTM units). NumPy, no torch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.task import Array
from models.analysis.trained_replica import TrainedReplica
from models.cells.network import layer_groups

Answers = Callable[[TrainedReplica, Sequence[Mapping[str, Array]]], Iterable[Array]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ablation:
    """Scores without each unit of a layer.

    Attributes:
        before: Metric name to the score of the whole network.
        after: Metric name to `(H,)`: the score without that unit.
        samples: Test samples that were scored.
    """

    before: dict[str, float]
    after: dict[str, Array]
    samples: int


def ablate(subject: TrainedReplica, layer: int, answers: Answers | None = None) -> Ablation:
    """Score a network without each unit of one layer in turn.

    Args:
        subject: The network and its samples.
        layer: The layer; 0 receives the input.
        answers: Returns the outputs of networks with given weights on the subject's samples; None computes them in NumPy,
            one network at a time.
    """
    units = range(subject.units(layer))
    variants = [subject.weights, *(without_unit(subject.weights, layer, unit) for unit in units)]
    before, *found = [subject.score(outputs) for outputs in (answers or _in_numpy)(subject, variants)]
    after = {name: np.array([scores[name] for scores in found]) for name in before}
    return Ablation(before=before, after=after, samples=len(subject.part))


def _in_numpy(subject: TrainedReplica, variants: Sequence[Mapping[str, Array]]) -> Iterable[Array]:
    return (subject.with_weights(weights).outputs() for weights in variants)


def without_unit(weights: Mapping[str, Array], layer: int, unit: int) -> dict[str, Array]:
    """Return weights that silence one unit of a layer: for the layer itself, the next one and the head."""
    groups = layer_groups(weights)
    at = next(place for place, group in enumerate(groups) if layer in group)
    before = [weights[f"recurrent.{one}.weight_hh"].shape[-1] for one in groups[at][: groups[at].index(layer)]]
    readers = [f"recurrent.{one}.weight_ih" for one in groups[at + 1]] if at + 1 < len(groups) else ["head.weight"]
    changed = dict(weights)
    places = {f"recurrent.{layer}.weight_hh": unit} | dict.fromkeys(readers, sum(before) + unit)
    for name, place in places.items():
        if name in weights:  # a cell whose gates do not use the hidden state has no recurrent weights
            changed[name] = weights[name].copy()
            changed[name][..., place] = 0
    return changed
