"""The batched form computes what PyTorch's own layers compute; its speed on a GPU is not tested."""

import pytest
import torch
from torch import Tensor

from models.cells import get_cell
from models.networks import batched as module
from models.networks.batched import STEPS, batched, on_gpu
from models.networks.recurrent import Recurrence, reference


def results(recurrence: Recurrence, name: str, *, last_only: bool, replicas: int = 3) -> list[Tensor]:
    """Return outputs and gradients for fixed random numbers."""
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(replicas, *shape, dtype=torch.float64, generator=generator).requires_grad_()

    cell = get_cell(name)
    weights = {key: drawn(*shape) for key, shape in cell.weight_shapes(2, 5).items()}
    inputs = drawn(4, 6, 2)
    outputs = recurrence(cell, weights, inputs, last_only=last_only)
    return [outputs, *torch.autograd.grad(outputs.square().sum(), [inputs, *weights.values()])]


@pytest.mark.parametrize("name", list(STEPS))
@pytest.mark.parametrize("last_only", [True, False])
def test_batched_equals_the_reference(name: str, last_only: bool) -> None:
    """Outputs and every gradient agree in float64."""
    for ours, theirs in zip(
        results(batched, name, last_only=last_only), results(reference, name, last_only=last_only), strict=True
    ):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-12)


def test_many_replicas_are_batched_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU the number of replicas decides."""
    called = []
    monkeypatch.setattr(module, "batched", lambda *given, **named: called.append("batched") or batched(*given, **named))
    monkeypatch.setattr(
        module, "reference", lambda *given, **named: called.append("cudnn") or reference(*given, **named)
    )
    results(on_gpu, "gru", last_only=True, replicas=module.MANY_REPLICAS - 1)
    results(on_gpu, "gru", last_only=True, replicas=module.MANY_REPLICAS)
    assert called == ["cudnn", "batched"]
