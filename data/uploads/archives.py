"""Archives with one file: gzip and ZIP, unpacked in memory, up to a limit."""

import io
import zipfile
import zlib
from dataclasses import dataclass

from data.errors import DataError
from data.escape_output import plain
from data.uploads.findings import Found, Question, TableChoices

LARGEST_UNPACKED = 200 * 2**20
MAX_MEMBERS = 2_000
MAX_OFFERED = 20
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"

_CHUNK = 4 * 2**20
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".ts", ".xlsx", ".parquet", ".data", ".dat")
_IGNORED = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """A file that came out of an archive.

    Attributes:
        content: Its bytes.
        name: Its name, sanitised.
        found: Which file was read and why.
        question: Which file to read, if there are several.
    """

    content: bytes
    name: str
    found: Found
    question: Question | None = None


def gunzip(content: bytes, filename: str) -> Unpacked:
    """Unpack a gzip file.

    Raises:
        DataError: If it is broken, or contains more than `LARGEST_UNPACKED` bytes.
    """
    parts: list[bytes] = []
    total, rest = 0, content
    while rest.startswith(GZIP):  # a file may hold several members, one after another
        unpacking = zlib.decompressobj(wbits=31)
        while not unpacking.eof:
            part = _inflate(unpacking, rest)
            total += len(part)
            if total > LARGEST_UNPACKED:
                raise DataError(_too_large("The gzip file"))
            if not part and not unpacking.unconsumed_tail and not unpacking.eof:
                raise DataError("The gzip file ends too early; it was not saved completely, so download it again.")
            parts.append(part)
            rest = unpacking.unconsumed_tail
        rest = unpacking.unused_data
    name = filename[:-3] if filename.lower().endswith(".gz") else filename
    whole = b"".join(parts)
    _refuse_nested(whole, "gzip file")
    return Unpacked(
        content=whole, name=plain(name), found=Found(plain(name) or "the file", "It is the only file in the archive.")
    )


def _inflate(unpacking: "zlib._Decompress", rest: bytes) -> bytes:
    try:
        return unpacking.decompress(rest, _CHUNK)
    except zlib.error as error:
        raise DataError("The gzip file is broken; pack it again, or upload the file itself.") from error


def is_workbook(content: bytes) -> bool:
    """Return whether a ZIP archive is an Excel workbook."""
    return b"xl/workbook" in content or b"[Content_Types].xml" in content[:2_000]


def unzip(content: bytes, choices: TableChoices) -> Unpacked:
    """Unpack the file of a ZIP archive that is most likely the table.

    Raises:
        DataError: If there is none, it has a password, or it is too large.
    """
    with open_zip(content, "ZIP archive") as archive:
        members = [one for one in archive.infolist() if _is_file(one)]
        if not members:
            raise DataError("The ZIP archive holds no file; put the table into it, or upload the table itself.")
        chosen = _chosen(members, choices.member)
        body = read_member(archive, chosen, LARGEST_UNPACKED, "ZIP archive")
    _refuse_nested(body, "ZIP archive")
    name = plain(chosen.filename.replace("\\", "/").rsplit("/", 1)[-1])
    if len(members) == 1:
        return Unpacked(content=body, name=name, found=Found(name, "It is the only file in the archive."))
    if choices.member:
        return Unpacked(content=body, name=name, found=Found(choices.member, "You chose it."))
    question = _which(members, chosen)
    return Unpacked(content=body, name=name, found=Found(name, question.reason, guessed=True), question=question)


def open_zip(content: bytes, noun: str) -> zipfile.ZipFile:
    """Open a ZIP archive after checking that its list of files is short.

    Raises:
        DataError: If it is broken or lists too many files.
    """
    if content.count(b"PK\x01\x02") > 2 * MAX_MEMBERS:
        raise DataError(f"The {noun} lists more than {MAX_MEMBERS:,} files; upload the table alone.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        OSError,
        EOFError,
        OverflowError,
        UnicodeError,
    ) as error:
        raise DataError(f"The {noun} is broken or was not saved completely; save or download it again.") from error
    if len(archive.infolist()) > MAX_MEMBERS:
        raise DataError(f"The {noun} lists more than {MAX_MEMBERS:,} files; upload the table alone.")
    return archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, largest: int, noun: str) -> bytes:
    """Return the bytes of one file of an archive, at most `largest`.

    Raises:
        DataError: If it has a password, an unknown compression or a wrong checksum, or is larger.
    """
    if member.flag_bits & 1:
        raise DataError(f"The {noun} has a password; save it without one.")
    if member.file_size > largest:
        raise DataError(_too_large(f"The {noun}", largest))
    try:
        with archive.open(member) as file:
            body = file.read(largest + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError) as error:
        raise DataError(f"The {noun} is broken, or packed in a way that is not read; save it again.") from error
    except Exception as error:  # bz2 and lzma raise errors of their own
        raise DataError(f"The {noun} is broken; save it again.") from error
    if len(body) > largest:
        raise DataError(_too_large(f"The {noun}", largest))
    return body


def _too_large(what: str, largest: int = LARGEST_UNPACKED) -> str:
    return f"{what} holds more than {largest // 2**20} MB once unpacked; leave out rows or columns."


def _is_file(member: zipfile.ZipInfo) -> bool:
    name = member.filename.lower()
    return not member.is_dir() and not any(ignored in name for ignored in _IGNORED)


def _chosen(members: list[zipfile.ZipInfo], wanted: str) -> zipfile.ZipInfo:
    """Return the file that was chosen, else the largest one that looks like a table."""
    if wanted:
        for member in members:
            if plain(member.filename) == wanted:
                return member
        listed = ", ".join(f"`{plain(member.filename, 40)}`" for member in members[:5])
        raise DataError(f"The ZIP archive has no file `{plain(wanted, 40)}`; it has {listed}.")
    return max(members, key=lambda member: (member.filename.lower().endswith(_TABLES), member.file_size))


def _which(members: list[zipfile.ZipInfo], chosen: zipfile.ZipInfo) -> Question:
    ordered = [chosen, *(member for member in members if member is not chosen)][:MAX_OFFERED]
    return Question(
        name="member",
        text=f"The archive holds {len(members):,} files. Which one is it?",
        choices=tuple((plain(one.filename), plain(one.filename)) for one in ordered),
        preselected=plain(chosen.filename),
        reason="It is the largest file that looks like a table.",
    )


def _refuse_nested(content: bytes, noun: str) -> None:
    if content.startswith(GZIP) or (content.startswith(ZIP) and not is_workbook(content)):
        raise DataError(f"The {noun} holds another archive; unpack it once and upload what is inside.")
