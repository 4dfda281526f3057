"""Short ways to make and to load uploads in tests."""

from typing import Any

from data.catalog import get_dataset
from data.task import TaskData
from data.uploads.shared_options import digest


def csv(*lines: str) -> bytes:
    """Return lines as a file."""
    return "\n".join([*lines, ""]).encode()


def load(dataset: str, content: bytes, seed: int = 0, **options: Any) -> TaskData:
    """Load an own dataset with the options that belong to the content."""
    entry = get_dataset(dataset)
    return entry.load(entry.parse({"content": digest(content), **options}), seed, content)
