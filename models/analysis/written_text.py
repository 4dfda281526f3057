"""Text that next-token models generate at several points of their training, at a chosen temperature. NumPy, no torch."""

import pandas as pd

from data.task import TaskData
from models.cells import get_cell
from models.cells.sampling import sample_text
from models.records.results import ExperimentResult, RunResult

WRITING_COLUMNS = ("architecture", "title", "seed", "update", "text")
MAX_MOMENTS = 6
TEXT_LENGTH = 160


def writing_frame(result: ExperimentResult, data: TaskData, *, temperature: float, replica: int = 0) -> pd.DataFrame:
    """Return texts written by every architecture at up to six snapshots of one seed, columns `WRITING_COLUMNS`.

    Args:
        result: A finished comparison on a next-token task.
        data: Its task.
        temperature: Above 0; low values repeat the most likely text, 1 samples from the model's own probabilities.
        replica: Index of the seed.
    """
    rows = [row for run in result.runs for row in _of_run(run, data, temperature, replica)]
    return pd.DataFrame(rows, columns=list(WRITING_COLUMNS))


def _of_run(run: RunResult, data: TaskData, temperature: float, replica: int) -> list[tuple[str, str, int, int, str]]:
    cell = get_cell(run.spec.architecture)
    seed = run.seeds[replica].seed
    having = [shot for shot in run.snapshots if shot.replicas > replica]
    every = max(1, -(-len(having) // MAX_MOMENTS))
    rows = []
    for shot in having[::-1][::every][::-1]:
        weights = {name: value[replica] for name, value in shot.weights.items()}
        text = sample_text(
            cell, weights, data.vocabulary, length=TEXT_LENGTH, temperature=temperature, seed=run.spec.experiment.seed
        )
        rows.append((cell.name, cell.title, seed, shot.update, text))
    return rows
