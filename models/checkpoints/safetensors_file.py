"""Read safetensors: a JSON header and raw bytes. Such a file contains no code, and only its own bytes are allocated."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.checkpoints.raw import FLOATS, FloatArray, RawCheckpoint, check_sizes, shown
from models.errors import CheckpointError

MAX_HEADER = 4_000_000  # bytes
_LENGTH = 8
_OTHERS = {"BF16": 2, "I8": 1, "U8": 1, "I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8, "BOOL": 1}


def looks_like_safetensors(content: bytes) -> bool:
    """Return whether bytes begin like a safetensors file: the length of a header, then an opening brace."""
    return len(content) > _LENGTH and content[_LENGTH : _LENGTH + 1] == b"{"


def read_safetensors(content: bytes) -> RawCheckpoint:
    """Return every floating-point tensor; other tensors are left out.

    Raises:
        CheckpointError: One sentence that says what is wrong.
    """
    length = int.from_bytes(content[:_LENGTH], "little")
    if length > MAX_HEADER:
        raise CheckpointError(f"The header would be {length:,} bytes long; at most {MAX_HEADER:,} are read.")
    if _LENGTH + length > len(content):
        raise CheckpointError("The safetensors file ends within its header; copy it again.")
    header = _header(content[_LENGTH : _LENGTH + length])
    metadata = header.pop("__metadata__", {})
    body = memoryview(content)[_LENGTH + length :]
    entries = {name: _entry(name, entry, len(body)) for name, entry in header.items()}
    check_sizes({name: shape for name, (_, shape, _, _) in entries.items()})
    tensors = {
        name: _tensor(kind, shape, body[start:end])
        for name, (kind, shape, start, end) in entries.items()
        if kind in FLOATS or kind == "BF16"
    }
    texts = (
        {str(key)[:100]: str(value)[:MAX_HEADER] for key, value in metadata.items()}
        if isinstance(metadata, dict)
        else {}
    )
    return RawCheckpoint(form="safetensors", tensors=tensors, facts={"metadata": texts})


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError("The header of the safetensors file is not valid JSON; copy the file again.") from error
    if not isinstance(header, dict):
        raise CheckpointError("The header of the safetensors file lists no tensors.")
    return header


def _entry(name: str, entry: Any, size: int) -> tuple[str, tuple[int, ...], int, int]:
    """Return kind, shape, first and last byte of a tensor, checked against each other and the file."""
    fields: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
    kind, shape, place = fields.get("dtype"), fields.get("shape"), fields.get("data_offsets")
    whole = isinstance(shape, list) and isinstance(place, list) and len(place) == 2
    if not whole or not all(type(n) is int and n >= 0 for n in (*shape, *place)):  # type: ignore[misc]
        raise CheckpointError(f"The header says of {shown(name)} no type, shape and place.")
    width = _OTHERS.get(str(kind)) or (FLOATS[str(kind)]().itemsize if str(kind) in FLOATS else 0)
    if not width:
        raise CheckpointError(f"The tensor {shown(name)} has the type {shown(str(kind))}, which is not read.")
    start, end = place  # type: ignore[misc]
    count = width
    for length in shape:  # type: ignore[union-attr]
        count = min(count * length, 2**60)
    if not start <= end <= size or end - start != count:
        raise CheckpointError(
            f"Shape and size of the tensor {shown(name)} do not agree; the file is damaged or cut off."
        )
    return str(kind), tuple(shape), start, end  # type: ignore[arg-type]


def _tensor(kind: str, shape: tuple[int, ...], data: memoryview) -> FloatArray:
    if kind == "BF16":  # the upper half of a float32
        upper = np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16
        return upper.view(np.float32).reshape(shape)
    return np.frombuffer(data, dtype=np.dtype(FLOATS[kind]).newbyteorder("<")).reshape(shape)
