"""A trainer that costs nothing: its numbers depend on the run alone, its pace and its accidents on the spec.

`clip` is the milliseconds of one update; `seed` chooses the accident.
"""

import os
import signal
import time
from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np

from data.task import TaskData
from models.errors import DataError
from models.records.results import CURVE_COLUMNS, ProgressRecord, RunResult, SeedResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.weight_shapes import weight_shapes

TRAINER = f"{__name__}:train"
RAISES, REFUSES, DIES_ONCE, DIES_ALWAYS, DEAF, HUNGRY, GREEDY = 101, 102, 103, 104, 105, 106, 107
_EATEN: list[np.ndarray] = []


def fake_spec(
    *names: str, updates: int = 10, milliseconds: float = 1.0, seed: int = 0, dataset: str = "adding"
) -> ExperimentSpec:
    """Return a spec for the fake trainer."""
    return ExperimentSpec(
        dataset=dataset,
        options=(("length", 10),) if dataset == "adding" else (),
        architectures=names or ("lstm", "gru"),
        updates=updates,
        clip=milliseconds,
        seed=seed,
        seeds=1,
    )


def train(
    run: RunSpec, data: TaskData, *, attempt: int, should_stop: Callable[[], bool]
) -> Generator[ProgressRecord, None, RunResult]:
    """Yield a point per update, then return a result."""
    seed, status, rows = run.experiment.seed, "finished", []
    random = np.random.default_rng([seed, run.hidden_size, len(run.architecture)])
    _EATEN.clear()
    for update in range(1, run.updates + 1):
        time.sleep(run.experiment.clip / 1000)
        _have_accident(seed, attempt, update)
        rows.append((float(seed), float(update), update / 1000, *random.random(4)))
        yield _record(run, attempt, rows[-1])
        if seed != DEAF and should_stop():
            status = "stopped"
            break
    _EATEN.clear()
    return _result(run, status, np.array(rows))


def _have_accident(seed: int, attempt: int, update: int) -> None:
    if seed == HUNGRY:
        _EATEN.append(np.ones(20_000_000, dtype=np.uint8))
    if update < 5:
        return
    if seed == GREEDY:
        np.ones(2**50)
    if seed == RAISES:
        raise ValueError("/a/path/that/nobody/should/see")
    if seed == REFUSES:
        raise DataError("This data is too short.")
    if seed == DIES_ALWAYS or (seed == DIES_ONCE and attempt == 1):
        os.kill(os.getpid(), signal.SIGKILL)


def _record(run: RunSpec, attempt: int, row: tuple[float, ...]) -> ProgressRecord:
    return ProgressRecord(
        run=run.key(), attempt=attempt, update=int(row[1]), updates=run.updates, seconds=row[2], points=(row,)
    )


def _result(run: RunSpec, status: str, rows: np.ndarray) -> RunResult:
    ended = SeedResult(
        seed=run.experiment.seed,
        status=status,
        updates=len(rows),
        seconds=1.0,
        best_update=len(rows),
        validation_loss=0.1,
        final_validation_loss=0.1,
        test_loss=0.1,
        test_metrics={"rmse_value": 0.1},
    )
    return RunResult(
        spec=run,
        status=status,
        parameters=1,
        kernel="fake",
        seeds=tuple(replace(ended, seed=run.experiment.seed + number) for number in range(run.experiment.seeds)),
        curves={name: rows[:, index] for index, name in enumerate(CURVE_COLUMNS)},
        weights={name: np.zeros(shape, dtype=np.float32) for name, shape in weight_shapes(run, 1, 1).items()},
        snapshots=(),
        sample_indices=np.arange(1),
        sample_outputs=np.zeros((run.experiment.seeds, 1, 1)),
        cost={},
        environment={},
    )


def environment(*names: str) -> dict[str, str | None]:
    """Return environment variables of the process that runs this."""
    return {name: os.environ.get(name) for name in names}


def process() -> int:
    """Return the id of the process that runs this."""
    return os.getpid()


def torch_threads() -> int:
    """Return how many threads torch may use where this runs."""
    import torch

    return torch.get_num_threads()


def fail() -> None:
    """Raise an unexpected error."""
    raise KeyError("/a/path/that/nobody/should/see")


def wakings() -> dict[str, float]:
    """Return how many times a second each of this worker's regular callbacks runs."""
    from distributed import get_worker

    return {name: 1000 / one.callback_time for name, one in get_worker().periodic_callbacks.items()}
