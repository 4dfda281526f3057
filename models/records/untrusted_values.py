"""Validate untrusted values from files, stored rows and messages. One function per kind of value, each with bounds.

A bad value is refused with a sentence, never repaired. The exception is text, from which invisible characters are removed.
"""

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from data.errors import InvalidSpecError
from data.escape_output import plain

MAX_DEPTH = 12  # nested lists and objects
MAX_BRACKETS = 100_000  # lists and objects in a document
MAX_VALUES = 400_000  # values in a document: ten curves of the largest experiment take 350,000
MAX_DIGITS = 19  # of a whole number
MAX_NAME = 200  # letters
MAX_ENTRIES = 40  # of a small mapping: metrics, costs, versions
MAX_SECONDS = 1e9
MAX_MAGNITUDE = 1e100  # of a number: what 32-bit networks lose and score is below, and squares of it are numbers, too
FIRST_YEAR, LAST_YEAR = 1970, 2200
ODD_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}  # how this program writes them in JSON
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def load_json(content: bytes | str) -> Any:
    """Return the values of a JSON document whose size, depth and numbers are within bounds.

    Raises:
        InvalidSpecError: With one sentence, if it is not JSON, or larger or deeper than anything this program writes.
    """
    raw = content.encode() if isinstance(content, str) else content
    _check_size(raw)
    try:
        text = raw.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse, parse_int=_integer, parse_float=_real)
    except (ValueError, RecursionError):
        raise InvalidSpecError(["This is not a JSON document that Gatescope wrote."]) from None


def _check_size(raw: bytes) -> None:
    """Refuse a document that is too deep or has too many values, before building anything from it."""
    outside = _STRING.sub(b"0", raw)
    depth = 0
    if outside.count(b",") > MAX_VALUES or outside.count(b"[") + outside.count(b"{") > MAX_BRACKETS:
        raise InvalidSpecError([f"The document has more than {MAX_VALUES:,} values or {MAX_BRACKETS:,} lists."])
    for bracket in _BRACKET.findall(outside):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise InvalidSpecError([f"The document is nested more than {MAX_DEPTH} levels deep."])


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS + 1:
        raise ValueError("too many digits")
    return int(digits)


def _real(digits: str) -> float:
    if not abs(value := float(digits)) <= MAX_MAGNITUDE:
        raise ValueError("out of range")
    return value


def whole(value: Any, low: int, high: int, what: str) -> int:
    """Return a whole number within bounds."""
    if type(value) is not int or not low <= value <= high:
        raise InvalidSpecError([f"{what} must be a whole number from {low:,} to {high:,}."])
    return value


def real(value: Any, low: float, high: float, what: str) -> float:
    """Return a finite number within bounds."""
    if type(value) not in (int, float) or not low <= value <= high:
        raise InvalidSpecError([f"{what} must be a number from {low:g} to {high:g}."])
    return float(value)


def number(value: Any, what: str) -> float:
    """Return a number; `nan`, `inf` and `-inf` may come as text, as losses of diverged networks do."""
    if isinstance(value, str) and value in ODD_NUMBERS:
        return ODD_NUMBERS[value]
    if type(value) not in (int, float) or abs(value) > MAX_MAGNITUDE:
        raise InvalidSpecError([f"{what} must be a number of at most {MAX_MAGNITUDE:g}."])
    return float(value)


def name(value: Any, what: str, *, longest: int = MAX_NAME) -> str:
    """Return a text as one line of visible characters."""
    if not isinstance(value, str):
        raise InvalidSpecError([f"{what} must be a text."])
    return plain(value, longest)


def one_of(value: Any, allowed: Collection[str], what: str) -> str:
    """Return a text that is one of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        raise InvalidSpecError([f"{what} must be one of {', '.join(sorted(allowed))}."])
    return value


def mapping(value: Any, what: str, *, most: int = MAX_ENTRIES) -> Mapping[str, Any]:
    """Return an object with at most a given number of entries."""
    if not isinstance(value, Mapping) or len(value) > most:
        raise InvalidSpecError([f"{what} must be an object with at most {most} entries."])
    return value


def sequence(value: Any, what: str, *, most: int, least: int = 0) -> Sequence[Any]:
    """Return a list with at most a given number of entries."""
    if not isinstance(value, (list, tuple)) or not least <= len(value) <= most:
        raise InvalidSpecError([f"{what} must be a list of {least} to {most:,} entries."])
    return value


def numbers(value: Any, what: str) -> dict[str, float]:
    """Return an object of names and numbers."""
    return {name(key, what): number(entry, what) for key, entry in mapping(value, what).items()}


def names(value: Any, what: str) -> dict[str, str]:
    """Return an object of names and texts."""
    return {name(key, what): name(entry, what) for key, entry in mapping(value, what).items()}


def moment(value: Any, what: str) -> datetime:
    """Return a time with its zone, in a year that every program can represent."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidSpecError([f"{what} must be a date and a time."]) from None
    if time.tzinfo is None or not FIRST_YEAR < time.astimezone(UTC).year < LAST_YEAR:
        raise InvalidSpecError([f"{what} must have a time zone and lie between {FIRST_YEAR} and {LAST_YEAR}."])
    return time
