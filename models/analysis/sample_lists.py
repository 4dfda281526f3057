"""The test samples in the order in which somebody looks for one: by date, text, class or error. NumPy and pandas only."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from data.task import TaskData
from models.analysis.disagreement import ERROR_COLUMNS
from models.analysis.samples import target_text
from models.analysis.step_labels import step_symbols
from models.cells import get_cell

DATE, TEXT, CLASS, ERROR, DIFFERENCE = "date", "text", "class", "error", "difference"
WAYS = {DATE: "Date", TEXT: "Text", CLASS: "Class", ERROR: "Largest error", DIFFERENCE: "Largest disagreement"}
LONGEST_TEXT = 60


class Listed(NamedTuple):
    """One entry: the sample's index and what it is called."""

    sample: int
    label: str


def ways(data: TaskData, architectures: int) -> list[str]:
    """Return by what the samples of a task can be found, of `WAYS`.

    Args:
        data: The task.
        architectures: How many architectures have errors.
    """
    known = {
        DATE: data.test.positions is not None,
        TEXT: data.test.inputs.ndim == 2,
        CLASS: data.kind == "classification",
        ERROR: architectures > 0,
        DIFFERENCE: architectures > 1,
    }
    return [way for way, possible in known.items() if possible]


def listed(data: TaskData, way: str, errors: pd.DataFrame | None = None) -> list[Listed]:
    """Return the samples, the first ones first.

    Args:
        data: The task.
        way: One of `WAYS`.
        errors: `models.analysis.disagreement.error_frame`, columns `ERROR_COLUMNS`, for the last two ways.
    """
    samples = range(len(data.test))
    if way == DATE:
        return [Listed(sample, _dated(data, sample)) for sample in samples]
    if way == TEXT:
        return [Listed(sample, _text(data, sample)) for sample in samples]
    if way == CLASS:
        targets = np.asarray(data.test.targets)
        order = np.argsort(targets, kind="stable").tolist()
        return [Listed(sample, f"{target_text(data, 'test', sample)} ({_named(data, sample)})") for sample in order]
    frame = pd.DataFrame(columns=list(ERROR_COLUMNS)) if errors is None else errors
    return _by_error(data, frame, difference=way == DIFFERENCE)


def _by_error(data: TaskData, errors: pd.DataFrame, *, difference: bool) -> list[Listed]:
    wide = errors.pivot(index="sample", columns="architecture", values="error").dropna()
    wide = wide[list(dict.fromkeys(errors["architecture"]))]
    size = wide.max(axis=1) - wide.min(axis=1) if difference else wide.mean(axis=1)
    order = size.sort_values(ascending=False, kind="stable").index
    titles = [get_cell(str(name)).title for name in wide.columns]
    found = []
    for sample in order:
        told = ", ".join(f"{title} {value:.3g}" for title, value in zip(titles, wide.loc[sample], strict=True))
        found.append(Listed(int(sample), f"{told} ({_named(data, int(sample))})"))
    return found


def _named(data: TaskData, sample: int) -> str:
    return f"sample {sample}" if data.test.positions is None else f"sample {sample}, {_dated(data, sample)}"


def _dated(data: TaskData, sample: int) -> str:
    """Return the position of a sample's first target, with its series where there are several."""
    part, places = data.test, data.test.first_positions
    date = "" if places is None else str(places[sample])
    if part.series is None:
        return date
    return f"{date}, {data.histories[int(part.series[sample])].name}"


def _text(data: TaskData, sample: int) -> str:
    symbols = step_symbols(data, "test", sample)
    text = ("" if all(len(symbol) == 1 for symbol in symbols) else " ").join(symbols).replace("\n", "\u21b5")
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "\u2026"
