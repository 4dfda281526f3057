"""Select the implementation of the recurrence and the device.

`GATESCOPE_KERNEL` is `auto` (fused kernels if they pass their check on this machine, else PyTorch's operations), `fused`,
`reference` or `batched` (plain torch operations for all replicas at once); `GATESCOPE_DEVICE` is `auto`, `cpu` or `cuda`.
"""

import importlib
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.cells import architectures
from models.cells.base import Cell, LinearCell
from models.errors import GatescopeError
from models.networks import kernel_builder
from models.networks.batched import batched, on_gpu
from models.networks.recurrent import Recurrence, equations, reference
from models.networks.scan import parallel

KERNEL_VARIABLE, DEVICE_VARIABLE = "GATESCOPE_KERNEL", "GATESCOPE_DEVICE"
KERNELS = ("auto", "fused", "reference", "batched")
DEVICES = ("auto", "cpu", "cuda")
CHECK_SHAPE = (2, 5, 7, 3, 9)  # replicas, batch, steps, inputs, units; odd sizes, to test padding
TOLERANCE = 1e-5
EAGER = ("lstm", "gru")  # compiled when a worker starts; the others on first use
# Without fused kernels. Milliseconds per update of stock layers one repeat after another, and of all at once (`batched`),
# AMD EPYC with AVX-512, one thread, 8 repeats, 32 units, 24 steps: LSTM 6.0 and 9.1, GRU 17.5 and 6.1, tanh RNN 6.2 and
# 2.9; 5 repeats of 64 units, 100 steps: 57 and 98, 112 and 65, 36 and 20. One repeat of the GRU: 2.1 and 2.4.
WITHOUT_FUSED = {"lstm": "reference", "gru": "batched", "rnn": "batched"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen implementation.

    Attributes:
        name: `fused`, `scan` (linear in the state), `whole sequence` (not recurrent), `reference`, `equations`, `batched`,
            or on a GPU `cudnn or batched`.
        recurrence: The implementation.
        notice: One sentence if it is not the requested one, else empty.
        temporary: Whether it is only used until a fused kernel is compiled.
    """

    name: str
    recurrence: Recurrence
    notice: str = ""
    temporary: bool = False


_PLAIN: dict[str, Recurrence] = {"reference": reference, "batched": batched}  # nothing to prepare or to check
_LOCKS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # by architecture
_LOADING = threading.Lock()  # several threads that import numba at once can see it half initialised
_CHECKED: dict[str, str] = {}  # architecture -> why its fused kernel is not used, or empty
_WAITING = [True]  # whether `choose` waits for a compiler


def train_while_compiling() -> None:
    """Make `choose` use PyTorch's own operations while a fused kernel is still being compiled."""
    _WAITING[0] = False


def choose(cell: Cell) -> Choice:
    """Return the implementation for an architecture; the first call prepares and checks its fused kernel.

    That takes seconds if it must be compiled. After `train_while_compiling`, it is compiled in the background, and
    until then the faster of PyTorch's own implementations is returned.

    Raises:
        GatescopeError: If an environment variable has an unknown value, or `GATESCOPE_KERNEL=fused` is impossible.
    """
    wanted = _setting(KERNEL_VARIABLE, KERNELS)
    if isinstance(cell, LinearCell):
        return Choice(name="scan", recurrence=parallel)
    if not cell.recurrent:
        return Choice(name="whole sequence", recurrence=equations)
    if cell.stock is None:
        return Choice(name="equations", recurrence=equations)
    if wanted in _PLAIN:
        return Choice(name=wanted, recurrence=_PLAIN[wanted])
    if device().type != "cpu":
        if wanted == "fused":
            raise GatescopeError(f"`{KERNEL_VARIABLE}=fused` needs `{DEVICE_VARIABLE}=cpu`; set it to `auto` on a GPU.")
        return Choice(name="cudnn or batched", recurrence=on_gpu)
    if wanted == "auto" and _has_to_be_compiled(cell):
        if not kernel_builder.memory_suffices():
            return _without_fused(cell, "compiling its fused kernel takes more memory than this server has.")
        if not _LOCKS[cell.name].locked():
            threading.Thread(target=fused_problem, args=(cell,), name="gatescope-kernel", daemon=True).start()
        return replace(_without_fused(cell, "its fused kernel is being compiled for this machine."), temporary=True)
    problem = fused_problem(cell)
    if not problem:
        return Choice(name="fused", recurrence=_fused())
    if wanted == "fused":
        raise GatescopeError(f"`{KERNEL_VARIABLE}=fused` cannot be met: {problem} Set it to `auto` to train without.")
    return _without_fused(cell, problem)


def _without_fused(cell: Cell, reason: str) -> Choice:
    name = WITHOUT_FUSED[cell.name]
    return Choice(name=name, recurrence=_PLAIN[name], notice=f"{cell.title} trains with PyTorch's kernel: {reason}")


def _has_to_be_compiled(cell: Cell) -> bool:
    return not _WAITING[0] and cell.name not in _CHECKED and not kernel_builder.built(cell.name)


def fused_problem(cell: Cell) -> str:
    """Return why the fused kernel of an architecture cannot be used, or an empty text; checked once per process."""
    with _LOCKS[cell.name]:
        if cell.name not in _CHECKED:
            _CHECKED[cell.name] = _check(cell)
        return _CHECKED[cell.name]


def ready(cell: Cell) -> bool:
    """Return whether an architecture's fused kernel is prepared in this process and passed its check; never waits."""
    return _setting(KERNEL_VARIABLE, KERNELS) in ("auto", "fused") and _CHECKED.get(cell.name) == ""


def warm(names: tuple[str, ...] = EAGER) -> str:
    """Prepare the fused kernels of architectures, and return a sentence about the outcome.

    The first time takes seconds; from the disk cache, a fraction of a second.
    """
    started = time.perf_counter()
    cells = [architectures()[name] for name in names]
    if _may_be_fused() and (kernel_builder.memory_suffices() or all(map(kernel_builder.built, names))):
        kernel_builder.build(names)
        for cell in cells:
            fused_problem(cell)
    choices = [choose(cell) for cell in cells]
    found = [choice.notice for choice in choices if choice.notice]
    if found:
        return " ".join(found)
    used = sorted({choice.name for choice in choices})
    if "fused" not in used:
        return f"Training with PyTorch's own kernels ({', '.join(used)})."
    return f"Fused kernels ready after {time.perf_counter() - started:.1f} s."


def _may_be_fused() -> bool:
    return _setting(KERNEL_VARIABLE, KERNELS) in ("auto", "fused") and device().type == "cpu"


def device() -> torch.device:
    """Return the device that `GATESCOPE_DEVICE` asks for.

    Raises:
        GatescopeError: If it is unknown, or `cuda` is requested and there is none.
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
    """Import the fused implementation, and numba with it, only when it is used."""
    implementation: Recurrence = importlib.import_module("models.networks.fused").Fused()
    return implementation


def _check(cell: Cell) -> str:
    """Compare values and gradients with the reference, once per machine and build; return the problem, or an empty text."""
    try:
        kernel_builder.build([cell.name])
        with _LOADING:
            fused = _fused()
            if kernel_builder.checked(cell.name):
                importlib.import_module("models.kernels.build").load(cell.name, "float32")
                return ""
            worst = _difference(cell, fused)
    except ImportError as error:
        return f"numba cannot be imported ({_first_line(error)})."
    except Exception as error:  # a compiler may raise anything; the reference still trains
        return f"its fused kernel could not be built ({_first_line(error)})."
    if not worst <= TOLERANCE:
        return f"its fused kernel differs from PyTorch's by {worst:.1e}."
    kernel_builder.remember_check(cell.name)
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
