"""Read one file of a trained network in a process of its own, with limited memory and time.

    python -m models.checkpoints.child FORM INPUT OUTPUT

The result is written as safetensors, facts as JSON in its header. A refusal is one sentence on standard error and status 3.
"""

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from models.checkpoints.raw import RawCheckpoint, as_float32
from models.errors import CheckpointError

REFUSED = 3
CPU_SECONDS = 20
MEMORY_BYTES = 1_000_000_000  # on top of what the process needs before it opens the file
READERS = {
    "torch": "models.checkpoints.torch_file",
    "onnx": "models.checkpoints.onnx_file",
    "keras": "models.checkpoints.keras_file",
}


def limit_resources(memory: int, seconds: int) -> None:
    """Limit memory, processor time and written bytes of this process; where limits are missing, the parent's timeout applies."""
    try:
        import resource
    except ImportError:  # Windows
        return
    pages = Path("/proc/self/statm")
    used = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 8 * memory
    for what, most in (
        (resource.RLIMIT_AS, used + memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, memory),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most, hard) if hard == resource.RLIM_INFINITY else (min(most, hard), hard))


def main(arguments: list[str]) -> int:
    """Read a file and return the exit status: 0, or 3 with a sentence."""
    form, source, target = arguments
    module = importlib.import_module(READERS[form])
    read: Callable[[bytes], RawCheckpoint] = module.read
    content = Path(source).read_bytes()
    limit_resources(MEMORY_BYTES + 2 * len(content), CPU_SECONDS)
    try:
        found = read(content)
        tensors = {name: as_float32(name, np.asarray(values)) for name, values in found.tensors.items()}
        save_file(tensors, target, metadata={"facts": json.dumps(found.facts)})
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except MemoryError:
        print(
            "Reading the file takes more memory than is allowed; it is damaged or larger than it looks.",
            file=sys.stderr,
        )
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
