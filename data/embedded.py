"""Where the embedded data files lie; SOURCES.md beside them says where each comes from."""

from pathlib import Path

_FILES = Path(__file__).parent / "files"


def embedded(name: str) -> Path:
    """Return the path of an embedded data file, such as `sunspots_yearly.csv`."""
    return _FILES / name
