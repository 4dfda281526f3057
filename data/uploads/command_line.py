"""A file named on the command line: the same reading and the same refusals as an upload."""

from collections.abc import Mapping
from pathlib import Path

from data.errors import DataError
from data.uploads.decode import LARGEST_BYTES
from data.uploads.inspect import describe
from data.uploads.shared_options import digest
from data.uploads.table import shown_name

DATASET = "own_series"


def spec_from_csv(path: str, options: Mapping[str, object]) -> tuple[str, dict[str, object], bytes]:
    """Turn the command line's `--csv FILE` and its `--option` into what an experiment needs.

    Args:
        path: The file, given by the person at the terminal.
        options: Their options, as texts or values. Without `target`, the last column of numbers is forecast; missing
            values are refused unless `missing` says otherwise; infinite ones always are.

    Returns:
        Name of the dataset, its options with the file's `content`, and the bytes.

    Raises:
        DataError: If the file does not exist, cannot be read, or cannot be used with these options.
        InvalidSpecError: If an option does not exist or is out of bounds.
    """
    content = read_file(path)
    complete = {**options, "content": digest(content)}
    describe(DATASET, complete, content)
    return DATASET, complete, content


def read_file(path: str) -> bytes:
    """Return the bytes of a file that the person at the terminal named.

    Raises:
        DataError: If there is no such file, it is too large, or may not be read.
    """
    name = shown_name(Path(path).name or path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        raise DataError(f"The file `{name}` cannot be read ({reason}); check its path.") from error
    if len(content) > LARGEST_BYTES:
        raise DataError(f"The file `{name}` has more than 10 MB, at most 10 MB are read; shorten it.")
    return content
