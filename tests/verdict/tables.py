"""Tables of what was measured, as Markdown."""

from collections.abc import Iterable, Sequence

Row = tuple[str, ...]


def percent(share: float) -> str:
    """Return a share as percent with one digit."""
    return f"{100 * share:.1f} %"


def table(headings: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a Markdown table; the first column is text, the others are numbers."""
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
