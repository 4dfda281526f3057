"""The score of each series: which are hard, beside their best simple predictor."""

from dataclasses import replace

import pandas as pd
import pytest

from dashboard.charts.series_scores import series_chart
from models.analysis.comparison_columns import metric_column
from models.analysis.series_scores import SERIES_COLUMNS, series_frame, series_table
from models.export.result_document import result_document
from models.records.results import ExperimentResult
from models.store.sql.codec import result_from_plain, result_to_plain
from tests.models.records.samples import an_experiment_result

SCORES = ({"north": 1.0, "south": 3.0}, {"south": 5.0, "west": 0.5})
SIMPLE = ({"north": 2.0, "south": 2.5}, {"south": 2.5, "west": 1.0})


def result_of_series() -> ExperimentResult:
    """Return a result whose two repeats tested two series each."""
    result = an_experiment_result()
    runs = []
    for worse, run in enumerate(result.runs):
        seeds = tuple(
            replace(seed, series_scores={name: value + worse for name, value in own.items()}, series_baselines=simple)
            for seed, own, simple in zip(run.seeds, SCORES, SIMPLE, strict=True)
        )
        runs.append(replace(run, seeds=seeds))
    return replace(result, runs=tuple(runs))


def test_series_are_listed_from_the_hardest_with_the_mean_over_repeats() -> None:
    """A series is averaged over the repeats that tested it, and ranked by the mean over architectures."""
    frame = series_frame(result_of_series())
    assert tuple(frame.columns) == SERIES_COLUMNS
    first = frame[(frame["series"] == "south") & (frame["architecture"] == "lstm")].iloc[0]
    assert (first["score"], first["low"], first["high"], first["repeats"]) == (4.0, 3.0, 5.0, 2)
    assert list(frame["series"].unique()) == ["south", "north", "west"]
    simple = frame[frame["architecture"] == "simple"].set_index("series")["score"]
    assert simple.to_dict() == {"south": 2.5, "north": 2.0, "west": 1.0}


def test_series_table_ends_with_the_mean_over_series() -> None:
    """One row per series and one column per source; the last row is the mean in which each series counts once."""
    table = series_table(series_frame(result_of_series()))
    assert list(table["series"]) == ["south", "north", "west", "Mean"]
    assert table["LSTM"].tolist() == pytest.approx([4.0, 1.0, 0.5, 5.5 / 3])
    assert table.columns[-1] == "Best simple predictor"


def test_series_scores_survive_the_store_and_stand_in_the_json() -> None:
    """What is written is read back, and older results without it have none."""
    run = result_of_series().runs[0]
    plain = result_to_plain(run)
    again = result_from_plain(plain, run.spec.experiment)
    assert [dict(seed.series_scores) for seed in again.seeds] == list(SCORES)
    for seed in plain["seeds"]:
        del seed["series_scores"], seed["series_baselines"]
    assert not any(seed.series_scores for seed in result_from_plain(plain, run.spec.experiment).seeds)
    document = result_document(result_of_series())
    assert document["results"][0]["seeds"][1]["series_baselines"] == SIMPLE[1]


def test_series_chart_puts_the_hardest_on_top() -> None:
    """Rows are series in order of difficulty; the text alternative names the hardest."""
    frame = series_frame(result_of_series())
    chart = series_chart(frame, metric_column("mase", higher_is_better=False))
    assert list(chart.layout.yaxis.categoryarray) == ["west", "north", "south"]
    assert "south is the hardest" in chart.layout.meta
    lstm = next(trace for trace in chart.data if trace.name == "LSTM")
    assert dict(zip(lstm.y, lstm.x, strict=True)) == {"south": 4.0, "north": 1.0, "west": 0.5}
    assert (
        "one series"
        in series_chart(
            pd.DataFrame(columns=list(SERIES_COLUMNS)), metric_column("mase", higher_is_better=False)
        ).layout.meta
    )
