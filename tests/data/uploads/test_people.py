"""Files in the forms that people bring: for each the right reading, in words and in the values of three cells."""

from pathlib import Path

import numpy as np
import pytest

from data.catalog import get_dataset
from data.uploads.read_file import read_file
from data.uploads.reading import Reading, ReadingChoices
from data.uploads.shared_options import split_names
from data.uploads.table import Column

FOLDER = Path(__file__).parent / "people"


def content_of(number: str) -> tuple[bytes, str]:
    """Return bytes and name of the file with a number."""
    path = next(FOLDER.glob(f"{number}-*"))
    return path.read_bytes(), path.name


def reading_of(number: str, **chosen: str) -> Reading:
    """Read the file with a number."""
    content, name = content_of(number)
    return read_file(content, ReadingChoices.of(chosen), name)


def column(reading: Reading, name: str) -> Column:
    """Return a column of the table after its steps."""
    assert reading.prepared is not None
    return next(one for one in reading.prepared.columns if one.name == name)


def times(reading: Reading) -> list[str]:
    """Return first and last time of a reading as they stand on the axis; nothing without dates."""
    assert reading.prepared is not None
    dated = [one.dates for one in reading.prepared.columns if one.dates is not None]
    return [str(dated[0].positions()[row]) for row in (0, -1)] if dated else []


# number: time, target, first and last time, values of the target in the first, second and last row, what is asked
SERIES = {
    "01": ("DATE", "IPG", ["1990-01-01", "2000-12-01"], [100.35, 110.82, 90.53], "date_format"),
    "02": ("month", "retail", ["1982-04-01", "1993-03-01"], [99.59, 110.28, 88.97], "date_format"),
    "03": ("Datetime", "MW", ["2015-01-01T00:00", "2016-01-09T07:00"], [99.58, 105.44, 120.03], ""),
    "04": ("timestamp", "load", ["2017-10-28T00:00", "2017-11-03T05:00"], [97.91, 105.28, 119.96], "duplicates"),
    "05": (
        "year,month,day,hour",
        "pm2.5",
        ["2010-01-01T00:00", "2010-01-10T23:00"],
        [None, None, 83.0],
        "target,missing",
    ),
    "06": ("time", "value", ["2020-01-22", "2020-05-20"], [0.0, 1.0, 154.0], "turn,only,differencing"),
    "07": (
        "Date,Time",
        "Global_active_power",
        ["2006-12-16T17:24", "2006-12-18T19:23"],
        [3.968, 4.163, 3.898],
        "missing",
    ),
    "08": (
        "Date Time",
        "T (degC)",
        ["2009-01-01T00:10", "2009-01-05T04:00"],
        [-0.15, 0.02, 1.74],
        "target,no_value,missing",
    ),
    "09": ("Date", "Price", ["2021-08-04", "2021-12-31"], [1011.1, 1021.06, 1232.92], "target"),
    "10": ("Date", "Close", ["2019-01-01", "2019-10-07"], [99.137877, 99.58748, 77.813298], "target,missing"),
    "11": ("Date", "Close", ["2020-01-01", "2020-06-10"], [100.7, 111.2, 112.14], "target"),
    "12": ("Timestamp", "Close", ["2011-12-31T07:52", "2011-12-31T14:31"], [4.397, None, 5.192], "target,missing"),
    "13": ("column_2", "column_3", [], [0.0028, 0.0015, -0.0029], "only,target"),
    "18": (
        "column_1",
        "MT_001",
        ["2011-01-01T00:00", "2011-01-04T02:45"],
        [2.234761671, 0.423910686, 4.409920158],
        "target",
    ),
    "19": ("Datum", "Verbrauch (kWh)", ["2022-01-01", "2022-07-19"], [98.97, 114.38, 110.26], ""),
    "20": ("Date", "Sales", ["2015-06-02", "2015-07-31"], [5461, 5330, 5585], "only,target"),
    "21": ("Year,Month", "Quantity", ["2007-01-01", "2016-12-01"], [2503, 2523, 2463], "only,target"),
    "22": (
        "column_1,column_2,column_3",
        "column_5",
        ["1818-01-01", "1820-06-18"],
        [85, 75, 50],
        "target,no_value,missing",
    ),
    "23": ("", "column_1", [], [0.03, 0.0349, 0.0101], "target"),
    "29": ("time", "price", ["2018-03-23T23:00", "2018-04-01T05:00"], [48.39, 50.37, 48.78], "target"),
    "30": ("Date", "Traffic", ["2015-01-01T00:00", "2015-01-13T11:00"], [99.97, 104.75, 104.98], ""),
    "31": ("Month", "Passengers", ["1949-01-01", "1960-12-01"], [99.87, 110.35, 88.48], ""),
    "32": ("quarter", "gdp", ["1980-01-01", "2009-10-01"], [98.7, 120.29, 80.58], ""),
    "33": (
        "Month",
        "International airline passengers",
        ["1949-01-01", "1959-12-01"],
        [101.91, 110.05, 90.7],
        "skip_last",
    ),
    "34": (
        "Date",
        "Daily minimum temperatures",
        ["1981-01-01", "1982-02-04"],
        [10.0, 10.1, 11.1],
        "not_numbers,missing",
    ),
    "35": ("date", "temperature", ["2015-01-01", "2015-10-27"], [101.47, 100.23, 97.45], ""),
    "37": ("year,month", "average", ["1990-01-01", "1999-12-01"], [100.26, 110.83, 88.5], ""),
    "38": ("time", "value", ["1880-01-01", "1999-12-01"], [-0.31, -0.13, 1.03], "turn"),
    "39": ("time", "value", ["1900-01-01", "1999-12-01"], [14.44, 12.56, 16.64], "turn"),
    "42": ("date", "rain_tomorrow", ["2015-01-01", "2016-02-04"], ["No", "No", "No"], "predict"),
    "45": ("date", "up", ["2019-01-01", "2019-10-27"], [1, 1, 0], "predict"),
    "46": ("date", "cases", ["2020-03-01", "2020-10-26"], [2472, 2599, 997400], "differencing"),
    "47": ("time", "level", ["2021-05-01T00:19:15", "2021-05-08T01:29:05"], [99.88, 104.7, 95.87], "resample"),
    "49": ("Year", "Water", ["1885-01-01", "1963-01-01"], [99.55, 108.92, 101.49], ""),
    "50": ("date", "price", ["2020-01-01", "2020-04-29"], [100.5, 110.41, 90.72], "target"),
    "51": ("date", "value", ["2020-01-01", "2020-04-29"], [100.99, 111.62, 89.06], "missing"),
    "53": ("date", "price", ["2021-01-01", "2021-07-19"], [30056, 30209, 33601], "decimal,target"),
    "54": ("Date", "Close", ["2012-01-03", "2012-10-28"], [902.37, 908.18, 2638.58], "target"),
    "55": ("Date", "Price", ["2021-03-07", "2021-12-31"], [19.89, 19.36, 49.67], "target"),
    "63": ("DATE", "rate", ["1997-10-05", "2003-06-29"], [2.0, 2.125, 1.682], ""),
    "64": ("date", "tmin", ["2015-01-01", "2016-02-04"], [6.4, 2.8, 6.1], "target"),
    "65": ("date", "close", ["2019-01-01", "2019-10-27"], [99.32, 99.51, 110.16], "target"),
    "67": ("date", "load", ["2019-01-01", "2019-07-19"], [102.04, 98.87, 99.09], ""),
    "68": ("month", "load", ["2000-01-01", "2011-08-01"], [101.63, 105.06, 103.14], ""),
    "69": ("time", "load", ["00:00:00", "04:59:00"], [101.49, 100.77, 91.47], ""),
    "70": ("date", "load", ["2019-01-01", "2019-07-19"], [99.5, 101.87, 96.54], ""),
    "71": ("date", "value", ["2019-01-01", "2019-07-19"], [99.89, 101.38, 98.85], ""),
    "72": ("date", "value", ["2019-01-01", "2019-07-19"], [0, 1, 199], "differencing"),
    "73": ("date", "load", ["2019-01-01", "2019-07-19"], [0, 1, 199], "target,differencing"),
    "74": ("week", "sales", ["2014-12-29", "2017-11-13"], [100.45, 101.16, 105.98], ""),
    "75": ("", '"Sales, monthly"', [], [100, 101, 159], "differencing"),
    "76": ("t", "y", [], [1.0, 0.9938, -0.2333], "target"),
}

# number: layout, label, what is seen (the beginning), value of it in the first, second and last row
SEQUENCES = {
    "15": ("wide", "column_1", "column_2,column_3", [-0.14456652, 1.1537455, 0.78090835]),
    "17": ("windows", "column_2", "column_4,column_5,column_6", [-0.6363111, -0.2852204, 0.3795019]),
    "24": ("characters", "sentiment", "review", ["A film, number 0", "A film, number 1", "A film, number 59"]),
    "25": ("characters", "column_1", "column_6", ["café number 0", "café number 1", "café number 59"]),
    "26": ("characters", "country", "name", ["Vinaova", "Müllern", "O'Neilly"]),
    "27": ("characters", "class", "sequence", ["ACAAGTCCC", "TGATACTAA", "TTAAATCAT"]),
    "40": ("windows", "classe", "roll_belt,pitch_belt", [1.4, 1.41, 3.39]),
    "41": ("wide", "label", "t0,t1,t2", [-0.09, 0.731, 0.845]),
    "52": ("letters", "Class", "V2,V3", ["g", "c", "c"]),
}
TEXTS = {
    "28": 10_690,
    "43": 7_680,
    "44": 6_490,
    "57": 26_714,
    "58": 7_840,
    "59": 2_710,
    "60": 7_490,
    "61": 1_635,
    "62": 4_200,
}

# number: a sentence of the reading that has to come, whatever else is said
SENTENCES = {
    "03": "not in order of time: 1 row is earlier than the row before; they are sorted",
    "04": "in one hour of an autumn night: the clock was set back",
    "05": "`No` counts the rows",
    "09": "late to early and were turned round",
    "12": "read as seconds since 1970",
    "17": "`column_1` names the subject of a row",
    "20": "windows never cross",
    "22": "`column_8` holds 1 in every row",
    "35": "`column_1` counts the rows",
    "45": "few classes, so each time step gets its class",
    "46": "only grow",
    "47": "not evenly spaced in time",
    "55": "late to early and were turned round",
    "63": "has no value in",
    "65": "holds the target of 1 row later (lag 1, target `close`); left out",
    "71": "`id` counts the rows",
    "74": "One row is one week",
    "01": "One row is one month",
    "32": "One row is one quarter",
    "49": "One row is one year",
    "10": "One row is one working day",
}


@pytest.mark.parametrize("number", SERIES)
def test_series_of_people_are_read_rightly(number: str) -> None:
    """Time, target, order, three cells and what is asked are as the person wants."""
    time, target, axis, cells, asked = SERIES[number]
    reading = reading_of(number)
    assert (reading.form.value, reading.time.value, reading.target.value) == ("series", time, target)
    assert times(reading) == axis
    answer = column(reading, split_names(target)[0])
    values = answer.numbers if answer.numbers is not None else answer.texts.to_numpy()
    wanted = [float("nan") if cell is None else cell for cell in cells]
    if isinstance(wanted[0], str):
        assert [values[row] for row in (0, 1, -1)] == wanted
    else:
        np.testing.assert_allclose([values[row] for row in (0, 1, -1)], wanted, rtol=1e-12)
    assert set(filter(None, asked.split(","))) <= set(reading.open_questions)


@pytest.mark.parametrize("number", SEQUENCES)
def test_sequences_of_people_are_read_rightly(number: str) -> None:
    """How rows make sequences, label, what is seen and three cells are as the person wants."""
    layout, label, seen, cells = SEQUENCES[number]
    reading = reading_of(number)
    assert (reading.dataset, reading.options["layout"], reading.label.value) == ("own_sequences", layout, label)
    assert reading.inputs.value.startswith(seen)
    first = column(reading, split_names(seen)[0])
    found = [(first.texts.iloc[row] if first.numbers is None else first.numbers[row]) for row in (0, 1, -1)]
    if first.numbers is None:
        assert all(text.startswith(cell) for text, cell in zip(found, cells, strict=True))
    else:
        np.testing.assert_allclose(found, cells, rtol=1e-9)


@pytest.mark.parametrize("number", TEXTS)
def test_texts_of_people_are_read_as_texts(number: str) -> None:
    """A text is a text, guessed or chosen, with every character."""
    assert reading_of(number).form.value == "text"
    chosen = reading_of(number, form="text")
    assert (chosen.form.value, chosen.rows) == ("text", TEXTS[number])


@pytest.mark.parametrize("number", SENTENCES)
def test_what_people_must_know_is_said(number: str) -> None:
    """The sentence that the person needs is among those of the reading."""
    assert SENTENCES[number] in " ".join(reading_of(number).sentences())


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name[:12])
def test_files_of_people_load_with_the_preselected_answers(path: Path) -> None:
    """Every file becomes a task with the most likely answers, and at most three questions are asked."""
    content = path.read_bytes()
    reading = read_file(content, filename=path.name)
    assert len(reading.questions) <= 3
    entry = get_dataset(reading.dataset)
    data = entry.load(entry.parse(reading.options), 0, content)
    assert min(len(data.train), len(data.validation), len(data.test)) > 0
    assert np.isfinite(data.train.inputs).all()
    for question in reading.questions:
        assert question.preselected == question.choices[0][0]
        assert question.text.endswith("?")
        assert question.reason.endswith(".")


@pytest.mark.parametrize(
    ("number", "chosen", "line", "value"),
    [
        ("01", {"date_format": "%d/%m/%Y"}, "time", "DATE"),
        ("05", {"target": "TEMP", "inputs": "TEMP,cbwd"}, "inputs", "TEMP,cbwd"),
        ("20", {"only": "3"}, "only", "3"),
        ("08", {"no_value": "-"}, "missing", "refuse"),
        ("47", {"resample": "hour"}, "time", "time"),
        ("46", {"differencing": "none"}, "target", "cases"),
        ("42", {"predict": "values", "target": "temp"}, "target", "temp"),
        ("39", {"turn": "no", "target": "Jan"}, "target", "Jan"),
        ("40", {"layout": "wide"}, "label", "classe"),
        ("60", {"form": "text"}, "form", "text"),
        ("04", {"duplicates": "last"}, "order", "sort"),
        ("12", {"time": "-"}, "time", "-"),
    ],
)
def test_choices_rule_over_guesses(number: str, chosen: dict[str, str], line: str, value: str) -> None:
    """A chosen line is used, its question is gone, and the dataset follows the choice."""
    content, name = content_of(number)
    reading = read_file(content, ReadingChoices.of(chosen), name)
    assert getattr(reading, line).value == value
    assert not set(chosen) & {question.name for question in reading.questions}
    assert not set(chosen) & set(reading.open_questions)
    entry = get_dataset(reading.dataset)
    entry.load(entry.parse(reading.options), 0, content)


def test_text_columns_become_inputs_on_request() -> None:
    """A column of text with few values that is named as an input becomes one column per value."""
    content, name = content_of("05")
    reading = read_file(content, ReadingChoices(inputs="pm2.5,cbwd"), name)
    entry = get_dataset("own_series")
    names = entry.load(entry.parse(reading.options), 0, content).feature_names
    assert names[0] == "pm2.5"
    assert all(one.startswith("cbwd = ") for one in names[1:])
    assert len(names) > 2


def test_subjects_are_never_in_two_parts() -> None:
    """Windows of one person stand in one part alone."""
    content, name = content_of("17")
    reading = read_file(content, filename=name)
    entry = get_dataset("own_sequences")
    data = entry.load(entry.parse(reading.options), 0, content)
    assert any("`column_1`, of which none is in two parts" in note for note in data.notes)
    assert len(data.train) + len(data.validation) + len(data.test) == 40
    assert len(data.validation) % 4 == len(data.test) % 4 == 0


def test_series_are_never_mixed() -> None:
    """Each shop has its own rows, and no window holds another one's."""
    content, name = content_of("20")
    first, third = (
        get_dataset("own_series").load(
            get_dataset("own_series").parse(read_file(content, ReadingChoices(only=shop), name).options), 0, content
        )
        for shop in ("1", "3")
    )
    assert len(first.train) == len(third.train)
    assert not np.array_equal(
        first.in_unit(first.test, first.test.targets), third.in_unit(third.test, third.test.targets)
    )
