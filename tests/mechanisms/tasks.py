"""Sixteen tasks: in eight, one architecture wins for a reason that was planted; in eight, nothing that can be removed matters."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.uploads.command_line import own_content
from models.spec.experiment_settings import ExperimentSpec

ROWS = 1_200
Values = NDArray[np.float64]
Columns = dict[str, Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedTask:
    """One task.

    Attributes:
        name: What it is, in a few words.
        pair: The architectures that are compared; the winner is for the training to say.
        causes: Names of mechanisms any of which is the planted cause; empty for a null task. Further ones may be true as
            well: where a network on a window loses by learning the noise of a long one, a shorter window is a cause, too.
        dataset: Name of an embedded dataset, or `own_series`.
        options: Its options.
        columns: Makes the columns of an own series; the last one is the target.
        updates: Updates of a training.
        units: Hidden units.
    """

    name: str
    pair: tuple[str, str]
    causes: frozenset[str] = frozenset()
    dataset: str = "own_series"
    options: tuple[tuple[str, int | str], ...] = ()
    columns: Callable[[np.random.Generator], Columns] | None = None
    updates: int = 200
    units: int = 16

    def experiment(self, repeats: int) -> tuple[ExperimentSpec, bytes | None]:
        """Return the settings, and the file of an own series."""
        spec = ExperimentSpec(
            dataset="adding", architectures=self.pair, hidden_size=self.units, seeds=repeats, updates=self.updates
        )
        spec = replace(spec, evaluations=10, rate_search=0, learning_rate=0.01)
        if self.columns is None:
            return replace(spec, dataset=self.dataset, options=self.options), None
        frame = pd.DataFrame(self.columns(np.random.default_rng(len(self.name))))
        target = str(frame.columns[-1])
        chosen = {"target": target, "inputs": ",".join(map(str, frame.columns)), "window": 24, **dict(self.options)}
        own = own_content(frame.round(6).to_csv(index=False).encode(), chosen, "series", "planted.csv")
        return replace(spec, dataset=own.dataset, options=tuple(own.options.items())), own.content


def noise(draw: np.random.Generator) -> Values:
    """Return white noise."""
    return draw.standard_normal(ROWS)


def lagged(lag: int, column: str) -> Callable[[np.random.Generator], Columns]:
    """Return a maker of three noise columns and a target that repeats one of them, or itself, after a lag."""

    def make(draw: np.random.Generator) -> Columns:
        columns = {name: noise(draw) for name in ("a", "b", "c")}
        y = 0.3 * noise(draw)
        for row in range(lag, ROWS):
            y[row] += 0.95 * (y[row - lag] if column == "y" else columns[column][row - lag])
        return columns | {"y": y}

    return make


def held(draw: np.random.Generator) -> Columns:
    """Return a target that keeps the value of `x` at the last mark, among values of `x` that do not count."""
    marks = draw.random(ROWS) < 0.4  # so that six rows nearly always have one
    x = noise(draw)
    y, last = np.zeros(ROWS), 0.0
    for row in range(1, ROWS):
        last = x[row - 1] if marks[row - 1] else last
        y[row] = last
    return {"mark": marks.astype(np.float64), "x": x, "y": y + 0.05 * noise(draw)}


def drifting(share: float) -> Callable[[np.random.Generator], Columns]:
    """Return a maker of a target that keeps a share of its last value, beside columns that say nothing."""

    def make(draw: np.random.Generator) -> Columns:
        columns = {name: noise(draw) for name in ("a", "b")}
        y = noise(draw)
        for row in range(1, ROWS):
            y[row] += share * y[row - 1]
        return columns | {"y": y}

    return make


REACH_6, REACH_12 = "window:6", "window:12"
PLANTED = (
    PlantedTask(name="lag 7", pair=("window_mlp", "lstm"), causes=frozenset({REACH_6}), columns=lagged(7, "y")),
    PlantedTask(
        name="lag 9, two cells", pair=("window_mlp", "gru"), causes=frozenset({REACH_6}), columns=lagged(9, "y")
    ),
    PlantedTask(
        name="lag 16", pair=("window_mlp", "rnn"), causes=frozenset({REACH_6, REACH_12}), columns=lagged(16, "y")
    ),
    PlantedTask(
        name="column b, 5 steps ago",
        pair=("window_mlp", "lstm"),
        causes=frozenset({"column:b"}),
        columns=lagged(5, "b"),
    ),
    PlantedTask(
        name="column c, 6 steps ago", pair=("window_mlp", "gru"), causes=frozenset({"column:c"}), columns=lagged(6, "c")
    ),
    PlantedTask(
        name="hold x at a mark",
        pair=("lstm", "window_mlp"),
        causes=frozenset({"column:mark", "column:x"}),
        columns=held,
        updates=600,
    ),
    PlantedTask(
        name="a counter",
        pair=("lstm", "gru"),
        causes=frozenset({"gate:cifg", "gate:lstm_no_input"}),
        dataset="counting",
        options=(("n", 32),),
        updates=600,
    ),
    PlantedTask(
        name="unmarked numbers must stay out",
        pair=("lstm", "rnn"),
        causes=frozenset({"gate:lstm_no_input"}),
        dataset="adding",
        options=(("length", 60),),
        updates=600,
    ),
)
NULL = (
    *(
        PlantedTask(name=f"keeps {share:g}", pair=pair, columns=drifting(share))
        for share, pair in (
            (0.0, ("lstm", "gru")),
            (0.5, ("lstm", "gru")),
            (0.9, ("gru", "lstm")),
            (0.7, ("lstm", "mgu")),
        )
    ),
    *(
        PlantedTask(name=f"keeps {share:g}, other kinds", pair=pair, columns=drifting(share))
        for share, pair in (
            (0.3, ("lstm", "rnn")),
            (0.8, ("gru", "rnn")),
            (0.6, ("cifg", "lstm")),
            (0.95, ("window_mlp", "gru")),
        )
    ),
)
