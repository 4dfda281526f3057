"""A visitor's own time series: columns, order, gaps, leaks and what the windows hold."""

import re

import numpy as np
import pytest

from data.catalog import get_dataset
from data.errors import DataError, InvalidSpecError
from data.uploads.inspect import describe
from data.uploads.shared_options import digest
from models.spec.experiment_settings import ExperimentSpec
from tests.data.uploads.files import csv, load


def rows(count: int = 60, **cells: dict[int, str]) -> bytes:
    """Return days with a rising and a waving column; `cells` replaces values of a column by row."""
    values = {
        "date": [str(np.datetime64("2024-01-01") + day) for day in range(count)],
        "up": [str(day * day) for day in range(count)],
        "wave": [f"{np.sin(day / 3):.3f}" for day in range(count)],
    }
    for name, changed in cells.items():
        for row, text in changed.items():
            values[name][row] = text
    return csv(",".join(values), *(",".join(row) for row in zip(*values.values(), strict=True)))


def test_own_series_forecasts_the_last_numeric_column():
    """By default the last column of numbers is the target, all numbers are inputs, and dates are the time axis."""
    data = load("own_series", rows(), window=4, scaling="none")
    assert data.target_names == ("wave",)
    assert data.feature_names == ("up", "wave")
    assert data.train.positions is not None
    assert data.train.positions[0] == "2024-01-05"
    np.testing.assert_allclose(data.train.inputs[0, :, 0], [0, 1, 4, 9])
    assert data.train.targets[0, 0] == pytest.approx(np.sin(4 / 3), abs=1e-3)


def test_own_series_takes_chosen_columns():
    """Targets, inputs and unit follow the options, and so does the metric's name."""
    options = {"target": "up", "inputs": "wave", "window": 4, "horizon": 2, "unit": "°C"}
    data = load("own_series", rows(), **options)
    entry = get_dataset("own_series")
    assert data.feature_names == ("wave",)
    assert data.target_names == ("up, 1 ahead", "up, 2 ahead")
    assert entry.metric(entry.parse(options)) == "rmse_C"
    assert "rmse_C" in entry.baselines(entry.parse(options), data)[0].metrics


def test_own_series_measures_several_targets_in_their_deviations():
    """Targets without a common unit share a metric that says so."""
    entry = get_dataset("own_series")
    options = entry.parse({"target": "up,wave", "window": 4})
    data = load("own_series", rows(), target="up,wave", window=4)
    assert entry.metric(options) == "rmse_standard_deviations"
    assert entry.metric(options) in entry.metrics(data, data.test, data.test.targets)


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (rows(up={3: ""}), {}, r"Line 5, column 2 \(`up`\) has no value; .*`missing` = `drop` or `interpolate`"),
        (rows(wave={7: "NA", 9: "nan"}), {}, r"Line 9, column 3 .*\(2 values are missing in all\)"),
        (rows(wave={7: "inf"}), {"missing": "interpolate"}, r"Line 9, column 3 \(`wave`\) holds `inf`"),
        (
            rows(wave={7: "oops"}),
            {"target": "wave"},
            r"Line 9, column 3 \(`wave`\) holds `oops`, which is not a number",
        ),
        (rows(date={5: "2024-01-04"}), {}, r"Line 7, column 1 \(`date`\) is not later than line 6; sort"),
        (rows(date={5: ""}), {}, r"Line 7, column 1 \(`date`\) has no time"),
        (
            csv("a,b", "1,1e3", "2,-.5E-2", "3,?", "4,x"),
            {"target": "b"},
            r"Line 5, column 2 \(`b`\) holds `x`, which is not",
        ),
        (rows(), {"target": "other"}, "`target` names the column `other`"),
        (rows(), {"time": "other"}, "`time` names the column `other`"),
        (rows(12), {}, "leave too few samples in the training part"),
        (csv("a", "x", "y"), {}, r"Line 2, column 1 \(`a`\) holds `x`, and no column holds numbers"),
        (csv("a;b", *(f"{i},5;x" for i in range(9))), {"decimal": "point"}, "choose `decimal` = `comma`"),
        (csv("a,b", *(f"{i},7" for i in range(99))), {}, r"column 2 \(`b`\) and all below hold the same value"),
        (csv("a,b", *(f"{i * i % 7}," for i in range(99))), {"target": "b"}, "all below are missing"),
        (
            csv("a b", *(f"{i} {i}" for i in range(9))),
            {"table": "separator=none"},
            "separate columns by commas, semicolons or tabs",
        ),
        (rows(), {"differencing": "seasonal"}, "no season"),
    ],
)
def test_own_series_refuses_with_the_place_and_the_fix(content, options, words):
    """Each refusal names the line and the column, or the option, and what to do."""
    with pytest.raises(DataError, match=words):
        load("own_series", content, **options)


def test_own_series_of_many_rows_holds_them_once():
    """Windows of a long series are views of one table of its rows, not copies of it."""
    content = csv("v,w", *(f"{index % 13},{index % 7}" for index in range(30_000)))
    data = load("own_series", content, window=512, horizon=96)
    assert data.train.inputs.shape == (20_393, 512, 2)
    assert not data.train.inputs.flags.owndata
    first = data.train.inputs
    assert np.shares_memory(first[0], first[511])
    np.testing.assert_array_equal(first[0, 1:], first[1, :-1])


def test_own_series_refuses_what_does_not_fit_in_memory():
    """Windows over filled gaps and answers of many steps are bounded, and what would fit is named."""
    lines = [f"{index % 13},{index % 7}" for index in range(60_000)]
    with pytest.raises(DataError, match=r"choose a `horizon` of at most 500,"):
        load("own_series", csv("v,w", *lines * 2), window=24, horizon=720, target="v")
    lines[30_000] = ",1"
    with pytest.raises(DataError, match=r"choose a `window` of at most 1\d\d,"):
        load("own_series", csv("v,w", *lines), window=512, missing="interpolate")


def test_own_series_leaves_out_rows_only_when_told():
    """`drop` leaves out the rows with gaps, says how many, and keeps every other value."""
    data = load("own_series", rows(up={3: ""}, wave={4: "?"}), missing="drop", window=4, scaling="none")
    assert "2 rows with missing values were left out; the rows around them count as neighbours." in data.notes
    np.testing.assert_allclose(data.train.inputs[0, :, 0], [0, 1, 4, 25])


def test_own_series_interpolates_only_inside():
    """`interpolate` fills on lines, trims the ends, and tells both."""
    data = load("own_series", rows(up={0: "", 3: "", 59: ""}), missing="interpolate", window=6, scaling="none")
    notes = " ".join(data.notes)
    assert "1 missing values were filled" in notes
    assert "2 rows at the beginning or end were left out" in notes
    np.testing.assert_allclose(data.train.inputs[0, :, 0], [1, 4, 10, 16, 25, 36])


def test_own_series_hides_an_open_gap():
    """A window that ends inside a gap shows the last measured value, not the line to the next one."""
    data = load("own_series", rows(up={8: "", 9: ""}), missing="interpolate", window=2, scaling="none", target="wave")
    ends = data.train.positions.tolist()
    np.testing.assert_allclose(data.train.inputs[ends.index("2024-01-11"), :, 0], [49, 49])
    np.testing.assert_allclose(data.train.inputs[ends.index("2024-01-12"), :, 0], [66 + 1 / 3 + 49 / 3, 100], rtol=0.2)


@pytest.mark.parametrize("backwards", [False, True])
def test_own_series_fills_columns_that_are_measured_in_turns(backwards):
    """Columns that are never measured in the same row are filled, and no window sees a later measurement."""
    values = np.random.default_rng(0).normal(size=(40, 2)).round(3)
    lines = [f"{row},{values[row, 0]},," if row % 2 else f"{row},,{values[row, 1]}," for row in range(40)]
    changed = [*lines[:30], "30,,99,", *lines[31:]]
    first, second = (
        load(
            "own_series",
            csv("t,a,b,c", *(rows[::-1] if backwards else rows)),
            missing="interpolate",
            window=3,
            scaling="none",
        )
        for rows in (lines, changed)
    )
    assert np.isfinite(first.train.inputs).all()
    np.testing.assert_allclose(first.train.inputs[0, 0], [values[1, 0], values[0, 1]], rtol=1e-6)
    for part, other in ((first.train, second.train), (first.validation, second.validation), (first.test, second.test)):
        early = part.first_positions <= 30
        np.testing.assert_array_equal(part.inputs[early], other.inputs[early])


def test_own_series_turns_late_to_early_round_and_says_so():
    """Rows from late to early give the same arrays as the sorted file, and a note."""
    head, *lines = rows().decode().split()
    turned = load("own_series", csv(head, *reversed(lines)), window=4)
    plain = load("own_series", rows(), window=4)
    np.testing.assert_array_equal(turned.train.inputs, plain.train.inputs)
    assert any("turned round" in note for note in turned.notes)


def test_own_series_tells_uneven_time():
    """A missing day is told with the line before it."""
    head, *lines = rows().decode().split()
    report = describe("own_series", {"window": 4}, csv(head, *lines[:10], *lines[11:]))
    assert any("1 longer steps than usual, the first after line 11" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (lambda wave: wave, "equals the target `y` in every row"),
        (lambda wave: np.append(wave[1:], 0.5), "holds the target `y` of 1 rows later"),
        (lambda wave: 32 + 1.8 * wave, "runs with the target `y` \\(correlation 1.0"),
    ],
)
def test_own_series_warns_of_leaks(column, words):
    """A copy of the target, its future and its other unit are named; an honest column is not."""
    wave = np.sin(np.arange(80) / 3) + np.random.default_rng(0).normal(size=80)
    lines = (f"{leak},{day * day},{value}" for day, (leak, value) in enumerate(zip(column(wave), wave, strict=True)))
    report = describe("own_series", {"window": 4, "time": "-"}, csv("x,honest,y", *lines))
    assert len([warning for warning in report.warnings if re.search(words, warning)]) == 1
    assert not any("`honest`" in warning for warning in report.warnings)


def test_own_series_warns_of_few_samples():
    """Parts with few windows are named, with their counts in the report."""
    report = describe("own_series", {"window": 20}, rows())
    assert dict(report.samples) == {"training": 22, "validation": 9, "test": 9}
    assert [warning.split(" has")[0] for warning in report.warnings] == [
        "The training part",
        "The validation part",
        "The test part",
    ]


def test_own_series_needs_its_own_bytes():
    """Without the file, or with another one, the sentence says which file is meant."""
    entry, content, other = get_dataset("own_series"), rows(), rows(61)
    with pytest.raises(DataError, match="none is uploaded yet"):
        entry.load(entry.parse({}), 0, content)
    with pytest.raises(DataError, match=f"SHA-256 {digest(content)[:8]}.* is not here; upload it again"):
        entry.load(entry.parse({"content": digest(content)}), 0, None)
    with pytest.raises(DataError, match="the settings were made for"):
        entry.load(entry.parse({"content": digest(content)}), 0, other)


def test_own_series_of_two_files_never_mix():
    """Two files give two keys, and loading one after the other gives each its own arrays."""
    one, two = rows(), rows(wave={30: "9"})
    specs = [ExperimentSpec(dataset="own_series", options=(("content", digest(file)),)) for file in (one, two)]
    assert specs[0].key() != specs[1].key()
    first, second, again = (load("own_series", file, window=4) for file in (one, two, one))
    assert not np.array_equal(first.train.inputs, second.train.inputs)
    np.testing.assert_array_equal(first.train.inputs, again.train.inputs)


def test_own_series_options_are_checked():
    """Options out of bounds are refused before the file is read."""
    with pytest.raises(InvalidSpecError, match="`window` must be a whole number from 2 to 1024"):
        describe("own_series", {"window": 1}, rows())
