"""A sweep is one value: a base experiment and axes of values. Its runs are ordinary runs with ordinary keys."""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from data import fields
from data.errors import GatescopeError, InvalidSpecError
from data.fields import FieldInfo, Value
from models.spec.experiment_settings import ExperimentSpec
from models.spec.link_query import OPTION_PREFIX

ARCHITECTURE = "architecture"
MAX_VALUES = 50
MAX_PROBLEMS = 10
NOT_SWEPT = frozenset({"fairness", "rate_search"})
Values = tuple[Value, ...]
SCHEMA = 1
AXIS_PREFIX = "axis."
MAX_AXES = 3
MAX_RUNS = 1_000
Axes = tuple[tuple[str, Values], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSpec:
    """Everything that determines a sweep's numbers.

    Args:
        base: Settings that all runs share. A setting that an axis varies takes the axis's first value here.
        axes: Pairs of a name and its values: a field of `ExperimentSpec`, `option.<name>` for one of the dataset's
            options, or `architecture`, which replaces those of the base. May be a mapping. Numbers are sorted.

    Raises:
        InvalidSpecError: With every problem at once. An invalid sweep cannot exist.
    """

    base: ExperimentSpec
    axes: Axes = ()

    def __post_init__(self) -> None:
        given = dict(self.axes)
        found = axis_problems(self.base, given)
        if found:
            raise InvalidSpecError(found)
        base = self.base
        if ARCHITECTURE in given:
            base = replace(base, architectures=tuple(str(name) for name in given.pop(ARCHITECTURE)))
        axes = tuple((name, _in_order(_info(base, name), values)) for name, values in given.items())
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "base", _changed(base, {name: values[0] for name, values in axes}))
        found = _size_problems(self)
        if found:
            raise InvalidSpecError(found)
        _points(self)

    @property
    def size(self) -> int:
        """How many runs there are."""
        return len(self.base.architectures) * math.prod(len(values) for _, values in self.axes)

    def values(self, axis: str) -> Values:
        """Return the values of an axis, or the base's value for a field that is not an axis."""
        found = dict(self.axes).get(axis)
        return (_base_value(self.base, axis),) if found is None else found

    def points(self) -> "tuple[SweepPoint, ...]":
        """Return one experiment per combination of values; the last axis varies fastest."""
        return _points(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"base": self.base.to_dict(), "axes": {name: list(values) for name, values in self.axes}}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "SweepSpec":
        """Build a sweep from untrusted values: JSON or stored rows.

        Raises:
            InvalidSpecError: With one sentence per problem.
        """
        base, axes = raw.get("base"), raw.get("axes", {})
        if not isinstance(base, Mapping) or not isinstance(axes, Mapping) or set(raw) - {"base", "axes"}:
            raise InvalidSpecError(["A sweep has a `base` experiment and `axes` of values, and nothing else."])
        if not all(isinstance(values, (list, tuple)) for values in axes.values()):
            raise InvalidSpecError(["Each of `axes` must be a list of values."])
        return cls(base=ExperimentSpec.from_dict(base), axes=tuple((str(n), tuple(v)) for n, v in axes.items()))

    def to_query(self) -> str:
        """Return the whole sweep as a URL query; names of axes carry the prefix `axis.`."""
        pairs = [(AXIS_PREFIX + name, ",".join(_text(value) for value in values)) for name, values in self.axes]
        varied = {name for name, _ in self.axes}
        base = [(name, value) for name, value in parse_qsl(self.base.to_query()) if name not in varied]
        return urlencode(base + pairs)

    @classmethod
    def from_query(cls, query: str | Mapping[str, str]) -> "SweepSpec":
        """Build a sweep from a URL query or its parameters.

        Raises:
            InvalidSpecError: With one sentence per problem.
        """
        pairs = dict(parse_qsl(query, keep_blank_values=True)) if isinstance(query, str) else dict(query)
        axes = {name.removeprefix(AXIS_PREFIX): _split(v) for name, v in pairs.items() if name.startswith(AXIS_PREFIX)}
        base = {name: value for name, value in pairs.items() if not name.startswith(AXIS_PREFIX)}
        return cls(base=ExperimentSpec.from_query(base), axes=tuple(axes.items()))

    def key(self) -> str:
        """Return the hash of the canonical JSON: equal sweeps have equal keys, in every process."""
        plain = {"base": self.base.key_values(), "axes": [[name, list(values)] for name, values in self.axes]}
        canonical = json.dumps({"sweep": SCHEMA, **plain}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One experiment of a sweep.

    Attributes:
        values: Name of each axis and its value here.
        spec: The experiment, with all architectures of the sweep.
    """

    values: tuple[tuple[str, Value], ...]
    spec: ExperimentSpec


def _info(base: ExperimentSpec, name: str) -> FieldInfo:
    return sweepable(base)[name]


def _base_value(base: ExperimentSpec, name: str) -> Value:
    if name.startswith(OPTION_PREFIX):
        return dict(base.options)[name.removeprefix(OPTION_PREFIX)]
    value: Value = getattr(base, name)
    return value


def _in_order(info: FieldInfo, values: Values) -> Values:
    coerced = tuple(fields.coerce(info, value) for value in values)
    return tuple(sorted(coerced)) if info.kind in ("integer", "real") else coerced


def _size_problems(sweep: SweepSpec) -> list[str]:
    found = []
    if len(sweep.axes) > MAX_AXES:
        found.append(f"A sweep has at most {MAX_AXES} axes beside the architecture, not {len(sweep.axes)}.")
    if sweep.size > MAX_RUNS:
        found.append(f"A sweep has at most {MAX_RUNS:,} runs, not {sweep.size:,}: give fewer values.")
    return found


def _changed(base: ExperimentSpec, values: Mapping[str, Value]) -> ExperimentSpec:
    options = {n.removeprefix(OPTION_PREFIX): value for n, value in values.items() if n.startswith(OPTION_PREFIX)}
    plain: dict[str, Any] = {name: value for name, value in values.items() if not name.startswith(OPTION_PREFIX)}
    return replace(base, options=tuple((dict(base.options) | options).items()), **plain)


@lru_cache(maxsize=64)
def _points(sweep: SweepSpec) -> tuple[SweepPoint, ...]:
    """Build every experiment once; raise `InvalidSpecError` for invalid combinations."""
    found: list[str] = []
    points = []
    for combination in _combinations(sweep):
        try:
            points.append(SweepPoint(values=combination, spec=_changed(sweep.base, dict(combination))))
        except InvalidSpecError as error:
            found += error.problems
        except GatescopeError as error:
            found.append(str(error))
    if found:
        raise InvalidSpecError(list(dict.fromkeys(found))[:MAX_PROBLEMS])
    return tuple(points)


def _combinations(sweep: SweepSpec) -> Iterator[tuple[tuple[str, Value], ...]]:
    names = [name for name, _ in sweep.axes]
    for values in itertools.product(*(values for _, values in sweep.axes)):
        yield tuple(zip(names, values, strict=True))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def sweepable(base: ExperimentSpec) -> dict[str, FieldInfo]:
    """Return what an axis may vary: fields of the spec, and the dataset's prefixed options."""
    own = {name: info for name, info in fields.infos(ExperimentSpec).items() if name not in NOT_SWEPT}
    options = fields.infos(type(base.dataset_options()))
    return own | {OPTION_PREFIX + name: info for name, info in options.items() if info.group != "hidden"}


def axis_problems(base: ExperimentSpec, axes: Mapping[str, Values]) -> list[str]:
    """Return one sentence per problem with a base and its axes, at most `MAX_PROBLEMS`."""
    found = _base_problems(base)
    if base.rate_search and "learning_rate" in axes:
        found.append(
            "A sweep over `learning_rate` needs `rate_search` 0; otherwise each point searches a rate of its own."
        )
    known = sweepable(base)
    for name, values in axes.items():
        if not 1 <= len(values) <= MAX_VALUES:
            found.append(f"Axis `{name[:40]}` must have 1 to {MAX_VALUES} values, not {len(values)}.")
        elif name == ARCHITECTURE:
            found += _architecture_problems(base, values)
        elif name not in known:
            found.append(fields.unknown(name, [*known, ARCHITECTURE], "axis"))
        else:
            found += _value_problems(name, known[name], values)
    return found[:MAX_PROBLEMS]


def _base_problems(base: ExperimentSpec) -> list[str]:
    found = []
    if base.source().family == "own":
        found.append("A sweep needs a dataset of the catalogue, because runs on uploaded data are not reused.")
    if base.fairness == "same_time":
        found.append(
            "A sweep needs `fairness` other than `same_time`: measured speeds differ from time to time, so a stopped sweep "
            "could not be resumed."
        )
    return found


def _architecture_problems(base: ExperimentSpec, values: Values) -> list[str]:
    try:
        replace(base, architectures=tuple(str(value) for value in values))
    except InvalidSpecError as error:
        return list(error.problems)
    return []


def _value_problems(name: str, info: FieldInfo, values: Values) -> list[str]:
    coerced = [fields.coerce(info, value) for value in values]
    found = [sentence for value in coerced if (sentence := fields.problem(name, info, value))]
    if not found and len(set(coerced)) < len(coerced):
        found.append(f"Axis `{name}` must have each value once.")
    return found
