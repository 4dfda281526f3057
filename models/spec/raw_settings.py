"""Settings that come from outside: JSON, stored rows, links."""

from collections.abc import Mapping
from typing import Any


def shape_problems(raw: Mapping[str, Any]) -> list[str]:
    """Check the JSON type of fields without metadata before unpacking them."""
    found = []
    if not isinstance(raw.get("dataset"), str):
        found.append("`dataset` must be the name of a dataset.")
    if not isinstance(raw.get("options", {}), Mapping):
        found.append("`options` must be an object of option names and values.")
    names = raw.get("architectures", [])
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        found.append("`architectures` must be a list of names.")
    return found
