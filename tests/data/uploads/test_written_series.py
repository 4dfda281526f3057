"""Series in random combinations of encoding, separator, decimals, date form, order and header: read back, asked or refused."""

import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.uploads.read_file import read_file
from data.uploads.reading import NOTHING_CHOSEN, Reading, ReadingChoices
from tests.data.uploads.test_find_date_format import CLOCKS, DAYS, MONTHS
from tests.data.uploads.writer import Style, WrittenColumn, content_of, number_text, styles

LONG = os.environ.get("GATESCOPE_FULL") == "1"
SETTINGS = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    max_examples=5_000 if LONG else 80,
)
MAX_DEPTH = 2
COUNTED: Counter[str] = Counter()


@st.composite
def series(draw: st.DrawFn) -> tuple[bytes, np.ndarray, list[float]]:
    """Draw the bytes of a series, its times in order and the values that belong to them."""
    style: Style = draw(styles())
    count = draw(st.integers(15, 60))
    start = draw(st.dates(min_value=pd.Timestamp("1950-01-01").date(), max_value=pd.Timestamp("2030-01-01").date()))
    if draw(st.booleans()):
        form = draw(st.sampled_from(sorted(MONTHS)))
        unit = "QS" if "%q" in form else "MS"
        times = pd.date_range(f"{start.year}-01-01", periods=count, freq=unit)
        texts = [MONTHS[form].format(time) for time in times]
    else:
        form, clock = draw(st.sampled_from(sorted(DAYS))), draw(st.sampled_from(sorted(CLOCKS)))
        freq = draw(st.sampled_from(["D", "h", "7D", "15min"] if clock else ["D", "7D", "MS"]))
        times = pd.date_range(start, periods=count, freq=freq)
        texts = [DAYS[form].format(time) + CLOCKS[clock].format(time) for time in times]
    units = draw(st.lists(st.integers(-9_999, 9_999), min_size=count, max_size=count, unique=True))
    pairs = [number_text(style, unit, draw(st.just(2))) for unit in units]
    order = draw(st.sampled_from(["rising", "falling", "random"]))
    places = {"rising": list(range(count)), "falling": list(range(count))[::-1]}.get(order) or draw(
        st.permutations(list(range(count)))
    )
    columns = [
        WrittenColumn(kind="text", values=list(texts), texts=[texts[place] for place in places]),
        WrittenColumn(kind="number", values=[], texts=[pairs[place][1] for place in places]),
    ]
    content = content_of(style, ["when", "amount"], columns)
    return content, times.to_numpy().astype("datetime64[us]"), [value for value, _ in pairs]


def same(reading: Reading, times: np.ndarray, values: list[float]) -> bool:
    """Say whether a reading has these times and values, in order."""
    if reading.prepared is None or reading.form.value != "series":
        return False
    dated = [column.dates.times for column in reading.prepared.columns if column.dates is not None]
    numbers = [column.numbers for column in reading.prepared.columns if column.numbers is not None]
    return bool(dated and numbers and np.array_equal(dated[0], times) and np.array_equal(numbers[0], values))


def outcome(
    content: bytes, times: np.ndarray, values: list[float], choices: ReadingChoices = NOTHING_CHOSEN, depth: int = 0
) -> str:
    """Return `equal`, `asked`, `refused`, `warned` of time that is not read, or what is silently different."""
    try:
        reading = read_file(content, choices, "series.csv")
    except DataError:
        return "refused"
    if same(reading, times, values):
        return "asked" if depth else "equal"
    if any("cannot be read as time" in warning for warning in reading.warnings):
        return "warned"
    for question in reading.questions if depth < MAX_DEPTH else ():
        for value, _ in question.choices:
            if outcome(content, times, values, choices.changed(question.name, value), depth + 1) == "asked":
                return "asked"
    return f"different: {reading.sentences()}"


@SETTINGS
@given(drawn=series())
def test_series_are_read_back_or_asked_or_refused(drawn: tuple[bytes, np.ndarray, list[float]]) -> None:
    """Nothing is read silently as something else."""
    content, times, values = drawn
    found = outcome(content, times, values)
    COUNTED[found] += 1
    assert found in ("equal", "asked", "refused", "warned"), (found, content)


@pytest.mark.slow
def test_most_series_are_read_back() -> None:
    """Of the series above, nine of ten are read back, most of them without a question."""
    COUNTED.clear()
    test_series_are_read_back_or_asked_or_refused()
    total = sum(COUNTED.values())
    assert COUNTED["equal"] + COUNTED["asked"] > 0.9 * total, COUNTED
