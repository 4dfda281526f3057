"""The real series: what stands in the files, and what each dataset makes of it."""

import csv
import math

import numpy as np
import pytest

from data.catalog import get_dataset
from data.embedded import embedded
from data.splits import split_in_time
from data.task import TaskData


def load(name: str, **options: object) -> TaskData:
    """Load a dataset with options."""
    entry = get_dataset(name)
    return entry.load(entry.parse(options), 0)


def rows(name: str) -> list[dict[str, str]]:
    """Read a file with the standard library alone."""
    with embedded(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "file", "column", "position"),
    [
        ("sunspots", "sunspots_yearly.csv", "sunspot_number", "year"),
        ("elnino", "elnino_sst_monthly.csv", "sea_surface_temperature_celsius", "month"),
        ("airline", "airline_monthly.csv", "passengers", "month"),
        ("co2", "co2_weekly.csv", "co2", "date"),
    ],
)
def test_series_test_targets_are_the_file_s_last_rows(name: str, file: str, column: str, position: str) -> None:
    """In the unit, the test targets are the last 15 % of the file, with the positions that stand there."""
    data, table = load(name), rows(file)
    last = table[split_in_time(len(table))[2]]
    restored = data.in_unit(data.test, data.test.targets)[:, 0]
    known = [index for index, row in enumerate(last) if row[column]]
    np.testing.assert_allclose(restored[known], [float(last[index][column]) for index in known], rtol=1e-5)
    assert [str(found) for found in data.test.positions] == [row[position] for row in last]


def test_co2_gaps_are_interpolated_and_counted() -> None:
    """59 weeks are missing; each is filled on the line between its neighbours, and a note says so."""
    table = rows("co2_weekly.csv")
    missing = [index for index, row in enumerate(table) if not row["co2"]]
    assert len(missing) == 59
    series = get_dataset("co2").series()  # type: ignore[attr-defined]
    first = missing[0]
    after = next(index for index in range(first, len(table)) if table[index]["co2"])
    low, high = float(table[first - 1]["co2"]), float(table[after]["co2"])
    assert series.values[first, 0] == pytest.approx(low + (high - low) / (after - first + 1))
    assert any(note.startswith("59 missing weeks") for note in load("co2").notes)


def test_co2_test_years_lie_above_every_training_value() -> None:
    """The claim about the range holds: the lowest test value is above the highest training value."""
    data = load("co2")
    assert data.in_unit(data.test, data.test.targets).min() > data.in_unit(data.train, data.train.targets).max()


@pytest.mark.parametrize("target", ["temp_max", "temp_min", "precipitation", "wind", "temperatures", "all"])
def test_seattle_forecast_metric_names_the_target_s_unit(target: str) -> None:
    """The metric carries the target's unit; all columns together are scored in standard deviations."""
    entry = get_dataset("seattle_forecast")
    options = entry.parse({"target": target})
    data = entry.load(options, 0)
    expected = {"precipitation": "millimetres", "wind": "metres_per_second", "all": "standard_deviations"}
    assert entry.metric(options) == f"rmse_{expected.get(target, 'celsius')}"
    assert entry.metric(options) in entry.metrics(data, data.test, data.test.targets)


def test_seattle_forecast_own_past_alone() -> None:
    """`inputs` set to the target leaves the other columns out."""
    data = load("seattle_forecast", target="wind", inputs="target")
    assert data.feature_names == data.target_names == ("wind",)


def test_us_macro_sees_twelve_columns_and_names_quarters() -> None:
    """Twelve inputs, the unemployment rate as target, quarters as positions."""
    data = load("us_macro")
    assert data.train.inputs.shape[1:] == (8, 12)
    assert data.target_names == ("unemp",)
    assert data.test.positions[-1] == "2009Q3"
    truth = data.in_unit(data.test, data.test.targets)
    assert truth[-1, 0] == pytest.approx(9.6, abs=1e-5)


def test_us_macro_all_targets_are_scored_in_deviations_of_the_training_part() -> None:
    """Predicting every column one training deviation too high gives an error of one."""
    entry = get_dataset("us_macro")
    options = entry.parse({"target": "all"})
    data = entry.load(options, 0)
    assert data.scaler is not None
    outputs = data.test.targets + 1.0 / data.scaler.std
    assert entry.metrics(data, data.test, outputs)[entry.metric(options)] == pytest.approx(1.0, rel=1e-4)


def test_airline_season_of_the_year_before() -> None:
    """With seasonal differencing the base of a month is the same month of the year before."""
    data, table = load("airline"), rows("airline_monthly.csv")
    assert data.test.base is not None
    last = table[-1 - 12]
    assert last["month"][-2:] == data.test.positions[-1][-2:]
    assert data.test.base[-1, 0] == float(last["passengers"])


def test_elnino_horizon_of_a_year_scores_each_month() -> None:
    """Twelve months ahead, the seasonal forecast is the last year, and its error is averaged over the months."""
    entry = get_dataset("elnino")
    options = entry.parse({"horizon": 12})
    data = entry.load(options, 0)
    values = [float(row["sea_surface_temperature_celsius"]) for row in rows("elnino_sst_monthly.csv")]
    start = split_in_time(len(values))[2].start
    errors = [
        (values[row + step] - values[row + step - 12]) ** 2
        for row in range(start, len(values) - 11)
        for step in range(12)
    ]
    found = {b.name: b.metrics["rmse_celsius"] for b in entry.baselines(options, data)}
    assert found["seasonal_naive"] == pytest.approx(math.sqrt(sum(errors) / len(errors)), rel=1e-4)


@pytest.mark.parametrize("day", ["today", "tomorrow"])
@pytest.mark.parametrize("window", [1, 7])
def test_seattle_labels_never_see_the_kind_they_are_asked_for(day: str, window: int) -> None:
    """The kinds that are seen end the day before the day to name; the measurements end on it, or the day before."""
    data, table = load("seattle_labels", day=day, window=window), rows("seattle_weather_daily.csv")
    dates = [row["date"] for row in table]
    ahead = day == "tomorrow"
    for part in (data.train, data.validation, data.test):
        for sample in (0, len(part) - 1):
            row = dates.index(part.positions[sample])
            assert data.class_names[part.targets[sample]] == table[row]["weather"]
            seen = part.inputs[sample, :, 4:]
            for step in range(window):
                known = row - window + step
                expected = [float(known >= 0 and table[known]["weather"] == name) for name in data.class_names]
                assert seen[step].tolist() == expected
    rain = [float(row["precipitation"]) for row in table]
    training = rain[split_in_time(len(rain))[0]]
    last = dates.index(data.test.positions[-1]) - ahead
    scaled = (rain[last] - np.mean(training)) / np.std(training)
    assert data.test.inputs[-1, -1, 2] == pytest.approx(scaled, rel=1e-4)


def test_seattle_labels_measurements_only() -> None:
    """Without the kinds there are four inputs."""
    data = load("seattle_labels", inputs="measurements")
    assert data.input_size == 4
    assert not any("before" in name for name in data.feature_names)


def test_seattle_labels_baselines_by_hand() -> None:
    """Majority and persistence, counted from the file."""
    entry = get_dataset("seattle_labels")
    options = entry.parse({})
    kinds = [row["weather"] for row in rows("seattle_weather_daily.csv")]
    start = split_in_time(len(kinds))[2].start
    found = {b.name: b.metrics["accuracy"] for b in entry.baselines(options, entry.load(options, 0))}
    test = kinds[start:]
    assert found["majority"] == pytest.approx(test.count("sun") / len(test))
    same = sum(kinds[row] == kinds[row - 1] for row in range(start, len(kinds)))
    assert found["persistence"] == pytest.approx(same / len(test))


def test_seattle_labels_counts_in_words_are_the_file_s() -> None:
    """Docstring, note and claim count what stands in the file."""
    table = rows("seattle_weather_daily.csv")
    wet = {
        year: [r["weather"] for r in table if r["date"].startswith(year) and float(r["precipitation"]) > 0]
        for year in ("2012", "2014")
    }
    assert [len(wet["2012"]), wet["2012"].count("rain"), wet["2012"].count("fog")] == [177, 156, 0]
    assert [len(wet["2014"]), wet["2014"].count("rain"), wet["2014"].count("fog")] == [150, 2, 123]
    test = [row["weather"] for row in table[split_in_time(len(table))[2]]]
    assert [test.count(kind) for kind in ("snow", "rain", "drizzle")] == [0, 3, 7]


def test_seattle_forecast_persistence_is_what_the_claim_says() -> None:
    """The last value is off by 2.95 degrees, computed from the file."""
    values = [float(row["temp_max"]) for row in rows("seattle_weather_daily.csv")]
    start = split_in_time(len(values))[2].start
    error = math.sqrt(np.mean([(values[row] - values[row - 1]) ** 2 for row in range(start, len(values))]))
    entry = get_dataset("seattle_forecast")
    found = {b.name: b.metrics["rmse_celsius"] for b in entry.baselines(entry.parse({}), load("seattle_forecast"))}
    assert found["persistence"] == pytest.approx(error, rel=1e-5)
    assert f"{error:.2f}" in entry.claims[0].statement
