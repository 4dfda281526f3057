"""Changes to the stock initialisation: forget-gate bias, chrono initialisation, orthogonal recurrent weights."""

from collections.abc import Sequence

import torch

from models.networks.recurrent import RecurrentLayer

FORGET_GATE = "forget_gate"
INPUT_GATE = "input_gate"


def add_forget_bias(layer: RecurrentLayer, amount: float) -> None:
    """Add `amount` to the bias of a forget gate, in the direction that keeps more; do nothing for other cells.

    Source: Jozefowicz, Zaremba and Sutskever 2015, who found +1 to close most of the LSTM's gap on many tasks.
    """
    if FORGET_GATE in layer.cell.blocks:
        sign = -1.0 if layer.cell.gate(FORGET_GATE).retains == "complement" else 1.0
        with torch.no_grad():
            _block(layer, "bias_ih", FORGET_GATE).add_(sign * amount)


def set_chrono(layer: RecurrentLayer, length: int, generators: Sequence[torch.Generator]) -> None:
    """Spread the time scales of the units from one step to the sequence's length.

    The gate that keeps gets the bias log(u) with u uniform in [1, length - 1], an input gate its negative.
    Source: Tallec and Ollivier 2018, section 4 ("chrono initialization").
    """
    keeping = [name for name in layer.cell.blocks if layer.cell.gate(name).retains]
    longest = max(length - 1.0, 1.0)
    for name in keeping:
        sign = -1.0 if layer.cell.gate(name).retains == "complement" else 1.0
        drawn = [torch.empty(layer.hidden_size).uniform_(1.0, longest, generator=g) for g in generators]
        memory = torch.log(torch.stack(drawn)) if longest > 1.0 else torch.zeros(len(drawn), layer.hidden_size)
        _set_bias(layer, name, sign * memory)
        if INPUT_GATE in layer.cell.blocks:
            _set_bias(layer, INPUT_GATE, -memory)


def set_orthogonal(layer: RecurrentLayer, generators: Sequence[torch.Generator]) -> None:
    """Draw each block of the recurrent weights as a random orthogonal matrix; do nothing for layers without such weights.

    The QR decomposition of a Gaussian matrix, with the signs that make it uniform over orthogonal matrices.
    Source: Saxe, McClelland and Ganguli 2014, "random orthogonal initial conditions"; Henaff, Szlam and LeCun 2016.
    """
    size, shape = layer.hidden_size, layer.shapes.get("weight_hh", ())
    if len(shape) != 2 or shape[1] != size:
        return
    blocks = shape[0] // size
    weights: torch.Tensor = layer.weight_hh  # type: ignore[assignment]
    with torch.no_grad():
        for replica, generator in enumerate(generators):
            for block in range(blocks):
                factor, upper = torch.linalg.qr(torch.randn(size, size, generator=generator))
                drawn = factor * torch.sign(torch.diagonal(upper))
                weights[replica, block * size : (block + 1) * size].copy_(drawn)


def _set_bias(layer: RecurrentLayer, gate: str, values: torch.Tensor) -> None:
    with torch.no_grad():
        _block(layer, "bias_ih", gate).copy_(values)
        if "bias_hh" in layer.shapes:
            _block(layer, "bias_hh", gate).zero_()


def _block(layer: RecurrentLayer, parameter: str, gate: str) -> torch.Tensor:
    """Return the view `(R, H)` of one gate's rows in a stacked bias."""
    start = layer.cell.blocks.index(gate) * layer.hidden_size
    parameters: torch.Tensor = getattr(layer, parameter)
    return parameters[:, start : start + layer.hidden_size]
