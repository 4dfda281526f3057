"""The optimisers: PyTorch's own classes to the bit, replicas independent, and no compiler in memory."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from models.training.optimiser import Optimiser

RATE = 0.01
CLASSES = {
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=RATE, fused=True),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=RATE, fused=True),
    "rmsprop": lambda parameters: torch.optim.RMSprop(parameters, lr=RATE, foreach=False),
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=RATE, momentum=0.9, foreach=False),
}


def parameters(replicas: int = 3) -> list[nn.Parameter]:
    """Return the same two parameters each time."""
    generator = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(replicas, *shape, generator=generator)) for shape in ((4, 5), (7,))]


def set_gradients(parameters: list[nn.Parameter], update: int, kept: list[int] | None = None) -> None:
    """Give the gradients of an update."""
    generator = torch.Generator().manual_seed(update + 1)
    for parameter in parameters:
        whole = torch.randn(3, *parameter.shape[1:], generator=generator)
        parameter.grad = whole if kept is None else whole[kept]


@pytest.mark.parametrize("name", CLASSES)
def test_updates_have_the_bits_of_pytorchs_class(name: str) -> None:
    """Ten updates, and a parameter that gets its first gradient late."""
    ours, theirs = parameters(), parameters()
    optimiser, reference = Optimiser(name, ours, RATE), CLASSES[name](theirs)
    for update in range(10):
        for group in (ours, theirs):
            set_gradients(group, update)
            if update < 3:
                group[1].grad = None
        optimiser.step()
        reference.step()
    assert all(torch.equal(mine, other) for mine, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", CLASSES)
def test_kept_replicas_go_on_as_if_nothing_had_happened(name: str) -> None:
    """What is left after a replica ended moves as in a training in which it did not, to rounding."""
    whole, part, kept = parameters(), parameters(), [0, 2]
    undisturbed, optimiser = Optimiser(name, whole, RATE), Optimiser(name, part, RATE)
    for update in range(6):
        set_gradients(whole, update)
        undisturbed.step()
        if update == 3:
            optimiser.keep(kept)
            for parameter in part:
                parameter.data = parameter.data[kept]
        set_gradients(part, update, kept if update >= 3 else None)
        optimiser.step()
    for every, left in zip(whole, part, strict=True):
        torch.testing.assert_close(every[kept], left, rtol=1e-6, atol=1e-7)


@pytest.mark.slow
def test_training_does_not_import_the_compiler_of_pytorch() -> None:
    """It would take 70 MB of every worker and a second of the first training."""
    code = (
        "import sys\n"
        "from models.engine.run_here import run_experiment\n"
        "from tests.models.engine.training import small_spec\n"
        "run_experiment(small_spec())\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
