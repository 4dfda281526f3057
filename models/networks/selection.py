"""Which implementation of the recurrence is used, and on which device.

`GATESCOPE_KERNEL` is `auto` (fused kernels where they prove right on this machine, else the stock ones), `fused`,
`reference` or `batched` (plain torch operations for all replicas at once); `GATESCOPE_DEVICE` is `auto`, `cpu` or `cuda`.
"""

import importlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.cells import architectures
from models.cells.base import Cell, LinearCell
from models.errors import GatescopeError
from models.networks.batched import batched, on_gpu
from models.networks.recurrent import Recurrence, equations, reference
from models.networks.scan import parallel

KERNEL_VARIABLE, DEVICE_VARIABLE = "GATESCOPE_KERNEL", "GATESCOPE_DEVICE"
KERNELS = ("auto", "fused", "reference", "batched")
DEVICES = ("auto", "cpu", "cuda")
CHECK_SHAPE = (2, 5, 7, 3, 9)  # replicas, batch, steps, inputs, units: odd, so that padding is exercised
TOLERANCE = 1e-5
_BUILDING = "GATESCOPE_BUILDING_KERNELS"  # set in the process that builds them


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen implementation.

    Attributes:
        name: `fused`, `scan` (linear in the state), `reference`, `equations`, `batched`, or on a GPU `cudnn or batched`.
        recurrence: The implementation.
        notice: One sentence if it is not the one that was asked for, else empty.
    """

    name: str
    recurrence: Recurrence
    notice: str = ""


_PLAIN: dict[str, Recurrence] = {"reference": reference, "batched": batched}  # nothing to prepare or to check
_LOCK = threading.Lock()
_CHECKED: dict[str, str] = {}  # architecture -> why its fused kernel is not used, or empty


def choose(cell: Cell) -> Choice:
    """Return the implementation for an architecture; the first call prepares and checks its fused kernel.

    Raises:
        GatescopeError: If an environment variable has an unknown value, or `GATESCOPE_KERNEL=fused` cannot be met.
    """
    wanted = _setting(KERNEL_VARIABLE, KERNELS)
    if isinstance(cell, LinearCell):
        return Choice(name="scan", recurrence=parallel)
    if cell.stock is None:
        return Choice(name="equations", recurrence=equations)
    if wanted in _PLAIN:
        return Choice(name=wanted, recurrence=_PLAIN[wanted])
    if device().type != "cpu":
        if wanted == "fused":
            raise GatescopeError(f"`{KERNEL_VARIABLE}=fused` needs `{DEVICE_VARIABLE}=cpu`; on a GPU choose `auto`.")
        return Choice(name="cudnn or batched", recurrence=on_gpu)
    problem = fused_problem(cell)
    if not problem:
        return Choice(name="fused", recurrence=_fused())
    if wanted == "fused":
        raise GatescopeError(f"`{KERNEL_VARIABLE}=fused` cannot be met: {problem} Set it to `auto` to train without.")
    return Choice(
        name="reference", recurrence=reference, notice=f"{cell.title} trains with PyTorch's kernel: {problem}"
    )


def build_kernels() -> None:
    """Compile the fused kernels of every architecture that has them into the disk cache."""
    for cell in architectures().values():
        if cell.stock:
            _difference(cell, _fused())


def _build_apart() -> None:
    """Have a process of its own build the kernels once: the compiler would leave 140 MB in this one.

    Where that fails, this process builds them itself, and says what is wrong.
    """
    from models.kernels.cache import prepare_cache

    built = prepare_cache() / "built"
    if built.exists() or os.environ.get(_BUILDING):
        return
    command = [sys.executable, "-c", "from models.networks.selection import build_kernels; build_kernels()"]
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(command, cwd=root, env={**os.environ, _BUILDING: "1"}, capture_output=True, check=False)  # noqa: S603
    if done.returncode == 0:
        built.touch()


def fused_problem(cell: Cell) -> str:
    """Return why the fused kernel of an architecture cannot be used, or nothing; checked once per process."""
    with _LOCK:
        if cell.name not in _CHECKED:
            _CHECKED[cell.name] = _check(cell)
        return _CHECKED[cell.name]


def ready(cell: Cell) -> bool:
    """Say whether an architecture's fused kernel has been prepared in this process and proved right; never waits."""
    return _setting(KERNEL_VARIABLE, KERNELS) in ("auto", "fused") and _CHECKED.get(cell.name) == ""


def warm(report: Callable[[str], None] | None = None) -> str:
    """Prepare the kernels of every architecture that has one, and return a sentence about the outcome.

    Seconds where they are compiled for the first time, a fraction of one where they come from the disk cache.

    Args:
        report: Told what is being done.
    """
    started = time.perf_counter()
    notices = []
    for cell in architectures().values():
        if cell.stock:
            if report:
                report(f"Preparing kernels: {cell.title}")
            notices.append(choose(cell).notice)
    found = [notice for notice in notices if notice]
    if found:
        return " ".join(found)
    names = {choose(cell).name for cell in architectures().values() if cell.stock}
    if "fused" not in names:
        return f"Training with PyTorch's own kernels ({', '.join(sorted(names))})."
    return f"Fused kernels ready after {time.perf_counter() - started:.1f} s."


def device() -> torch.device:
    """Return the device that `GATESCOPE_DEVICE` asks for.

    Raises:
        GatescopeError: If it is unknown, or `cuda` is asked for and there is none.
    """
    wanted = _setting(DEVICE_VARIABLE, DEVICES)
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise GatescopeError(f"`{DEVICE_VARIABLE}=cuda` cannot be met: PyTorch sees no GPU here. Set it to `auto`.")
    return torch.device("cuda" if available and wanted != "cpu" else "cpu")


def _setting(variable: str, known: tuple[str, ...]) -> str:
    value = os.environ.get(variable, "auto").strip().lower() or "auto"
    if value not in known:
        raise GatescopeError(f"`{variable}` must be one of {', '.join(known)}, not `{value[:40]}`.")
    return value


def _fused() -> Recurrence:
    """Import the fused implementation, and with it numba, only where it is used."""
    implementation: Recurrence = importlib.import_module("models.networks.fused").Fused()
    return implementation


def _check(cell: Cell) -> str:
    """Compare values and gradients with the reference; return what is wrong, or nothing."""
    try:
        _build_apart()
        worst = _difference(cell, _fused())
    except ImportError as error:
        return f"numba cannot be imported ({_first_line(error)})."
    except Exception as error:  # whatever a compiler may raise: the reference still trains
        return f"its fused kernel could not be built ({_first_line(error)})."
    if not worst <= TOLERANCE:
        return f"its fused kernel differs from PyTorch's by {worst:.1e}."
    return ""


def _difference(cell: Cell, implementation: Recurrence) -> float:
    """Return the largest difference of outputs and gradients, relative to the largest value where that exceeds one."""
    replicas, batch, steps, inputs, hidden = CHECK_SHAPE
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.empty(replicas, *shape).uniform_(-1, 1, generator=generator).requires_grad_()

    weights = {name: drawn(*shape) for name, shape in cell.weight_shapes(inputs, hidden).items()}
    sequence, upstream = drawn(batch, steps, inputs), drawn(batch, steps, hidden).detach()
    sought = [sequence, *weights.values()]
    found = []
    for recurrence in (implementation, reference):
        outputs = recurrence(cell, weights, sequence, last_only=False)
        found.append([outputs.detach(), *torch.autograd.grad(outputs, sought, upstream)])
    differences = [
        (ours - theirs).abs().max() / theirs.abs().max().clamp(min=1) for ours, theirs in zip(*found, strict=True)
    ]
    return float(torch.stack(differences).max())  # NaN where any is NaN


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
