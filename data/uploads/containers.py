"""Recognise a file by its first bytes and open it as a rectangle of values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.errors import DataError
from data.uploads.archives import GZIP, ZIP, Unpacked, gunzip, is_workbook, unzip
from data.uploads.decode import decode
from data.uploads.findings import Found, Question, TableChoices
from data.uploads.layout import Rectangle, lay_out
from data.uploads.long_files import part_of
from data.uploads.parquet import read_parquet
from data.uploads.ts_file import is_ts, read_ts
from data.uploads.workbook import read_workbook

_OTHER_WORKBOOKS = {
    b"xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    b"application/vnd.oasis.opendocument": "an OpenDocument file",
    b"word/document.xml": "a Word document",
    b"ppt/presentation.xml": "a PowerPoint file",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """A rectangle of values and how it was read from the bytes.

    Attributes:
        rectangle: The values.
        encoding: How the bytes were decoded, or the kind of file.
        findings: What was found on the way, by the name of the choice.
        questions: Open questions.
        notes: What was done, one sentence each.
    """

    rectangle: Rectangle
    encoding: str
    findings: Mapping[str, Found] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def open_container(content: bytes, choices: TableChoices, filename: str = "") -> Contents:
    """Open a file of any kind.

    Args:
        content: The bytes.
        choices: What the visitor chose.
        filename: Its name, a hint.

    Raises:
        DataError: If it cannot be read as a table.
    """
    unpacked = unpack(content, choices, filename)
    if unpacked is None:
        return _of_file(content, choices)
    inner = _of_file(unpacked.content, choices)
    return Contents(
        rectangle=inner.rectangle,
        encoding=inner.encoding,
        findings={"member": unpacked.found, **inner.findings},
        questions=(*([unpacked.question] if unpacked.question else []), *inner.questions),
        notes=(
            f"The file `{unpacked.name}` was unpacked." if unpacked.name else "The file was unpacked.",
            *inner.notes,
        ),
    )


def unpack(content: bytes, choices: TableChoices, filename: str = "") -> Unpacked | None:
    """Return the file in an archive, or None if the file is not an archive.

    Raises:
        DataError: If the archive cannot be read.
    """
    if content.startswith(GZIP):
        return gunzip(content, filename)
    if content.startswith(ZIP) and not _workbook_kind(content):
        return unzip(content, choices)
    return None


def plain_content(content: bytes, choices: TableChoices, filename: str = "") -> bytes:
    """Return the bytes of a text: those of the file in an archive, else the file's own.

    Raises:
        DataError: If the archive cannot be read.
    """
    unpacked = unpack(content, choices, filename)
    return content if unpacked is None else unpacked.content


def _workbook_kind(content: bytes) -> bool:
    for sign, noun in _OTHER_WORKBOOKS.items():
        if sign in content[:4_000] or (sign.startswith((b"xl", b"word", b"ppt")) and sign in content):
            raise DataError(f"The file is {noun}, not a table that is read; save it as .xlsx or CSV.")
    return is_workbook(content)


def _of_file(content: bytes, choices: TableChoices) -> Contents:
    """Open a file that is not an archive."""
    if content.startswith(ZIP):
        rectangle, questions = read_workbook(content, choices)
        return Contents(rectangle=rectangle, encoding="Excel workbook", questions=questions)
    if content.startswith(b"PAR1") and content.endswith(b"PAR1"):
        return Contents(rectangle=read_parquet(content, choices), encoding="Parquet")
    part = part_of(content, choices)
    decoded = decode(part.content, choices.encoding)
    findings = {"encoding": decoded.found} | part.findings
    if is_ts(decoded.text):
        return Contents(
            rectangle=read_ts(decoded.text), encoding=decoded.encoding, findings=findings, notes=decoded.notes
        )
    rectangle = lay_out(decoded.text, choices)
    rectangle.lines = part.lines(rectangle.lines)
    notes = (*decoded.notes, *part.notes)
    return Contents(rectangle=rectangle, encoding=decoded.encoding, findings=findings, notes=notes)
