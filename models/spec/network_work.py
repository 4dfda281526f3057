"""Count the work of a whole network: encoder, layers and head. Per replica and sequence."""

from functools import reduce
from operator import add

from models.spec.sizes import NetworkSize
from models.spec.work_count import Work, layer_work

FLOAT_BYTES = 4
INDEX_BYTES = 8


def network_work(size: NetworkSize, steps: int) -> Work:
    """Return the FLOPs and stored values of one sequence through encoder, layers and head, counted from the equations."""
    parts = [encoder_work(size, steps), head_work(size, steps)]
    for index, inputs in enumerate(size.layer_inputs()):
        below = index >= size.directions or size.encoder != "none"
        parts.append(layer_work(size.architecture, inputs, size.hidden_size, steps, input_gradient=below))
    if size.layer_norm:
        parts.append(Work(forward=0, backward=0, kept=3 * steps * size.width * size.layers))
    return reduce(add, parts)


def encoder_work(size: NetworkSize, steps: int) -> Work:
    """Return the work of the encoder in front of the layers."""
    if size.encoder == "none":
        return Work(forward=0, backward=0, kept=0)
    if size.encoder == "embedding":
        return Work(forward=0, backward=0, kept=steps * INDEX_BYTES // FLOAT_BYTES)
    flops = 2 * steps * size.input_size * size.encoded_size
    return Work(forward=flops, backward=flops, kept=steps * size.input_size)


def head_work(size: NetworkSize, steps: int) -> Work:
    """Return the work of the head, at each step or once."""
    answers = steps if size.each_step else 1
    flops = 2 * answers * size.width * size.output_size
    return Work(forward=flops, backward=2 * flops, kept=answers * (size.width + size.output_size))
