"""Train one run in this process: load its data and iterate the trainer. Worker and command line both use it.

Torch is imported when a trainer is resolved, not before.
"""

import importlib
from collections.abc import Callable
from typing import Any

from models.errors import EngineError, GatescopeError
from models.malloc import hand_back_memory
from models.records.results import ProgressRecord, RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.task_data import repeated_data

TRAINER = "models.training.loop:train"
_TITLES = {"MemoryError": "there was not enough memory; try fewer hidden units, seeds or sequences per batch"}


def run_trainer(
    run: RunSpec,
    *,
    emit: Callable[[ProgressRecord], None],
    should_stop: Callable[[], bool],
    content: bytes | None = None,
    trainer: str = TRAINER,
    attempt: int = 1,
    first: int = 0,
) -> RunResult:
    """Train one run to its end.

    Args:
        run: What to train.
        emit: Called with every progress record, in this thread.
        should_stop: Called by the trainer after every update.
        content: Bytes of an uploaded file, for datasets of the family `own`.
        trainer: `package.module:function` of a generator like `models.training.loop.train`.
        attempt: Counts up when a lost run is retried.
        first: Number of repeats that were trained before; the result holds the later ones.
    """
    train = resolve(trainer)
    data = repeated_data(run.experiment, content)
    hand_back_memory()  # reading a file takes several times what its data take
    steps = train(run, data, attempt=attempt, should_stop=should_stop, **({"first": first} if first else {}))
    while True:
        try:
            record = next(steps)
        except StopIteration as end:
            result: RunResult = end.value
            return result
        emit(record)


def resolve(function: str) -> Callable[..., Any]:
    """Return the function that `package.module:function` names.

    Raises:
        EngineError: If it does not exist.
    """
    module, _, name = function.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise EngineError(f"There is no function `{function[:80]}` to call.") from error
    return found  # type: ignore[no-any-return]


def repeat_baselines(spec: ExperimentSpec, content: bytes | None = None) -> tuple[dict[str, dict[str, float]], ...]:
    """Return the test metrics of the naive predictors on the data of each repeat, baseline title to metrics.

    Raises:
        DataError: If the options leave too little data.
    """
    data, options = repeated_data(spec, content), spec.dataset_options()
    hand_back_memory()
    different = {
        number: {
            baseline.title: {name: float(value) for name, value in baseline.metrics.items()}
            for baseline in spec.source().baselines(options, data.tasks[number])
        }
        for number in dict.fromkeys(data.numbers)
    }
    hand_back_memory()
    return tuple(different[number] for number in data.numbers)


def explain(error: BaseException) -> str:
    """Return one sentence about an error: its own if it is one of ours, otherwise its type only."""
    if isinstance(error, GatescopeError):
        return str(error)
    kind = type(error).__name__
    return f"It failed: {_TITLES.get(kind, f'an unexpected {kind} occurred; the server log has the details')}."
