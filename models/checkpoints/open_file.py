"""Open a file of a trained network: detect its format, read it within limits, recognise its layers."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from models.checkpoints.child import REFUSED
from models.checkpoints.from_keras import recognise_keras
from models.checkpoints.from_onnx import recognise_onnx
from models.checkpoints.from_torch import recognise_torch
from models.checkpoints.layers import MAX_LAYERS, Checkpoint
from models.checkpoints.pickle_check import check_torch_file, is_zip, open_zip
from models.checkpoints.raw import RawCheckpoint
from models.checkpoints.safetensors_file import looks_like_safetensors, read_safetensors
from models.errors import CheckpointError

MAX_BYTES = 210_000_000
ENDINGS = ("safetensors", "pt", "pth", "bin", "ckpt", "onnx", "keras", "h5")
SECONDS = 30.0  # wall time for a process that reads one file
_ROOT = Path(__file__).resolve().parents[2]
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICKLE = b"\x80"
_LONGEST_SENTENCE = 500
_RECOGNISE = {
    "safetensors": recognise_torch,
    "torch": recognise_torch,
    "onnx": recognise_onnx,
    "keras": recognise_keras,
}


def open_checkpoint(content: bytes, filename: str = "") -> Checkpoint:
    """Read a file of a trained network.

    safetensors hold only numbers and are read here. Everything else is read by a process with limited memory and time;
    pickles are checked before, and loaded there with `weights_only`.

    Args:
        content: The bytes of the file.
        filename: Its name: a hint at its format, never a path.

    Raises:
        CheckpointError: If it cannot be opened; one sentence with the reason and what to do.
    """
    if len(content) > MAX_BYTES:
        raise CheckpointError(f"The file is larger than {MAX_BYTES // 10**6} MB, the limit.")
    form = form_of(content, filename)
    raw = read_safetensors(content) if form == "safetensors" else _read_in_child(form, content)
    found = _RECOGNISE[form](raw)
    if not found.recurrent:
        raise CheckpointError("The file holds no LSTM, GRU or RNN layer; save the whole network's weights.")
    if len(found.recurrent) > MAX_LAYERS:
        raise CheckpointError(f"The file holds {len(found.recurrent)} recurrent layers; at most {MAX_LAYERS} are read.")
    return found


def form_of(content: bytes, filename: str) -> str:
    """Return the format of a file by its first bytes; the name is only needed to recognise ONNX.

    Raises:
        CheckpointError: If the format is not supported.
    """
    if is_zip(content):
        names = set(open_zip(content).namelist())
        return "keras" if {"config.json", "model.weights.h5"} <= names else _checked_torch(content)
    if content.startswith(_HDF5):
        return "keras"
    if content.startswith(_PICKLE):
        return _checked_torch(content)
    if looks_like_safetensors(content):
        return "safetensors"
    if filename.lower().endswith(".onnx"):
        return "onnx"
    raise CheckpointError(
        "The file is none of safetensors, a PyTorch file, ONNX (named `.onnx`), Keras 3 `.keras` or `.weights.h5`."
    )


def _checked_torch(content: bytes) -> str:
    check_torch_file(content)
    return "torch"


def _read_in_child(form: str, content: bytes) -> RawCheckpoint:
    with tempfile.TemporaryDirectory(prefix="gatescope-read-") as folder:
        source, target = Path(folder) / "given", Path(folder) / "read"
        source.write_bytes(content)
        command = [sys.executable, "-m", "models.checkpoints.child", form, str(source), str(target)]
        told = Path(folder) / "told"
        try:
            with told.open("wb") as sentences:
                done = subprocess.run(  # noqa: S603 - our own module, on files of our own making
                    command,
                    cwd=_ROOT,
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=sentences,
                    timeout=SECONDS,
                    check=False,
                )
        except subprocess.TimeoutExpired as error:
            raise CheckpointError(
                f"Reading the file took longer than {SECONDS:.0f} seconds, so it was stopped."
            ) from error
        if done.returncode == REFUSED:
            raise CheckpointError(_sentence(told))
        if done.returncode or not target.exists():
            raise CheckpointError("Reading the file took too much memory or time, or failed; it is probably damaged.")
        found = read_safetensors(target.read_bytes())
    facts = json.loads(found.facts["metadata"]["facts"])
    return RawCheckpoint(form=form, tensors=found.tensors, facts=facts)


def _sentence(told: Path) -> str:
    """Return the last line that the process wrote, cut to a maximum length."""
    with told.open("rb") as written:
        lines = written.read(20 * _LONGEST_SENTENCE).decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_LONGEST_SENTENCE] if lines else "The file cannot be read; it is probably damaged."


def _environment() -> dict[str, str]:
    """Return the few variables that a Python process needs, one thread, and no secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
