"""From the bytes of an upload to its text: size, kind of file, encoding and forbidden characters."""

import re
from dataclasses import dataclass

from data.errors import DataError

LARGEST_BYTES = 10 * 2**20

_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x7fELF", "a program"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
)
_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_UNPRINTED_BYTE = re.compile(rb"[\x80-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a file and how it was read.

    Attributes:
        text: The characters, with every line end as a line feed and without byte order mark.
        encoding: `UTF-8`, `UTF-8 with byte order mark`, `UTF-16` or `Latin-1`.
        notes: What a visitor has to know about the reading, one sentence each.
    """

    text: str
    encoding: str
    notes: tuple[str, ...]


def decode(content: bytes) -> Decoded:
    """Read the bytes of an upload as text, strictly.

    Args:
        content: The whole file.

    Raises:
        DataError: If the file is empty, too large, binary, in an unknown encoding, or holds control characters.
    """
    _check_kind(content)
    text, encoding = _characters(content)
    notes = []
    if encoding == "Latin-1":
        notes.append("The file is not UTF-8 and was read as Latin-1; check the letters outside ASCII.")
    text = _line_feeds(text)
    _refuse_controls(text)
    if not text.strip("\n"):
        raise DataError("The file holds no text; choose a file with data in it.")
    return Decoded(text=text, encoding=encoding, notes=tuple(notes))


def place(before: str) -> str:
    """Say where a character stands, given the text before it: line and character, both counted from 1."""
    lines = _line_feeds(before)
    return f"line {lines.count(chr(10)) + 1:,}, character {len(lines) - lines.rfind(chr(10)):,}"


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_kind(content: bytes) -> None:
    if not content:
        raise DataError("The file is empty (0 bytes); choose a file with data in it.")
    if len(content) > LARGEST_BYTES:
        size = len(content) / 2**20
        raise DataError(f"The file has {size:.1f} MB, at most 10 MB are read; shorten it or leave out columns.")
    for magic, noun in _MAGIC:
        if content.startswith(magic):
            raise DataError(f"The file is {noun}, not text; export the data as a CSV or plain text file.")
    if content.startswith(b"PAR1") and content.endswith(b"PAR1"):
        raise DataError("The file is a Parquet file, not text; export the data as a CSV file.")


def _characters(content: bytes) -> tuple[str, str]:
    if content.startswith(_UTF32):
        raise DataError("The file is encoded as UTF-32; save it as UTF-8.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16"), "UTF-16"
    if content.startswith(b"\xef\xbb\xbf"):
        return _strictly(content[3:], "utf-8"), "UTF-8 with byte order mark"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _latin1(content), "Latin-1"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        where = place(content[: error.start].decode(encoding, "replace"))
        raise DataError(f"At {where} the file is not valid {encoding.upper()}; save it as UTF-8.") from error


def _latin1(content: bytes) -> str:
    text = content.decode("latin-1")
    found = _UNPRINTED_BYTE.search(content)
    if found:
        where, code = place(text[: found.start()]), content[found.start()]
        raise DataError(f"At {where} the byte 0x{code:02X} is neither UTF-8 nor Latin-1; save the file as UTF-8.")
    return text


def _refuse_controls(text: str) -> None:
    found = _CONTROL.search(text)
    if not found:
        return
    where, code = place(text[: found.start()]), ord(found.group())
    if code == 0:
        raise DataError(f"At {where} there is a NUL character (binary data or UTF-16 without mark); save it as UTF-8.")
    raise DataError(f"At {where} there is the control character U+{code:04X}; remove it.")
