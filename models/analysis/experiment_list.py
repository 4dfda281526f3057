"""Rows of the list of experiments."""

from collections.abc import Callable, Sequence

import pandas as pd

from data.escape_output import plain, spreadsheet
from models.analysis.comparison_columns import deciding_metric
from models.analysis.verdict import judge
from models.analysis.wording import joined, number
from models.cells import get_cell
from models.records.experiment import ExperimentSummary
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

LIST_COLUMNS = (
    "id",
    "dataset",
    "architectures",
    "verdict",
    "score",
    "loss",
    "status",
    "created",
    "settings",
    "cost",
    "tags",
    "notes",
    "decision",
)
Judge = Callable[[str, ExperimentResult], str]


def short_verdict(_: str, result: ExperimentResult) -> str:
    """Return a verdict of at most five words."""
    return judge(result).short


def list_frame(rows: Sequence[ExperimentSummary], verdict: Judge = short_verdict) -> pd.DataFrame:
    """Return one row per experiment.

    Args:
        rows: What the store listed.
        verdict: Returns the short verdict of an id and its result; pages pass a cached one.

    Returns:
        Columns `LIST_COLUMNS`. `loss` is a list of numbers, the loss curve of the architecture with the lowest final loss;
        `cost` is seconds of training, all architectures together, NaN if not measured. Visitors' texts are escaped for
        spreadsheets, because the table on the page can be downloaded.
    """
    table = [_row(row, verdict) for row in rows]
    return pd.DataFrame(table, columns=list(LIST_COLUMNS)).astype({"cost": "float64", "notes": "int64"})


def _row(row: ExperimentSummary, verdict: Judge) -> dict[str, object]:
    spec, result = row.view.spec, row.view.result
    return {
        "id": row.view.id,
        "dataset": plain(spec.source().title),
        "architectures": joined([get_cell(name).title for name in spec.architectures]),
        "verdict": "" if result is None else verdict(row.view.id, result),
        "score": "" if result is None else _score(result),
        "loss": _best_line(row),
        "settings": key_settings(spec),
        "cost": float("nan") if result is None else sum(_seconds(result)),
        "status": row.view.status,
        "created": row.created,
        "tags": [spreadsheet(tag) for tag in row.tags],
        "notes": row.notes,
        "decision": spreadsheet(plain(row.decision.decision)) if row.decision else "",
    }


def _best_line(row: ExperimentSummary) -> list[float]:
    lines = sorted((line for line in row.losses.values() if line), key=lambda line: line[-1])
    return list(lines[0]) if lines else []


def _score(result: ExperimentResult) -> str:
    """Return the mean test value of each architecture: `RMSE 15.7, 16.1`."""
    metric, column = deciding_metric(result)
    means = [pd.Series(run.test_scores(metric)).mean() for run in result.runs]
    return f"{column.title} {', '.join(number(float(mean)) for mean in means)}"


def _seconds(result: ExperimentResult) -> list[float]:
    return [max((seed.seconds for seed in run.seeds), default=0.0) for run in result.runs]


def key_settings(spec: ExperimentSpec) -> str:
    """Return the most important settings: `32 units, 3 seeds, 600 updates, rate 0.003`."""
    layers = f"{spec.layers} layers of " if spec.layers > 1 else ""
    seeds = f"{spec.seeds} seed{'' if spec.seeds == 1 else 's'}"
    return f"{layers}{spec.hidden_size} units, {seeds}, {spec.updates:,} updates, rate {spec.learning_rate:g}"
