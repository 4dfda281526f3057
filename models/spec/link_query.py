"""A specification's plain values as the query of a link, and back; options carry the prefix `option.`."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from data.fields import Value

OPTION_PREFIX = "option."


def query_of(plain: Mapping[str, Any]) -> str:
    """Return plain values (`ExperimentSpec.to_dict`) as a URL query."""
    single = {name: value for name, value in plain.items() if name != "options"}
    single["architectures"] = ",".join(plain["architectures"])
    pairs = [(name, _query_text(value)) for name, value in single.items()]
    pairs += [(OPTION_PREFIX + name, _query_text(value)) for name, value in plain["options"].items()]
    return urlencode(pairs)


def values_of(query: str | Mapping[str, str]) -> dict[str, Any]:
    """Return the values that a URL query or its parameters name, as texts, unchecked."""
    pairs = dict(parse_qsl(query, keep_blank_values=True)) if isinstance(query, str) else dict(query)
    raw: dict[str, Any] = {name: value for name, value in pairs.items() if not name.startswith(OPTION_PREFIX)}
    raw["options"] = {
        name.removeprefix(OPTION_PREFIX): value for name, value in pairs.items() if name.startswith(OPTION_PREFIX)
    }
    if "architectures" in raw:
        raw["architectures"] = [name for name in raw["architectures"].split(",") if name]
    return raw


def _query_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
