"""The forecast of the best simple predictor: the one that the verdict compares the networks with. NumPy; no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.baselines import RIDGE, ridge_forecast
from data.task import Array, TaskData
from models.analysis.baselines import usual_baseline
from models.analysis.forecast_errors import StretchErrors
from models.records.results import ExperimentResult

RIDGE_NAME = "ridge"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaselineForecast:
    """What one simple predictor says.

    Attributes:
        name: Its name.
        title: Name shown.
        errors: On the test part of each stretch, oldest first.
        values: `(U,)` its forecast after the last rows, in the unit.
    """

    name: str
    title: str
    errors: list[StretchErrors]
    values: Array


def best_baseline_forecast(result: ExperimentResult, stretches: Sequence[TaskData]) -> BaselineForecast | None:
    """Return the forecast of the simple predictor that was best in most repeats; None if there is none.

    A result that does not tell their scores names the one whose forecasts had the lowest error over all stretches.

    Args:
        result: A finished comparison.
        stretches: The data of each stretch, oldest first; at least one.
    """
    title = usual_baseline(result)
    if title == RIDGE:
        made = [ridge_forecast(data) for data in stretches]
        errors = [StretchErrors.of(data, data.test, own) for data, (own, _) in zip(stretches, made, strict=True)]
        return BaselineForecast(name=RIDGE_NAME, title=RIDGE, errors=errors, values=made[-1][1])
    source, options = result.spec.source(), result.spec.dataset_options()
    said = [source.baseline_forecasts(options, data) for data in stretches]
    common = [named for named in said[-1] if all(named in each for each in said)]
    if not common:
        return None
    found = {
        named: [StretchErrors.of(data, data.test, each[named][0]) for data, each in zip(stretches, said, strict=True)]
        for named in common
    }
    usual = [named for named in common if named[1] == title]
    best = usual[0] if usual else min(common, key=lambda named: _mean_square(found[named]))
    return BaselineForecast(name=best[0], title=best[1], errors=found[best], values=np.asarray(said[-1][best][1]))


def _mean_square(errors: Sequence[StretchErrors]) -> float:
    return float(np.mean(np.concatenate([one.scaled for one in errors]) ** 2))
