"""The formats that dates may have, as `strptime` letters; a column's format is found in `find_date_format.py`.

Beyond `strptime` there are `%q` (quarter), and `epoch_s`, `epoch_ms`, `epoch_us` for counted seconds since 1970. Month names are those of
seven languages, whatever the machine's locale. A clock may follow every day; seconds and their fraction may be missing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

# English, German, French, Spanish, Italian, Portuguese and Dutch
_NAMES = [
    "jan january januar jänner janv janvier ene enero gen gennaio janeiro januari",
    "feb february februar fév fev févr fevr février fevrier febrero febbraio fevereiro februari",
    "mar march mär märz mrz maerz mars marzo março marco maart mrt",
    "apr april avr avril abr abril aprile",
    "may mai mayo mag maggio maio mei",
    "jun june juni juin junio giu giugno junho",
    "jul july juli juil juillet julio lug luglio julho",
    "aug august août aout ago agosto augustus",
    "sep sept september septembre septiembre set settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro",
]
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_NAMES = """mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday
mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so sonntag
lun lundi mar mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche
lunes martes mié miércoles jue jueves vie viernes sáb sábado dom domingo"""
_WEEKDAY = rf"(?:(?:{'|'.join(sorted(set(_DAY_NAMES.split()), key=len, reverse=True))})\.?,? +)?"
_ZONE = r"(?P<z>Z|[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d{2})?)?|[A-Z]{3,4})(?:\[[\w/+-]+\])?"
_FIELDS = {
    "Y": r"(?P<Y>\d{4})",
    "G": r"(?P<G>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": rf"(?P<b>{MONTH_NAME})\.?",
    "B": rf"(?P<b>{MONTH_NAME})\.?",
    "q": r"(?P<q>[1-4])",
    "V": r"(?P<V>\d{1,2})",
    "u": r"(?P<u>[1-7])",
    "j": r"(?P<j>\d{3})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[ap]\.?m\.?)",
    "z": _ZONE,
    "Z": _ZONE,
    "A": r"(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    "a": r"(?:mon|tue|wed|thu|fri|sat|sun)",
    "%": "%",
}
_FIXED = {name: rf"(?P<{name}>\d{{2}})" for name in "mdHVMS"}
WORDS = {
    "Y": "year",
    "G": "year",
    "y": "year (two digits)",
    "m": "month",
    "d": "day",
    "b": "month name",
    "B": "month name",
    "q": "quarter",
    "V": "week",
    "u": "weekday",
    "j": "day of the year",
    "H": "hour",
    "I": "hour",
    "M": "minute",
    "S": "second",
    "f": "fraction",
    "p": "AM/PM",
    "z": "offset",
    "Z": "zone",
    "A": "weekday",
    "a": "weekday",
    "%": "%",
}
EPOCHS = {
    "excel": 86_400_000_000,
    "epoch_s": 1_000_000,
    "epoch_ms": 1_000,
    "epoch_us": 1,
    "epoch_ns": 0,
}  # microseconds of one unit

_NUMERIC = [
    letters.replace("-", sign)
    for sign in "-/."
    for letters in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d")
    if (sign, letters[:2]) != (".", "%m")  # with full stops the day comes first
]
_NAMED = """%d %b %Y|%d-%b-%Y|%d/%b/%Y|%d.%b.%Y|%d. %b %Y|%d%b%Y|%d %b, %Y|%d %b %y|%d-%b-%y|%d/%b/%y|%d%b%y|%b %d, %Y
%b %d %Y|%b-%d-%Y|%b/%d/%Y|%b %d, %y|%Y %b %d|%Y-%b-%d|%Y/%b/%d|%d de %b de %Y""".replace("\n", "|").split("|")
_QUARTERS = """%YQ%q|%Y-Q%q|%Y Q%q|%Y:Q%q|%Y/Q%q|%Y.Q%q|Q%q %Y|Q%q-%Y|Q%q/%Y|Q%q%Y|%qQ%Y|%qQ %Y|Q%q %y|Q%q-%y|Q%q/%y
%qQ%y|%q. Quartal %Y|Quartal %q %Y|Quartal %q/%Y|%q. Quartal %y""".replace("\n", "|").split("|")
_WEEKS = ["%G-W%V-%u", "%GW%V%u", "%G-W%V", "%GW%V", "%G W%V", "%G/W%V", "W%V-%G", "W%V %G", "W%V/%G", "%G-%V", "%G/%V"]
_WEEKS += [
    "%V/%G",
    "%V-%G",
    "%V.%G",
    "KW%V/%G",
    "KW %V/%G",
    "KW%V %G",
    "KW %V %G",
    "%G-KW%V",
    "%G KW%V",
    "%G KW %V",
    "%G/KW%V",
]
_MONTHLY = """%Y-%m|%Y/%m|%Y.%m|%Y:%m|%m/%Y|%m-%Y|%m.%Y|%YM%m|%Y-M%m|%Y M%m|%b %Y|%b-%Y|%b/%Y|%b.%Y|%b, %Y|%b%Y|%Y-%b|%Y %b|%Y/%b
%Y%b|%b-%y|%b %y|%b/%y|%b'%y|%b %y|%b%y|%y-%b""".replace("\n", "|").split("|")
_OTHERS = ["%Y-%j", "%Y/%j"]
DAYS = tuple(dict.fromkeys([*_NUMERIC, *_NAMED, *_OTHERS, *_QUARTERS, *_MONTHLY, *_WEEKS]))
_JOINS = r"(?: +|T|, +|_|-|:| - |;)"
_CLOCKS = {
    "%H:%M": r"%H:%M(?::%S(?:[.,:]%f)?)?",
    "%H.%M": r"%H\.%M(?:\.%S)?",
    "%I:%M %p": r"%I(?::%M(?::%S(?:[.,]%f)?)?)? ?%p",
}
_COMPACT = [
    f"%Y%m%d{join}{clock}{zone}"
    for join in ("T", " ", "-", "_")
    for clock in ("%H%M%S", "%H%M", "%H:%M:%S", "%H:%M")
    for zone in ("", "%z")
]
_ASCTIME = "%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Y"
DIGITS = {
    4: ("%Y",),
    6: ("%Y%m",),
    7: ("%Y%j",),
    8: ("%Y%m%d",),
    10: ("%Y%m%d%H",),
    12: ("%Y%m%d%H%M",),
    14: ("%Y%m%d%H%M%S",),
}


def candidates(token: str) -> list[str]:
    """Return the formats that one value has, most likely first; none for digits alone."""
    found = [letters for letters in (*_ASCTIME, *_COMPACT) if pattern(letters).fullmatch(token)]
    for letters in DAYS:
        match = _day_pattern(letters).match(token)
        if match is None:
            continue
        rest = token[match.end() :]
        if not rest:
            found.append(letters)
        found += [f"{letters} {clock}" for clock in _clocks_of(rest)]
    found += [clock for clock in _CLOCKS if pattern(clock).fullmatch(token)]
    return list(dict.fromkeys(found))


def _clocks_of(rest: str) -> Iterator[str]:
    for clock in _CLOCKS:
        if _clock_pattern(clock).fullmatch(rest):
            yield clock


@lru_cache(maxsize=256)
def _day_pattern(letters: str) -> "re.Pattern[str]":
    ordinal = r"(?:st|nd|rd|th|er)?" if "%b" in letters else ""
    body = _expand(letters).replace(_FIELDS["d"], _FIELDS["d"] + ordinal)
    return re.compile(_WEEKDAY + body + r"(?!\d)", re.IGNORECASE)


@lru_cache(maxsize=16)
def _clock_pattern(clock: str) -> "re.Pattern[str]":
    return re.compile(_JOINS + _expand(_CLOCKS[clock], literal=False) + rf" ?(?:{_ZONE})?", re.IGNORECASE)


@lru_cache(maxsize=256)
def pattern(letters: str) -> "re.Pattern[str]":
    """Return the regular expression of a format; the clock after a date may be missing, as at midnight."""
    for clock in _CLOCKS:
        day = letters.removesuffix(f" {clock}")
        if day != letters and day in DAYS:
            return re.compile(f"{_day_pattern(day).pattern}(?:{_clock_pattern(clock).pattern})?", re.IGNORECASE)
    if letters in _CLOCKS:
        return re.compile(_expand(_CLOCKS[letters], literal=False), re.IGNORECASE)
    return _day_pattern(letters) if letters in DAYS else re.compile(_expand(letters), re.IGNORECASE)


def _expand(letters: str, *, literal: bool = True) -> str:
    """Replace the letters of a format by regex groups; adjacent numeric fields have two digits each."""
    pieces, after_field = [], False
    parts = re.split(r"(%[A-Za-z%])", letters)
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pieces.append(re.escape(part) if literal else part)
            after_field = after_field and not part
            continue
        name = part[1]
        beside = index + 2 < len(parts) and not parts[index + 1]
        pieces.append(_FIXED[name] if name in _FIXED and (after_field or beside) else _FIELDS[name])
        after_field = True
    return "".join(pieces)


def is_format(letters: str) -> bool:
    """Return whether a visitor's format is valid: known letters, each at most once, and a year or a clock."""
    names = re.findall("%(.)", letters)
    known = all(name in _FIELDS for name in names) and len(set(names)) == len(names)
    return letters in EPOCHS or (known and bool({"Y", "G", "y", "H", "I"} & set(names)))
