"""How often intervals hold on the last stretch of thirty series, and how wide they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.baselines import target_series
from data.forecast_answers import same_season
from data.task import Array, TaskData
from data.uploads.command_line import own_content
from models.analysis.conformal import half_width
from models.analysis.forecast import stretch_errors
from models.engine.run_here import run_experiment
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data
from tests.verdict.series import Series, every_series
from tests.verdict.tables import Row, percent

SERIES, HORIZON = 30, 3
CHECKED = (0.8, 0.9)
NETWORKS: Mapping[str, int] = {"hidden_size": 8, "updates": 200, "evaluations": 20, "seeds": 8, "rate_search": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an interval did on one series.

    Attributes:
        covered: Level to the share of points of the last stretch inside.
        width: Level to the mean width over steps ahead.
    """

    covered: Mapping[float, float]
    width: Mapping[float, float]


def rows(most: int = SERIES) -> Iterator[Row]:
    """Train on each series, and set the widths with all stretches but the last; one row a series, then the means."""
    found: list[dict[str, Held]] = []
    for series in every_series()[:most]:
        held = measure(series)
        found.append(held)
        yield (series.name, *_cells(held))
    names = found[0]
    yield ("**mean over the series**", *_cells({name: _mean([one[name] for one in found], found) for name in names}))


def measure(series: Series) -> dict[str, Held]:
    """Return what the intervals of both architectures and of the seasonal naive forecast did on the last stretch."""
    content = series.content()
    own = own_content(content, {"target": "value", "horizon": HORIZON, "season": series.season}, "series")
    spec = ExperimentSpec(dataset=own.dataset, options=tuple(own.options.items()), learning_rate=0.01, **NETWORKS)
    result = run_experiment(spec, content=content, threads=1)

    @lru_cache(maxsize=8)
    def data_of(repeat: int) -> TaskData:
        return repeat_data(spec, content, repeat)

    held = {run.spec.architecture: _held(stretch_errors(run, data_of)) for run in result.runs}
    stretches = sorted({seed.stretch_index for seed in result.runs[0].seeds}, reverse=True)
    naive = [_naive_errors(data_of(number), series.season) for number in stretches]
    return {**held, "naive": _held(naive)}


def _held(stretches: Sequence[Array]) -> Held:
    """Set widths with the errors of all stretches but the last, and count what they hold of the last one's."""
    widths = {level: half_width(np.concatenate(stretches[:-1]), level) for level in CHECKED}
    known = {level: width for level, width in widths.items() if width is not None}
    return Held(
        covered={level: float((np.abs(stretches[-1]) <= width).mean()) for level, width in known.items()},
        width={level: 2 * float(width.mean()) for level, width in known.items()},
    )


def _naive_errors(data: TaskData, season: int) -> Array:
    """Return `(n, O)` errors of the last value of the same season on the test part; of the last value without a season."""
    values, first = target_series(data, HORIZON)
    steps = np.arange(HORIZON)
    lag = season if season > 1 and same_season(first, steps, season).min() >= 0 else 1
    errors: Array = values[same_season(first, steps, lag)] - values[first[:, None] + steps]
    return errors.reshape(len(first), -1)


def _mean(held: Sequence[Held], every: Sequence[Mapping[str, Held]]) -> Held:
    """Return mean coverage, and the geometric mean of the widths in those of the naive interval."""
    ratios = {
        level: float(
            np.exp(
                np.mean(
                    [
                        np.log(one.width[level] / all_["naive"].width[level])
                        for one, all_ in zip(held, every, strict=True)
                    ]
                )
            )
        )
        for level in CHECKED
    }
    return Held(
        covered={level: float(np.mean([one.covered[level] for one in held])) for level in CHECKED}, width=ratios
    )


def _cells(held: Mapping[str, Held]) -> tuple[str, ...]:
    """Return coverage of each, and widths in those of the naive interval where these are known."""
    naive, cells = held["naive"], []
    for level in CHECKED:
        cells += [percent(one.covered[level]) for one in held.values()]
        cells += [f"{one.width[level] / naive.width[level]:.2f}" for name, one in held.items() if name != "naive"]
    return tuple(cells)


HEADINGS = (
    "series",
    *(
        heading
        for level in CHECKED
        for heading in (*(f"{level:.0%}: {name}" for name in ("LSTM", "GRU", "naive")), "width LSTM", "width GRU")
    ),
)
