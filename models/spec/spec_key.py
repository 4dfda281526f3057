"""The key of a specification: equal settings have equal keys, in every process and version."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SCHEMA = 1


def without_file_name(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values without the name of an uploaded file: the same bytes give the same numbers under any name."""
    options = {name: value for name, value in plain["options"].items() if name != "file"}
    return {**plain, "options": options}


def spec_hash(plain: Mapping[str, Any]) -> str:
    """Return the hash of plain values without `resampling` = `start`: keys of version 0.1 have no such setting."""
    kept = {name: value for name, value in plain.items() if (name, value) != ("resampling", "start")}
    canonical = json.dumps({"schema": SCHEMA, **kept}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
