"""Notes about a chart: an experiment's note whose text begins with the chart's name in brackets."""

import re

from models.errors import InvalidSpecError

_NAMED = re.compile(r"\[([^\[\]\n]{1,60})\] (.*)", re.DOTALL)


def about(chart: str, text: str) -> str:
    """Return the text of a note about a chart.

    Raises:
        InvalidSpecError: If the text is empty.

    Example:
        >>> about("Loss curves", "GRU is faster at first.")
        '[Loss curves] GRU is faster at first.'
    """
    if not text.strip():
        raise InvalidSpecError(["A comment needs a text."])
    return f"[{chart}] {text.strip()}"


def split(text: str) -> tuple[str, str]:
    """Return the chart that a note is about, empty if it names none, and the rest of its text.

    Example:
        >>> split("[Loss curves] GRU is faster at first.")
        ('Loss curves', 'GRU is faster at first.')
        >>> split("All in all, take the GRU.")
        ('', 'All in all, take the GRU.')
    """
    named = _NAMED.fullmatch(text)
    return (named[1], named[2]) if named else ("", text)
