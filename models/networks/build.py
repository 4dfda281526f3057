"""Build the network of a run from its spec."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from data.task import TaskData
from models.cells import get_cell
from models.networks.initialisation import add_forget_bias, set_chrono, set_orthogonal
from models.networks.network import Embedding, Linear, ReplicatedNetwork
from models.networks.readout import LayerNorm, Readout
from models.networks.recurrent import Recurrence, RecurrentLayer
from models.networks.selection import choose
from models.spec.run import RunSpec
from models.spec.sizes import encoded_size


def stream(seed: int, name: str) -> torch.Generator:
    """Return a named random stream of a seed; streams with different names never share numbers."""
    state = np.random.SeedSequence([seed, *name.encode()]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))


def build_network(
    run: RunSpec, data: TaskData, recurrence: Recurrence | None = None, *, seeds: Sequence[int] | None = None
) -> ReplicatedNetwork:
    """Build the network of a run, every replica initialised from its own seed.

    Args:
        run: The run.
        data: The task: input and output sizes.
        recurrence: The implementation; None selects the one for this machine.
        seeds: Seed of each replica; None for those of the experiment.
    """
    spec, cell = run.experiment, get_cell(run.architecture)
    seeds = spec.seed_values() if seeds is None else seeds
    encoder, width = _encoder(run, data, seeds)
    plain = [torch.Generator().manual_seed(seed) for seed in seeds]  # as torch.manual_seed before nn.LSTM
    chosen = recurrence or choose(cell).recurrence
    directions = (False, True) if spec.bidirectional else (False,)
    above = run.hidden_size * len(directions)
    layers = [
        RecurrentLayer(
            cell,
            width if index == 0 else above,
            hidden_size=run.hidden_size,
            generators=plain,
            recurrence=chosen,
            backward=backward,
        )
        for index in range(spec.layers)
        for backward in directions
    ]
    for layer in layers:
        if spec.initialisation == "chrono":
            set_chrono(layer, data.train.inputs.shape[1], [stream(seed, "chrono") for seed in seeds])
        else:
            add_forget_bias(layer, spec.forget_bias)
        if spec.initialisation == "orthogonal":
            set_orthogonal(layer, [stream(seed, "orthogonal") for seed in seeds])
    head = Linear(above, data.head_size, [stream(seed, "head") for seed in seeds])
    return ReplicatedNetwork(
        encoder,
        layers,
        head,
        each_step=data.each_step,
        dropout=spec.dropout,
        norms=[LayerNorm(len(seeds), above) for _ in range(spec.layers if spec.layer_norm else 0)],
        readout=None if spec.readout == "last" else Readout(spec.readout, len(seeds), above, len(directions)),
    )


def _encoder(run: RunSpec, data: TaskData, seeds: Sequence[int]) -> tuple[nn.Module | None, int]:
    spec = run.experiment
    width = encoded_size(spec.encoder_size, data.input_size, tokens=bool(data.vocabulary))
    streams = [stream(seed, "encoder") for seed in seeds]
    if data.vocabulary:
        return Embedding(data.input_size, width, streams), width
    if spec.encoder_size:
        return Linear(data.input_size, width, streams), width
    return None, width
