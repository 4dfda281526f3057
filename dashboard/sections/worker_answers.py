"""Analyses of trained networks on workers: one call per architecture, all at once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from dashboard import services
from dashboard.components.placeholder import waiting
from dashboard.sections.selection import Selection
from data.task import Array
from models.records.results import RunResult
from models.spec.task_data import deflate

TOLD = "A worker is computing …"
HEIGHT = 420  # pixels; the height of most charts that wait for a worker


def per_architecture(
    selection: Selection,
    function: str,
    key: tuple[Hashable, ...],
    make: Callable[[RunResult], tuple[Any, ...]],
    *,
    runs: Sequence[RunResult] | None = None,
) -> dict[str, Any]:
    """Return a worker's answer for every architecture, by name; each is computed once.

    Args:
        selection: The selected experiment and sample.
        function: One of `models.analysis.gate_jobs`.
        key: What determines the answer besides experiment, architecture and function.
        make: Returns a run's arguments.
        runs: Only these; None for all.

    Raises:
        EngineError: If a worker failed.
    """
    asked = selection.result.runs if runs is None else runs
    futures = {
        run.spec.architecture: services.analyse(
            function, (selection.identity, run.spec.architecture, *key), partial(make, run)
        )
        for run in asked
    }
    needed = not all(future.done() for future in futures.values())
    with waiting(TOLD, height=HEIGHT, name=function, needed=needed):
        return {name: services.answer(future) for name, future in futures.items()}


def arguments(
    selection: Selection, run: RunResult, *rest: Mapping[str, Array] | Sequence[Any] | Any
) -> tuple[Any, ...]:
    """Return the first arguments of all functions in `models.analysis.gate_jobs`, followed by the given ones."""
    content = selection.data if selection.own else deflate(services.content(selection.spec))
    return (run.spec.to_dict(), content, *rest)
