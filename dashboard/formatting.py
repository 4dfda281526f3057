"""Format words and numbers for readers."""

import re
from collections.abc import Sequence

from data.escape_output import markdown
from models.analysis.wording import duration as duration
from models.analysis.wording import grouped as grouped

_LONGEST = 80
_QUOTED = re.compile(r"`([^`]*)`")


def escaped(name: str, *, longest: int = _LONGEST) -> str:
    """Escape an untrusted name or sentence for Markdown: one line, at most 80 characters, no markup, quotes for backticks."""
    return markdown(_QUOTED.sub(r"“\1”", name), longest)


def sentence_of(error: object) -> str:
    """Return the sentence of an error for Markdown; names in it may come from anywhere."""
    told = str(error)
    return escaped(told, longest=2 * len(told))


def listed(names: Sequence[str]) -> str:
    """Return names as a text: "LSTM", "LSTM and GRU", "LSTM, GRU and tanh RNN"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def count(number: int, noun: str) -> str:
    """Return a number and its noun: "1 seed", "3 seeds", "2 000 updates"."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"
