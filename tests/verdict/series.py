"""Series to forecast: the embedded real ones, cut pieces of them, and draws from processes that are known."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.embedded import embedded
from data.uploads.shared_options import digest
from models.spec.experiment_settings import ExperimentSpec

UNITS, UPDATES, WINDOW = 16, 300, 16
MAX_ROWS = 420  # of a piece: enough for eight stretches, quick to train


class Series(NamedTuple):
    """A series of numbers with its name and the rows of one season."""

    name: str
    values: np.ndarray
    season: int = 0

    def first(self, share: float) -> "Series":
        """Return the first part of it."""
        return self._replace(values=self.values[: round(share * len(self.values))])

    def content(self) -> bytes:
        """Return it as the bytes of a CSV file with one column."""
        return ("value\n" + "\n".join(f"{value:.6g}" for value in self.values) + "\n").encode()


def spec_of(series: Series, **changes: object) -> ExperimentSpec:
    """Return the experiment on a series' file; everything but a small network is the default."""
    settings = {"hidden_size": UNITS, "updates": UPDATES, "evaluations": 20, "seeds": 8}
    return ExperimentSpec(dataset="own_series", options=file_options(series, WINDOW), **(settings | changes))  # type: ignore[arg-type]


def file_options(series: Series, window: int) -> tuple[tuple[str, str | int], ...]:
    """Return the options that forecast a series' file."""
    return (
        ("content", digest(series.content())),
        ("target", "value"),
        ("window", window),
        ("season", series.season),
    )


def every_series() -> tuple[Series, ...]:
    """Return the series of the check, the real ones first."""
    return (*_real(), *_generated())


def _real() -> Iterator[Series]:
    sunspots = pd.read_csv(embedded("sunspots_yearly.csv"))["sunspot_number"].to_numpy()
    yield Series("sunspots", sunspots)
    yield Series("sunspots, to 1899", sunspots[:200])
    airline = pd.read_csv(embedded("airline_monthly.csv")).iloc[:, -1].to_numpy()
    yield Series("airline", airline, 12)
    elnino = pd.read_csv(embedded("elnino_sst_monthly.csv")).iloc[:, -1].to_numpy()
    yield from _pieces("El Niño", elnino, 12, 2)
    co2 = pd.read_csv(embedded("co2_weekly.csv")).iloc[:, -1].interpolate().to_numpy()
    yield from _pieces("CO2", co2, 52, 4)
    weather = pd.read_csv(embedded("seattle_weather_daily.csv"))
    for column in ("temp_max", "temp_min", "wind"):
        yield from _pieces(f"Seattle {column}", weather[column].to_numpy(), 0, 2)
    macro = pd.read_csv(embedded("us_macro_quarterly.csv"))
    for column in ("unemp", "infl", "tbilrate"):
        yield Series(f"US {column}", macro[column].to_numpy())


def _pieces(name: str, values: np.ndarray, season: int, count: int) -> Iterator[Series]:
    """Cut a long series into pieces that share no row."""
    for place, piece in enumerate(np.array_split(values, count)):
        yield Series(f"{name}, piece {place + 1} of {count}", piece[:MAX_ROWS], season)


def _generated() -> Iterator[Series]:
    for draw in range(2):
        for name, make in _PROCESSES.items():
            random = np.random.default_rng([draw, *name.encode()])
            yield Series(f"{name}, draw {draw + 1}", make(random))


def _linear(coefficients: tuple[float, ...], rows: int = 360) -> object:
    def make(random: np.random.Generator) -> np.ndarray:
        values = np.zeros(rows + 100)
        noise = random.normal(size=rows + 100)
        for row in range(len(coefficients), len(values)):
            values[row] = np.dot(coefficients, values[row - len(coefficients) : row][::-1]) + noise[row]
        return values[100:]

    return make


def _threshold(random: np.random.Generator) -> np.ndarray:
    """Draw an autoregression whose sign of memory depends on the last value."""
    values = np.zeros(460)
    for row in range(1, 460):
        slope = 0.8 if values[row - 1] < 0 else -0.6
        values[row] = slope * values[row - 1] + random.normal() * 0.5
    return values[100:]


def _logistic(random: np.random.Generator) -> np.ndarray:
    """Iterate the logistic map, seen through noise."""
    values = np.empty(360)
    state = random.uniform(0.2, 0.8)
    for row in range(360):
        state = 3.8 * state * (1 - state)
        values[row] = state
    return values + random.normal(0, 0.03, 360)


def _mackey_glass(random: np.random.Generator) -> np.ndarray:
    """Iterate Mackey and Glass's delay equation (delay 17), every sixth step."""
    history = list(random.uniform(0.8, 1.2, 18))
    for _ in range(6 * 420):
        history.append(history[-1] + 0.2 * history[-18] / (1 + history[-18] ** 10) - 0.1 * history[-1])
    return np.array(history[-6 * 360 :: 6])


def _sines(random: np.random.Generator) -> np.ndarray:
    """Add two sines of unrelated periods and noise."""
    rows, phases = np.arange(360), random.uniform(0, 2 * np.pi, 2)
    return np.sin(rows / 3.1 + phases[0]) + 0.6 * np.sin(rows / 7.7 + phases[1]) + random.normal(0, 0.3, 360)


def _seasonal(random: np.random.Generator) -> np.ndarray:
    """Add a slow wave, a season of twelve rows and noise."""
    rows = np.arange(360)
    return 2 * np.sin(rows / 60) + np.tile(random.normal(size=12), 30) + random.normal(0, 0.4, 360)


_PROCESSES = {
    "AR(1)": _linear((0.8,)),
    "AR(2), cyclic": _linear((1.6, -0.9)),
    "AR(4)": _linear((0.5, -0.3, 0.2, 0.3)),
    "threshold AR": _threshold,
    "logistic map": _logistic,
    "Mackey-Glass": _mackey_glass,
    "two sines": _sines,
    "season": _seasonal,
}
