"""Curves and metrics as one long table, and the comparison as Markdown and LaTeX."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from data.escape_output import csv_bytes, latex, markdown
from models.analysis.comparison import comparison_table
from models.analysis.comparison_columns import COLUMNS, MEASURES, Column, deciding_metric
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult

LONG_COLUMNS = ("architecture", "seed", "update", "seconds", "part", "measure", "value")
SHOWN = (
    "test_mean",
    "test_spread",
    "skill",
    "mase",
    "band_held",
    "hidden_size",
    "parameters",
    "learning_rate",
    "best_validation_loss",
    "best_update",
    "milliseconds_per_update",
    "inference_milliseconds",
    "horizon",
    "seeds",
    "diverged",
)
_PARTS = {"training_loss": "train", "validation_loss": "validation", "metric": "validation", "gradient_norm": "train"}


def long_frame(result: ExperimentResult) -> pd.DataFrame:
    """Return every curve, test metric, cost and baseline of an experiment, one number per row.

    Columns: `LONG_COLUMNS`. `part` is `train`, `validation`, `test` or `cost`. Names in `measure` carry units; the curve
    `metric` is named after the deciding metric. The `update` of a test metric is that of the kept weights. Costs have no
    seed. Baselines have neither seed nor update, and their title as `architecture`.
    """
    metric, _ = deciding_metric(result)
    parts = [frame for run in result.runs for frame in (_curves(run, metric), _tests(run), _costs(run))]
    parts.append(pd.DataFrame(_baselines(result), columns=list(LONG_COLUMNS)))
    kept = [part.astype({"seed": "Int64", "update": "Int64"}) for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(LONG_COLUMNS))


def _curves(run: RunResult, metric: str) -> pd.DataFrame:
    wide = pd.DataFrame({name: np.asarray(values) for name, values in run.curves.items()})
    if wide.empty:
        return wide
    long = wide.melt(["seed", "update", "seconds"], list(MEASURES), var_name="measure", value_name="value")
    long["part"] = long["measure"].map(_PARTS)
    long["measure"] = long["measure"].replace({"metric": metric})
    return long.assign(architecture=run.spec.architecture).reindex(columns=list(LONG_COLUMNS))


def _tests(run: RunResult) -> pd.DataFrame:
    rows = [
        (run.spec.architecture, seed.seed, seed.best_update, seed.seconds, "test", name, value)
        for seed in run.seeds
        for name, value in {"loss": seed.test_loss, **seed.test_metrics}.items()
    ]
    return pd.DataFrame(rows, columns=list(LONG_COLUMNS))


def _costs(run: RunResult) -> pd.DataFrame:
    numbers = {"parameters": float(run.parameters), **run.cost}
    rows = [(run.spec.architecture, None, None, math.nan, "cost", name, value) for name, value in numbers.items()]
    return pd.DataFrame(rows, columns=list(LONG_COLUMNS))


def _baselines(result: ExperimentResult) -> Iterator[tuple[object, ...]]:
    for title, metrics in result.baselines.items():
        for name, value in metrics.items():
            yield (title, None, None, math.nan, "test", name, value)


def long_csv(result: ExperimentResult) -> bytes:
    """Return `long_frame` as CSV."""
    return csv_bytes(long_frame(result))


def several_frame(results: Mapping[str, ExperimentResult]) -> pd.DataFrame:
    """Return `long_frame` of several experiments in one table.

    Columns: `experiment` (the name that it is given here), `dataset`, the settings in which the experiments differ (options of a
    dataset begin with `option.`), then `LONG_COLUMNS`.
    """
    settings = {name: _settings(result) for name, result in results.items()}
    named = list(dict.fromkeys(field for values in settings.values() for field in values))
    differing = [field for field in named if len({str(values.get(field)) for values in settings.values()}) > 1]
    parts = []
    for name, result in results.items():
        frame, own = long_frame(result), settings[name]
        for place, field in enumerate(field for field in differing if field not in ("dataset", *LONG_COLUMNS)):
            frame.insert(place, field, str(own.get(field, "")))
        frame.insert(0, "dataset", result.spec.dataset)
        frame.insert(0, "experiment", name)
        parts.append(frame)
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["experiment", "dataset", *LONG_COLUMNS])
    )


def _settings(result: ExperimentResult) -> dict[str, object]:
    plain = result.spec.to_dict()
    options = {f"option.{name}": value for name, value in plain.pop("options").items()}
    return {**plain, "architectures": ", ".join(plain["architectures"]), **options}


def several_csv(results: Mapping[str, ExperimentResult]) -> bytes:
    """Return `several_frame` as CSV."""
    return csv_bytes(several_frame(results))


def comparison_cells(result: ExperimentResult) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the comparison as texts; missing values are dashes, and columns of only dashes are dropped."""
    frame = comparison_table(result)
    _, metric = deciding_metric(result)
    headings = {name: COLUMNS[name].heading for name in SHOWN} | {"test_mean": f"Test {metric.heading}"}
    digits: dict[str, Column] = dict(COLUMNS)
    used = [name for name in SHOWN if frame[name].notna().any()]
    rows = [
        [str(row["title"]), *(number(float(row[name]), digits[name].digits) for name in used)]
        for row in frame.to_dict("records")
    ]
    return ["Model", *(headings[name] for name in used)], rows


def number(value: float, digits: int = 4) -> str:
    """Return a number as text with a given number of significant digits, or a dash for NaN."""
    if math.isnan(value):
        return "–"
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{max(digits, 3)}g}"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are numbers."""
    lines = [_line(headings, markdown), "|---|" + "---:|" * (len(headings) - 1)]
    return "\n".join([*lines, *(_line(row, markdown) for row in rows)]) + "\n"


def _line(cells: Sequence[str], escape: Callable[[object], str]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"


def comparison_markdown(result: ExperimentResult) -> str:
    """Return the comparison as a Markdown table."""
    return markdown_table(*comparison_cells(result))


def comparison_latex(result: ExperimentResult) -> str:
    """Return the comparison as a LaTeX table; it needs the package `booktabs`."""
    headings, rows = comparison_cells(result)
    titles = " and ".join(latex(get_cell(run.spec.architecture).title) for run in result.runs)
    body = [r" & ".join(latex(cell) for cell in row) + r" \\" for row in rows]
    return "\n".join(
        [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{titles} on {latex(result.spec.source().title)}, {result.spec.seeds} seeds.}}",
            rf"  \begin{{tabular}}{{l{'r' * (len(headings) - 1)}}}",
            r"    \toprule",
            "    " + r" & ".join(latex(heading) for heading in headings) + r" \\",
            r"    \midrule",
            *("    " + line for line in body),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
            "",
        ]
    ).replace("–", "--")
