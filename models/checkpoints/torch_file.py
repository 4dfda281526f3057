"""Read a PyTorch file with `weights_only`: state_dicts, and whole layers of torch.nn. Runs only in the child process."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.checkpoints.pickle_check import HOW_TO_SAVE, LAYERS, check_torch_file
from models.checkpoints.raw import RawCheckpoint, check_sizes
from models.errors import CheckpointError

MAX_DEPTH = 6
MAX_ENTRIES = 20_000
_TOLD = ("bidirectional", "proj_size", "nonlinearity", "mode", "batch_first")


def read(content: bytes) -> RawCheckpoint:
    """Return all floating-point tensors, by their names in the state_dict.

    Raises:
        CheckpointError: If the file holds anything but tensors and known layers.
    """
    import io

    import torch
    from torch import nn

    check_torch_file(content)
    torch.set_num_threads(1)
    classes = [getattr(nn, name) for name in sorted(LAYERS)]
    try:
        with torch.serialization.safe_globals(classes):
            loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (MemoryError, CheckpointError):
        raise
    except Exception as error:  # the unpickler raises whatever a damaged file leads it to
        raise CheckpointError(f"PyTorch cannot load the file without running code from it; {HOW_TO_SAVE}.") from error
    modules: dict[str, Any] = {}
    if isinstance(loaded, nn.Module):
        modules, loaded = module_facts(loaded), loaded.state_dict()
    found = dict(_tensors(loaded))
    check_sizes({name: tuple(value.shape) for name, value in found.items()})
    arrays = {name: value.detach().to(torch.float32).contiguous().numpy() for name, value in found.items()}
    if not arrays:
        raise CheckpointError(f"The file holds no weights; {HOW_TO_SAVE}.")
    return RawCheckpoint(form="torch", tensors=arrays, facts={"modules": modules})


def module_facts(module: Any) -> dict[str, Any]:
    """Return what recurrent layers say about themselves besides their weights, by name.

    Args:
        module: A `torch.nn.Module`.
    """
    return {
        str(name)[:300]: {"class": type(part).__name__}
        | {key: value for key in _TOLD if isinstance(value := getattr(part, key, None), (str, int, bool))}
        for name, part in list(module.named_modules())[:MAX_ENTRIES]
        if type(part).__name__ in LAYERS
    }


def _tensors(loaded: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield real tensors of nested mappings, with dotted names; a mapping `state_dict` in a checkpoint adds nothing."""
    import torch

    if depth > MAX_DEPTH or not isinstance(loaded, Mapping):
        return
    if len(loaded) > MAX_ENTRIES:
        raise CheckpointError(f"The file lists {len(loaded):,} entries; at most {MAX_ENTRIES:,} are read.")
    for key, value in loaded.items():
        name = f"{prefix}{key}"
        if isinstance(value, torch.Tensor):
            if value.is_floating_point() and not value.is_sparse and not value.is_quantized:
                yield name, value
        elif str(key) not in ("optimizer", "optimizer_state_dict", "optimizer_states"):
            wrapped = "state_dict" in str(key) or str(key) == "model"
            yield from _tensors(value, prefix if wrapped else f"{name}.", depth + 1)
