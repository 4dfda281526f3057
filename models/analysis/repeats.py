"""Select the repeats of a result that share one repeat's data, so that charts of outputs pair networks with their samples."""

from dataclasses import replace

from data.task import TaskData
from models.records.results import ExperimentResult, RunResult, SeedResult, Snapshot


def sharing_data(run: RunResult, repeat: int) -> tuple[int, ...]:
    """Return the repeats that were tested on the same data as a given one, including itself."""
    if run.spec.experiment.resampling == "start" or repeat >= len(run.seeds):
        return tuple(range(len(run.seeds)))
    number = run.seeds[repeat].stretch_index
    return tuple(index for index, seed in enumerate(run.seeds) if seed.stretch_index == number)


def on_data_of(result: ExperimentResult, repeat: int, data: TaskData) -> ExperimentResult:
    """Return a result with only the networks that were tested on the data of one repeat.

    Args:
        result: A result with all repeats.
        repeat: The repeat, from 0, the newest stretch of a series.
        data: Its data.
    """
    return replace(result, runs=tuple(_chosen(run, sharing_data(run, repeat), data) for run in result.runs))


def _chosen(run: RunResult, repeats: tuple[int, ...], data: TaskData) -> RunResult:
    if len(repeats) == len(run.seeds):
        return run
    places = list(repeats)
    outputs = run.sample_outputs[places] if len(run.sample_outputs) else run.sample_outputs
    if outputs.ndim == 4:  # other repeats' sequences may be longer
        outputs = outputs[:, :, : data.test.inputs.shape[1]]
    kept = [place for place in places if run.snapshots and place < run.snapshots[0].replicas]
    return replace(
        run,
        seeds=tuple(run.seeds[place] for place in places),
        weights={name: value[places] for name, value in run.weights.items()},
        snapshots=tuple(
            Snapshot(update=one.update, weights={name: value[kept] for name, value in one.weights.items()})
            for one in (run.snapshots if kept else ())
        ),
        gradient_flow={name: value[places] for name, value in run.gradient_flow.items()},
        sample_outputs=outputs,
    )


def repeat_name(seed: SeedResult) -> str:
    """Name a repeat for a select box: its seed and, if it has one, its stretch ("0: 1994 to 2008")."""
    if seed.stretch is None:
        return str(seed.seed)
    return f"{seed.seed}: {seed.stretch.first} to {seed.stretch.last}"
