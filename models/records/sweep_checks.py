"""What makes a sweep acceptable: which settings an axis may vary, which values, and which rules a base may have."""

from collections.abc import Mapping
from dataclasses import replace

from data import fields
from data.errors import InvalidSpecError
from data.fields import FieldInfo, Value
from models.spec.experiment import OPTION_PREFIX, ExperimentSpec

ARCHITECTURE = "architecture"
MAX_VALUES = 50
MAX_PROBLEMS = 10
NOT_SWEPT = frozenset({"fairness", "rate_search"})
Values = tuple[Value, ...]


def sweepable(base: ExperimentSpec) -> dict[str, FieldInfo]:
    """Return what an axis may vary: fields of the spec, and the dataset's options with their prefix."""
    own = {name: info for name, info in fields.infos(ExperimentSpec).items() if name not in NOT_SWEPT}
    options = fields.infos(type(base.dataset_options()))
    return own | {OPTION_PREFIX + name: info for name, info in options.items() if info.group != "hidden"}


def axis_problems(base: ExperimentSpec, axes: Mapping[str, Values]) -> list[str]:
    """Return one sentence per thing that is wrong with a base and its axes, no more than `MAX_PROBLEMS`."""
    found = _base_problems(base)
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
        found.append(
            "A sweep needs a dataset of the catalogue: runs on uploaded data are not kept for others to reuse."
        )
    if base.fairness == "same_time" or base.rate_search:
        found.append(
            "A sweep needs `fairness` other than `same_time` and `rate_search` 0: measured speeds and searched rates "
            "differ from time to time, and a stopped sweep could not go on where it was."
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
