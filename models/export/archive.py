"""Several files as one ZIP archive, and into a folder."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from models.errors import GatescopeError


def zip_file(files: Mapping[str, bytes]) -> bytes:
    """Return files by path as a ZIP archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def write_files(files: Mapping[str, bytes], folder: str | Path) -> Path:
    """Write files by path into a folder, which is created if needed, and return it.

    Raises:
        GatescopeError: If one cannot be written.
    """
    root = Path(folder)
    try:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise GatescopeError(f"Cannot write into `{root}`: {error.strerror}; choose another folder.") from error
    return root
