"""Decode a file's bytes: check size and kind of file, find the encoding, refuse forbidden characters."""

import re
from dataclasses import dataclass

from data.errors import DataError
from data.uploads.findings import Found

LARGEST_BYTES = 16 * 2**20  # of a text that is read; a longer one is read in part (data.uploads.long_files)

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "latin-1": "Latin-1 (Western Europe)",
    "windows-1252": "Windows-1252 (Western Europe)",
    "windows-1250": "Windows-1250 (Central Europe)",
    "iso-8859-2": "ISO 8859-2 (Central Europe)",
    "iso-8859-15": "ISO 8859-15 (with the euro sign)",
    "windows-1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "windows-1253": "Windows-1253 (Greek)",
    "windows-1254": "Windows-1254 (Turkish)",
    "mac-roman": "Macintosh",
    "shift_jis": "Shift JIS (Japanese)",
    "euc-jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc-kr": "EUC-KR (Korean)",
}
_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, or one with a password"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"ARROW1", "an Arrow file"),
    (b"PAR1", "a Parquet file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x7fELF", "a program"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
)
_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_BINARY_NOUNS = {noun for _, noun in _MAGIC} - {"an ORC file"}
_UNPRINTED_BYTE = re.compile(rb"[\x80-\x9f]")
_UNUSED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SCRIPTS = 0.3  # share of bytes above ASCII from which a file in one-byte letters is unlikely to be a Western language


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a file and how it was read.

    Attributes:
        text: The characters, with every line end as a line feed and without byte order mark.
        encoding: `UTF-8`, `UTF-8 with byte order mark`, `UTF-16`, `Latin-1`, `Windows-1252` or one that was chosen.
        notes: What a visitor should know about how it was read, one sentence each.
        found: The encoding and why it was chosen.
    """

    text: str
    encoding: str
    notes: tuple[str, ...]
    found: Found


def decode(content: bytes, encoding: str = "") -> Decoded:
    """Read the bytes of an upload as text, strictly.

    Args:
        content: The whole file.
        encoding: A key of `ENCODINGS` that the visitor chose; empty to find it.

    Raises:
        DataError: If the file is empty, too large, binary, in an unknown encoding, or holds control characters.
    """
    _check_kind(content)
    text, name, found = _chosen(content, encoding) if encoding else _characters(content)
    notes = (found.reason,) if found.guessed else ()
    text = _line_feeds(text)
    _refuse_controls(text)
    if not text.strip("\n"):
        raise DataError("The file holds no text; choose a file with data in it.")
    return Decoded(text=text, encoding=name, notes=notes, found=found)


def noun_of(content: bytes) -> str:
    """Return what a file is if its first bytes show that it is not text, else nothing: "a PNG image"."""
    for magic, noun in _MAGIC:
        if content.startswith(magic) and (noun in _BINARY_NOUNS or _is_binary(content)):
            return noun
    return ""


def place(before: str) -> str:
    """Return the position of a character, given the text before it: line and character, both counted from 1."""
    lines = _line_feeds(before)
    return f"line {lines.count(chr(10)) + 1:,}, character {len(lines) - lines.rfind(chr(10)):,}"


def _is_binary(content: bytes) -> bool:
    return b"\x00" in content[:4096]


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_kind(content: bytes) -> None:
    if not content:
        raise DataError("The file is empty (0 bytes); choose a file with data in it.")
    if len(content) > LARGEST_BYTES:
        size = len(content) / 2**20
        raise DataError(
            f"The file is {size:.1f} MB, at most {LARGEST_BYTES // 2**20} MB of text are read; shorten it or leave out "
            "columns."
        )
    noun = noun_of(content)
    if noun:
        raise DataError(f"The file is {noun}, not text; export the data as a CSV or plain text file.")


def _chosen(content: bytes, encoding: str) -> tuple[str, str, Found]:
    if encoding not in ENCODINGS:
        known = ", ".join(f"`{name}`" for name in ENCODINGS)
        raise DataError(f"There is no encoding `{encoding[:40]}` to choose; there is {known}.")
    body = content.removeprefix(b"\xef\xbb\xbf") if encoding == "utf-8" else content
    text = _strictly(body, encoding).removeprefix("\ufeff")
    return text, ENCODINGS[encoding].partition(" (")[0], Found(encoding, "You chose it.")


def _characters(content: bytes) -> tuple[str, str, Found]:
    if content.startswith(_UTF32):
        raise DataError("The file is encoded as UTF-32; save it as UTF-8.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16"), "UTF-16", Found("utf-16", "Its byte order mark says so.")
    if content.startswith(b"\xef\xbb\xbf"):
        mark = Found("utf-8", "Its byte order mark says so.")
        return _strictly(content[3:], "utf-8"), "UTF-8 with byte order mark", mark
    wide = _utf16_without_mark(content)
    if wide:
        said = "The file has no byte order mark and was read as UTF-16, because every other byte is zero."
        return _strictly(content, wide), "UTF-16", Found("utf-16", said, guessed=True)
    try:
        return content.decode("utf-8"), "UTF-8", Found("utf-8", "Every byte of the file fits.")
    except UnicodeDecodeError:
        return _one_byte_a_letter(content)


def _utf16_without_mark(content: bytes) -> str:
    """Return `utf-16-le` or `utf-16-be` for mostly Latin text without a byte order mark."""
    head = content[:4000]
    if len(head) < 4 or len(content) % 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.9 * len(head[1::2]) and not even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.9 * len(head[0::2]) and not odd else ""


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        where = place(content[: error.start].decode(encoding, "replace"))
        raise DataError(
            f"At {where} the file is not valid {encoding.upper()}; choose another encoding, or save it as UTF-8."
        ) from error


def _one_byte_a_letter(content: bytes) -> tuple[str, str, Found]:
    """Decode a file that is not UTF-8: as Latin-1, or as Windows-1252 if it has letters that Latin-1 lacks."""
    found = _UNPRINTED_BYTE.search(content)
    unused = _UNUSED_IN_1252.search(content)
    if unused:
        where, code = place(content[: unused.start()].decode("latin-1")), content[unused.start()]
        raise DataError(
            f"At {where} the byte 0x{code:02X} is neither UTF-8 nor Windows-1252 nor Latin-1; choose the encoding, or save "
            "the file as UTF-8."
        )
    value, name = ("windows-1252", "Windows-1252") if found else ("latin-1", "Latin-1")
    said = f"The file is not UTF-8 and was read as {name}; check the letters outside ASCII."
    high = sum(1 for byte in content[:20_000] if byte > 127)
    if high > _SCRIPTS * min(len(content), 20_000):
        said = f"The file is not UTF-8 and was read as {name}, which its many letters outside ASCII make unlikely; choose its encoding."
    return content.decode(value), name, Found(value, said, guessed=True)


def _refuse_controls(text: str) -> None:
    found = _CONTROL.search(text)
    if not found:
        return
    where, code = place(text[: found.start()]), ord(found.group())
    if code == 0:
        raise DataError(f"At {where} there is a NUL character (binary data or UTF-16 without mark); save it as UTF-8.")
    raise DataError(f"At {where} there is the control character U+{code:04X}; remove it.")
