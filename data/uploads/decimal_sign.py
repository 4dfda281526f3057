"""Find each column's decimal sign: from its own texts, else from the file, else by a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from data.uploads.findings import Found, Question, TableChoices
from data.uploads.number_text import DECIMALS, THOUSANDS, Convention, Evidence, evidence, plain_evidence, plain_numbers

_SAMPLE = 2_000
_NAMES = {".": "point", ",": "comma"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decimals:
    """The decimal sign of every column that may hold numbers.

    Attributes:
        signs: Column's place to `.` or `,`.
        found: What holds for the file as a whole.
        question: The open question, if the texts are ambiguous.
    """

    signs: Mapping[int, str]
    found: Found
    question: Question | None = None


def decimals_of(
    columns: Mapping[int, "pd.Series[str]"], separator: str, choices: TableChoices, *, dotted_dates: bool = False
) -> Decimals:
    """Find the decimal signs.

    Args:
        columns: Place to texts of the columns that may hold numbers.
        separator: The letter between the columns; empty where a file has typed cells.
        choices: What the visitor chose.
        dotted_dates: Whether the file has dates such as `31.12.2020`, whose writers put a comma before fractions.
    """
    if choices.decimal in DECIMALS:
        return Decimals(
            signs=dict.fromkeys(columns, DECIMALS[choices.decimal]), found=Found(choices.decimal, "You chose it.")
        )
    if choices.thousands in ("comma", "point"):
        sign = "." if choices.thousands == "comma" else ","
        return Decimals(
            signs=dict.fromkeys(columns, sign),
            found=Found(_NAMES[sign], f"You chose {choices.thousands}s between thousands."),
        )
    seen = {index: _look(texts) for index, texts in columns.items()}
    points, commas = (sum(certain(one, sign) for one in seen.values()) for sign in ".,")
    if not points and not commas:
        return _open(columns, seen, separator, commas_likely=separator == ";" and dotted_dates)
    common = "." if points >= commas else ","
    signs = {index: _sign(one, common) for index, one in seen.items()}
    return Decimals(signs=signs, found=_said(common, points, commas, columns, seen))


def certain(seen: Evidence, sign: str) -> int:
    """Return how many texts can only be read with a decimal sign."""
    return seen.point + seen.groups(",") if sign == "." else seen.comma + seen.groups(".")


def _look(texts: "pd.Series[str]") -> Evidence:
    """Examine a sample; examine everything only if the sample is ambiguous."""
    if plain_numbers(texts) is not None:
        return plain_evidence(texts)
    values = pd.Series(texts.unique(), dtype="str")
    step = max(1, len(values) // _SAMPLE)
    seen = evidence(values.iloc[::step])
    if step == 1 or certain(seen, ".") or certain(seen, ",") or not (seen.either_point or seen.either_comma):
        return seen
    return evidence(values)


def _sign(seen: Evidence, common: str) -> str:
    points, commas = certain(seen, "."), certain(seen, ",")
    if points == commas:
        return common
    return "." if points > commas else ","


def _said(
    common: str, points: int, commas: int, columns: Mapping[int, "pd.Series[str]"], seen: Mapping[int, Evidence]
) -> Found:
    index = next(index for index, one in seen.items() if certain(one, common))
    token = _token(columns[index], "," if seen[index].comma and common == "," else "[.,]")
    reason = f"{max(points, commas):,} different values can only be read so, such as `{token}`."
    if min(points, commas):
        reason += (
            f" {min(points, commas):,} values speak for the other sign, in columns of their own or as stray values."
        )
    return Found(_NAMES[common], reason, guessed=bool(min(points, commas)))


def _open(
    columns: Mapping[int, "pd.Series[str]"], seen: Mapping[int, Evidence], separator: str, *, commas_likely: bool
) -> Decimals:
    """Return the default for ambiguous texts, with a question if it matters."""
    with_comma = [index for index, one in seen.items() if one.either_comma]
    with_point = [index for index, one in seen.items() if one.either_point]
    if not with_comma and not with_point:
        return Decimals(signs=dict.fromkeys(columns, "."), found=Found("point", "No number has a fraction."))
    mark, places = (",", with_comma) if with_comma else (".", with_point)
    as_decimal = (mark == "." and not commas_likely) or (mark == "," and separator == ";" and not with_point)
    sign = mark if as_decimal else "," if mark == "." else "."
    token = _token(columns[places[0]], r"[0-9][.,][0-9]")
    question = _question(token, mark, as_decimal)
    return Decimals(
        signs=dict.fromkeys(columns, sign), found=Found(_NAMES[sign], question.reason, guessed=True), question=question
    )


def _token(texts: "pd.Series[str]", pattern: str) -> str:
    return str(texts[texts.str.contains(pattern, regex=True).to_numpy(dtype=bool)].iloc[0])[:40].replace("`", "'")


def _question(token: str, mark: str, as_decimal: bool) -> Question:
    """Ask whether a sign in texts like `31,234` is the decimal sign; the answer is the choice `decimal`."""
    noun = "comma" if mark == "," else "point"
    other = "point" if mark == "," else "comma"
    fraction = (noun, f"{token.replace(mark, '.')}: the {noun} is the decimal sign")
    thousands = (other, f"{token.replace(mark, '')}: the {noun} separates thousands")
    if not as_decimal and mark == ".":
        reason = "Dates with full stops and semicolons between columns mostly go with decimal commas."
    elif not as_decimal:
        reason = "Every value has exactly three digits behind it, as groups of thousands have."
    elif mark == ",":
        reason = (
            "Semicolons between columns mostly go with decimal commas, although every value has three digits behind it."
        )
    else:
        reason = "A point is mostly the decimal sign, although every value has exactly three digits behind it."
    return Question(
        name="decimal",
        text=f"Is `{token}` a number with a fraction, or are these thousands?",
        choices=(fraction, thousands) if as_decimal else (thousands, fraction),
        preselected=noun if as_decimal else other,
        reason=reason,
    )


def conventions_to_try(sign: str, choices: TableChoices) -> Sequence[Convention]:
    """Return the conventions with a decimal sign, the strictest first."""
    if choices.thousands in THOUSANDS:
        chosen = THOUSANDS[choices.thousands]
        return (Convention(sign, "" if chosen == sign else chosen),)
    other = "," if sign == "." else "."
    return tuple(Convention(sign, mark) for mark in ("", other, " ", "'"))
