"""Field metadata: bounds, coercion, parsing and the sentences that name what is wrong."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import fields
from data.errors import InvalidSpecError


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """One setting of each kind."""

    count: int = fields.integer(5, 1, 10, label="Count", help="How many.")
    rate: float = fields.real(0.5, 0.0, 1.0, label="Rate", help="How fast.")
    colour: str = fields.choice("red", {"red": "Red", "blue": "Blue"}, label="Colour", help="Which one.")
    loud: bool = fields.flag(False, label="Loud", help="Whether.")
    name: str = fields.text("x", 1, 8, label="Name", help="What it is called.")


INFOS = fields.infos(Knobs)


def test_infos_lists_described_fields_in_order() -> None:
    """Every described field appears once, in the order of the class."""
    assert list(INFOS) == ["count", "rate", "colour", "loud", "name"]
    assert [info.kind for info in INFOS.values()] == ["integer", "real", "choice", "flag", "text"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", 1), ("count", 10), ("rate", 0.0), ("rate", 1), ("colour", "blue"), ("loud", True), ("name", "12345678")],
)
def test_problem_accepts_values_within_bounds(name: str, value: fields.Value) -> None:
    """Bounds belong to what is allowed, and a whole number is a number."""
    assert fields.problem(name, INFOS[name], value) is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("count", 0, "a whole number from 1 to 10, not 0"),
        ("count", 11, "a whole number from 1 to 10, not 11"),
        ("count", 5.0, "a whole number from 1 to 10, not 5.0"),
        ("count", True, "a whole number from 1 to 10, not True"),
        ("count", "five", "a whole number from 1 to 10, not 'five'"),
        ("count", None, "a whole number from 1 to 10, not None"),
        ("rate", 1.01, "a number from 0 to 1, not 1.01"),
        ("rate", math.nan, "a number from 0 to 1, not nan"),
        ("rate", math.inf, "a number from 0 to 1, not inf"),
        ("rate", -math.inf, "a number from 0 to 1, not -inf"),
        ("rate", False, "a number from 0 to 1, not False"),
        ("colour", "green", "one of `red`, `blue`, not 'green'"),
        ("colour", 1, "one of `red`, `blue`, not 1"),
        ("loud", 1, "`true` or `false`, not 1"),
        ("name", "", "a text of 1 to 8 characters, not ''"),
        ("name", "123456789", "a text of 1 to 8 characters, not '123456789'"),
        ("name", "a\nb", r"a text of 1 to 8 characters, not 'a\nb'"),
    ],
)
def test_problem_names_field_bounds_and_value(name: str, value: object, expected: str) -> None:
    """The sentence names the argument in backticks, what was expected and what came."""
    assert fields.problem(name, INFOS[name], value) == f"`{name}` must be {expected}."


@pytest.mark.parametrize("name", ["count", "rate"])
def test_problem_refuses_numbers_too_large_for_a_float(name: str) -> None:
    """A whole number of 400 digits is refused by a sentence, not by an overflow."""
    sentence = fields.problem(name, INFOS[name], fields.coerce(INFOS[name], 10**400))
    assert sentence is not None
    assert sentence.endswith("….")


def test_problems_reports_every_bad_field() -> None:
    """All problems are reported together, in the order of the fields."""
    found = fields.problems(Knobs(count=0, rate=2.0, colour="green"))
    assert [sentence.split("`")[1] for sentence in found] == ["count", "rate", "colour"]


def test_check_raises_with_all_problems() -> None:
    """The error carries one sentence per problem, and its message holds them all."""
    with pytest.raises(InvalidSpecError, match="`count` must be") as caught:
        fields.check(Knobs(count=0, name=""))
    assert len(caught.value.problems) == 2
    fields.check(Knobs())


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("count", "7", 7),
        ("count", "+7", 7),
        ("rate", "0.25", 0.25),
        ("rate", ".5", 0.5),
        ("rate", "5e-1", 0.5),
        ("rate", 1, 1.0),
        ("loud", "TRUE", True),
        ("loud", "no", False),
        ("loud", "1", True),
        ("colour", "blue", "blue"),
        ("count", 7, 7),
    ],
)
def test_coerce_reads_texts(name: str, raw: object, value: fields.Value) -> None:
    """Texts of links and command lines become values of the field's type."""
    coerced = fields.coerce(INFOS[name], raw)
    assert coerced == value
    assert type(coerced) is type(value)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("count", "7.0"),
        ("count", "1e1"),
        ("count", " 7"),
        ("count", "٧"),
        ("count", "1_0"),
        ("count", "0x7"),
        ("count", "9" * 5000),
        ("rate", "nan"),
        ("rate", "inf"),
        ("rate", "1e999"),
        ("rate", "0.1.2"),
        ("rate", "0" * 5000),
        ("loud", "maybe"),
    ],
)
def test_parse_refuses_what_is_not_plainly_a_value(name: str, raw: str) -> None:
    """Other spellings of numbers are refused, never guessed."""
    with pytest.raises(InvalidSpecError, match=f"`{name}` must be"):
        fields.parse(Knobs, {name: raw})


def test_parse_fills_defaults_and_reads_values() -> None:
    """Missing fields take their default."""
    assert fields.parse(Knobs, {}) == Knobs()
    assert fields.parse(Knobs, {"count": "2", "loud": "yes"}) == Knobs(count=2, loud=True)


def test_parse_reports_unknown_names_and_bad_values_together() -> None:
    """An unknown name gets the nearest valid one, beside the sentences about values."""
    with pytest.raises(InvalidSpecError) as caught:
        fields.parse(Knobs, {"colou": "red", "count": "99"})
    assert caught.value.problems == (
        "There is no option `colou`; did you mean `colour`?",
        "`count` must be a whole number from 1 to 10, not 99.",
    )


def test_unknown_lists_names_where_none_is_near() -> None:
    """Without a near name the valid ones are listed, sorted; without any, it says so."""
    assert fields.unknown("zzz", ["b", "a"], "thing") == "There is no thing `zzz`; there is `a`, `b`."
    assert fields.unknown("zzz", [], "thing") == "There is no thing `zzz`; there is none."


def test_unknown_cuts_long_names() -> None:
    """A name of a megabyte does not fill the message."""
    assert len(fields.unknown("z" * 1_000_000, ["a"], "thing")) < 100


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary(), st.lists(st.integers())))
def test_shown_is_short(value: object) -> None:
    """Whatever came is shown in at most 40 characters."""
    assert len(fields.shown(value)) <= 40


@given(st.dictionaries(st.sampled_from([*INFOS, "other"]), st.one_of(st.text(), st.integers(), st.floats(), st.none())))
def test_parse_gives_valid_settings_or_sentences(raw: dict[str, object]) -> None:
    """Any mapping either becomes settings without a problem or raises with a sentence per name at most."""
    settings, sentences = None, ()
    try:
        settings = fields.parse(Knobs, raw)
    except InvalidSpecError as error:
        sentences = error.problems
    assert bool(sentences) == (settings is None)
    assert len(sentences) <= len(raw)
    assert all(sentence.endswith((".", "?")) for sentence in sentences)
    assert settings is None or fields.problems(settings) == []


@given(st.integers(1, 10), st.floats(0, 1), st.sampled_from(["red", "blue"]), st.booleans())
def test_parse_reads_back_what_str_writes(count: int, rate: float, colour: str, loud: bool) -> None:
    """Settings survive the way through texts, as in a link."""
    settings = Knobs(count=count, rate=rate, colour=colour, loud=loud)
    raw = {"count": str(count), "rate": repr(rate), "colour": colour, "loud": str(loud).lower()}
    assert fields.parse(Knobs, raw) == settings
