"""Paths of the embedded data files; SOURCES.md beside them names the source of each."""

from pathlib import Path

_FILES = Path(__file__).parent / "files"


def embedded(name: str) -> Path:
    """Return the path of an embedded data file, such as `sunspots_yearly.csv`."""
    return _FILES / name
