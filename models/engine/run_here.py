"""Run an experiment in this process, for the command line: the same code as in a worker, without a scheduler."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from models.cells import get_cell
from models.errors import EngineError, GatescopeError
from models.records.join import continued_runs, join_runs
from models.records.results import ExperimentResult, ProgressRecord, RunResult, mean_baselines, overall_status
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import MEASURE, needs_measuring
from models.spec.plan import make_plan
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.task_data import task_data
from models.worker import execute

OnProgress = Callable[[RunSpec, ProgressRecord], None]


def run_experiment(
    spec: ExperimentSpec,
    *,
    content: bytes | None = None,
    on_progress: OnProgress | None = None,
    threads: int | None = None,
    trainer: str = execute.TRAINER,
    earlier: ExperimentResult | None = None,
) -> ExperimentResult:
    """Train an experiment and wait for it; a keyboard interrupt stops it and keeps its results so far.

    Args:
        spec: What to train.
        content: Bytes of an uploaded file, for datasets of the family `own`.
        on_progress: Called with the run and each of its progress records, by one thread at a time.
        threads: Runs at a time, by default one per core. The numbers do not depend on it.
        trainer: See `models.worker.execute.run_trainer`.
        earlier: A finished result with the same settings and fewer repeats: only the missing repeats are trained.

    Raises:
        GatescopeError: If a run failed; the message says which and why.
    """
    baselines = execute.repeat_baselines(spec, content)
    runs = _plan(spec, content) if earlier is None else continued_runs(earlier, spec)
    known = {} if earlier is None else {run.spec.architecture: run for run in earlier.runs}
    stop, lock = threading.Event(), threading.Lock()

    def train(run: RunSpec) -> RunResult:
        def emit(record: ProgressRecord) -> None:
            if on_progress is not None:
                with lock:
                    on_progress(run, record)

        before = known.get(run.architecture)
        result = execute.run_trainer(
            run,
            emit=emit,
            should_stop=stop.is_set,
            content=content,
            trainer=trainer,
            first=0 if before is None else len(before.seeds),
        )
        return result if before is None else join_runs(before, result)

    with ThreadPoolExecutor(max_workers=threads or os.cpu_count()) as pool:
        futures = [pool.submit(train, run) for run in runs]
        _wait(futures, stop)
    results = tuple(_result(run, future) for run, future in zip(runs, futures, strict=True))
    status = overall_status(result.status for result in results)
    return ExperimentResult(
        spec=spec, status=status, runs=results, baselines=mean_baselines(baselines), repeat_baselines=baselines
    )


def _plan(spec: ExperimentSpec, content: bytes | None) -> tuple[RunSpec, ...]:
    """Return the runs; `same_time` first trains briefly, which needs torch."""
    found = execute.resolve(MEASURE)(spec.to_dict(), content) if needs_measuring(spec) else {}
    return make_plan(spec, DataShape.of(task_data(spec, content), content), **found).run_specs()


def _wait(futures: Sequence["Future[RunResult]"], stop: threading.Event) -> None:
    for future in futures:
        future.add_done_callback(partial(_stop_others, stop))
    try:
        wait(futures)
    except KeyboardInterrupt:
        stop.set()
        wait(futures)


def _stop_others(stop: threading.Event, future: "Future[RunResult]") -> None:
    if future.exception() is not None:
        stop.set()


def _result(run: RunSpec, future: "Future[RunResult]") -> RunResult:
    error = future.exception()
    if error is None:
        return future.result()
    title = get_cell(run.architecture).title
    if isinstance(error, GatescopeError):
        raise EngineError(f"{title}: {error}") from error
    raise EngineError(f"{title} could not be trained: {type(error).__name__}: {error}.") from error
