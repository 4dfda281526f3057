"""What embedded datasets of several series share: one model over all, split by date or by series."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

from data.catalog import Baseline, Dataset
from data.fields import choice
from data.forecast_recipe import ForecastRecipe
from data.panel import SCALES, SPLITS, Panel
from data.panel_baselines import best_baseline_by_series, panel_baseline_forecasts, panel_baselines
from data.panel_recipe import panel_recipe
from data.panel_windows import panel_repeat, panel_stretches, single_panel
from data.task import Array, TaskData
from data.window_options import WindowPlan


def split_field() -> Any:
    """Make the option of how several series are split."""
    words = "Whether all series are tested on later dates, or whole series are held out to ask about a new one."
    return choice("time", SPLITS, label="Split by", help=words)


def scale_field() -> Any:
    """Make the option of how several series are scaled."""
    words = "Whether each series has its own mean and deviation, or all share one."
    return choice("series", SCALES, label="Scale", help=words, group="advanced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Several series and how they are cut."""

    panel: Panel
    plan: WindowPlan


class PanelDataset(Dataset):
    """Several series, forecast by one model.

    Options need the fields `split_by`, `scale_by` and `horizon`.
    """

    kind = "regression"
    picture = "series"
    season: ClassVar[int] = 0
    notes: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def series(self, options: Any, seed: int) -> Series:
        """Return the series and the plan for some options; split and scale are set by the caller.

        Lengths and positions must not depend on the seed.
        """

    def _made(self, options: Any, seed: int) -> Series:
        return _prepared(self, options, seed)

    def load(self, options: Any, seed: int, content: bytes | None = None) -> TaskData:
        """Cut the series into windows; the seed chooses which series are held out, where that is asked."""
        made = self._made(options, seed)
        return single_panel(made.panel, made.plan, seed=seed, notes=self.notes)

    def stretches(self, options: Any, content: bytes | None = None) -> int:
        """Return how many stretches of time there are; 0 where series are held out."""
        made = self._made(options, 0)
        return panel_stretches(made.panel, made.plan)

    def load_repeat(self, options: Any, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Test on one stretch and half of the series, or on other series that are held out."""
        made = self._made(options, seed)
        return panel_repeat(made.panel, made.plan, seed=seed, number=number, notes=self.notes)

    def baselines(self, options: Any, data: TaskData) -> tuple[Baseline, ...]:
        """Score predictors that see one series at a time, and a linear model over all."""
        return panel_baselines(data, horizon=options.horizon, season=self.season)

    def series_baselines(self, options: Any, data: TaskData) -> dict[str, float]:
        """Return the score of each tested series' best naive predictor."""
        found = best_baseline_by_series(data, self.metric(options), horizon=options.horizon, season=self.season)
        return {name: score for name, (_, score) in found.items()}

    def baseline_forecasts(
        self, options: Any, data: TaskData, *, steps: int | None = None
    ) -> dict[tuple[str, str], tuple[Array, Array]]:
        """Return the same naive predictors' forecasts of the rows after the last one of every series."""
        return panel_baseline_forecasts(data, horizon=options.horizon, season=self.season)

    def forecast_recipe(
        self, options: Any, seed: int, *, number: int | None, content: bytes | None = None
    ) -> ForecastRecipe:
        """Return how the newest rows of each series become a forecast."""
        made = self._made(options, seed)
        return panel_recipe(made.panel, made.plan, seed=seed, number=number)

    def predicts_quantiles(self, options: Any) -> bool:
        """Return True: its naive predictors have quantiles, too."""
        return True

    def metric(self, options: Any) -> str:
        """Return `mase`, in which series of different size count alike."""
        return "mase"


@lru_cache(maxsize=4)
def _prepared(source: PanelDataset, options: Any, seed: int) -> Series:
    made = source.series(options, seed)
    return replace(made, panel=replace(made.panel, split=options.split_by, scale=options.scale_by))
