"""Make untrusted names and texts harmless, with one function per place where they are shown.

`plain` is used when a name enters; the others when a text leaves for Markdown, a chart, LaTeX or a
spreadsheet. HTML is escaped by the report's template.
"""

import re
import unicodedata
from collections.abc import Hashable

import pandas as pd

MAX_IN_A_NAME = 80
_JOINERS = frozenset("\u200c\u200d")  # parts of words in Persian and Hindi, and of many emoji
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKDOWN = re.compile(r"[\\*_\[\]<>$`~|]|&(?=[#\w])|^[#=+-]|(?<=^\d)[.)](?=\s|$)|(?<=^\d\d)[.)](?=\s|$)")
# Streamlit looks for icons, emoji, addresses and mail after removing escapes, so an invisible joiner separates their parts.
_JOINED = re.compile(r":(?=[A-Za-z_+/-]|100:|1234:)|(?<=www)(?=\.)|@(?=\S)", re.I)
_JOINER = "\u2060"
_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
}
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def plain(text: object, most: int = MAX_IN_A_NAME) -> str:
    r"""Return a name as one short line of visible characters.

    Control characters, text-direction marks and broken code points are removed, white space becomes single spaces, and the
    rest is put into normal form C and cut to `most` characters.

    Example:
        >>> plain("  run\x00 \u202etxt.exe\n")
        'run txt.exe'
    """
    return _cut(" ".join(_visible(str(text)).split()), most)


def plain_lines(text: object, most: int = 2000) -> str:
    """Return a longer text with its line breaks, without invisible characters, at most `most` characters."""
    lines = (" ".join(_visible(line).split()) for line in str(text).splitlines())
    return _cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), most)


def visible_lines(text: str) -> str:
    """Return a text of any length as it is, without controls and text-direction marks; line breaks and tabs stay."""
    return text if _INVISIBLE.search(text) is None else _INVISIBLE.sub("", text)


def _visible(text: str) -> str:
    spaced = "".join(" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", text))
    return "".join(letter for letter in spaced if letter in _JOINERS or unicodedata.category(letter) not in _DROPPED)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def markdown(text: object, most: int = MAX_IN_A_NAME) -> str:
    r"""Return a name that Markdown shows literally, without link, image, formula, icon or directive.

    Example:
        >>> markdown("[x](javascript:alert(1))")
        '\\[x\\](javascript:\u2060alert(1))'
    """
    escaped = _MARKDOWN.sub(r"\\\g<0>", plain(text, most))
    return _JOINED.sub(r"\g<0>" + _JOINER, escaped)


def latex(text: object, most: int = MAX_IN_A_NAME) -> str:
    r"""Return a name for LaTeX text; every special character is escaped.

    Example:
        >>> latex("50 % of \\input{x}")
        '50 \\% of \\textbackslash{}input\\{x\\}'
    """
    return "".join(_LATEX.get(letter, letter) for letter in plain(text, most))


def spreadsheet(text: str) -> str:
    """Return a cell that no spreadsheet interprets as a formula: a leading `=`, `+`, `-` or `@` gets an apostrophe.

    Source: OWASP Application Security Verification Standard 5, requirement 1.2.10. Numbers are never passed here.
    """
    kept = text.replace("\0", "")
    return "'" + kept if text.startswith(_FORMULA) or kept.lstrip().startswith(_FORMULA) else kept


def spreadsheet_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy whose texts, headers and index labels are `spreadsheet` cells; numbers stay as they are."""
    safe = frame.map(_cell).rename(columns=_cell)
    return safe.rename(index=_cell) if frame.index.dtype == object or frame.index.dtype == "str" else safe


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV (RFC 4180) without formulas for spreadsheets; every CSV export uses it."""
    return spreadsheet_frame(frame).to_csv(index=False, lineterminator="\r\n").encode()


def _cell(value: Hashable) -> Hashable:
    return spreadsheet(value) if isinstance(value, str) else value
