"""Which implementation of the recurrence is used, and on which device."""

import os
from dataclasses import dataclass

import torch

from models.cells.base import Cell
from models.networks.recurrent import Recurrence, equations, reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen implementation.

    Attributes:
        name: `fused`, `reference` or `equations`.
        recurrence: The implementation.
        notice: One sentence if it is not the one that was asked for, else empty.
    """

    name: str
    recurrence: Recurrence
    notice: str = ""


def choose(cell: Cell) -> Choice:
    """Return the implementation for an architecture: stock layers where there are some, else the equations."""
    if cell.stock is not None:
        return Choice(name="reference", recurrence=reference)
    return Choice(name="equations", recurrence=equations)


def device() -> torch.device:
    """Return the device that `GATESCOPE_DEVICE` (auto, cpu, cuda) asks for."""
    wanted = os.environ.get("GATESCOPE_DEVICE", "auto")
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda")
