"""Which implementation is chosen, and what is said when it is not the wanted one."""

import re
import threading
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.cells import architectures, get_cell
from models.cells.base import LinearCell
from models.errors import GatescopeError
from models.networks import kernel_builder, selection
from models.networks.batched import batched, on_gpu
from models.networks.recurrent import Recurrence, equations, reference
from tests.timing import PATIENCE


@pytest.fixture(autouse=True)
def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what was checked before, and what the environment says."""
    monkeypatch.setattr(selection, "_CHECKED", {})
    monkeypatch.setattr(selection, "_WAITING", [True])
    monkeypatch.setattr(kernel_builder, "checked", lambda name: False)
    monkeypatch.setattr(kernel_builder, "remember_check", lambda name: None)
    monkeypatch.delenv(selection.KERNEL_VARIABLE, raising=False)
    monkeypatch.setenv(selection.DEVICE_VARIABLE, "cpu")


def broken(cell: object, weights: dict[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Compute something that is almost right."""
    return 1.0001 * reference(get_cell("lstm"), weights, inputs, last_only=last_only)


def not_a_number(cell: object, weights: dict[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Compute NaN."""
    return torch.nan * reference(get_cell("lstm"), weights, inputs, last_only=last_only)


def test_auto_chooses_the_fused_kernel_where_there_is_one() -> None:
    """Stock architectures run fused after the check, linear ones all steps at once; others run their equations."""
    for cell in architectures().values():
        choice = selection.choose(cell)
        others = "equations" if cell.recurrent else "whole sequence"
        assert choice.name == ("fused" if cell.stock else "scan" if isinstance(cell, LinearCell) else others)
        assert choice.notice == ""
    assert selection.warm().startswith("Fused kernels ready")


def test_plain_implementations_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """GATESCOPE_KERNEL=reference or batched does not touch the fused kernels."""
    monkeypatch.setenv(selection.KERNEL_VARIABLE, "reference")
    monkeypatch.setattr(selection, "_fused", lambda: pytest.fail("was imported"))
    assert selection.choose(get_cell("gru")).recurrence is reference
    assert "PyTorch's own kernels (reference)" in selection.warm()
    monkeypatch.setenv(selection.KERNEL_VARIABLE, "batched")
    assert selection.choose(get_cell("gru")).recurrence is batched
    assert (
        selection.choose(get_cell(next(n for n, c in architectures().items() if not c.stock))).recurrence is equations
    )


@pytest.mark.parametrize(
    ("implementation", "reason"),
    [(broken, r"differs from PyTorch's by \d"), (not_a_number, "differs from PyTorch's by nan")],
)
def test_kernel_that_computes_something_else_is_not_used(
    monkeypatch: pytest.MonkeyPatch, implementation: Recurrence, reason: str
) -> None:
    """A difference to the reference is seen at the start and said."""
    monkeypatch.setattr(selection, "_fused", lambda: implementation)
    choice = selection.choose(get_cell("lstm"))
    assert choice.name == "reference"
    assert re.search(reason, choice.notice)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModuleNotFoundError("No module named 'numba'"), "numba cannot be imported"),
        (RuntimeError("LLVM says no\nand more"), r"could not be built (RuntimeError: LLVM says no)"),
    ],
)
def test_missing_kernel_falls_back_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    """Without numba, or when a kernel fails to build, training goes on and the reason is shown."""

    def fail() -> Recurrence:
        raise error

    monkeypatch.setattr(selection, "_fused", fail)
    choice = selection.choose(get_cell("gru"))
    assert choice.recurrence is batched
    assert reason in choice.notice
    assert reason in selection.warm()
    monkeypatch.setenv(selection.KERNEL_VARIABLE, "fused")
    with pytest.raises(GatescopeError, match="GATESCOPE_KERNEL=fused"):
        selection.choose(get_cell("gru"))


def test_gpu_gets_its_own_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU the stock and batched forms train; the fused kernels run on the CPU alone, which is said."""
    monkeypatch.setattr(selection, "device", lambda: torch.device("cuda"))
    assert selection.choose(get_cell("lstm")).recurrence is on_gpu
    monkeypatch.setenv(selection.KERNEL_VARIABLE, "fused")
    with pytest.raises(GatescopeError, match="GATESCOPE_DEVICE=cpu"):
        selection.choose(get_cell("lstm"))


def test_unknown_settings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong word in an environment variable is one sentence with the right ones."""
    monkeypatch.setenv(selection.KERNEL_VARIABLE, "fast")
    with pytest.raises(GatescopeError, match="auto, fused, reference, batched"):
        selection.choose(get_cell("lstm"))
    monkeypatch.setenv(selection.DEVICE_VARIABLE, "tpu")
    with pytest.raises(GatescopeError, match="auto, cpu, cuda"):
        selection.device()


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without GPU")
def test_missing_gpu_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for CUDA without a GPU is an error, auto takes the CPU."""
    monkeypatch.setenv(selection.DEVICE_VARIABLE, "cuda")
    with pytest.raises(GatescopeError, match="no GPU"):
        selection.device()
    monkeypatch.setenv(selection.DEVICE_VARIABLE, "auto")
    assert selection.device().type == "cpu"


def test_training_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a kernel is compiled, PyTorch's own operations stand in, marked as such; then the fused kernel is chosen."""
    compiled, released = threading.Event(), threading.Event()

    def build(names: list[str]) -> bool:
        compiled.set()
        return released.wait(PATIENCE)

    there = threading.Event()
    monkeypatch.setattr(kernel_builder, "built", lambda name: there.is_set())
    monkeypatch.setattr(kernel_builder, "build", build)
    selection.train_while_compiling()
    for name, stand_in in (("lstm", reference), ("gru", batched)):
        choice = selection.choose(get_cell(name))
        assert (choice.recurrence, choice.temporary) == (stand_in, True)
        assert "is being compiled" in choice.notice
    assert compiled.wait(PATIENCE)
    there.set()
    released.set()
    assert selection.choose(get_cell("lstm")).name == "fused"
    assert not selection.choose(get_cell("gru")).temporary


def test_stand_ins_compute_what_the_stock_layers_compute() -> None:
    """Without fused kernels, the faster of PyTorch's two ways gives the same values."""
    for name, way in selection.WITHOUT_FUSED.items():
        recurrence = {"reference": reference, "batched": batched}[way]
        assert selection._difference(get_cell(name), recurrence) <= selection.TOLERANCE


def test_check_of_a_kernel_is_remembered_for_this_machine_and_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A kernel that proved right once is not compared again, until a library changes."""
    monkeypatch.undo()
    monkeypatch.setattr(kernel_builder, "_mark", lambda what, name, dtype: tmp_path / f"{what}-{name}-{dtype}")
    for name in ("parts", "gru"):
        kernel_builder._remember("built", name, "float32")
    assert kernel_builder.built("gru")
    assert not kernel_builder.checked("gru")
    kernel_builder.remember_check("gru")
    assert kernel_builder.checked("gru")
    monkeypatch.setattr(kernel_builder, "_versions", lambda: "another torch")
    assert not kernel_builder.built("gru")
    assert not kernel_builder.checked("gru")
