"""The base of the forecasting datasets; each one adds its series, options and texts."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from data.baselines import AR_ORDER, baseline_forecasts, forecast_baselines
from data.catalog import Baseline, Claim, Dataset
from data.forecast_recipe import ForecastRecipe, series_recipe
from data.forecast_windows import forecast_repeat, forecast_stretches, forecast_task
from data.task import Array, TaskData
from data.time_series import TimeSeries, common_unit
from data.window_options import ALL, WindowPlan

SHORT_SERIES = Claim(
    statement="On 1,045 short monthly series, statistical methods forecast better than neural networks did.",
    source="Makridakis, Spiliotis and Assimakopoulos 2018, PLoS ONE 13(3): e0194889",
)


class ForecastDataset(Dataset):
    """A dataset that predicts the next rows of a series.

    Its `Options` have `window`, `horizon`, `differencing` and `scaling`, made with `data.window_options`; with several columns,
    also `target` (a column or `all`) and `inputs` (`all` or `target`).

    Class attributes:
        units: Column that can be predicted to its unit.
        season: Rows of one season, 0 without one.
        order: Rows that the linear autoregression uses.
    """

    family = "real"
    kind = "regression"
    picture = "series"
    units: ClassVar[Mapping[str, str]]
    season: ClassVar[int] = 0
    order: ClassVar[int] = AR_ORDER

    @abstractmethod
    def series(self) -> TimeSeries:
        """Return the whole series."""

    def notes(self) -> tuple[str, ...]:
        """Return what was done to the series, one sentence each."""
        return ()

    def targets(self, options: Any) -> tuple[str, ...]:
        """Return the columns to predict."""
        chosen = getattr(options, "target", ALL)
        return tuple(self.units) if chosen == ALL else (chosen,)

    def inputs(self, options: Any) -> tuple[str, ...]:
        """Return the input columns; empty for all."""
        return () if getattr(options, "inputs", ALL) == ALL else self.targets(options)

    def load(self, options: Any, seed: int, content: bytes | None = None) -> TaskData:
        """Cut the series into windows; nothing is random."""
        return forecast_task(self.series(), self._plan(options), notes=self.notes())

    def stretches(self, options: Any, content: bytes | None = None) -> int:
        """Return how many stretches the length of the series and the options allow."""
        return forecast_stretches(self.series(), self._plan(options))

    def load_repeat(self, options: Any, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Test on one stretch and train on what precedes it."""
        return forecast_repeat(self.series(), self._plan(options), number, notes=self.notes())

    def _plan(self, options: Any) -> WindowPlan:
        return WindowPlan(
            window=options.window,
            targets=self.targets(options),
            inputs=self.inputs(options),
            horizon=options.horizon,
            differencing=options.differencing,
            scaling=options.scaling,
        )

    def baselines(self, options: Any, data: TaskData) -> tuple[Baseline, ...]:
        """Score persistence, the seasonal naive forecast and AR by least squares."""
        return forecast_baselines(data, horizon=options.horizon, season=self.season, order=self.order)

    def baseline_forecasts(
        self, options: Any, data: TaskData, *, steps: int | None = None
    ) -> dict[tuple[str, str], tuple[Array, Array]]:
        """Return the same naive predictors' forecasts of the rows after the last one."""
        return baseline_forecasts(data, horizon=options.horizon, season=self.season, order=self.order, steps=steps)

    def forecast_recipe(
        self, options: Any, seed: int, *, number: int | None, content: bytes | None = None
    ) -> ForecastRecipe:
        """Return how the newest rows become a forecast."""
        return series_recipe(self.series(), self._plan(options), number)

    def predicts_quantiles(self, options: Any) -> bool:
        """Return True: its naive predictors have quantiles, too."""
        return True

    def metric(self, options: Any) -> str:
        """Return `rmse_` with the unit of the targets."""
        return f"rmse_{common_unit([self.units[name] for name in self.targets(options)])}"
