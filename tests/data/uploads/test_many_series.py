"""A visitor's file with several series: which are used, and what of each."""

import numpy as np
import pytest

from data.catalog import get_dataset
from data.errors import DataError
from data.task import TaskData
from data.uploads.read_file import read_file
from data.uploads.reading import Reading, ReadingChoices

DAYS = np.datetime_as_string(np.datetime64("2021-03-01") + np.arange(120))


def long_file(lengths: tuple[int, ...] = (120, 120, 90, 8, 120), *, plan: int = 0) -> bytes:
    """Return sales of shops, newest dates last; `plan` rows at the end of each hold a price and no sales."""
    lines = ["shop,region,size,date,price,sales,open"]
    for number, length in enumerate(lengths):
        for row in range(length):
            sold = f"{1000 * number + row + row % 7}" if row < length - plan else ""
            price = f"{1 + row % 5}"
            lines.append(
                f"s{number},{'north' if number % 2 else 'south'},{10 * number},{DAYS[row]},{price},{sold},{row % 2}"
            )
    return "\n".join([*lines, ""]).encode()


def read(content: bytes, **chosen: str) -> Reading:
    """Read a file with choices."""
    return read_file(content, ReadingChoices.of(chosen), "shops.csv")


def task(content: bytes, reading: Reading, **options: object) -> TaskData:
    """Return the task of a reading."""
    entry = get_dataset(reading.dataset)
    return entry.load(entry.parse({**reading.options, **options}), 0, content)


def names_of(data: TaskData) -> list[str]:
    """Return the names of a task's series."""
    return [history.name for history in data.histories]


@pytest.mark.parametrize("chosen", [{"which": "all"}, {"only": "*"}])
def test_all_series_are_used_and_short_ones_listed(chosen: dict[str, str]) -> None:
    """Every series that is long enough is in the task; the short one is named with its rows."""
    content = long_file()
    reading = read(content, **chosen)
    data = task(content, reading)
    assert names_of(data) == ["s0", "s1", "s2", "s4"]
    assert any("`s3` (8 rows)" in note for note in data.notes)
    assert reading.static.value == "region,size"
    assert {"region = north", "size"} <= set(data.feature_names)


def test_some_series_are_used_and_unknown_ones_refused() -> None:
    """The named series are used in the order given; a name that is not in the file is an error that lists names."""
    content = long_file()
    assert names_of(task(content, read(content, which="some", only="s4,s0"))) == ["s4", "s0"]
    with pytest.raises(DataError, match=r"`s9`, but there are `s0`"):
        task(content, read(content, which="some", only="s0,s9"))


def test_one_series_stays_the_preselected_answer() -> None:
    """Who answers nothing gets the first series, and one click away is one model over all."""
    reading = read(long_file())
    question = next(one for one in reading.questions if one.name == "only")
    assert question.preselected == "s0"
    assert ("*", "All 5 series, one model") in question.choices
    assert reading.options["which"] == "one"
    assert reading.series_names == ("s0", "s1", "s2", "s3", "s4")


def test_columns_that_are_the_same_thing_become_series() -> None:
    """A wide table with one shop a column gives one series per column."""
    wide = "\n".join(
        ["date,shop1,shop2,shop3", *(f"{day},{row},{row * 2 % 50},{row * 3 % 50}" for row, day in enumerate(DAYS))]
    )
    reading = read(wide.encode())
    assert "one quantity in different places" in reading.stack.reason
    stacked = read(wide.encode(), stack="shop1,shop2,shop3")
    data = task(wide.encode(), stacked)
    assert names_of(data) == ["shop1", "shop2", "shop3"]
    assert data.target_names == ("value",)


def test_planned_prices_reach_the_rows_to_predict() -> None:
    """Rows that hold a plan and no sales are not trained on, and give the forecast its inputs."""
    content = long_file((120,) * 4, plan=2)
    reading = read(content, which="all", known="price", calendar="weekday", missing="refuse")
    data = task(content, reading, horizon=2)
    assert max(len(history.values) for history in data.histories) == 118
    assert {"price, 2 rows ahead", "weekday sine, 2 rows ahead"} <= set(data.feature_names)
    assert data.upcoming is not None
    place = data.feature_names.index("price, 2 rows ahead")
    prices = np.array([1 + row % 5 for row in range(120)], dtype=float)
    fitted = prices[2 : data.histories[0].fitted]
    np.testing.assert_allclose(
        data.upcoming.inputs[0, -2:, place], (prices[118:] - fitted.mean()) / fitted.std(), atol=1e-5
    )
    with pytest.raises(DataError, match="cannot be `known` ahead"):
        task(content, reading, known="sales")


def test_weekdays_stand_on_a_circle_beyond_the_last_row() -> None:
    """The calendar of the row to predict is that of its own date, also after the file ends."""
    content = long_file((120,) * 3)
    data = task(content, read(content, calendar="weekday"), window=7)
    place = data.feature_names.index("weekday sine, 1 row ahead")
    assert data.upcoming is not None
    seen = data.upcoming.inputs[0, :, place]
    whole = np.concatenate([data.test.inputs[-1, :, place], seen[-1:]])
    assert whole[0] == pytest.approx(whole[7], abs=1e-5)  # a week earlier
    assert len(np.unique(np.round(seen, 4))) == 7


def test_columns_that_change_are_not_static() -> None:
    """A column that changes within a series is refused as static, with its line."""
    content = long_file()
    with pytest.raises(DataError, match=r"Line 3, column 5 \(`price`\) differs"):
        task(content, read(content, which="all", static="price"))


@pytest.mark.parametrize("split_by", ["time", "series"])
def test_classes_of_several_series_are_windows_of_each(split_by: str) -> None:
    """A class per step over several series: windows stay within one, and no series is on both sides if held out."""
    content = long_file((120,) * 8)
    reading = read(content, which="all", target="open", split_by=split_by)
    assert reading.options["predict"] == "classes"
    data = task(content, reading)
    assert data.kind == "classification"
    parts = (data.train, data.validation, data.test)
    for part in parts:
        assert part.series is not None
        assert part.rows is not None
        np.testing.assert_array_equal(part.targets, part.rows % 2)
        assert part.rows.min() >= data.train.inputs.shape[1]
    if split_by == "series":
        members = [set(part.series.tolist()) for part in parts if part.series is not None]
        assert len(members[0]) + len(members[1]) + len(members[2]) == 8


def test_two_valued_targets_are_classes_unless_values_are_asked_for() -> None:
    """Who chooses a 0/1 column as the target gets a class per step, and can still regress it."""
    content = long_file((120,))
    assert read(content, target="open", series="-").options["predict"] == "classes"
    assert read(content, target="open", predict="values", series="-").options["predict"] == "values"


def test_class_of_the_same_step_is_found_from_the_other_columns() -> None:
    """A window ends with the row whose class is asked, and the class itself may not be among the inputs."""
    content = long_file((120,))
    reading = read(content, target="open", answer_at="same", series="-")
    data = task(content, reading, window=4)
    assert data.train.positions is not None
    assert data.train.positions[0] == DAYS[3]
    with pytest.raises(DataError, match="gives itself away"):
        task(content, reading, inputs="sales,open", window=4)


def test_length_limit_of_labelled_texts_is_always_stated() -> None:
    """The note names the limit, and how many texts are longer."""
    texts = ["a" * 30 + str(row) for row in range(40)] + ["b" * 700, "c" * 600]
    content = "\n".join(["text,label", *(f"{text},{'xy'[row % 2]}" for row, text in enumerate(texts)), ""]).encode()
    data = task(content, read(content))
    assert data.train.inputs.shape[1] == 500
    assert "At most 500 characters of each text are read; 2 are longer and are cut." in data.notes


def test_f1_of_each_class_is_among_the_scores_of_classes() -> None:
    """Scores of a class per step name the F1 of every class, by the formula."""
    content = long_file((120,))
    data = task(content, read(content, target="open", series="-"))
    entry = get_dataset("own_series")
    said = np.zeros(len(data.test), dtype=np.int64)
    said[:3] = 1
    scores = entry.metrics(data, data.test, np.eye(2)[said])
    truth = data.test.targets
    for index, name in enumerate(data.class_names):
        right = np.sum((said == index) & (truth == index))
        wanted = 2 * right / (np.sum(said == index) + np.sum(truth == index))
        assert scores[f"f1_{name}"] == pytest.approx(wanted)
