"""What version 0.1 wrote, for the tests that open it: see files/version_0_1/README.md."""

import gzip
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parent / "files" / "version_0_1"
SHOWN: dict[str, Any] = json.loads((FOLDER / "shown.json").read_text(encoding="utf-8"))
EXPERIMENTS: dict[str, Any] = SHOWN["experiments"]
LINKS: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "links.json").read_text(encoding="utf-8"))["links"]
SWEEP_QUERY: str = json.loads((FOLDER / "links.json").read_text(encoding="utf-8"))["sweep"]


def database(folder: Path) -> str:
    """Unpack the database into a folder; return its URL."""
    path = folder / "experiments.sqlite"
    path.write_bytes(gzip.decompress((FOLDER / "experiments.sqlite.gz").read_bytes()))
    return f"sqlite:///{path}"


def missing(before: Any, after: Any, place: str = "") -> list[str]:
    """Return where a nested value lacks something that it had before, or has another value; more is allowed.

    Numbers may differ by rounding; `nan` and `inf` are texts in JSON.
    """
    if isinstance(before, Mapping):
        if not isinstance(after, Mapping):
            return [f"{place}: {after!r} instead of an object"]
        gone = [f"{place}.{name} is gone" for name in before if name not in after]
        kept = (missing(value, after[name], f"{place}.{name}") for name, value in before.items() if name in after)
        return gone + [fault for faults in kept for fault in faults]
    if isinstance(before, (list, tuple)):
        if not isinstance(after, (list, tuple)) or len(after) != len(before):
            return [f"{place}: {after!r} instead of {before!r}"]
        pairs = enumerate(zip(before, after, strict=True))
        return [fault for index, (old, new) in pairs for fault in missing(old, new, f"{place}[{index}]")]
    return [] if _same(before, after) else [f"{place}: {after!r} instead of {before!r}"]


def _same(before: Any, after: Any) -> bool:
    if isinstance(after, float) and not math.isfinite(after):
        return str(before) == str(after)
    if isinstance(before, float) and isinstance(after, (int, float)):
        return math.isclose(before, after, rel_tol=1e-9)
    return bool(before == after)


def hashed(array: Any) -> dict[str, Any]:
    """Return shape, dtype and hash of an array, as `shown.json` has them."""
    values = np.ascontiguousarray(array)
    digest = hashlib.sha256(values.tobytes()).hexdigest()[:16]
    return {"shape": list(values.shape), "dtype": str(values.dtype), "sha256": digest}


def hashes(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return `hashed` of each array."""
    return {name: hashed(array) for name, array in arrays.items()}
