"""The optimisers, on PyTorch's functional forms.

Every rule is element-wise, so replicas are independent, to the last bit: vectors are padded to whole registers, because the
remainder of a vector would be rounded differently. PyTorch's optimiser classes are not used, because they import the
compiler behind `torch.compile`, which costs each worker 70 MB and the first training a second.
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

REGISTER = 16  # numbers
BETAS, EPSILON, DECAY, SMOOTHING, MOMENTUM = (0.9, 0.999), 1e-8, 0.01, 0.99, 0.9


class Optimiser:
    """Updates the parameters of all replicas from their gradients.

    Args:
        name: `adam`, `adamw` (weight decay 0.01), `rmsprop` or `sgd` (momentum 0.9); the rest as PyTorch's defaults.
        parameters: Parameters, each with the replicas as its first axis.
        learning_rate: Learning rate, or one for each replica.
    """

    def __init__(self, name: str, parameters: Iterable[nn.Parameter], learning_rate: float | Sequence[float]) -> None:
        count, self._rule = _RULES[name]
        self._parameters = list(parameters)
        replicas = len(self._parameters[0])
        self._rates = [learning_rate] * replicas if isinstance(learning_rate, float) else list(learning_rate)
        self._moments = [[torch.zeros_like(p, requires_grad=False) for p in self._parameters] for _ in range(count)]
        self._steps = [torch.zeros((), device=p.device) for p in self._parameters]

    @torch.no_grad()
    def step(self, factor: float = 1.0) -> None:
        """Do one update with the current gradients, at the learning rates times a factor."""
        found = [index for index, parameter in enumerate(self._parameters) if parameter.grad is not None]
        gradients = [parameter.grad for parameter in self._parameters if parameter.grad is not None]
        parameters: Tensors = [self._parameters[index] for index in found]
        moments = [[column[index] for index in found] for column in self._moments]
        steps = [self._steps[index] for index in found]
        for rate, chosen in _segments(self._rates):
            counts = [
                step.clone() for step in steps
            ]  # each rule increments its step; every segment starts from the same one
            columns = [parameters, gradients, *moments]
            filled = [[_filled(tensor[chosen]) for tensor in column] for column in columns]
            self._rule(filled[0], filled[1], filled[2:], counts, rate * factor)
            for column, changed in zip([parameters, *moments], [filled[0], *filled[2:]], strict=True):
                _copy_back(column, changed, chosen)
        for step in steps:
            step += 1

    def keep(self, indices: Sequence[int]) -> None:
        """Drop the state of every replica but those at `indices`."""
        self._rates = [self._rates[index] for index in indices]
        for column in self._moments:
            column[:] = [moment[list(indices)] for moment in column]

    def state_bytes(self) -> int:
        """Return the bytes of the state between two updates, without step counters."""
        return sum(moment.nbytes for column in self._moments for moment in column)


def _segments(rates: Sequence[float]) -> list[tuple[float, slice]]:
    """Return runs of neighbouring replicas with the same learning rate."""
    starts = [index for index in range(len(rates)) if not index or rates[index] != rates[index - 1]]
    ends = [*starts[1:], len(rates)]
    return [(rates[start], slice(start, end)) for start, end in zip(starts, ends, strict=True)]


def _filled(values: Tensor) -> Tensor:
    """Return values unchanged if they fill whole registers, else a flat copy padded with zeros."""
    rest = -values.numel() % REGISTER
    return functional.pad(values.flatten(), (0, rest)) if rest else values


def _copy_back(tensors: Sequence[Tensor], changed: Sequence[Tensor], chosen: slice) -> None:
    for tensor, new in zip(tensors, changed, strict=True):
        part = tensor[chosen]
        if new.numel() != part.numel():
            part.copy_(new[: part.numel()].view(part.shape))


Tensors = list[Tensor]
Rule = Callable[[Tensors, Tensors, list[Tensors], Tensors, float], None]  # parameters, gradients, moments, steps, rate


def _with_adam(form: Callable[..., None], decay: float) -> Rule:
    def apply(parameters: Tensors, gradients: Tensors, moments: list[Tensors], steps: Tensors, rate: float) -> None:
        form(
            *(parameters, gradients, *moments, [], steps),
            beta1=BETAS[0],
            beta2=BETAS[1],
            eps=EPSILON,
            weight_decay=decay,
            lr=rate,
            amsgrad=False,
            maximize=False,
            fused=True,
        )

    return apply


def _rmsprop(parameters: Tensors, gradients: Tensors, moments: list[Tensors], steps: Tensors, rate: float) -> None:
    rmsprop(
        parameters,
        gradients,
        moments[0],
        [],
        [],
        steps,
        lr=rate,
        alpha=SMOOTHING,
        eps=EPSILON,
        weight_decay=0.0,
        momentum=0.0,
        centered=False,
    )


def _sgd(parameters: Tensors, gradients: Tensors, moments: list[Tensors], steps: Tensors, rate: float) -> None:
    sgd(
        parameters,
        gradients,
        [*moments[0]],  # momentum starts at zero, so the first update is a plain gradient step
        lr=rate,
        momentum=MOMENTUM,
        weight_decay=0.0,
        dampening=0.0,
        nesterov=False,
        maximize=False,
        foreach=False,
    )


# name -> number of moments per parameter, and the rule that uses them
_RULES: dict[str, tuple[int, Rule]] = {
    "adam": (2, _with_adam(adam, 0.0)),
    "adamw": (2, _with_adam(adamw, DECAY)),
    "rmsprop": (1, _rmsprop),
    "sgd": (1, _sgd),
}
