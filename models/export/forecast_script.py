"""A script that turns the newest rows of a CSV file into the forecast, with NumPy and onnxruntime, without this project."""

import base64
import inspect
import json
import re
from collections.abc import Callable
from importlib.resources import files
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from data import calendar_steps, future_positions
from data.errors import DataError
from data.escape_output import csv_bytes, plain
from data.task import Array, TaskData
from data.window_recipe import WindowRecipe
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.forecast_errors import speaking
from models.cells import get_cell
from models.export.archive import zip_file
from models.export.dossier import Dossier
from models.export.onnx import build_model
from models.records.results import RunResult
from models.spec.deciding_metric import quantiles_of
from models.spec.repeats import repeat_data

SHOWN_ROWS = 60  # at least, of the file of newest rows
REFUSED = (
    "A script for the forecast is there for one series without gaps and without columns that are known ahead; this one "
    "needs more than its newest rows."
)


def forecast_script(dossier: Dossier, content: bytes | None = None) -> bytes:
    """Return a ZIP archive: `forecast.py`, which holds the networks, and `newest_rows.csv` to try it on.

    Args:
        dossier: The experiment.
        content: Bytes of the file that it was trained on, for datasets of the family `own`.

    Raises:
        DataError: If the forecast needs more than the newest rows of one series.
    """
    spec = dossier.result.spec
    source, options = spec.source(), spec.dataset_options()

    def recipe_of(repeat: int) -> WindowRecipe:
        number = None
        if spec.resampling == "data":
            number = repeat % max(1, source.stretches(options, content))
        found = source.window_recipe(options, number, content)
        if found is None:
            raise DataError(REFUSED)
        return found

    recipe, forecast = recipe_of(0), dossier.forecast or forecast_result(dossier.result, content)
    if forecast is None:
        raise DataError(REFUSED)
    runs = [run for run in dossier.result.runs if run.weights]
    networks = {
        run.spec.architecture: [
            _network(run, repeat, recipe_of(repeat), repeat_data(spec, content, repeat)) for repeat in speaking(run)
        ]
        for run in runs
    }
    written = _script(dossier, recipe, _settings(recipe, forecast, networks, quantiles_of(spec)))
    return zip_file({"forecast.py": written.encode(), "newest_rows.csv": _newest(recipe)})


def _settings(
    recipe: WindowRecipe, forecast: Forecast, networks: dict[str, Any], levels: tuple[float, ...]
) -> dict[str, Any]:
    bounds = [f"{edge}_{level:.0f}" for level in forecast.levels() for edge in ("lower", "upper")]
    widths = {
        source.name: {
            f"{edge}_{100 * level:.0f}": (sign * width).tolist()
            for level, width in source.half_widths.items()
            for edge, sign in (("lower", -1), ("upper", 1))
        }
        for source in forecast.sources
    }
    return {
        "columns": list(recipe.columns),
        "inputs": list(recipe.inputs),
        "targets": list(recipe.targets),
        "window": recipe.window,
        "horizon": recipe.horizon,
        "lag": recipe.lag,
        "needed": recipe.needed,
        "bounds": bounds,
        "quantiles": [f"quantile_{level * 100:.0f}" for level in levels],
        "widths": {name: widths[name] for name in networks},
        "networks": networks,
    }


def _network(run: RunResult, repeat: int, recipe: WindowRecipe, data: TaskData) -> dict[str, Any]:
    model = build_model(get_cell(run.spec.architecture), run.replica(repeat), each_step=False)
    outputs = recipe.horizon * len(recipe.targets)
    scaler = data.scaler
    return {
        "onnx": base64.b64encode(model.SerializeToString()).decode(),
        "input_mean": _plain(recipe.scaler.mean),
        "input_std": _plain(recipe.scaler.std),
        "level_mean": _plain(recipe.levels.mean),
        "level_std": _plain(recipe.levels.std),
        "output_mean": _plain(np.zeros(outputs) if scaler is None else scaler.mean),
        "output_std": _plain(np.ones(outputs) if scaler is None else scaler.std),
    }


def _plain(values: Array) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64).ravel()]


def _script(dossier: Dossier, recipe: WindowRecipe, settings: dict[str, Any]) -> str:
    gaps: dict[str, Callable[[], str]] = {
        "TITLE": lambda: f"Forecast: {_harmless(dossier.title)}",
        "NEEDED": lambda: str(recipe.needed),
        "COLUMNS": lambda: ", ".join(_harmless(name) for name in recipe.columns),
        "DATES": lambda: "\n\n".join((_source(calendar_steps), _source(future_positions))),
        "SETTINGS": lambda: repr(json.dumps(settings)),
    }
    template = files(__package__).joinpath("templates/forecast.py.txt").read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: gaps[found[1]](), template)


def _harmless(text: str) -> str:
    """Return a text that cannot break out of a docstring."""
    return plain(text).encode("ascii", "replace").decode().replace("\\", "/").replace('"', "'")


def _source(module: ModuleType) -> str:
    """Return a file of this project without its docstring and imports, which the script has."""
    lines = inspect.getsource(module).partition('"""')[2].partition('"""')[2].splitlines()
    return "\n".join(line for line in lines if not re.match(r"(from|import) ", line)).strip() + "\n"


def _newest(recipe: WindowRecipe) -> bytes:
    """Return the newest rows as a table: `time`, or the first free name like it, then the columns."""
    count = max(SHOWN_ROWS, recipe.needed)
    frame = pd.DataFrame(recipe.rows[-count:], columns=list(recipe.columns))
    time = next(name for name in ("time", "time_", "time__", "position") if name not in recipe.columns)
    frame.insert(0, time, recipe.positions[-count:])
    return csv_bytes(frame)
