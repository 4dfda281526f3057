"""The log: one line per event, names and values in logfmt, all secrets masked.

Untrusted text cannot start a line: line breaks in values are escaped, and tracebacks are indented.
"""

import logging
import os
import re
import time
from typing import Any

_PLACES = ("gatescope", "models", "dashboard", "data")
_SECRET_VARIABLES = re.compile(r"DATABASE_URL|PASSWORD|SECRET|TOKEN|API_KEY", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,64}:)[^\s/]{1,256}@", re.IGNORECASE)
_NAMED = re.compile(r"(\b(?:password|passwd|pwd|secret|token|api_key)['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&)]{1,256}", re.I)
_BARE = re.compile(r"[A-Za-z0-9_.,:/+%#@~-]+")
_SHORTEST_SECRET = 4


def mask(text: str) -> str:
    """Mask passwords in a text: in addresses, after names such as `password=`, and from the environment.

    Example:
        >>> mask("cannot reach postgresql://team:s3cret@db:5432/x (password=s3cret)")
        'cannot reach postgresql://team:***@db:5432/x (password=***)'
    """
    for secret in _secrets():
        text = text.replace(secret, "***")
    return _NAMED.sub(r"\1***", _IN_ADDRESS.sub(r"\1***@", text))


def _secrets() -> list[str]:
    """Return the secrets in the environment and the passwords in its addresses, longest first."""
    values = [value for name, value in os.environ.items() if _SECRET_VARIABLES.search(name)]
    found = {match for value in values for match in re.findall(r"://[^:/@]*:(.+)@", value)}
    found |= {value for value in values if "://" not in value}
    return sorted((secret for secret in found if len(secret) >= _SHORTEST_SECRET), key=len, reverse=True)


def event(log: logging.Logger, name: str, level: int = logging.INFO, **values: object) -> None:
    """Write an event with its values; empty values are left out.

    Args:
        log: The logger.
        name: What happened, in a few words.
        level: Its level.
        values: Names and values to search for.
    """
    log.log(level, name, extra={"values": {key: value for key, value in values.items() if value not in ("", None)}})


class Formatter(logging.Formatter):
    """Formats a record as `time level logger message name=value ...`, a traceback below it."""

    converter = time.gmtime  # type: ignore[assignment]
    default_msec_format = "%s.%03dZ"
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record, masked."""
        values: dict[str, Any] = getattr(record, "values", {})
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {_one_line(record.getMessage())}"
        parts = [line, *(f"{name}={_value(value)}" for name, value in values.items())]
        lines = [" ".join(parts)]
        if record.exc_info:
            lines += [f"    {_one_line(entry)}" for entry in self.formatException(record.exc_info).split("\n")]
        return mask("\n".join(lines))


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _value(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else _one_line(str(value))
    if _BARE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """A separate class, so that an existing handler is recognised and set up only once."""


def set_up(level: int = logging.INFO) -> None:
    """Make this program's loggers write to standard error in this format; a second call changes nothing."""
    for place in _PLACES:
        log = logging.getLogger(place)
        if any(type(handler).__name__ == _Handler.__name__ for handler in log.handlers):
            continue  # by name, because reloading the module creates another class
        handler = _Handler()
        handler.setFormatter(Formatter())
        log.addHandler(handler)
        log.setLevel(level)
