"""Field metadata: bounds, unit and help of every setting, written once.

Settings are frozen dataclasses whose fields are made with `integer`, `real`, `choice`, `flag` or `text`. Forms, the
command line, links and the documentation read the same `FieldInfo`, and `problems` is the one place that checks values.
"""

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from data.errors import InvalidSpecError

Value = int | float | str | bool
Settings = TypeVar("Settings")

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_REAL = re.compile(r"[+-]?([0-9]{1,12}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?")  # 20: as repr writes
_LARGEST_EXACT = 2**53  # larger whole numbers are not converted and count as out of bounds
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """The description of one setting, for forms, parsers and readers.

    Attributes:
        kind: `integer`, `real`, `choice`, `flag` or `text`.
        label: Name shown to a visitor.
        help: How the choice affects the result, one or two sentences.
        low: Smallest allowed value (numbers), or smallest length (text).
        high: Largest allowed value (numbers), or largest length (text).
        step: Step of the widget (numbers).
        unit: Unit shown beside the label, empty if none.
        choices: Allowed values of a `choice`, as (value, label) pairs.
        group: Where a form shows it. `main`: at first sight; `data`, `network`, `training`, `comparison`: this part of
            "More settings"; `advanced`: last in its part; `hidden`: nowhere, the program sets it.
        logarithmic: Whether a form offers it on a logarithmic scale.
    """

    kind: str
    label: str
    help: str
    low: float = 0
    high: float = 0
    step: float = 1
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    group: str = "main"
    logarithmic: bool = False

    def bounds(self) -> str:
        """Describe the allowed values."""
        if self.kind == "choice":
            return "one of " + ", ".join(f"`{value}`" for value, _ in self.choices)
        if self.kind == "flag":
            return "`true` or `false`"
        if self.kind == "text":
            return f"a text of {self.low:g} to {self.high:g} characters"
        noun = "a whole number" if self.kind == "integer" else "a number"
        return f"{noun} from {self.low:g} to {self.high:g}"


def integer(default: int, low: int, high: int, *, label: str, help: str, **more: Any) -> Any:
    """Make a dataclass field for a whole number in [low, high]."""
    return _field(default, FieldInfo(kind="integer", label=label, help=help, low=low, high=high, **more))


def real(default: float, low: float, high: float, *, label: str, help: str, **more: Any) -> Any:
    """Make a dataclass field for a finite number in [low, high]."""
    return _field(default, FieldInfo(kind="real", label=label, help=help, low=low, high=high, **more))


def choice(default: str, choices: Mapping[str, str], *, label: str, help: str, **more: Any) -> Any:
    """Make a dataclass field for one of `choices` (value -> label)."""
    return _field(default, FieldInfo(kind="choice", label=label, help=help, choices=tuple(choices.items()), **more))


def flag(default: bool, *, label: str, help: str, **more: Any) -> Any:
    """Make a dataclass field for a boolean."""
    return _field(default, FieldInfo(kind="flag", label=label, help=help, **more))


def text(default: str, low: int, high: int, *, label: str, help: str, **more: Any) -> Any:
    """Make a dataclass field for a text whose length lies in [low, high]."""
    return _field(default, FieldInfo(kind="text", label=label, help=help, low=low, high=high, **more))


def _field(default: Value, info: FieldInfo) -> Any:
    return dataclasses.field(default=default, metadata={"info": info})


def infos(settings: type) -> Mapping[str, FieldInfo]:
    """Return the `FieldInfo` of every described field of a settings class, in order."""
    fields = dataclasses.fields(settings)
    return {field.name: field.metadata["info"] for field in fields if "info" in field.metadata}


def problem(name: str, info: FieldInfo, value: object) -> str | None:
    """Return one sentence that says what is wrong with `value`, or None if nothing is."""
    if _acceptable(info, value):
        return None
    return f"`{name}` must be {info.bounds()}, not {shown(value)}."


def shown(value: object) -> str:
    """Return a value as safe, short text for a message."""
    raw = str(value) if isinstance(value, (int, float, bool)) else repr(value)
    return raw if len(raw) <= 40 else raw[:39] + "…"


def _acceptable(info: FieldInfo, value: object) -> bool:
    if info.kind == "flag":
        return isinstance(value, bool)
    if info.kind == "choice":
        return isinstance(value, str) and value in dict(info.choices)
    if info.kind == "text":
        return isinstance(value, str) and info.low <= len(value) <= info.high and value.isprintable()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if info.kind == "integer" and not isinstance(value, int):
        return False
    return info.low <= value <= info.high  # false for NaN and the infinities


def problems(settings: object) -> list[str]:
    """Check every described field of a settings object and return all problems."""
    found = (problem(name, info, getattr(settings, name)) for name, info in infos(type(settings)).items())
    return [sentence for sentence in found if sentence]


def check(settings: object) -> None:
    """Raise `InvalidSpecError` with every problem of a settings object, if there are any."""
    found = problems(settings)
    if found:
        raise InvalidSpecError(found)


def coerce(info: FieldInfo, raw: object) -> Any:
    """Turn a text from a link or a command line into a value; return anything else unchanged."""
    if not isinstance(raw, str):
        if info.kind == "real" and isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) <= _LARGEST_EXACT:
            return float(raw)
        return raw
    if info.kind == "integer" and _INTEGER.fullmatch(raw):
        return int(raw)
    if info.kind == "real" and _REAL.fullmatch(raw):
        return float(raw)
    if info.kind == "flag":
        return _FLAGS.get(raw.lower(), raw)
    return raw


def parse(settings: type[Settings], raw: Mapping[str, object]) -> Settings:
    """Build a settings object from texts or plain values.

    Args:
        settings: A dataclass whose fields are described.
        raw: Field name to value; missing fields take their default.

    Raises:
        InvalidSpecError: With one sentence per unknown name and per bad value.
    """
    known = infos(settings)
    values = {name: coerce(known[name], value) for name, value in raw.items() if name in known}
    found = [unknown(name, known, "option") for name in raw if name not in known]
    found += [s for name, value in values.items() if (s := problem(name, known[name], value))]
    if found:
        raise InvalidSpecError(found)
    return settings(**values)


def unknown(name: str, valid: Iterable[str], noun: str) -> str:
    """Return a sentence for a name that does not exist, with the nearest valid one."""
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"There is no {noun} `{name[:40]}`; did you mean `{near[0]}`?"
    listed = ", ".join(f"`{known}`" for known in names) or "none"
    return f"There is no {noun} `{name[:40]}`; there is {listed}."
