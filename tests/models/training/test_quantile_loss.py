"""The loss of predicted quantiles: pinball loss over levels, of outputs that do not cross."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from data.quantiles import QUANTILES, ascending, pinball
from models.training.evaluation import loss_sums, pinball_sums, replica_losses

R, B, TARGETS = 2, 5, 3


def drawn(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return outputs `(R, B, Q * O)` and targets `(R, B, O)` in double precision."""
    random = torch.Generator().manual_seed(seed)
    outputs = torch.randn(R, B, len(QUANTILES) * TARGETS, generator=random, dtype=torch.float64)
    return outputs, torch.randn(R, B, TARGETS, generator=random, dtype=torch.float64)


def test_loss_is_the_mean_pinball_loss() -> None:
    """The training loss equals the definition, written out level by level and sample by sample, in float64."""
    outputs, targets = drawn()
    found = replica_losses("regression", outputs, targets)
    for replica in range(R):
        losses = []
        for sample in range(B):
            for target in range(TARGETS):
                said = sorted(
                    float(outputs[replica, sample, level * TARGETS + target]) for level in range(len(QUANTILES))
                )
                truth = float(targets[replica, sample, target])
                for level, value in zip(QUANTILES, said, strict=True):
                    losses.append(level * (truth - value) if truth >= value else (1 - level) * (value - truth))
        assert float(found[replica]) == pytest.approx(sum(losses) / len(losses), rel=1e-12)


def test_numpy_and_torch_agree() -> None:
    """The metric's pinball loss and the training loss are the same function."""
    outputs, targets = drawn(1)
    total, count = pinball_sums(outputs, targets)
    for replica in range(R):
        each = pinball(targets[replica].numpy(), ascending(outputs[replica].numpy()))
        assert each.size == int(count[replica])
        assert float(total[replica]) == pytest.approx(each.sum(), rel=1e-12)


def test_gradient_is_that_of_the_loss() -> None:
    """Analytic and numeric gradients agree in float64, through the sorting too."""
    outputs, targets = drawn(2)
    outputs.requires_grad_()
    assert gradcheck(lambda values: loss_sums("regression", values, targets)[0], (outputs,), eps=1e-6, atol=1e-6)


def test_crossed_outputs_have_the_loss_of_sorted_ones() -> None:
    """Whichever output a network uses for a level, the loss is that of the quantiles in order, and no higher than unsorted."""
    outputs, targets = drawn(3)
    turned = outputs.reshape(R, B, len(QUANTILES), TARGETS).flip(2).reshape(R, B, -1)
    sorted_loss = replica_losses("regression", outputs, targets)
    assert torch.equal(sorted_loss, replica_losses("regression", turned, targets))
    said = outputs.reshape(R, B, len(QUANTILES), TARGETS).movedim(2, 0).numpy()
    assert (sorted_loss.numpy() <= pinball(targets.numpy(), said).mean(axis=(0, 2, 3)) + 1e-12).all()


def test_the_minimum_of_the_loss_is_the_quantile() -> None:
    """Of constant forecasts, those at the true quantiles of many draws have the lowest loss."""
    values = np.sort(np.random.default_rng(0).normal(size=2_001))
    candidates = np.linspace(-2.5, 2.5, 501)
    for place, level in enumerate(QUANTILES):
        losses = [pinball(values, np.full((len(QUANTILES), 1), one))[place].mean() for one in candidates]
        assert candidates[int(np.argmin(losses))] == pytest.approx(np.quantile(values, level), abs=0.02)


def test_one_output_per_target_keeps_the_squared_error() -> None:
    """A head without quantiles is trained on the mean squared error as before."""
    outputs, targets = drawn(4)
    same = outputs[..., :TARGETS]
    expected = ((same - targets) ** 2).mean(dim=(1, 2))
    torch.testing.assert_close(replica_losses("regression", same, targets), expected)
