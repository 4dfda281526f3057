"""Write tables as people's programs do, in random combinations, together with what they mean.

A kind of column is an entry of `KINDS`: a function that draws what its values are and how they are written. Other kinds,
such as dates, are added there: `KINDS["day"] = days`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
MISSING_MARKS = ("", "NA", "n/a", "null", "NaN", "-", ".", "#N/A", "?")
LETTERS = "abcdefghijklmnopqrstuvwyzäöüßéñABCDEFGHIJKLMNOPQRSTUVWYZ"


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a file is written."""

    encoding: str
    separator: str
    decimal: str
    thousands: str
    header: bool
    missing: str
    line_end: str
    last_line_end: bool
    quote_all: bool
    comment: str
    title: bool


@dataclass(frozen=True, kw_only=True)
class WrittenColumn:
    """A column: its kind (`number` or `text`), its values with None where missing, and the texts in the file."""

    kind: str
    values: list[float | str | None]
    texts: list[str]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file and what it means."""

    content: bytes
    style: Style
    names: list[str]
    columns: list[WrittenColumn]


Kind = Callable[[st.DrawFn, Style, int], WrittenColumn]


def grouped(digits: str, mark: str) -> str:
    """Return the digits of a whole number in groups of three."""
    if not mark:
        return digits
    first = len(digits) % 3 or 3
    return mark.join([digits[:first], *(digits[start : start + 3] for start in range(first, len(digits), 3))])


def number_text(style: Style, units: int, places: int) -> tuple[float, str]:
    """Return a number of so many units of its last place, and its text."""
    digits = str(abs(units)).rjust(places + 1, "0")
    whole, fraction = digits[: len(digits) - places], digits[len(digits) - places :]
    sign = "-" if units < 0 else ""
    meant = float(f"{sign}{whole}.{fraction}" if places else f"{sign}{whole}")
    return meant, f"{sign}{grouped(whole, style.thousands)}" + (style.decimal + fraction if places else "")


def numbers(draw: st.DrawFn, style: Style, count: int) -> WrittenColumn:
    """Draw numbers with a fixed number of places, some missing, perhaps with a unit."""
    places = draw(st.integers(0, 4))
    bound = 10 ** draw(st.integers(1, 8))
    unit = draw(st.sampled_from(["", "", "", "%", "$", " €"]))
    pairs = [
        number_text(style, units, places)
        for units in draw(st.lists(st.integers(-bound, bound), min_size=count, max_size=count))
    ]
    gone = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    values: list[float | str | None] = [
        None if gap == 0 else value for (value, _), gap in zip(pairs, gone, strict=True)
    ]
    decorated = [f"${text}" if unit == "$" else f"{text}{unit}" for _, text in pairs]
    if style.encoding == "latin-1":
        decorated = [text.replace(" €", "") for text in decorated]
    texts = [style.missing if value is None else text for value, text in zip(values, decorated, strict=True)]
    return WrittenColumn(kind="number", values=values, texts=texts)


def words(draw: st.DrawFn, style: Style, count: int) -> WrittenColumn:
    """Draw words, with separators, quotation marks and line ends in them."""
    word = st.text(LETTERS, min_size=2, max_size=6)
    joins = st.sampled_from([" ", " ", ", ", "; ", '" ', "\n", "|", "'"])
    values: list[float | str | None] = []
    for _ in range(count):
        first, join, second = draw(word), draw(joins), draw(word)
        values.append(f"{first}{join}{second}")
    return WrittenColumn(kind="text", values=values, texts=[str(value) for value in values])


KINDS: dict[str, Kind] = {"number": numbers, "word": words}


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """Draw how a file is written; decimal and thousands differ."""
    decimal = draw(st.sampled_from([".", ","]))
    other = "." if decimal == "," else ","
    return Style(
        encoding=draw(st.sampled_from(ENCODINGS)),
        separator=draw(st.sampled_from(SEPARATORS)),
        decimal=decimal,
        thousands=draw(st.sampled_from(["", "", other, " ", "'"])),
        header=draw(st.booleans()),
        missing=draw(st.sampled_from(MISSING_MARKS)),
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        last_line_end=draw(st.booleans()),
        quote_all=draw(st.booleans()),
        comment=draw(st.sampled_from(["", "", "#", "%"])),
        title=draw(st.integers(0, 4)) == 0,
    )


@st.composite
def written(draw: st.DrawFn, kinds: tuple[str, ...] = ("number", "number", "word")) -> Written:
    """Draw a table and how it is written."""
    style = draw(styles())
    count, width = draw(st.integers(4, 20)), draw(st.integers(1, 5))
    chosen = [draw(st.sampled_from(kinds)) for _ in range(width)]
    columns = [KINDS[kind](draw, style, count) for kind in chosen]
    names = [
        f"{name} {index}x" if index % 2 else f"{name}{index}"
        for index, name in enumerate(
            draw(st.lists(st.text(LETTERS, min_size=2, max_size=8), min_size=width, max_size=width))
        )
    ]
    return Written(content=content_of(style, names, columns), style=style, names=names, columns=columns)


def content_of(style: Style, names: list[str], columns: list[WrittenColumn]) -> bytes:
    """Return the bytes of a file."""
    rows = [names] if style.header else []
    rows += [list(row) for row in zip(*(column.texts for column in columns), strict=True)]
    lines = [style.separator.join(cell(style, value, alone=len(row) == 1) for value in row) for row in rows]
    above = [f"{style.comment} made by a program"] if style.comment else []
    above += ["Quarterly report"] if style.title and len(columns) > 1 and style.header else []
    text = style.line_end.join(above + lines) + (style.line_end if style.last_line_end else "")
    return text.encode(style.encoding)


def cell(style: Style, value: str, *, alone: bool) -> str:
    """Return a value as it stands in the file: in quotation marks where it must, or where the style does so."""
    must = any(sign in value for sign in (style.separator, '"', "\n", "\r")) or (alone and not value)
    if must or style.quote_all or value[:1] in "#%" or value.startswith("//"):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return value
