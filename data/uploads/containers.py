"""What a file is, by its first bytes, and the way from there to a rectangle of values."""

from dataclasses import dataclass, field

from data.uploads.decode import decode
from data.uploads.findings import Found, Question, TableChoices
from data.uploads.layout import Rectangle, lay_out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """A rectangle of values and how it came out of the bytes.

    Attributes:
        rectangle: The values.
        encoding: How the bytes were decoded, or the kind of file.
        findings: What was found on the way, by the name of the choice.
        questions: What is asked.
        notes: What was done, one sentence each.
    """

    rectangle: Rectangle
    encoding: str
    findings: dict[str, Found] = field(default_factory=dict)
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
    decoded = decode(content, choices.encoding)
    return Contents(
        rectangle=lay_out(decoded.text, choices),
        encoding=decoded.encoding,
        findings={"encoding": decoded.found},
        notes=decoded.notes,
    )
