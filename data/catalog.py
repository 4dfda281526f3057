"""The registry of datasets and their contract.

A dataset is one file with one class, marked with `@dataset`; `catalogue()` finds it by walking this package once.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar, Literal

from data import fields
from data.errors import DataError, UnknownNameError
from data.forecast_recipe import ForecastRecipe
from data.metrics import scores_by_series, task_metrics
from data.repeat_splits import MAX_BYTES, RepeatedData, data_bytes, repeats_note
from data.task import Array, Part, TaskData, TaskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A naive predictor's test score, which any model should beat."""

    name: str
    title: str
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """When the literature calls a task solved."""

    metric: str
    threshold: float
    source: str
    higher_is_better: bool = False

    def reached(self, value: float) -> bool:
        """Return whether a metric value meets the criterion."""
        return value >= self.threshold if self.higher_is_better else value < self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What theory or literature predicts for a task, so that a run can confirm or refute it."""

    statement: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions:
    """A dataset without options."""


class Dataset(ABC):
    """A dataset: its description, options, arrays and naive baselines.

    Class attributes:
        name: Identifier in specs, links and on the command line.
        title: Name shown to a visitor.
        description: One sentence: what the data is.
        lesson: One sentence: what training on it shows.
        source: Where the data comes from, with the year.
        licence: Terms of use, or "generated".
        family: `real`, `synthetic` or `own`.
        kind: Task kind of its default options.
        picture: Preview picture: `series`, `image` or `symbols`.
        Options: Settings dataclass made with `data.fields`.
        recommended: Spec fields (hidden_size, updates, ...) that suit it; used by presets and forms.
        claims: What theory or literature predicts.
        lag_option: The integer option that says how far back a sequence's answer lies (length, delay, n), or None.
            Tasks that differ in it alone share inputs, outputs and scales, so that trained weights run on all of them.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str]
    lesson: ClassVar[str]
    source: ClassVar[str]
    licence: ClassVar[str]
    family: ClassVar[Literal["real", "synthetic", "own"]]
    kind: ClassVar[TaskKind]
    picture: ClassVar[Literal["series", "image", "symbols"]]
    Options: ClassVar[type] = NoOptions
    recommended: ClassVar[Mapping[str, fields.Value]] = {}
    claims: ClassVar[tuple[Claim, ...]] = ()
    lag_option: ClassVar[str | None] = None

    @abstractmethod
    def load(self, options: Any, seed: int, content: bytes | None = None) -> TaskData:
        """Return the arrays. The same options, seed and content give the same bits in every process.

        Args:
            options: An instance of `Options`.
            seed: Seed of generated data and of random splits.
            content: Bytes of an uploaded file, for datasets of the family `own` only.

        Raises:
            DataError: If the options leave too little data.
        """

    def stretches(self, options: Any, content: bytes | None = None) -> int:
        """Return on how many stretches of time repeats are tested; 0 if the data have no order in time.

        Args:
            options: An instance of `Options`.
            content: See `load`.
        """
        return 0

    def splits(self, options: Any, content: bytes | None = None) -> int:
        """Return how many different splits the data allow, where these may be few; 0 for as many as there are repeats.

        Args:
            options: An instance of `Options`.
            content: See `load`.
        """
        return 0

    def load_repeat(self, options: Any, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Return the data of one repeat, if each has its own: a split or a draw from its own seed.

        Datasets in time order override it: number 0 is the newest stretch, and nothing depends on the seed. Parts and
        sizes are like those of `load`; the test parts of all repeats have the same number of samples.

        Args:
            options: An instance of `Options`.
            seed: The experiment's first seed.
            number: Number of the data; below `stretches`, where there are any.
            content: See `load`.

        Raises:
            DataError: If the options leave too little data.
        """
        return self.load(options, seed + number, content)

    @abstractmethod
    def baselines(self, options: Any, data: TaskData) -> tuple[Baseline, ...]:
        """Return naive predictors with their test metrics, under the same metric names as `metrics`."""

    def baseline_forecasts(
        self, options: Any, data: TaskData, *, steps: int | None = None
    ) -> dict[tuple[str, str], tuple[Array, Array]]:
        """Return naive predictors' forecasts of the rows after the last one; empty if the task does not forecast.

        Args:
            options: An instance of `Options`.
            data: The data of a repeat.
            steps: Steps of one series that are forecast, if they are not those that networks are trained on.

        Returns:
            (name, title) to errors `(N, O)` on the test part and values `(O,)` after the last row, both in the unit.
        """
        return {}

    def forecast_recipe(
        self, options: Any, seed: int, *, number: int | None, content: bytes | None = None
    ) -> ForecastRecipe | None:
        """Return how the newest rows of each series become a forecast; None where nothing is forecast.

        Arguments are those of `load_repeat`; without a number it is that of the data of `load`.
        """
        return None

    @abstractmethod
    def metric(self, options: Any) -> str:
        """Return the name of the metric that decides a comparison, such as `rmse_sunspots`."""

    def predicts_quantiles(self, options: Any) -> bool:
        """Return whether networks may predict quantiles of its targets, and its naive predictors are scored by them, too."""
        return False

    def higher_is_better(self, options: Any) -> bool:
        """Return whether a larger value of `metric` is better."""
        return "accuracy" in self.metric(options)

    def picture_of(self, data: TaskData) -> Literal["series", "image", "symbols"]:
        """Return the kind of preview picture of a task: symbols if its inputs are tokens, else the dataset's kind."""
        return "symbols" if data.vocabulary and self.picture == "series" else self.picture

    def solved(self, options: Any) -> Solved | None:
        """Return the solved criterion, or None."""
        return None

    def metrics(self, data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
        """Score raw network outputs of one replica on a part.

        Args:
            data: The task.
            part: The part that was predicted.
            outputs: `(N, O)` values or class scores, or `(N, T, C)` scores per step.

        Returns:
            Metric name to value. Names carry the unit.
        """
        return task_metrics(data, part, outputs)

    def series_scores(self, options: Any, data: TaskData, outputs: Array) -> dict[str, float]:
        """Return the deciding metric of each series on the test part; empty where the data are not of several series.

        Args:
            options: An instance of `Options`.
            data: The task.
            outputs: Raw network outputs of one replica on the test part.
        """
        return scores_by_series(data, data.test, outputs, self.metric(options))

    def series_baselines(self, options: Any, data: TaskData) -> dict[str, float]:
        """Return the score of each tested series' best naive predictor, in the deciding metric; empty without several series."""
        return {}

    def at_lag(self, options: Any, lag: int, seed: int) -> TaskData:
        """Return the task at another lag than it was trained at; its test part has sequences of that lag alone.

        Weights trained with `options` run on it. The lag may lie beyond the bounds of the option.

        Args:
            options: An instance of `Options`.
            lag: Value of the option that `lag_option` names.
            seed: Seed of the drawn sequences.

        Raises:
            DataError: If the dataset has no such option.
        """
        if self.lag_option is None:
            raise DataError(f"{self.title} has no option that says how far back its answers lie.")
        return self.load(replace(options, **{self.lag_option: lag}), seed)

    def parse(self, raw: Mapping[str, object]) -> Any:
        """Build `Options` from texts or values; raise `InvalidSpecError` with every problem."""
        return fields.parse(self.Options, raw)


@dataclass
class _Registry:
    datasets: dict[str, Dataset] = field(default_factory=dict)


_REGISTRY = _Registry()


def dataset(entry: type[Dataset]) -> type[Dataset]:
    """Register a dataset class.

    Raises:
        ValueError: If the name is taken by another class.
    """
    present = _REGISTRY.datasets.get(entry.name)
    if present is not None and type(present).__qualname__ != entry.__qualname__:
        raise ValueError(f"dataset `{entry.name}` is registered twice")
    _REGISTRY.datasets[entry.name] = entry()
    return entry


@lru_cache(maxsize=1)
def _discover() -> None:
    import data

    for module in pkgutil.walk_packages(data.__path__, "data."):
        if not module.name.startswith("data.files"):
            importlib.import_module(module.name)


def catalogue() -> Mapping[str, Dataset]:
    """Return every dataset by name, sorted by family and title."""
    _discover()
    order = {"real": 0, "synthetic": 1, "own": 2}
    entries = sorted(_REGISTRY.datasets.values(), key=lambda entry: (order[entry.family], entry.title))
    return {entry.name: entry for entry in entries}


def load_repeats(
    source: Dataset, options: Any, seed: int, *, repeats: int, content: bytes | None = None
) -> RepeatedData:
    """Return the data of all repeats.

    Where there are stretches of time, all of them are loaded, and repeats beyond them are further starts on the same
    stretches. Repeats reuse drawn or split data if all of them together would take more than `MAX_BYTES`.
    """
    stretches = source.stretches(options, content)
    count = stretches or min(
        repeats, max_different(source, options, source.load_repeat(options, seed, 0, content), content)
    )
    tasks = tuple(source.load_repeat(options, seed, number, content) for number in range(count))
    if note := "" if stretches else repeats_note(count, repeats):
        tasks = tuple(replace(task, notes=(*task.notes, note)) for task in tasks)
    return RepeatedData(tasks=tasks, numbers=tuple(repeat % count for repeat in range(repeats)))


def load_one_repeat(source: Dataset, options: Any, seed: int, *, repeat: int, content: bytes | None = None) -> TaskData:
    """Return the data of one repeat, the same as in `load_repeats`."""
    return source.load_repeat(
        options, seed, repeat_number(source, options, seed, repeat=repeat, content=content), content
    )


def repeat_number(source: Dataset, options: Any, seed: int, *, repeat: int, content: bytes | None = None) -> int:
    """Return the number of the data that a repeat uses; see `Dataset.load_repeat`."""
    different = source.stretches(options, content)
    if different or not repeat:
        return repeat % max(1, different)
    return repeat % max_different(source, options, source.load_repeat(options, seed, 0, content), content)


def max_different(source: Dataset, options: Any, first: TaskData, content: bytes | None = None) -> int:
    """Return how many different generated or split sets of data an experiment may have, limited by memory and by the data.

    Args:
        source: The dataset.
        options: Its options.
        first: The data of the first repeat.
        content: See `Dataset.load`.
    """
    held = max(1, MAX_BYTES // max(1, data_bytes(first)))
    return min(held, source.splits(options, content) or held)


def get_dataset(name: str) -> Dataset:
    """Return a dataset.

    Raises:
        UnknownNameError: If there is none of that name; the message names the nearest one.
    """
    entries = catalogue()
    if name not in entries:
        raise UnknownNameError(fields.unknown(name, entries, "dataset"))
    return entries[name]
