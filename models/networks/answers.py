"""Run several variants of one trained network at once: each variant is a replica of a network."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from data.task import Array, Part, TaskData
from models.cells import get_cell
from models.networks.build import build_network
from models.networks.selection import device, ready
from models.spec.run import RunSpec

TOGETHER = 8  # variants at a time; more do not fit into the cache
CHUNK = 256  # samples


def quick(run: RunSpec) -> bool:
    """Return whether this process has a prepared fast kernel for an architecture."""
    return ready(get_cell(run.architecture)) and device().type == "cpu"


@torch.inference_mode()
def variant_answers(run: RunSpec, data: TaskData, part: Part, variants: Sequence[Mapping[str, Array]]) -> Array:
    """Return each variant's outputs for the samples of a part.

    Args:
        run: What was trained.
        data: The task, for its sizes.
        part: The samples.
        variants: Weights of one replica each.

    Returns:
        `(V, N, O)`, or `(V, N, T, O)` if the task has targets at each step.
    """
    network = build_network(run, data)
    network.eval()
    found = []
    for start in range(0, len(variants), TOGETHER):
        block = variants[start : start + TOGETHER]
        network.load({name: torch.from_numpy(np.stack([each[name] for each in block])) for name in block[0]})
        answers = []
        for first in range(0, len(part), CHUNK):
            inputs = torch.from_numpy(part.inputs[first : first + CHUNK])
            lengths = torch.from_numpy(part.lengths[first : first + CHUNK])
            answers.append(network(inputs.expand(len(block), *inputs.shape), lengths.expand(len(block), -1)).numpy())
        found.append(np.concatenate(answers, axis=1))
    return np.concatenate(found)
