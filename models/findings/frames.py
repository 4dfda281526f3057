"""Findings as frames: the table of all of them, and what the chart of one draws."""

from collections.abc import Iterator, Mapping

import pandas as pd

from models.analysis.comparison_columns import metric_column
from models.cells import architectures
from models.findings.finding import TOPICS, Finding
from models.findings.measured import Measured, RunNumbers
from models.findings.reproduce import Reproduced, is_current

TABLE_COLUMNS = ("name", "claim", "source", "then", "here", "state", "seconds", "topic", "link")
CHART_COLUMNS = ("group", "architecture", "title", "x", "value")
NOT_RUN = "not run"


def table_frame(entries: Mapping[str, Finding], results: Mapping[str, Reproduced]) -> pd.DataFrame:
    """Return one row per finding, with the columns `TABLE_COLUMNS`.

    Args:
        entries: The findings.
        results: Their results by name. One of other experiments than the finding has now counts as not run.
    """
    rows = []
    for name, entry in entries.items():
        kept = current(entry, results.get(name))
        rows.append(
            {
                "name": name,
                "claim": entry.claim,
                "source": f"{entry.source.authors} {entry.source.year}",
                "then": entry.then,
                "here": kept.here if kept else "",
                "state": kept.state if kept else NOT_RUN,
                "seconds": kept.seconds if kept else float(entry.seconds),
                "topic": TOPICS[entry.topic],
                "link": f"/?{entry.spec.to_query()}",
            }
        )
    return pd.DataFrame(rows, columns=list(TABLE_COLUMNS))


def current(entry: Finding, result: Reproduced | None) -> Reproduced | None:
    """Return a result if it belongs to the experiments that the finding has now, else None."""
    return result if result is not None and is_current(entry, result) else None


def chart_frame(entry: Finding, measured: Measured) -> pd.DataFrame:
    """Return what a finding's chart draws, with the columns `CHART_COLUMNS`.

    Returns:
        `group` is the label of the experiment if there are several, or of the measurement; `architecture` is empty for simple
        predictors; `x` is the repeat, the update, or the steps back, by the kind of the chart.
    """
    rows = list(_numbers(measured) if entry.chart == "numbers" else _runs(entry, measured))
    frame = pd.DataFrame(rows, columns=list(CHART_COLUMNS))
    return frame.astype({"x": float, "value": float})


def value_heading(entry: Finding, measured: Measured) -> str:
    """Return the title of the axis of values."""
    if entry.chart == "numbers":
        return entry.metric or "Value"
    if entry.chart == "gradient":
        return "Share of the gradient"
    if entry.chart == "curve":
        return "Validation loss" if _curve_name(entry) == "loss" else "Validation metric"
    return metric_column(_metric(entry, measured), higher_is_better=True).heading


def _runs(entry: Finding, measured: Measured) -> Iterator[tuple[str, str, str, float, float]]:
    drawn = _drawn(entry, measured)
    several = len(drawn) > 1
    for label, runs in drawn.items():
        group = label if several else ""
        for name, numbers in runs.items():
            title = architectures()[name].title
            for x, value in _points(entry, measured, numbers):
                yield group, name, title, x, value
        if entry.chart == "scores":
            yield from _baselines(group, next(iter(runs.values())), _metric(entry, measured))


def _drawn(entry: Finding, measured: Measured) -> Mapping[str, Mapping[str, RunNumbers]]:
    """Return the experiments that the chart shows: of scores, those with the metric that is drawn."""
    if entry.chart != "scores":
        return measured.experiments
    metric = _metric(entry, measured)
    return {
        label: runs
        for label, runs in measured.experiments.items()
        if all(metric in numbers.metrics for numbers in runs.values())
    }


def _points(entry: Finding, measured: Measured, numbers: RunNumbers) -> Iterator[tuple[float, float]]:
    if entry.chart == "gradient":
        norms = numbers.gradient[entry.metric or "initial_hidden"][::-1]
        yield from ((float(back), norm / norms[0]) for back, norm in enumerate(norms))
    elif entry.chart == "curve":
        yield from zip(numbers.curve["update"], numbers.curve[_curve_name(entry)], strict=True)
    else:
        yield from ((float(repeat), value) for repeat, value in enumerate(numbers.of(_metric(entry, measured))))


def _baselines(group: str, numbers: RunNumbers, metric: str) -> Iterator[tuple[str, str, str, float, float]]:
    for title, scores in numbers.baselines.items():
        for repeat, value in enumerate(scores.get(metric, ())):
            yield group, "", title, float(repeat), value


def _numbers(measured: Measured) -> Iterator[tuple[str, str, str, float, float]]:
    known = architectures()
    for group, named in measured.numbers.items():
        for name, values in named.items():
            architecture = group if group in known else name if name in known else ""
            title = known[architecture].title if architecture else name
            other = name if architecture == group else group
            for repeat, value in enumerate(values):
                yield other, architecture, title, float(repeat), value


def _metric(entry: Finding, measured: Measured) -> str:
    """Return the test metric to draw: the finding's own, or the one that decides its experiment."""
    numbers = next(iter(next(iter(measured.experiments.values())).values()))
    usual = entry.spec.source().metric(entry.spec.dataset_options())
    return next(name for name in (entry.metric, usual, *numbers.metrics) if name in numbers.metrics)


def _curve_name(entry: Finding) -> str:
    return entry.metric or "loss"
