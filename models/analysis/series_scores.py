"""Which series are hard, and for which architecture: the score of each series. pandas only."""

import numpy as np
import pandas as pd

from models.analysis.comparison_columns import spec_metric
from models.cells import get_cell
from models.records.results import ExperimentResult

SERIES_COLUMNS = ("series", "architecture", "title", "score", "low", "high", "repeats", "rank")
SIMPLE, SIMPLE_TITLE = "simple", "Best simple predictor"


def series_frame(result: ExperimentResult) -> pd.DataFrame:
    """Return the score of every series for each architecture, and that of its best simple predictor.

    Returns:
        Columns `SERIES_COLUMNS`: `score` is the mean over the repeats that tested the series, `low` and `high` are the lowest
        and highest of them; `rank` counts series from the hardest, 1, by the mean over architectures. Empty where the data
        have one series.
    """
    rows: list[tuple[str, str, str, float]] = []
    for run in result.runs:
        name, title = run.spec.architecture, get_cell(run.spec.architecture).title
        rows += [(one, name, title, score) for seed in run.seeds for one, score in seed.series_scores.items()]
    seeds = result.runs[0].seeds if result.runs else ()
    rows += [(one, SIMPLE, SIMPLE_TITLE, score) for seed in seeds for one, score in seed.series_baselines.items()]
    finite = [row for row in rows if np.isfinite(row[3])]
    if not finite:
        return pd.DataFrame(columns=list(SERIES_COLUMNS))
    frame = pd.DataFrame(finite, columns=["series", "architecture", "title", "score"])
    grouped = frame.groupby(["series", "architecture", "title"], sort=False)["score"]
    found = grouped.agg(score="mean", low="min", high="max", repeats="count").reset_index()
    found["rank"] = found["series"].map(_ranks(result, found))
    return found.sort_values(["rank"], kind="stable", ignore_index=True)[list(SERIES_COLUMNS)]


def _ranks(result: ExperimentResult, frame: pd.DataFrame) -> dict[str, int]:
    """Return series to its place, the hardest first."""
    easy_is_high = spec_metric(result.spec)[1].better == "high"
    mean = frame[frame["architecture"] != SIMPLE].groupby("series", sort=False)["score"].mean()
    ordered = mean.sort_values(ascending=easy_is_high, kind="stable").index
    return {str(name): place for place, name in enumerate(ordered, start=1)}


def series_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row per series, the hardest first, with a column per source, and the mean over series as the last row."""
    if frame.empty:
        return pd.DataFrame(columns=["series"])
    titles = list(dict.fromkeys(frame.sort_values("architecture", key=lambda names: names == SIMPLE)["title"]))
    wide = frame.pivot(index="series", columns="title", values="score").reindex(frame["series"].unique())[titles]
    wide.loc["Mean"] = wide.mean()
    return wide.rename_axis(columns=None).reset_index()
