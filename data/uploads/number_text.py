"""Numbers as people write them: decimal signs, groups of thousands, currencies, per cent, K/M/B and brackets.

A convention is a pair of characters, the decimal sign and the sign between groups of thousands. Whether a text is a number
depends on the convention; the unambiguous texts of a file decide which one it has.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.task import Array

MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "?", "#n/a", "#na", "#n/a n/a", "<na>", "n.a.", "nat", "\\n"}
)
MISSING_BESIDE_NUMBERS = frozenset(
    {".", "..", "-", "--", "---", "\u2013", "\u2014", "*", "**", "***", "****", "nil", "missing", "nd", "n.d.", "k.a."}
    | {"#value!", "#div/0!", "#ref!", "#name?", "#null!", "#num!", "-nan", ":"}
)
DECIMALS = {"point": ".", "comma": ","}
THOUSANDS = {"none": "", "comma": ",", "point": ".", "space": " ", "apostrophe": "'"}
PLAIN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
INFINITE = r"[+-]?[iI][nN][fF](?:[iI][nN][iI][tT][yY])?"

_ENDS_AS_NUMBER = re.compile(r"[0-9]\.?\Z")
_MEASURES = r"\x{B0}[CF]|km/h|m/s|mph|kWh|MWh|GWh|Wh|kW|MW|GW|mm|cm|km|kg|hPa|mbar|ppm|Hz|dB|l/s|[\x{B5}\x{3BC}]g/m\x{B3}|m\x{B3}|m\x{B3}/s"
_UNIT = rf"(?:{_MEASURES}|R\$|US\$|[$\x{{20AC}}\x{{A3}}\x{{A5}}\x{{20B9}}\x{{20BD}}\x{{20A9}}\x{{20BA}}]|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL|NZD|ZAR|MXN|TRY|RUB|KRW|CZK|HUF|[kK]r\.?|z\x{{142}}|K\x{{10D}}|Ft|Rs\.?|Fr\.?)"
_SPACES = r"[ \x{A0}\x{2009}\x{202F}]"
_SIGN = r"[+\-\x{2212}]?"
_SCALES = {"k": "e3", "m": "e6", "mn": "e6", "mio": "e6", "b": "e9", "bn": "e9"}
_SCALE = r"(?:[kK]|M|[mM]n|[mM]io|B|[bB]n)"
_GROUPED = {
    ",": r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})",  # the second as in India
    ".": r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+",
    " ": rf"[1-9][0-9]{{0,2}}(?:{_SPACES}[0-9]{{3}})+",
    "'": r"[1-9][0-9]{0,2}(?:['\x{2019}][0-9]{3})+",
}


@dataclass(frozen=True, slots=True)
class Convention:
    """How the numbers of a column are written.

    Attributes:
        decimal: `.` or `,`.
        thousands: The sign between groups of three digits; empty for none.
    """

    decimal: str = "."
    thousands: str = ""


PLAIN_NUMBERS = Convention()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence in a column's texts for its convention; each text counts once.

    Attributes:
        point: Texts in which a point can only be the decimal sign.
        comma: Texts in which a comma can only be the decimal sign.
        grouped: Signs that can only stand between groups, with the number of texts.
        either_point: Texts like `1.234`, which are ambiguous.
        either_comma: Texts like `1,234`, which are ambiguous.
    """

    point: int = 0
    comma: int = 0
    grouped: tuple[tuple[str, int], ...] = ()
    either_point: int = 0
    either_comma: int = 0

    def groups(self, sign: str) -> int:
        """Return the number of texts in which a sign can only stand between groups."""
        return dict(self.grouped).get(sign, 0)


def _fractional(decimal: str) -> str:
    """Return the pattern of a core in which `decimal` can be nothing but the decimal sign."""
    sign = re.escape(decimal)
    other = "." if decimal == "," else ","
    groups = "|".join(_GROUPED[mark] for mark in (other, " ", "'"))
    plain = rf"[0-9]*{sign}(?:[0-9]{{1,2}}|[0-9]{{4,}})?|0[0-9]*{sign}[0-9]+|[0-9]{{4,}}{sign}[0-9]*|{sign}[0-9]+"
    return rf"(?:{plain}|(?:{groups}){sign}[0-9]*|[0-9]+{sign}[0-9]*[eE][+-]?[0-9]+)"


def _certain_groups(sign: str) -> str:
    """Return the pattern of a core in which `sign` can only stand between groups of digits."""
    if sign in (" ", "'"):
        return rf"{_GROUPED[sign]}(?:[.,][0-9]*)?"
    mark, other = re.escape(sign), re.escape("," if sign == "." else ".")
    indian = r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?" if sign == "," else ""
    return rf"(?:[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}}){{2,}}(?:{other}[0-9]*)?|[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+{other}[0-9]*{indian})"


def _whole(core: str) -> str:
    """Return the pattern of a whole value: core with sign, currency, scale, per cent or brackets."""
    money = rf"(?:{_UNIT}{_SPACES}?)?"
    after = rf"(?:{_SPACES}?{_SCALE})?(?:{_SPACES}?(?:%|{_UNIT}))?"
    brackets = rf"{money}\((?:{core}){after}\)|\({money}(?:{core}){after}\)"
    signed = rf"(?:{_SIGN}{money}|{_UNIT}{_SPACES}?{_SIGN})"  # one sign, before or after the currency
    return rf"(?:{signed}(?:{core}){after}|{brackets}|(?:{core})[-\x{{2212}}])"  # the last as in SAP


def _core(convention: Convention) -> str:
    whole = "[0-9]+"
    if convention.thousands:
        whole = f"(?:{_GROUPED[convention.thousands]}|[0-9]+)"
    sign = re.escape(convention.decimal)
    return rf"(?:{whole}(?:{sign}[0-9]*)?|{sign}[0-9]+)(?:[eE][+-]?[0-9]+)?"


def matches(texts: "pd.Series[str]", pattern: str) -> Array:
    """Return `(L,)` bool: which texts have a pattern as a whole (RE2 syntax)."""
    found = pc.match_substring_regex(pa.array(texts, type=pa.large_string()), rf"\A(?:{pattern})\z")
    result: Array = found.to_numpy(zero_copy_only=False).astype(bool)
    return result


def python_pattern(pattern: str) -> str:
    r"""Return a pattern with its letters written out: `\x{20AC}` is for reading, the letter for matching."""
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: chr(int(found.group(1), 16)), pattern)


def are_numbers(texts: "pd.Series[str]", convention: Convention) -> Array:
    """Return `(L,)` bool: which texts are numbers in a convention."""
    plain = matches(texts, PLAIN) if convention.decimal == "." else np.zeros(len(texts), dtype=bool)
    if plain.all():
        return plain
    found = plain.copy()
    found[~plain] = matches(texts[~plain], _whole(_core(convention)))
    return found


def plain_numbers(texts: "pd.Series[str]") -> Array | None:
    """Return `(L,)` float64 if every text is a plain decimal number with a point, else None; much faster than `parse`."""
    if len(texts) and not _ENDS_AS_NUMBER.search(str(texts.iloc[len(texts) // 2])):
        return None  # Arrow is slower on words
    try:
        numbers: Array = pc.cast(pa.array(texts, type=pa.large_string()), pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return numbers if bool(np.isfinite(numbers).all()) else None


def plain_evidence(texts: "pd.Series[str]") -> Evidence:
    """Return the evidence of plain numbers (`plain_numbers`): only points need checking."""
    values = pa.array(texts, type=pa.large_string())
    pointed = values.filter(pc.match_substring(values, "."))
    if not len(pointed):
        return Evidence()
    either = pc.sum(pc.match_substring_regex(pointed, r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$")).as_py()
    return Evidence(point=len(pointed) - either, either_point=either)


def evidence(texts: "pd.Series[str]") -> Evidence:
    """Collect evidence from the numbers among texts for what points and commas mean."""
    marked = texts[texts.str.contains("[0-9]", regex=True).to_numpy(dtype=bool)]
    unclear = marked[~matches(marked, "[+-]?[0-9]+")]
    if not len(unclear):
        return Evidence()
    values = pd.Series(unclear.unique(), dtype="str")

    def count(core: str) -> int:
        return int(matches(values, _whole(core)).sum())

    return Evidence(
        point=count(_fractional(".")),
        comma=count(_fractional(",")),
        grouped=tuple((sign, count(_certain_groups(sign))) for sign in _GROUPED),
        either_point=count(r"[1-9][0-9]{0,2}\.[0-9]{3}"),
        either_comma=count(r"[1-9][0-9]{0,2},[0-9]{3}"),
    )


def parse(texts: "pd.Series[str]", convention: Convention) -> Array:
    """Return `(L,)` float64, each the double nearest to its decimal text.

    Args:
        texts: Numbers in the convention (`are_numbers`).
        convention: How they are written.
    """
    if convention.decimal == "." and bool(matches(texts, PLAIN).all()):
        plain: Array = texts.to_numpy(dtype=object).astype(np.float64)
        return plain
    frame = texts.str.extract(r"([0-9.,'\u2019 \xa0\u2009\u202f]*[0-9.,](?:[eE][+-]?[0-9]+)?)")[0]
    negative = texts.str.contains(r"^[^0-9]*[(\-\u2212]|[0-9][-\u2212]$", regex=True).to_numpy(dtype=bool)
    digits = frame.str.replace(r"[ \xa0\u2009\u202f'\u2019]", "", regex=True)
    if convention.thousands in (",", "."):
        digits = digits.str.replace(convention.thousands, "", regex=False)
    if convention.decimal == ",":
        digits = digits.str.replace(",", ".", regex=False)
    scale = (
        texts.str.extract(python_pattern(rf"[0-9.,]{_SPACES}?({_SCALE})(?={_SPACES}?(?:%|{_UNIT})?\)?$)"))[0]
        .str.lower()
        .map(_SCALES)
        .fillna("")
    )
    values: Array = (digits + scale.astype("str")).to_numpy(dtype=object).astype(np.float64)
    return np.where(negative, -values, values)


def units_of(texts: "pd.Series[str]") -> tuple[str, ...]:
    """Return the different currencies, units and per cent signs of numbers; one is empty where some numbers have none."""
    found = texts.str.extract(python_pattern(rf"(%|{_UNIT})"))[0].fillna("")
    return tuple(sorted(str(unit) for unit in found.unique()))
