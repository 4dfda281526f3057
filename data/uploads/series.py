"""A visitor's own time series: forecast a column of a CSV file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from data.baselines import baseline_forecasts, forecast_baselines
from data.catalog import Baseline, Dataset, dataset
from data.fields import Value
from data.forecast_recipe import ForecastRecipe
from data.metrics import f1_of_classes, task_metrics
from data.panel_baselines import best_baseline_by_series, panel_baseline_forecasts, panel_baselines
from data.task import Array, Part, TaskData
from data.time_series import common_unit
from data.uploads.class_panel import class_panel_baselines
from data.uploads.class_windows import class_baselines
from data.uploads.report import Report, table_report
from data.uploads.series_options import OwnSeriesOptions
from data.uploads.series_table import ONE
from data.uploads.series_task import ahead_of, read_series, unit_slug
from data.uploads.shared_options import split_names

_FEW = {"training": 50, "validation": 10, "test": 10}


@dataset
class OwnSeries(Dataset):
    """A time series in a CSV file: one row per time step, one column per quantity."""

    name = "own_series"
    title = "Your time series"
    description = (
        "A CSV file of yours with one row per time step; a column of numbers is forecast from the rows before."
    )
    lesson = "Whether LSTM or GRU forecasts your data better than its last value and a linear model do."
    source = "your own file"
    licence = "yours; the file stays with its experiment"
    family = "own"
    kind = "regression"
    picture = "series"
    Options = OwnSeriesOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    def load(self, options: OwnSeriesOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the file and cut it into windows; random is only which series are held out, where that was chosen.

        Args:
            options: The options; `content` names the file.
            seed: Seed of the series that are held out.
            content: The bytes of the file.

        Raises:
            DataError: If the bytes are not the options' or cannot be used; the message says where and why.
        """
        return read_series(options, content).load(seed)

    def stretches(self, options: OwnSeriesOptions, content: bytes | None = None) -> int:
        """Return how many stretches the length of the series and the options allow."""
        return read_series(options, content).stretches()

    def load_repeat(self, options: OwnSeriesOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Test on one stretch and train on what precedes it, or hold out other series; the same errors as `load`."""
        return read_series(options, content).repeat(seed, number)

    def report(self, options: OwnSeriesOptions, seed: int, content: bytes | None) -> Report:
        """Report how `load` uses the file; raises the same errors."""
        made = read_series(options, content)
        data = made.load(seed)
        samples = tuple(
            (name, len(part)) for name, part in zip(_FEW, (data.train, data.validation, data.test), strict=True)
        )
        warnings = made.warnings + too_few(samples)
        return replace(table_report(made.table, notes=data.notes, warnings=warnings), samples=samples)

    def baselines(self, options: OwnSeriesOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score persistence, the seasonal naive forecast and AR by least squares; of classes the most frequent and the last one."""
        if options.predict == "classes":
            return class_panel_baselines(data, ahead=ahead_of(options)) if data.histories else class_baselines(data)
        if data.histories:
            return panel_baselines(data, horizon=options.horizon, season=options.season)
        return forecast_baselines(data, horizon=options.horizon, season=options.season)

    def baseline_forecasts(
        self, options: OwnSeriesOptions, data: TaskData, *, steps: int | None = None
    ) -> dict[tuple[str, str], tuple[Array, Array]]:
        """Return the same naive predictors' forecasts of the rows after the last one."""
        if data.histories:
            return panel_baseline_forecasts(data, horizon=options.horizon, season=options.season)
        return baseline_forecasts(data, horizon=options.horizon, season=options.season, steps=steps)

    def metrics(self, data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
        """Score outputs; of classes with the F1 of each, as the JSON and the long table list it."""
        scores = task_metrics(data, part, outputs)
        return scores | (f1_of_classes(data, part, outputs) if data.kind == "classification" else {})

    def series_baselines(self, options: OwnSeriesOptions, data: TaskData) -> dict[str, float]:
        """Return the score of each tested series' best naive predictor; nothing of classes."""
        if options.predict == "classes" or not data.histories:
            return {}
        metric = self.metric(options)
        found = best_baseline_by_series(data, metric, horizon=options.horizon, season=options.season)
        return {name: score for name, (_, score) in found.items()}

    def forecast_recipe(
        self, options: OwnSeriesOptions, seed: int, *, number: int | None, content: bytes | None = None
    ) -> ForecastRecipe | None:
        """Return how the newest rows of each series become a forecast; None of classes."""
        return read_series(options, content).forecast_recipe(seed, number)

    def predicts_quantiles(self, options: OwnSeriesOptions) -> bool:
        """Return whether numbers are predicted, not classes."""
        return options.predict != "classes"

    def metric(self, options: OwnSeriesOptions) -> str:
        """Return `rmse_` with the unit, if there is one; of several series `mase`, of classes the balanced accuracy."""
        if options.predict == "classes":
            return "balanced_accuracy"
        if options.which != ONE:
            return "mase"
        unit = common_unit([unit_slug(options.unit)] * max(1, len(split_names(options.target))))
        return f"rmse_{unit}" if unit else "rmse"


def too_few(samples: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Warn of parts with too few samples for a meaningful score."""
    return tuple(
        f"The {name} part has only {count} samples, so its scores say little; use a shorter window or more rows."
        for name, count in samples
        if count < _FEW[name]
    )
