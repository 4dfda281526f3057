"""Readings: choices as text, frames as files, what was not confirmed, and the steps from table to series."""

import numpy as np
import pandas as pd
import pytest

from data.catalog import get_dataset
from data.errors import DataError, InvalidSpecError
from data.uploads.command_line import content_of_frame, own_content
from data.uploads.read_file import read_file
from data.uploads.reading import ReadingChoices
from data.uploads.unconfirmed import unconfirmed, unconfirmed_sentence
from tests.data.uploads.files import csv


def series(options: dict[str, object], content: bytes, form: str = "series"):
    """Return the task of a file under the reading and some options of one's own."""
    own = own_content(content, options, form)
    entry = get_dataset(own.dataset)
    return entry.load(entry.parse(own.options), 0, content)


def days(count: int) -> list[str]:
    """Return days from January 1, 2021, on."""
    return [str(np.datetime64("2021-01-01") + day) for day in range(count)]


def wave(count: int, height: float = 10.0) -> list[str]:
    """Return a wave of numbers with one digit behind the point."""
    return [f"{height * np.sin(row / 3) + row % 5:.1f}" for row in range(count)]


def test_choices_survive_a_link():
    """Choices of the reading and of the table are one text and come back equal."""
    choices = (
        ReadingChoices(target="wind, max", order="sort").changed("separator", ";").changed("date_format", "%d.%m.%Y")
    )
    again = ReadingChoices.from_text(choices.to_text())
    assert again == choices
    assert again.table.separator == ";"
    assert again.changed("target", "") == choices.changed("target", "")
    with pytest.raises(InvalidSpecError, match="There is no choice `targt`; did you mean `target`"):
        ReadingChoices.from_text("targt=x")


def test_frames_are_read_like_files():
    """A frame with a time index gives the same task as its file."""
    frame = pd.DataFrame({"load": np.arange(60) % 7 + 0.5}, index=pd.date_range("2020-01-01", periods=60, name="day"))
    reading = read_file(content_of_frame(frame))
    assert (reading.time.value, reading.target.value, reading.rows) == ("day", "load", 60)
    plain = read_file(content_of_frame(frame.reset_index()))
    assert plain.options == reading.options
    quarters = frame.set_axis(pd.period_range("1990Q1", periods=60, freq="Q"), axis=0)
    assert "One row is one quarter." in read_file(content_of_frame(quarters)).notes
    with pytest.raises(DataError, match="no rows or no columns"):
        content_of_frame(pd.DataFrame())


def test_unconfirmed_names_what_is_open():
    """The questions that nobody answered are words; answered ones are gone."""
    content = csv("date,a,b", *(f"{day},{x},{y}" for day, x, y in zip(days(60), wave(60), wave(60, 3), strict=True)))
    reading = read_file(content)
    assert "target" in reading.open_questions
    assert "which column is forecast" in unconfirmed_sentence(reading.options)
    answered = read_file(content, ReadingChoices(target="b"))
    assert "which column is forecast" not in unconfirmed(answered.options)
    assert unconfirmed_sentence({}) == ""


def test_rows_of_one_time_are_combined_as_chosen():
    """Mean, sum, first and last of the rows of one time."""
    lines = [f"{day},{value}" for day in days(40) for value in (1, 2, 6)]
    content = csv("date,v,w", *(f"{line},{index % 7}" for index, line in enumerate(lines)))
    for how, value in (("mean", 3.0), ("sum", 9.0), ("first", 1.0), ("last", 6.0)):
        reading = read_file(content, ReadingChoices(duplicates=how, target="v"))
        assert reading.prepared is not None
        numbers = next(one.numbers for one in reading.prepared.columns if one.name == "v")
        np.testing.assert_array_equal(numbers, np.full(40, value))
        assert (
            f"120 rows shared their time with another; each time has one row now, the {how} of its rows."
            in reading.notes
        )


@pytest.mark.parametrize(("step", "count", "first"), [("hour", 48, 1.5), ("day", 2, 11.5), ("minute", 2_851, 0.0)])
def test_rows_are_resampled(step, count, first):
    """One row per hour, day or minute holds the mean of its rows, and the share of empty ones is said."""
    times = [
        str(np.datetime64("2021-05-01T00:00") + np.timedelta64(60 * (row // 4) + (0, 7, 20, 30)[row % 4], "m"))
        for row in range(192)
    ]
    values = [row % 4 if step != "day" else row // 4 for row in range(192)]
    content = csv("time,v", *(f"{time.replace('T', ' ')},{value}" for time, value in zip(times, values, strict=True)))
    reading = read_file(content, ReadingChoices(resample=step))
    assert reading.prepared is not None
    numbers = next(one.numbers for one in reading.prepared.columns if one.name == "v")
    assert len(numbers) == count
    assert numbers[0] == pytest.approx(first)
    assert any(f"One row per {step}" in note and "of them empty" in note for note in reading.notes)


def test_order_is_never_assumed():
    """Scrambled, newest-first and sorted rows give the same windows."""
    rows = [f"{day},{value}" for day, value in zip(days(80), wave(80), strict=True)]
    shuffled = [rows[index] for index in np.random.default_rng(3).permutation(80)]
    tasks = [series({"window": 6}, csv("date,v", *lines)) for lines in (rows, rows[::-1], shuffled)]
    for task in tasks[1:]:
        np.testing.assert_array_equal(task.train.inputs, tasks[0].train.inputs)
        np.testing.assert_array_equal(task.test.targets, tasks[0].test.targets)


def test_unreadable_time_is_said_first():
    """A column that looks like time and is not read gives the first warning, with the value that failed."""
    texts = days(60)
    texts[30:40] = ["2021-02-31"] * 10
    reading = read_file(csv("date,v", *(f"{day},{value}" for day, value in zip(texts, wave(60), strict=True))))
    assert reading.warnings[0].startswith("Line 32, column 1 (`date`) holds `2021-02-31`, which cannot be read as time")
    assert reading.order.value == "refuse"


@pytest.mark.parametrize("mark", ["-9999", "-1", "999", "0"])
def test_marks_of_missing_values_are_asked(mark):
    """A repeated value far outside the rest is asked about, taken as missing, and kept where the visitor says so."""
    values = [f"{500 + 3 * np.sin(row):.2f}" if mark == "0" else f"{abs(5 * np.sin(row)) + 1:.2f}" for row in range(80)]
    values[10] = values[40] = mark
    content = csv("date,v", *(f"{day},{value}" for day, value in zip(days(80), values, strict=True)))
    reading = read_file(content)
    assert [question.preselected for question in reading.questions if question.name == "no_value"] == [mark]
    assert "2 in `v`" in reading.missing.reason
    kept = read_file(content, ReadingChoices(no_value="-"))
    assert (kept.options["no_value"], kept.missing.value) == ("", "refuse")


def test_columns_are_left_out_with_their_reason():
    """Row numbers, ids, constants, sparse columns, dates and texts are no inputs, and each says why."""
    rows = [
        f"{row},{900 - 7 * row},{day},{value},5,{value if row > 70 else ''},2020-01-{1 + row % 28:02},word {row}"
        for row, (day, value) in enumerate(zip(days(80), wave(80), strict=True))
    ]
    reading = read_file(csv("No,user_id,date,load,const,late,seen,note", *rows))
    reasons = {found.value: found.reason for found in reading.left_out}
    assert reading.inputs.value == "load"
    assert set(reasons) == {"No", "user_id", "const", "late", "seen", "note"}
    for name, words in (
        ("No", "counts the rows"),
        ("user_id", "like an id"),
        ("const", "holds 5 in every row"),
        ("late", "has no value in 71 of 80 rows"),
        ("seen", "holds dates"),
        ("note", "holds text"),
    ):
        assert words in reasons[name]


def test_classes_of_time_steps_are_answered_from_the_past():
    """A class per time step: windows end the chosen rows before their class, and parts follow in time."""
    labels = ["wet" if row % 3 == 0 else "dry" for row in range(90)]
    rows = [f"{day},{value},{label}" for day, value, label in zip(days(90), wave(90), labels, strict=True)]
    content = csv("date,pressure,rain_tomorrow", *rows)
    data = series({"window": 4}, content)
    assert (data.kind, data.class_names, data.feature_names) == ("classification", ("dry", "wet"), ("pressure",))
    assert [data.class_names[target] for target in data.train.targets[:6]] == labels[4:10]
    assert data.train.positions[0] == days(90)[4]
    entry = get_dataset("own_series")
    assert entry.metric(entry.parse({"predict": "classes"})) == "balanced_accuracy"
    names = {baseline.name for baseline in entry.baselines(entry.parse({"predict": "classes"}), data)}
    assert names == {"majority", "persistence"}


def test_wide_tables_offer_a_first_choice_of_columns():
    """Of very many columns the first ones are seen, which is said and can be changed."""
    random = np.random.default_rng(0)
    names = [f"s{index}" for index in range(200)]
    rows = [",".join([day, *(f"{value:.2f}" for value in random.normal(size=200))]) for day in days(60)]
    reading = read_file(csv(",".join(["date", *names]), *rows))
    assert reading.inputs.value.split(",") == names[:64]
    assert "The first 64 of 200 quantities" in reading.inputs.reason


def test_short_series_say_which_window_fits():
    """Few rows are said with the window that would fit, and the suggested window fits."""
    content = csv("date,v", *(f"{day},{value}" for day, value in zip(days(30), wave(30), strict=True)))
    reading = read_file(content)
    assert any("30 rows are few; a window of at most 19 rows" in warning for warning in reading.warnings)
    assert len(series({}, content).train) >= 2


def test_old_links_mean_what_they_meant():
    """Options without those of a reading forecast the last column of numbers from all of them, in the order of the file."""
    content = csv(
        "date,No,Close,Volume", *(f"{day},{row},{row * row % 7},{row % 5}" for row, day in enumerate(days(60)))
    )
    entry = get_dataset("own_series")
    from data.uploads.shared_options import digest

    data = entry.load(entry.parse({"content": digest(content), "window": 4}), 0, content)
    assert (data.feature_names, data.target_names) == (("No", "Close", "Volume"), ("Volume",))
