"""The result of a reader: arrays by name and facts about layers, within limits. No framework, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import CheckpointError

FloatArray = NDArray[Any]

MAX_TENSORS = 2_000
MAX_NUMBERS = 50_000_000  # of all tensors together: 200 MB as float32
MAX_AXES = 4
LONGEST_NAME = 300
FLOATS: Mapping[str, Any] = {"F16": np.float16, "F32": np.float32, "F64": np.float64}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawCheckpoint:
    """The contents of a file.

    Attributes:
        form: `safetensors`, `torch`, `onnx` or `keras`.
        tensors: Name to array as saved.
        facts: What the file says about its layers besides their weights; plain JSON values, see each reader.
    """

    form: str
    tensors: Mapping[str, FloatArray]
    facts: Mapping[str, Any] = field(default_factory=dict)


def shown(text: str) -> str:
    """Return a name from a file in backticks, short and without what could break a line."""
    printable = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in text[:60])
    return f"`{printable}`"


def check_sizes(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse too many or too large tensors, before any array is made.

    Raises:
        CheckpointError: One sentence.
    """
    if len(shapes) > MAX_TENSORS:
        raise CheckpointError(f"The file holds {len(shapes):,} tensors; at most {MAX_TENSORS:,} are read.")
    total = 0
    for name, shape in shapes.items():
        if len(name) > LONGEST_NAME:
            raise CheckpointError(f"The name of the tensor {shown(name)} is longer than {LONGEST_NAME} letters.")
        if len(shape) > MAX_AXES:
            raise CheckpointError(f"The tensor {shown(name)} has {len(shape)} axes; weights have at most {MAX_AXES}.")
        count = 1
        for size in shape:
            count *= size
            if count > MAX_NUMBERS:
                break
        total += count
        if total > MAX_NUMBERS:
            raise CheckpointError(f"The file holds more than {MAX_NUMBERS // 10**6} million numbers, the limit.")


def as_float32(name: str, values: FloatArray) -> FloatArray:
    """Return finite weights as float32.

    Raises:
        CheckpointError: If one is not finite or not a number.
    """
    if values.dtype.kind not in "fiu":
        raise CheckpointError(f"The tensor {shown(name)} does not hold real numbers.")
    with np.errstate(over="ignore"):
        found: FloatArray = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(found).all():
        raise CheckpointError(
            f"The tensor {shown(name)} holds NaN or infinite values; save the network before it diverged."
        )
    return found
