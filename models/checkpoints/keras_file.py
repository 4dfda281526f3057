"""Read Keras 3 files: `.keras` archives and `.weights.h5`. Runs only in the child process; Keras itself is not needed.

Layout (keras-team/keras, `keras/src/saving/saving_lib.py`): an archive holds `config.json` and `model.weights.h5`. In the
latter each layer has the group `layers/<class in snake case>[_<number>]` with arrays `vars/0`, `vars/1`, ...; a recurrent
layer keeps them under `cell`, a bidirectional one under `forward_layer/cell` and `backward_layer/cell`.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from models.checkpoints.pickle_check import is_zip, open_zip, read_member
from models.checkpoints.raw import FloatArray, RawCheckpoint, check_sizes, shown
from models.errors import CheckpointError

MAX_CONFIG = 10_000_000
MAX_WEIGHTS = 400_000_000
MAX_DEPTH = 12
_TOLD = ("name", "units", "use_bias", "reset_after", "activation", "recurrent_activation", "go_backwards", "merge_mode")


def read(content: bytes) -> RawCheckpoint:
    """Return arrays by their path and, if the file has a configuration, `facts["layers"]` in the order of the network.

    A layer has `path`, `class` and the activations and conventions of its configuration; a bidirectional one has those of
    its forward layer under `forward`.

    Raises:
        CheckpointError: If the bytes are not such a file.
    """
    config: Mapping[str, Any] = {}
    weights = content
    if is_zip(content):
        archive = open_zip(content)
        if not {"config.json", "model.weights.h5"} <= set(archive.namelist()):
            raise CheckpointError("The archive is not a Keras 3 model: it lacks `config.json` or `model.weights.h5`.")
        config = _config(read_member(archive, "config.json", MAX_CONFIG))
        weights = read_member(archive, "model.weights.h5", MAX_WEIGHTS)
    tensors = _arrays(weights)
    return RawCheckpoint(form="keras", tensors=tensors, facts={"layers": list(_layers(config, tensors))})


def _config(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError("The configuration in the Keras file is not valid JSON; save the model again.") from error
    return found if isinstance(found, dict) else {}


def _arrays(content: bytes) -> dict[str, FloatArray]:
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            found = {
                path: data for path, data in _datasets(file) if not path.startswith(("optimizer/", "_layer_checkpoint"))
            }
            check_sizes({path: tuple(data.shape) for path, data in found.items()})
            return {path: data[()] for path, data in found.items() if data.dtype.kind == "f"}
    except (MemoryError, CheckpointError):
        raise
    except Exception as error:  # h5py raises OSError, KeyError, RuntimeError and others for damaged files
        raise CheckpointError(
            "The file is not an HDF5 file with weights, or it is damaged; save the model again."
        ) from error


def _datasets(group: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield stored arrays; links to other files, virtual and external arrays are refused."""
    import h5py

    if depth > MAX_DEPTH or len(group) > 2_000:
        raise CheckpointError("The file nests or lists more groups than a network has layers.")
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise CheckpointError(f"The file links {shown(prefix + name)} to another place, which is not followed.")
        entry = group[name]
        if isinstance(entry, h5py.Dataset):
            if entry.is_virtual or entry.external:
                raise CheckpointError(f"The array {shown(prefix + name)} is in another file, which is not opened.")
            yield prefix + name, entry
        elif isinstance(entry, h5py.Group):
            yield from _datasets(entry, f"{prefix}{name}/", depth + 1)


def _layers(config: Mapping[str, Any], tensors: Mapping[str, FloatArray]) -> Iterator[dict[str, Any]]:
    """Yield the layers of a configuration with the paths under which their arrays are."""
    inner = config.get("config")
    listed = inner.get("layers") if isinstance(inner, dict) else None
    used: dict[str, int] = {}
    for layer in listed[:2_000] if isinstance(listed, list) else []:
        if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
            continue
        kind = str(layer.get("class_name", ""))[:100]
        name = snake_case(kind)
        used[name] = used.get(name, -1) + 1
        numbered = f"layers/{name}_{used[name]}" if used[name] else f"layers/{name}"
        own = f"layers/{str(layer['config'].get('name', ''))[:100]}"
        path = own if not _holds(numbered, tensors) and _holds(own, tensors) else numbered
        yield {"path": path, "class": kind, **_told(layer["config"])} | _forward(layer["config"])


def _holds(path: str, tensors: Mapping[str, FloatArray]) -> bool:
    return any(name.startswith(f"{path}/") for name in tensors)


def _forward(config: Mapping[str, Any]) -> dict[str, Any]:
    inner = config.get("layer")
    if not isinstance(inner, dict) or not isinstance(inner.get("config"), dict):
        return {}
    return {"forward": {"class": str(inner.get("class_name", ""))[:100], **_told(inner["config"])}}


def _told(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key in _TOLD if isinstance(value := config.get(key), (str, int, bool))}


def snake_case(name: str) -> str:
    """Return a class name as Keras writes it into paths: `SimpleRNN` is `simple_rnn`, `LSTM` is `lstm`."""
    parts = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", parts).lower()
