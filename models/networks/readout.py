"""What stands between the layers and the head: normalisation, and what one answer per sequence is read from.

Axes: R replicas, B batch, T steps, D numbers that the top layers give per step.
"""

import torch
from torch import Tensor, nn

NORM_EPSILON = 1e-5


class LayerNorm(nn.Module):
    """Mean 0 and variance 1 over the last axis, then each replica's own gain and shift. Ba, Kiros and Hinton 2016."""

    def __init__(self, replicas: int, size: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(replicas, size))
        self.shift = nn.Parameter(torch.zeros(replicas, size))

    def forward(self, values: Tensor) -> Tensor:
        """Normalise `(R, B, T, D)`."""
        normal = nn.functional.layer_norm(values, values.shape[-1:], eps=NORM_EPSILON)
        return normal * self.gain[:, None, None] + self.shift[:, None, None]


class Readout(nn.Module):
    """One vector per sequence from `(R, B, T, D)`.

    Args:
        kind: `last` (where each direction ends), `mean`, or `attention`: shares by the product with a learned query, which
            starts at zero, so that training starts from the mean.
        replicas: Replicas.
        size: D.
        directions: 2 if the second half of D reads from the end.
    """

    def __init__(self, kind: str, replicas: int, size: int, directions: int) -> None:
        super().__init__()
        self.kind, self.forward_size = kind, size // directions
        if kind == "mean":
            self.mean = nn.Parameter(torch.empty(replicas, 0))  # says how to read; it has no numbers
        if kind == "attention":
            self.query = nn.Parameter(torch.zeros(replicas, size))

    def forward(self, values: Tensor, lengths: Tensor | None) -> Tensor:
        """Return `(R, B, D)` from the valid steps."""
        if self.kind == "last":
            return self._last(values, lengths)
        shares = values.new_zeros(values.shape[:3])
        if self.kind == "attention":
            shares = (values * self.query[:, None, None]).sum(-1)
        if lengths is not None:
            beyond = torch.arange(values.shape[2], device=values.device) >= lengths.unsqueeze(-1)
            shares = shares.masked_fill(beyond, -torch.inf)
        return (shares.softmax(-1).unsqueeze(-1) * values).sum(2)

    def _last(self, values: Tensor, lengths: Tensor | None) -> Tensor:
        onward, behind = values[..., : self.forward_size], values[:, :, 0, self.forward_size :]
        if lengths is None:
            return torch.cat([onward[:, :, -1], behind], dim=-1)
        places = (lengths - 1).view(*lengths.shape, 1, 1).expand(-1, -1, 1, onward.shape[-1])
        return torch.cat([onward.gather(2, places).squeeze(2), behind], dim=-1)
