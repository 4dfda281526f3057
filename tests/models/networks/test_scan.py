"""Linear recurrences: all steps at once give what their equations step by step give."""

import pytest
import torch

from models.cells import architectures, get_cell
from models.cells.base import LinearCell
from models.networks.recurrent import equations
from models.networks.scan import linear_scan, parallel

LINEAR = [name for name, cell in architectures().items() if isinstance(cell, LinearCell)]


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("steps", [1, 2, 7, 33])
@pytest.mark.parametrize("last_only", [False, True])
def test_parallel_form_equals_steps(name: str, steps: int, last_only: bool) -> None:
    """Hidden states and all gradients agree to 1e-10 in float64."""
    cell = get_cell(name)
    torch.manual_seed(5)
    inputs = torch.randn(2, 3, steps, 4, dtype=torch.float64, requires_grad=True)
    weights = {
        key: torch.randn(2, *shape, dtype=torch.float64, requires_grad=True)
        for key, shape in cell.weight_shapes(4, 6).items()
    }
    found = []
    for recurrence in (parallel, equations):
        hidden = recurrence(cell, weights, inputs, last_only=last_only)
        found.append(
            [
                hidden.detach(),
                *torch.autograd.grad(hidden.square().sum(), [inputs, *weights.values()], materialize_grads=True),
            ]
        )
    assert found[0][0].shape == ((2, 3, 6) if last_only else (2, 3, steps, 6))
    for ours, stepped in zip(*found, strict=True):
        torch.testing.assert_close(ours, stepped, atol=1e-10, rtol=1e-10)


def test_linear_scan_of_known_numbers() -> None:
    """M = 0.5 m + 1 from zero: 1, 1.5, 1.75."""
    kept, written = torch.full((3, 1), 0.5), torch.ones(3, 1)
    assert linear_scan(kept, written).flatten().tolist() == [1.0, 1.5, 1.75]


def test_parallel_refuses_other_cells() -> None:
    """The LSTM's gates see its state."""
    with pytest.raises(TypeError, match="does not depend linearly"):
        parallel(get_cell("lstm"), {}, torch.zeros(1, 1, 1, 1), last_only=True)
