"""A script that turns the newest rows of a CSV file into the forecast, with NumPy and onnxruntime, without this project."""

import base64
import inspect
import json
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from data import calendar_steps, calendar_waves, future_positions
from data.calendar_waves import wave_names
from data.errors import DataError
from data.escape_output import csv_bytes, plain
from data.forecast_recipe import ForecastRecipe
from data.task import Array
from data.time_series import TimeSeries
from data.uploads.table_steps import SEPARATOR
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.forecast_errors import speaking
from models.analysis.forecast_sentences import missing_plan
from models.cells import get_cell
from models.export.archive import zip_file
from models.export.dossier import Dossier
from models.export.onnx import build_model
from models.records.results import RunResult
from models.spec.deciding_metric import quantiles_of
from models.spec.repeats import repeat_recipe

SHOWN_ROWS = 60  # at least, of each series in the file of newest rows
REFUSED = "A script forecasts numbers in time order; this dataset has none to forecast."


def forecast_script(dossier: Dossier, content: bytes | None = None) -> bytes:
    """Return a ZIP archive: `forecast.py`, which holds the networks, and `newest_rows.csv` to try it on.

    Args:
        dossier: The experiment.
        content: Bytes of the file that it was trained on, for datasets of the family `own`.

    Raises:
        DataError: If nothing is forecast, or future values of a column that is known ahead are missing.
    """
    spec = dossier.result.spec
    recipe = repeat_recipe(spec, content, 0)
    forecast = dossier.forecast or forecast_result(dossier.result, content)
    if recipe is None or forecast is None:
        raise DataError(missing_plan(spec) or REFUSED)
    runs = [run for run in dossier.result.runs if run.weights]
    used = sorted({repeat for run in runs for repeat in speaking(run)})
    settings = (
        _settings(recipe, quantiles_of(spec))
        | _of_forecast(recipe, forecast, [run.spec.architecture for run in runs])
        | {"scales": {str(repeat): _scales(repeat_recipe(spec, content, repeat)) for repeat in used}}
        | {"networks": {run.spec.architecture: [_network(run, repeat) for repeat in speaking(run)] for run in runs}}
    )
    newest = csv_bytes(_newest(recipe, settings))
    return zip_file({"forecast.py": _script(dossier, settings).encode(), "newest_rows.csv": newest})


def _settings(recipe: ForecastRecipe, levels: tuple[float, ...]) -> dict[str, Any]:
    waves = [wave for part in recipe.calendar for wave in wave_names(part)]
    several, column = list(recipe.series) != [""], free_name("series", recipe.columns)
    return {
        "columns": [name for name in recipe.columns if name not in waves],
        "calendar": list(recipe.calendar),
        "names": [name for name in recipe.columns if name not in waves] + waves,
        "inputs": list(recipe.inputs),
        "known": list(recipe.known),
        "planned": [name for name in recipe.known if name not in waves],
        "targets": list(recipe.targets),
        "window": recipe.window,
        "horizon": recipe.horizon,
        "lag": recipe.lag,
        "needed": recipe.needed,
        "gaps": recipe.gaps,
        "series": list(recipe.series),
        "named_by": (list(recipe.named_by) or [column]) if several else [],
        "series_column": column,
        "separator": SEPARATOR,
        "quantiles": [f"quantile_{level * 100:.0f}" for level in levels],
    }


def _of_forecast(recipe: ForecastRecipe, forecast: Forecast, architectures: Sequence[str]) -> dict[str, Any]:
    """Return how the series are called in the forecast, and the widths of their intervals."""
    outputs = recipe.horizon * len(recipe.targets)
    places = {name: slice(index * outputs, (index + 1) * outputs) for index, name in enumerate(recipe.series)}
    edges = (("lower", -1), ("upper", 1))
    return {
        "bounds": [f"{edge}_{level:.0f}" for level in forecast.levels() for edge, _ in edges],
        "labels": {name: list(forecast.targets[place]) for name, place in places.items()},
        "widths": {
            source.name: {
                f"{edge}_{100 * level:.0f}": {
                    name: _numbers(sign * np.asarray(width)[place]) for name, place in places.items()
                }
                for level, width in source.half_widths.items()
                for edge, sign in edges
            }
            for source in forecast.sources
            if source.name in architectures
        },
    }


def _scales(recipe: ForecastRecipe | None) -> dict[str, Any]:
    """Return the scales of every series for the networks of one repeat."""
    if recipe is None:
        return {}
    return {
        name: {
            "static": _numbers(one.static),
            **{
                f"{kind}_{part}": _numbers(getattr(getattr(one, kind), part))
                for kind in ("inputs", "ahead", "levels", "outputs")
                for part in ("mean", "std")
            },
        }
        for name, one in recipe.scales.items()
    }


def _network(run: RunResult, repeat: int) -> dict[str, Any]:
    model = build_model(get_cell(run.spec.architecture), run.replica(repeat), each_step=False)
    return {"onnx": base64.b64encode(model.SerializeToString()).decode(), "scales": str(repeat)}


def _numbers(values: Array) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64).ravel()]


def _script(dossier: Dossier, settings: dict[str, Any]) -> str:
    modules = (calendar_steps, future_positions, calendar_waves)
    gaps: dict[str, Callable[[], str]] = {
        "TITLE": lambda: f"Forecast: {_harmless(dossier.title)}",
        "FILE": lambda: _file_sentences(settings),
        "DATES": lambda: "\n\n".join(_source(module) for module in modules),
        "SETTINGS": lambda: repr(json.dumps(settings)),
    }
    template = files(__package__).joinpath("templates/forecast.py.txt").read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: gaps[found[1]](), template)


def _file_sentences(settings: dict[str, Any]) -> str:
    """Say what a file of newest rows must hold."""
    each = " of each series" if settings["named_by"] else ""
    columns = ", ".join(_harmless(name) for name in settings["columns"])
    said = [
        f"The file needs a heading and, in its last {settings['needed']} rows{each}, numbers in these columns: {columns}."
    ]
    if settings["named_by"]:
        named = ", ".join(_harmless(name) for name in settings["named_by"])
        said.append(f"The series are named in: {named}. With one target, a column for each series does as well.")
    if settings["planned"]:
        planned = ", ".join(_harmless(name) for name in settings["planned"])
        said.append(
            f"After them it needs {settings['horizon']} rows{each} with the planned values of {planned} and without a value of "
            f"{', '.join(_harmless(name) for name in settings['targets'])}."
        )
    if settings["calendar"]:
        said.append(f"Its dates, from which come {', '.join(settings['calendar'])}, are written like 2024-01-31.")
    return "\n".join(said)


def _harmless(text: str) -> str:
    """Return a text that cannot break out of a docstring."""
    return plain(text).encode("ascii", "replace").decode().replace("\\", "/").replace('"', "'")


def _source(module: ModuleType) -> str:
    """Return a file of this project without its docstring and imports, which the script has."""
    lines = inspect.getsource(module).partition('"""')[2].partition('"""')[2].splitlines()
    return "\n".join(line for line in lines if not re.match(r"(from|import) ", line)).strip() + "\n"


def _newest(recipe: ForecastRecipe, settings: dict[str, Any]) -> pd.DataFrame:
    """Return the newest rows of each series as a table, then those that hold a plan: `time`, the series' name, the columns."""
    time = free_name("time", (*settings["columns"], *settings["named_by"], settings["series_column"]))
    frames = []
    for name, series in recipe.series.items():
        frame = pd.DataFrame(series.take(settings["columns"]), columns=settings["columns"]).astype(object)
        frame.insert(0, time, series.positions)
        if settings["planned"]:
            frame = pd.concat([frame, _plan(series, recipe, settings, time)])
        if settings["named_by"]:
            frame.insert(1, settings["series_column"], name)
        frames.append(frame.tail(max(SHOWN_ROWS, recipe.needed) + recipe.horizon))
    return pd.concat(frames)


def _plan(series: TimeSeries, recipe: ForecastRecipe, settings: dict[str, Any], time: str) -> pd.DataFrame:
    """Return the rows after the last one, with the columns that are planned for them."""
    ahead = series.ahead(settings["planned"], recipe.horizon)[-recipe.horizon :]
    frame = pd.DataFrame(ahead, columns=settings["planned"])
    frame.insert(0, time, future_positions.following(series.positions, recipe.horizon))
    return frame


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """Return a name that no column has: the wanted one, or the first free one like it."""
    while wanted in taken:
        wanted += "_"
    return wanted
