"""A runnable PyTorch script of one experiment that needs only torch, NumPy and the data, not this project.

The script is a template. Its placeholders are filled with JSON, base64, or source code of this project; untrusted text
never becomes code.
"""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np

from data.escape_output import plain
from data.repeat_splits import RepeatedData, data_bytes
from data.task import Part, PartName, TaskData
from models.cells import get_cell
from models.cells.base import Cell
from models.export.archive import zip_file
from models.export.dossier import Dossier
from models.export.script_layers import layers_source
from models.records.results import ExperimentResult, RunResult
from models.spec.sizes import DataShape, NetworkSize, network_size

_SETTINGS = (
    *(
        "layers",
        "dropout",
        "forget_bias",
        "initialisation",
        "encoder_size",
        "optimiser",
        "schedule",
        "clip",
        "patience",
    ),
    *("bidirectional", "readout", "layer_norm", "evaluations"),
)
PART_NAMES: tuple[PartName, ...] = ("train", "validation", "test")
MAX_EMBEDDED = 6_000_000  # bytes of uncompressed data that the script itself may contain
MAX_BESIDE = 48_000_000  # bytes of the data of all repeats; above, the script has only those of the first repeat


def script_files(dossier: Dossier, data: RepeatedData) -> dict[str, bytes]:
    """Return the files of a script by name: the script alone, or the script and `data.npz` where the data is large.

    Args:
        dossier: The experiment.
        data: The data of its repeats. If they are too large, the script trains only the first repeat.
    """
    repeats = _repeats(data)
    packed, name, embedded = (
        pack_data(_tasks(data, repeats)),
        f"{dossier.file_name}.py",
        embeds(data.tasks[0], len(set(data.numbers))),
    )
    gaps = {
        "TITLE": _harmless(dossier.title),
        "WHERE": "; the data is inside" if embedded else "; the data is in data.npz beside it",
        "FILE": name,
        "SETTINGS": repr(json.dumps(settings(dossier.result, data, repeats))),
        "DATA": base64.b64encode(packed).decode() if embedded else "",
        "CELLS": layers_source([get_cell(run.spec.architecture) for run in dossier.result.runs]),
    }
    written = files(__package__).joinpath("templates/experiment.py.txt").read_text(encoding="utf-8")
    for gap, text in gaps.items():
        written = written.replace(f"@{gap}@", text, 1 if gap in ("DATA", "SETTINGS") else -1)
    return {name: written.encode()} | ({} if embedded else {"data.npz": packed})


def embeds(first: TaskData, different: int) -> bool:
    """Return whether the data is embedded in the script rather than in a separate file.

    Args:
        first: The data of the first repeat.
        different: How many different sets of data the repeats have, each about as large as `first`.
    """
    return data_bytes(first) * (different if _all_fit(first, different) else 1) <= MAX_EMBEDDED


def _all_fit(first: TaskData, different: int) -> bool:
    return data_bytes(first) * different <= MAX_BESIDE


def _repeats(data: RepeatedData) -> tuple[int, ...]:
    """Return the repeats that the script trains: all, or only those with the data of the first."""
    if _all_fit(data.tasks[0], len(set(data.numbers))):
        return tuple(range(len(data.numbers)))
    return tuple(repeat for repeat, number in enumerate(data.numbers) if number == data.numbers[0])


def _tasks(data: RepeatedData, repeats: Sequence[int]) -> list[TaskData]:
    """Return the different sets of data of some repeats, in order of first use."""
    return [data.tasks[number] for number in dict.fromkeys(data.numbers[repeat] for repeat in repeats)]


def script_name(dossier: Dossier, first: TaskData, different: int) -> str:
    """Return the name of the file that `script_download` would return; see `embeds`."""
    return f"{dossier.file_name}.{'py' if embeds(first, different) else 'zip'}"


def script_download(dossier: Dossier, data: RepeatedData) -> tuple[str, bytes]:
    """Return a file name and its bytes: the script, or a ZIP archive of the script and its data."""
    made, name = script_files(dossier, data), script_name(dossier, data.tasks[0], len(set(data.numbers)))
    if len(made) == 1:
        return name, next(iter(made.values()))
    return name, zip_file(made)


def _harmless(title: str) -> str:
    """Return a title that cannot break out of its docstring."""
    return plain(title).encode("ascii", "replace").decode().replace("\\", "/").replace('"', "'").replace("@", "at")


def settings(result: ExperimentResult, repeated: RepeatedData, repeats: Sequence[int]) -> dict[str, Any]:
    """Return everything that the script needs to know about some repeats, as plain JSON values."""
    spec, data = result.spec, repeated.tasks[0]
    shape, sizes = DataShape.of(data), [len(task.train) for task in repeated.tasks]
    chosen = {name: getattr(spec, name) for name in _SETTINGS}
    chosen |= {"batch_size": min(spec.batch_size, *sizes), "whole_batches": len(set(sizes)) > 1}
    size = network_size(spec, spec.architectures[0], spec.hidden_size, shape)
    task = {
        "kind": data.kind,
        "tokens": bool(data.vocabulary),
        "each_step": size.each_step,
        "input_size": data.input_size,
        "output_size": data.head_size,
        "quantiles": list(data.quantiles),
        "encoded_size": size.encoded_size,
        "steps": shape.train.steps,
        "unit": data.unit,
    }
    runs = [_plan(run, size, repeats) for run in result.runs]
    used = list(dict.fromkeys(repeated.numbers[repeat] for repeat in repeats))
    seeds = spec.seed_values()
    return chosen | {
        "task": task,
        "seeds": [seeds[repeat] for repeat in repeats],
        "data": [used.index(repeated.numbers[repeat]) for repeat in repeats],
        "stretches": [_stretch(repeated.task(repeat)) for repeat in repeats],
        "runs": runs,
        "data_file": "data.npz",
    }


def _stretch(data: TaskData) -> str:
    return "" if data.stretch is None else plain(f"{data.stretch[0]} to {data.stretch[1]}")


def _plan(run: RunResult, size: NetworkSize, repeats: Sequence[int]) -> dict[str, Any]:
    """Return what the script needs to know about one architecture."""
    cell = get_cell(run.spec.architecture)
    keeping = [(name, _sign(cell, name)) for name in cell.blocks if cell.gate(name).retains]
    return {
        "architecture": cell.name,
        "title": cell.title,
        "stock": cell.stock,
        "recurrent": cell.recurrent,
        "hidden_size": run.spec.hidden_size,
        "updates": run.spec.updates,
        "learning_rate": run.spec.learning_rate,
        "blocks": list(cell.blocks),
        "states": [state.name for state in cell.states],
        "shapes": [
            list(cell.weight_shapes(inputs, run.spec.hidden_size).items())
            for inputs in replace(size, hidden_size=run.spec.hidden_size).layer_inputs()
        ],
        "starts": {name: list(bounds) for name, bounds in cell.starts.items()},
        "keeping": keeping,
        "forget": [(name, sign) for name, sign in keeping if name == "forget_gate"],
        "rates_tried": [list(pair) for pair in run.spec.tried],
        "measured": [
            _finite({"loss": seed.test_loss, **seed.test_metrics})
            for seed in (run.seeds[repeat] for repeat in repeats if repeat < len(run.seeds))
        ],
    }


def _sign(cell: Cell, gate: str) -> int:
    return -1 if cell.gate(gate).retains == "complement" else 1


def _finite(values: dict[str, float]) -> dict[str, float]:
    return {plain(name): float(value) for name, value in values.items() if np.isfinite(value)}


def pack_data(tasks: Sequence[TaskData]) -> bytes:
    """Return the numbered arrays of all sets of data and their parts as a compressed NPZ without pickles."""
    arrays: dict[str, Any] = {}
    for number, data in enumerate(tasks):
        for name in PART_NAMES:
            arrays |= {f"{number}/{name}/{field}": value for field, value in _arrays(data.part(name)).items()}
        if data.scaler is not None:
            scale = {"mean": np.ravel(data.scaler.mean), "std": np.ravel(data.scaler.std)}
            arrays |= {f"{number}/scale/{field}": value for field, value in scale.items()}
        if data.histories:
            arrays[f"{number}/scale/series_naive"] = np.stack([one.naive_errors for one in data.histories])
        if data.naive_errors is not None:
            arrays[f"{number}/scale/naive_errors"] = data.naive_errors
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def _arrays(part: Part) -> dict[str, Any]:
    fields = {"inputs": part.inputs, "targets": part.targets, "lengths": part.lengths}
    optional = {"scored": part.scored, "base": part.base, "spread": part.spread, "series": part.series}
    return fields | {name: value for name, value in optional.items() if value is not None}
