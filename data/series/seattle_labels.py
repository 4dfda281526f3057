"""Seattle's daily weather, 2012 to 2015, as a classification with rare classes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from data.baselines import class_baseline, majority_baseline
from data.catalog import Baseline, Claim, Dataset, dataset
from data.fields import Value, choice
from data.forecast_windows import cut_windows
from data.repeat_splits import MIN_WINDOWS, TimeSplit, count_stretches, rolling_split, stretch_note
from data.scaling import fit_scaler
from data.series.seattle import LICENCE, SOURCE, UNITS, seattle_weather
from data.splits import class_indices, split_in_time
from data.task import Array, Part, TaskData
from data.window_options import window_field

_SCORE = (
    "The score is balanced accuracy: the share of right answers within each kind, averaged over the kinds that occur."
)
_NOTES = (
    "Split in time order: 70 % training, 15 % validation, 15 % test; scaled by the training part alone.",
    _SCORE,
    "The test part has no snow, 3 days of rain and 7 of drizzle: each of these days moves the score a lot.",
)
_ROLLING_NOTES = (_SCORE, "A stretch has only a few days of the rare kinds: each of these days moves its score a lot.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeattleLabelsOptions:
    """Options of the weather classification; a row is a day."""

    day: str = choice(
        "today",
        {"today": "The last day that is seen", "tomorrow": "The day after"},
        label="Day to name",
        help="The day's own measurements almost give rain away; the day after has to be guessed.",
    )
    inputs: str = choice(
        "kinds",
        {"kinds": "Measurements, and the kinds of earlier days", "measurements": "Measurements only"},
        label="Inputs",
        help="The kind of a day is only seen once the day is over, never on the day to name.",
    )
    window: int = window_field(7, 1, 60, unit="days")


@dataset
class SeattleLabels(Dataset):
    """Five kinds of weather: of 1,461 days 714 are sun, 411 fog, 259 rain, 54 drizzle and 23 snow."""

    name = "seattle_labels"
    title = "Seattle weather, kinds"
    description = "Daily measurements in Seattle from 2012 to 2015; the answer is the day's weather: sun, fog, rain, drizzle or snow."
    lesson = (
        "Rare kinds hide behind a good accuracy, and the labels drift: wet days are called rain in 2012 and fog from 2014 on, "
        "so only what was said of the days before tells which word is in use."
    )
    source = SOURCE
    licence = LICENCE
    family = "real"
    kind = "classification"
    picture = "series"
    Options = SeattleLabelsOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 300,
        "learning_rate": 0.01,
        "batch_size": 32,
        "evaluations": 40,
    }

    claims = (
        Claim(
            statement="Of 177 days with precipitation, 2012 calls 156 rain and none fog; of 150 such days, 2014 calls 2 rain and 123 fog.",
            source="counted here in the file",
        ),
    )

    def load(self, options: SeattleLabelsOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Cut windows labelled with the weather of their last day or of the next day; in time order, nothing is random."""
        return self._task(options, TimeSplit(*split_in_time(len(seattle_weather()))), rolling=False)

    def stretches(self, options: SeattleLabelsOptions, content: bytes | None = None) -> int:
        """Return how many stretches four years hold."""
        first = options.window - 1 + _ahead(options)

        def enough(split: TimeSplit) -> bool:
            days = (split.train.stop - first, split.test.stop - split.test.start)
            return bool(min(days) >= MIN_WINDOWS)

        return count_stretches(len(seattle_weather()), enough)

    def load_repeat(
        self, options: SeattleLabelsOptions, seed: int, number: int, content: bytes | None = None
    ) -> TaskData:
        """Test on one stretch of days and train on the days before it."""
        stretches = self.stretches(options)
        data = self._task(options, rolling_split(len(seattle_weather()), number, stretches), rolling=True)
        return replace(data, notes=(*data.notes, stretch_note(data, number, stretches)))

    def _task(self, options: SeattleLabelsOptions, slices: TimeSplit, *, rolling: bool) -> TaskData:
        frame = seattle_weather()
        labels, names = class_indices(frame["weather"].to_numpy(dtype=str))
        measured = frame[list(UNITS)].to_numpy(dtype=np.float64)
        features = fit_scaler(measured[slices[0]], "standard").transform(measured)
        columns = tuple(UNITS)
        if options.inputs == "kinds":
            features = np.concatenate([features, _known_kinds(labels, len(names), _ahead(options))], axis=1)
            columns += tuple(f"{name} before" for name in names)
        dates = frame["date"].to_numpy(dtype=str)
        train, validation, test = (_part(features, labels, dates, part, options) for part in slices)
        return TaskData(
            kind="classification",
            train=train,
            validation=validation,
            test=test,
            input_size=len(columns),
            output_size=len(names),
            class_names=names,
            feature_names=columns,
            notes=_ROLLING_NOTES if rolling else _NOTES,
            stretch=(str(dates[slices.test.start]), str(dates[slices.test.stop - 1])) if rolling else None,
            lead=_ahead(options),
        )

    def baselines(self, options: SeattleLabelsOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score the most frequent weather, and the same weather as the day before."""
        before = np.concatenate([data.validation.targets[-1:], data.test.targets[:-1]])
        same = class_baseline(data, before, name="persistence", title="Persistence: the same as the day before")
        return (majority_baseline(data), same)

    def metric(self, options: Any) -> str:
        """Return the balanced accuracy."""
        return "balanced_accuracy"


def _ahead(options: SeattleLabelsOptions) -> int:
    return 1 if options.day == "tomorrow" else 0


def _known_kinds(labels: Array, count: int, ahead: int) -> Array:
    """Return `(L, count)` the last known weather of each day: its own if the next day is predicted, else the day before's."""
    kinds = np.eye(count)[labels]
    return kinds if ahead else np.concatenate([np.zeros((1, count)), kinds[:-1]])


def _part(features: Array, labels: Array, dates: Array, rows: slice, options: SeattleLabelsOptions) -> Part:
    """Keep the days in `rows` that have a complete window before them."""
    ahead = _ahead(options)
    days = np.arange(max(rows.start, options.window - 1 + ahead), rows.stop)
    return Part(
        inputs=cut_windows(features, days + 1 - ahead, options.window),
        targets=labels[days],
        lengths=np.full(len(days), options.window, dtype=np.int64),
        positions=dates[days],
    )
