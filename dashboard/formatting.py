"""Format words and numbers for readers."""

from collections.abc import Sequence

from data.sanitise import markdown

THIN = "\u202f"  # narrow no-break space between groups of three digits
_LONGEST = 80


def escaped(name: str, *, longest: int = _LONGEST) -> str:
    """Escape an untrusted name for Markdown: one line, at most 80 characters, no markup."""
    return markdown(name, longest)


def listed(names: Sequence[str]) -> str:
    """Return names as a text: "LSTM", "LSTM and GRU", "LSTM, GRU and tanh RNN"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def count(number: int, noun: str) -> str:
    """Return a number and its noun: "1 seed", "3 seeds", "2 000 updates"."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def grouped(number: float) -> str:
    """Format a whole number with thin-spaced thousands."""
    return f"{number:,.0f}".replace(",", THIN)


def duration(seconds: float) -> str:
    """Format a duration: "4 s", "2 min 10 s", "1 h 5 min"."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
