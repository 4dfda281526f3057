"""An experiment in MLflow's file layout: a folder `mlruns` that `mlflow ui` and MLflow's client read, without a server.

One MLflow experiment holds a run of the comparison (settings, verdict, report) and below it a run for each architecture and
seed (curves, test metrics). Layout: `mlflow/store/tracking/file_store.py`, which wants each run to have artifacts. Texts in `meta.yaml` are written as JSON, which is YAML.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from data.escape_output import plain
from models.analysis.comparison_columns import deciding_metric
from models.analysis.verdict import judge
from models.cells import get_cell
from models.export.archive import zip_file
from models.export.dossier import Dossier
from models.export.report import markdown_report
from models.export.tensorboard import curve_rows
from models.records.results import RunResult, SeedResult

FOLDER = "mlruns"
_LONGEST = 6_000  # characters of a parameter
_STATUS = {"finished": 3, "diverged": 4, "failed": 4, "stopped": 5}  # FINISHED, FAILED, KILLED
_LOCAL = 4  # source type


def mlflow_files(dossier: Dossier) -> dict[str, bytes]:
    """Return the files of an experiment by path below `mlruns`."""
    number = _identifier(dossier, "experiment", digits=True)
    moment = round(1000 * dossier.created.timestamp())
    about = {
        "artifact_location": f"{FOLDER}/{number}",
        "creation_time": moment,
        "experiment_id": number,
        "last_update_time": moment,
        "lifecycle_stage": "active",
        "name": f"{dossier.title} ({dossier.id or dossier.result.spec.key()[:8]})",
    }
    files = {f"{FOLDER}/{number}/meta.yaml": _yaml(about)}
    for identity, made in (_comparison(dossier, number), *_runs(dossier, number)):
        files |= {f"{FOLDER}/{number}/{identity}/{name}": content for name, content in made.items()}
    return files


def mlflow_zip(dossier: Dossier) -> bytes:
    """Return the files as a ZIP archive."""
    return zip_file(mlflow_files(dossier))


def _comparison(dossier: Dossier, number: str) -> tuple[str, dict[str, bytes]]:
    """Return the run of the whole comparison."""
    result, verdict = dossier.result, judge(dossier.result)
    identity, moment = _identifier(dossier, "comparison"), round(1000 * dossier.created.timestamp())
    spec = result.spec.to_dict()
    options = {f"option.{name}": value for name, value in spec.pop("options").items()}
    spec["architectures"] = ", ".join(spec["architectures"])
    files = _about(identity, number, dossier.title, (moment, moment), result.status)
    files |= _parameters(spec | options)
    files |= _tags({"mlflow.runName": dossier.title, "mlflow.note.content": verdict.paragraph})
    files |= _metrics(
        (f"{run.spec.architecture}.test_{name}", [(moment, float(np.nanmean(values)), 0)])
        for run in result.runs
        for name in (run.seeds[0].test_metrics if run.seeds else ())
        if np.isfinite(values := run.test_scores(name)).any()
    )
    files["artifacts/report.md"] = markdown_report(dossier).encode()
    return identity, files


def _runs(dossier: Dossier, number: str) -> Iterator[tuple[str, dict[str, bytes]]]:
    parent, (metric, _) = _identifier(dossier, "comparison"), deciding_metric(dossier.result)
    for run in dossier.result.runs:
        for seed in run.seeds:
            identity = _identifier(dossier, run.spec.architecture, seed.seed)
            name = f"{get_cell(run.spec.architecture).title}, seed {seed.seed}"
            moment = round(1000 * dossier.created.timestamp())
            end = moment + round(1000 * seed.seconds)
            files = _about(identity, number, name, (moment, end), seed.status)
            files |= _parameters(
                {**run.spec.settings(), "seed": seed.seed, "parameters": run.parameters, "kernel": run.kernel}
            )
            files |= _tags({"mlflow.runName": name, "mlflow.parentRunId": parent})
            files |= _metrics(_seed_metrics(run, seed, moment, metric).items())
            files["artifacts/run.json"] = json.dumps(run.spec.to_dict(), indent=1).encode()
            yield identity, files


def _seed_metrics(
    run: RunResult, seed: SeedResult, moment: int, metric: str
) -> dict[str, list[tuple[int, float, int]]]:
    """Return metrics by name: moment in milliseconds, value and update of each point."""
    found: dict[str, list[tuple[int, float, int]]] = {}
    for update, seconds, values in curve_rows(run, seed):
        for name, value in values.items():
            title = f"validation_{metric}" if name == "metric" else name
            found.setdefault(title, []).append((moment + round(1000 * seconds), value, update))
    for name, value in {"loss": seed.test_loss, **seed.test_metrics}.items():
        if np.isfinite(value):
            found[f"test_{name}"] = [(moment + round(1000 * seed.seconds), float(value), seed.best_update)]
    return found


def _about(identity: str, number: str, name: str, times: tuple[int, int], status: str) -> dict[str, bytes]:
    about = {
        "artifact_uri": f"{FOLDER}/{number}/{identity}/artifacts",
        "end_time": times[1],
        "entry_point_name": "",
        "experiment_id": number,
        "lifecycle_stage": "active",
        "run_id": identity,
        "run_name": name,
        "run_uuid": identity,
        "source_name": "gatescope",
        "source_type": _LOCAL,
        "source_version": "",
        "start_time": times[0],
        "status": _STATUS.get(status, 3),
        "tags": [],
        "user_id": "",
    }
    return {"meta.yaml": _yaml(about)}


def _yaml(values: Mapping[str, Any]) -> bytes:
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items()).encode()


def _parameters(values: Mapping[str, Any]) -> dict[str, bytes]:
    return {f"params/{_safe(name)}": plain(str(value))[:_LONGEST].encode() for name, value in values.items()}


def _tags(values: Mapping[str, str]) -> dict[str, bytes]:
    return {f"tags/{name}": value.encode() for name, value in values.items()}


def _metrics(values: Any) -> dict[str, bytes]:
    return {
        f"metrics/{_safe(name)}": "".join(f"{moment} {value!r} {step}\n" for moment, value, step in points).encode()
        for name, points in values
    }


def _safe(name: str) -> str:
    """Return a name of letters, digits, `_`, `.` and `-`, which MLflow and every file system accept."""
    return re.sub(r"[^\w.\-]", "_", plain(name), flags=re.ASCII)[:200]


def _identifier(dossier: Dossier, *parts: object, digits: bool = False) -> str:
    """Return the same 32 hexadecimal digits (18 decimal ones) for the same experiment and part."""
    named = repr((dossier.id or dossier.result.spec.key(), dossier.created.isoformat(), *parts))
    made = hashlib.sha256(named.encode()).hexdigest()[:32]
    return str(int(made, 16) % 10**18).zfill(18) if digits else made
