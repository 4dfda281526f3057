"""Untrusted names become harmless in every place where they are shown."""

import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.escape_output import latex, markdown, plain, plain_lines, spreadsheet, spreadsheet_frame

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![](http://evil/?)",
    ":material/delete:",
    "$\\href{javascript:alert(1)}{x}$",
    "=HYPERLINK(1)",
    "@SUM(A1)",
    "\t=1+1",
    "a\x00b\u202egnp.exe",
    "\ud800",
)


@given(st.text())
def test_plain_is_one_short_visible_line(text: str) -> None:
    """Whatever comes in, what goes out is at most 80 characters of which none is a control."""
    cleaned = plain(text)
    assert len(cleaned) <= 80
    assert cleaned == cleaned.strip()
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in cleaned)
    assert not any(letter in cleaned for letter in "\u202a\u202b\u202d\u202e\u2066\u2067\u200e\u200f\ufeff")
    cleaned.encode()


@given(st.text())
def test_plain_is_stable(text: str) -> None:
    """A cleaned name stays as it is."""
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize("name", ["naïve Straße", "日本語", "می‌خواهم", "👩‍💻", "R&D 50 %"])
def test_plain_keeps_honest_names(name: str) -> None:
    """Names of all scripts survive."""
    assert plain(name) == name


def test_plain_lines_keeps_paragraphs() -> None:
    """Line breaks stay; repeated ones and trailing blanks are removed."""
    assert plain_lines(" a \r\n\n\n\n\nb\x00\tc\u202e ") == "a\n\nb c"


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_leaves_no_active_character(name: str) -> None:
    """Every character that begins markup is escaped."""
    rest = markdown(name).replace("\\\\", "")
    for active in "*_[]<>$`~|":
        assert rest.count(active) == rest.count("\\" + active)


@pytest.mark.parametrize(
    "name", [":material/delete:", ":smile:", ":+1:", ":100:", "http://evil.com", "HTTPS://x", "www.evil.com", "a@b.com"]
)
def test_markdown_keeps_icons_and_addresses_apart(name: str) -> None:
    """What Markdown looks for in plain text is broken by a character that nobody sees."""
    shown = markdown(name)
    assert name not in shown
    assert shown.replace("\u2060", "") == name


def test_markdown_leaves_numbers_and_prose_alone() -> None:
    """What needs no escape gets none, so that the source stays readable."""
    told = "RMSE 20.9 (lower is better): 3 seeds at 12:30, p = 0.25; -0.3 to 0.1!"
    assert markdown(told) == told
    assert markdown("1. first") == "1\\. first"
    assert markdown("- item") == "\\- item"


def test_latex_escapes_every_special_character() -> None:
    """No special character reaches TeX as itself."""
    assert latex("#$%&_{}") == r"\#\$\%\&\_\{\}"
    assert latex("\\input{/etc/passwd}") == r"\textbackslash{}input\{/etc/passwd\}"
    assert latex("a~b^c<d>") == r"a\textasciitilde{}b\textasciicircum{}c\textless{}d\textgreater{}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0=", " =", "＝", "＠"])
def test_spreadsheet_marks_formulas(start: str) -> None:
    """A text that a spreadsheet would compute begins with an apostrophe."""
    assert spreadsheet(f"{start}1+1").startswith("'")
    assert spreadsheet("temperature") == "temperature"


def test_spreadsheet_frame_covers_headers_index_and_cells_but_no_number() -> None:
    """Negative numbers stay numbers."""
    frame = pd.DataFrame({"=A()": [-1.5, 2.0], "name": ["@x", "fine"]}, index=["+y", "z"])
    safe = spreadsheet_frame(frame)
    assert list(safe.columns) == ["'=A()", "name"]
    assert list(safe.index) == ["'+y", "z"]
    assert list(safe["name"]) == ["'@x", "fine"]
    assert list(safe["'=A()"]) == [-1.5, 2.0]
