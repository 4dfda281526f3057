"""Two thousand random files, or five thousand: each is refused with a sentence or means what an independent parser reads."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.uploads.inspect import FORMS, describe, inspect
from data.uploads.table import read_table
from tests.data.oracle import check_meaning
from tests.timing import calls

CALLS = 200_000  # of functions; a table of at most 14 rows takes 10,000 at the median and 68,000 at most
TIMES = 2.5 if os.environ.get("GATESCOPE_FULL") == "1" else 1
NUMBERS = "0|1|-2.5|1e3|.5|7.|+3|1e400|-inf|nan|NA|?|1,5|0x1f|1_000|1e-400|١|--1|" + "9" * 30 + "|" + "9" * 70
WORDS = 'x|label|ä|😀|a b| 1 |\\|=1+1|#|-|\'|"|""|"x"|"1,2"|"a""b"|<a>|{|[1|sep='
DATES = "2020-01-01|2020-01-02|2020-13-01|01/02/2020|31.12.1999|Jan 2020|2020-01-01 10:00|00:00"
STRANGE = "\x00|\ufeff|\u2028|\x85|\xa0|\u202e|\x0c|\x1f"
TOKENS = ["", *"|".join([NUMBERS, WORDS, DATES, STRANGE]).split("|")]
CALM = ["0", "1", "2", "-2.5", "1e3", "", "NA", "x", "y", "2020-01-01", "2020-01-02", '"q"', '"a,b"', "1,5"]
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", ""])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-16-le"])


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Draw a table, regular or not, of calm or wild values, and perhaps break some of its bytes."""
    tokens = st.sampled_from(draw(st.sampled_from([CALM, CALM, TOKENS])))
    width, separator = draw(st.integers(1, 5)), draw(st.sampled_from([",", ";", "\t"]))
    ragged = draw(st.integers(0, 9)) == 0
    lines = []
    for _ in range(draw(st.integers(0, 14))):
        columns = draw(st.integers(0, 6)) if ragged else width
        lines.append(separator.join(draw(st.lists(tokens, min_size=columns, max_size=columns))))
    end = draw(ENDS) or "\n"
    text = end.join(lines) + draw(ENDS)
    content = bytearray(text.encode(draw(ENCODINGS), errors="replace"))
    for place in draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=2)) if draw(st.booleans()) else []:
        content[place : place + 1] = draw(st.binary(max_size=2))
    return bytes(content)


def values_of(kind: str, count: int, random: np.random.Generator) -> list[str]:
    """Return the values of one column of a plausible table."""
    if kind == "date":
        return [str(day) for day in np.datetime64("2020-02-27") + np.arange(count)]
    if kind == "step":
        return [str(row) for row in range(count)]
    if kind == "identity":
        return [f"s{row // 4}" for row in range(count)]
    if kind == "label":
        return [f"class {row // 4 % 3}" for row in range(count)]
    return [str(value) for value in random.normal(size=count).round(int(random.integers(0, 17)))]


@st.composite
def plausible(draw: st.DrawFn) -> bytes:
    """Draw a table with dates, ids, labels and numbers, some of them missing."""
    kinds = [*draw(st.lists(st.sampled_from(["date", "step", "identity", "label", "number"]), max_size=4)), "number"]
    count, random = draw(st.integers(1, 20)) * 4, np.random.default_rng(draw(st.integers(0, 2**32)))
    random.shuffle(kinds)
    columns = [values_of(kind, count, random) for kind in kinds]
    for _ in range(draw(st.integers(0, 3))):
        columns[int(random.integers(len(kinds)))][int(random.integers(count))] = draw(
            st.sampled_from(["", "NA", "nan"])
        )
    separator, end = draw(st.sampled_from([",", ";", "\t"])), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    names = [separator.join(f"{kind} {index}" for index, kind in enumerate(kinds))]
    rows = [separator.join(row) for row in zip(*columns, strict=True)]
    return end.join(names + rows).encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


def answer(content: bytes) -> None:
    """Read a file in every way; assert that only words come back, and what the file says."""
    try:
        table = read_table(content)
    except DataError as error:
        check_sentence(str(error))
    else:
        check_meaning(content, table)
    try:
        seen = inspect(content, "upload")
        check_report(seen.report.sentences())
        check_report(describe(seen.dataset, seen.options, content).sentences())
    except DataError as error:
        check_sentence(str(error))


def check_sentence(sentence: str) -> None:
    """Assert that a refusal is one printable line."""
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 500


def check_report(sentences: tuple[str, ...]) -> None:
    """Assert that a report is printable sentences."""
    assert sentences
    assert all(sentence.endswith(".") and sentence.isprintable() for sentence in sentences)


FUZZ = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)


@pytest.mark.slow
@settings(FUZZ, max_examples=int(1_200 * TIMES))
@given(content=tables() | plausible())
def test_reader_answers_random_tables(content):
    """1,200 tables, regular and broken, are answered by what they say or by a sentence, with a bounded amount of work."""
    answer(content)  # what is imported and compiled on the way is not the file's work
    assert calls(lambda: answer(content)) < CALLS


@pytest.mark.slow
@settings(FUZZ, max_examples=int(500 * TIMES))
@given(content=st.binary(max_size=120))
def test_reader_answers_random_bytes(content):
    """500 runs of random bytes are answered by a sentence or by what they say."""
    answer(content)


@pytest.mark.slow
@settings(FUZZ, max_examples=int(300 * TIMES))
@given(
    content=plausible(),
    dataset=st.sampled_from(FORMS),
    missing=st.sampled_from(["refuse", "drop", "interpolate"]),
    decimal=st.sampled_from(["point", "comma"]),
    layout=st.sampled_from(["long", "wide"]),
)
def test_datasets_answer_random_tables(content, dataset, missing, decimal, layout):
    """300 plausible tables under random options give a report or a sentence."""
    options = {"missing": missing, "decimal": decimal, "window": 2}
    if dataset == "own_sequences":
        options = {"missing": missing, "decimal": decimal, "layout": layout}
    if dataset == "own_text":
        options = {"window": 8}
    try:
        check_report(describe(dataset, options, content).sentences())
    except DataError as error:
        check_sentence(str(error))
