"""A file named on the command line: the same reading and the same refusals as an upload."""

from collections.abc import Mapping
from pathlib import Path

from data.errors import DataError
from data.uploads.findings import AUTOMATIC, TableChoices
from data.uploads.inspect import describe
from data.uploads.kept import LARGEST_FILE, kept_part
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
    choices = TableChoices.from_text(str(options.get("table", "")))
    content = read_file(path, choices)
    complete = {**options, "content": digest(content)}
    describe(DATASET, complete, content)
    return DATASET, complete, content


def read_file(path: str, choices: TableChoices = AUTOMATIC) -> bytes:
    """Return the bytes of a file that the person at the terminal named; of a long one, the part that is read.

    Args:
        path: The file.
        choices: How it is to be read.

    Raises:
        DataError: If there is no such file, it is too large, or may not be read.
    """
    name = shown_name(Path(path).name or path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        raise DataError(f"The file `{name}` cannot be read ({reason}); check its path.") from error
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE // 2**20
        raise DataError(f"The file `{name}` has more than {most} MB, at most {most} MB are read; shorten it.")
    return kept_part(content, choices, name)
