"""Train with the same settings on all rows, for as many updates as validation found best, and forecast with the result.

The networks of a comparison leave the newest rows out for testing. Networks for use need no test and are trained on every
row. Nothing shows when these begin to overfit, so they stop where the tested ones were best.
"""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from data.errors import DataError
from data.repeat_splits import RepeatedData, data_bytes, whole_data
from data.task import Array, TaskData
from models.analysis.forecast import Forecast, SourceForecast, mean_answer, upcoming_answer
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.task_data import deflate, inflate, task_data

STARTS = 5
MAX_BYTES = 512_000_000  # of the samples written out
FUNCTION = f"{__name__}:train_on_everything"


def found_updates(run: RunResult) -> int:
    """Return the median number of updates at which the tested repeats validated best, at least 1."""
    found = [seed.best_update for seed in run.seeds if seed.status != "diverged"]
    return max(1, round(statistics.median(found))) if found else run.spec.updates


def load_everything(spec: ExperimentSpec, load: Callable[[ExperimentSpec], TaskData]) -> TaskData:
    """Return data with every row. With several series, a repeat of the comparison tests only half of them.

    Args:
        spec: The experiment.
        load: Returns the data of an experiment's first repeat.
    """
    data = load(spec)
    return load(replace(spec, resampling="start")) if data.histories else data


def train_on_everything(run: Mapping[str, Any], content: bytes | None, updates: int) -> dict[str, Array]:
    """Train one architecture on all rows, from several starts.

    Args:
        run: The tested run, see `RunSpec.to_dict`.
        content: Bytes of the uploaded file, compressed, or None.
        updates: See `found_updates`.

    Returns:
        Weights `(S, ...)` of the starts that did not diverge, which may be none.

    Raises:
        DataError: If the samples of all rows take too much memory.
    """
    spec = RunSpec.from_dict(run)
    data = load_everything(spec.experiment, partial(task_data, content=inflate(content)))
    if data_bytes(data) > MAX_BYTES:
        raise DataError(
            f"All samples together take {data_bytes(data) / 1e6:,.0f} MB, at most {MAX_BYTES / 1e6:,.0f} MB fit here; choose a "
            "shorter window or fewer inputs."
        )
    return _train(spec, whole_data(data), updates)


def _train(run: RunSpec, data: TaskData, updates: int) -> dict[str, Array]:
    import torch

    from models.training.group import Replica, TrainingGroup

    torch.set_num_threads(1)
    experiment = replace(run.experiment, seeds=STARTS, rate_search=0, patience=0, evaluations=1)
    chosen = replace(run, experiment=experiment, updates=updates, tried=())
    starts = [Replica(seed=seed, number=0, learning_rate=run.learning_rate) for seed in experiment.seed_values()]
    group = TrainingGroup(chosen, RepeatedData.shared(data, STARTS), starts)
    while group.active and group.update < updates:
        group.step()
    group.end_all("finished")
    kept = [state.best for state in group.seeds if state.status == "finished" and state.best is not None]
    names = kept[0] if kept else {}
    return {name: np.stack([best[name].cpu().numpy() for best in kept]) for name in names}


def everything_forecast(
    tested: Forecast, runs: Mapping[str, RunResult], weights: Mapping[str, Mapping[str, Array]], data: TaskData
) -> Forecast:
    """Return the forecast of the networks that were trained on all rows.

    Args:
        tested: The forecast of the tested networks: widths, errors and coverage stay theirs.
        runs: Architecture to tested run.
        weights: Architecture to the result of `train_on_everything`.
        data: The result of `load_everything`, with the scales that were used.
    """

    def spoken(source: SourceForecast) -> SourceForecast:
        own = weights.get(source.name)
        if source.name not in runs or own is None:
            return source
        count = len(next(iter(own.values()))) if own else 0
        said = [
            upcoming_answer(source.name, {name: value[start] for name, value in own.items()}, data)
            for start in range(count)
        ]
        mean, quantiles = mean_answer(said, len(source.mean))
        return replace(source, mean=mean, quantiles=quantiles, networks=count)

    updates = {name: found_updates(run) for name, run in runs.items() if name in weights}
    return replace(tested, sources=tuple(spoken(source) for source in tested.sources), everything=updates)


def trained_on_everything(tested: Forecast, result: ExperimentResult, content: bytes | None = None) -> Forecast:
    """Train every architecture of a result on all rows in this process, and return what these networks forecast.

    Args:
        tested: The forecast of the result's own networks.
        result: The result.
        content: Bytes of the file that it was trained on, for datasets of the family `own`.
    """
    runs = {run.spec.architecture: run for run in result.runs if run.weights}
    packed = deflate(content)
    weights = {name: train_on_everything(run.spec.to_dict(), packed, found_updates(run)) for name, run in runs.items()}
    data = load_everything(result.spec, partial(task_data, content=content))
    return everything_forecast(tested, runs, weights, data)
