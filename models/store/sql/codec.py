"""Convert results to JSON and safetensors and back. Nothing is unpickled; every tensor is checked before use."""

import hashlib
import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from data.errors import GatescopeError
from data.fields import infos
from models.errors import StoreError
from models.records import untrusted_values
from models.records.results import (
    CURVE_COLUMNS,
    FINAL,
    Array,
    Baselines,
    RunResult,
    SeedResult,
    Snapshot,
    Stretch,
    mean_baselines,
)
from models.spec.experiment_settings import MAX_UPDATES, ExperimentSpec
from models.spec.run import RunSpec
from models.spec.weight_shapes import check_weights

SCHEMA = 1
MAX_HEADER_BYTES = 1_000_000
MAX_SNAPSHOT_BYTES = 64_000_000
MAX_POSITION = 100
MAX_COORDINATE = 1e15
MAX_SEED = 2_000_000_000
MAX_PARAMETERS = 1_000_000_000
MAX_ATTEMPT = 1_000
MAX_BASELINES = 20
MAX_REPEATS = int(infos(ExperimentSpec)["seeds"].high)
SEED_STATUSES = frozenset({"finished", "stopped", "diverged"})
KINDS = ("weights", "snapshots", "record")
_DTYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def to_json(value: Any) -> str:
    """Return JSON in which non-finite numbers become the strings `nan`, `inf` and `-inf`."""
    return json.dumps(jsonable(value), allow_nan=False)


def jsonable(value: Any) -> Any:
    """Return a value of plain JSON types."""
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): jsonable(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(entry) for entry in value]
    return value


def result_to_plain(result: RunResult) -> dict[str, Any]:
    """Return everything in a result except its arrays."""
    return {
        "schema": SCHEMA,
        "run": result.spec.settings(),
        "status": result.status,
        "parameters": result.parameters,
        "kernel": result.kernel,
        "seeds": [seed_to_plain(seed) for seed in result.seeds],
        "cost": dict(result.cost),
        "environment": dict(result.environment),
        "attempt": result.attempt,
    }


def result_from_plain(
    plain: Mapping[str, Any], experiment: ExperimentSpec, tensors: Mapping[str, Mapping[str, Array]] | None = None
) -> RunResult:
    """Build a result from untrusted values.

    Args:
        plain: What `result_to_plain` returned, read back from JSON.
        experiment: Its experiment.
        tensors: Kind to tensors, from `unpack`; None for a result without arrays.

    Raises:
        StoreError: If a part is missing or does not match the spec.
    """
    try:
        run = RunSpec.from_dict(untrusted_values.mapping(plain["run"], "A run's settings"), experiment)
        given = untrusted_values.sequence(
            plain["seeds"], "A run's repeats", least=experiment.seeds, most=experiment.seeds
        )
        seeds = tuple(_seed(entry, index) for index, entry in enumerate(given))
        if len({seed.seed for seed in seeds}) < len(seeds):
            raise StoreError("A stored result has the same repeat twice.")
        return RunResult(
            spec=run,
            status=untrusted_values.one_of(plain["status"], FINAL, "The status of a run"),
            parameters=untrusted_values.whole(plain["parameters"], 1, MAX_PARAMETERS, "The number of parameters"),
            kernel=untrusted_values.name(plain["kernel"], "The kernel"),
            seeds=seeds,
            cost=untrusted_values.numbers(plain["cost"], "A run's cost"),
            environment=untrusted_values.names(plain["environment"], "The environment"),
            attempt=untrusted_values.whole(plain["attempt"], 1, MAX_ATTEMPT, "The attempt"),
            **_arrays(run, tensors or {}, replicas=len(seeds)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, GatescopeError) as error:
        raise StoreError(f"A stored result cannot be read: {str(error)[:200]}") from error


FLOW = "gradient_flow/"
_COUNTS = {"seed": MAX_SEED, "updates": MAX_UPDATES, "best_update": MAX_UPDATES, "solved_update": MAX_UPDATES}
_TIMES = frozenset({"seconds", "solved_seconds"})


def seed_to_plain(seed: SeedResult) -> dict[str, Any]:
    """Return one replica's outcome as plain values; a stretch as `from` and `to`."""
    stretch = None if seed.stretch is None else {"from": seed.stretch.first, "to": seed.stretch.last}
    return asdict(seed) | {"test_metrics": dict(seed.test_metrics), "stretch": stretch}


def _seed(plain: Mapping[str, Any], index: int) -> SeedResult:
    """Build one replica's outcome; values that version 0.1 did not write are those of an experiment on one split."""
    plain = untrusted_values.mapping(plain, "A repeat")
    values: dict[str, Any] = {"stretch": _stretch(plain.get("stretch")), "stretch_index": index}
    for name in ("series_scores", "series_baselines"):
        values[name] = untrusted_values.numbers(plain.get(name) or {}, f"`{name}` of a repeat")
    if plain.get("stretch_index") is not None:
        values["stretch_index"] = untrusted_values.whole(plain["stretch_index"], 0, MAX_SEED, "The number of a stretch")
    for field in fields(SeedResult):
        if field.name not in values:
            values[field.name] = _of_seed(field.name, plain[field.name])
    return SeedResult(**values)


def _of_seed(name: str, value: Any) -> Any:
    what = f"`{name}` of a repeat"
    if name == "test_metrics":
        return untrusted_values.numbers(value, what)
    if name == "status":
        return untrusted_values.one_of(value, SEED_STATUSES, what)
    if value is None and name.startswith("solved_"):
        return None
    if name in _COUNTS:
        return untrusted_values.whole(value, 0, _COUNTS[name], what)
    return (
        untrusted_values.real(value, 0.0, untrusted_values.MAX_SECONDS, what)
        if name in _TIMES
        else untrusted_values.number(value, what)
    )


def _stretch(plain: Any) -> Stretch | None:
    return None if plain is None else Stretch(_position(plain["from"]), _position(plain["to"]))


def _position(value: Any) -> str | float:
    if isinstance(value, str):
        return untrusted_values.name(value, "A position on the time axis", longest=MAX_POSITION)
    if type(value) is int and abs(value) <= MAX_COORDINATE:
        return value
    return untrusted_values.real(value, -MAX_COORDINATE, MAX_COORDINATE, "A position on the time axis")


def baselines_to_json(baselines: Baselines, repeats: Sequence[Baselines] = ()) -> str:
    """Return baselines as JSON: a list with an entry per repeat, or the object of version 0.1 without repeats."""
    return to_json(list(repeats) if repeats else baselines)


def baselines_from_json(text: str) -> tuple[dict[str, dict[str, float]], tuple[Baselines, ...]]:
    """Return the means over repeats, and the entry of each repeat (none in files of version 0.1)."""
    plain = untrusted_values.load_json(text)
    if isinstance(plain, list):
        repeats = tuple(
            baselines_from_plain(entry) for entry in untrusted_values.sequence(plain, "Baselines", most=MAX_REPEATS)
        )
        return mean_baselines(repeats), repeats
    return baselines_from_plain(plain), ()


def baselines_from_plain(plain: Any) -> dict[str, dict[str, float]]:
    """Return baseline titles and their metrics, read from untrusted values.

    Raises:
        InvalidSpecError: If they are something else.
    """
    found = untrusted_values.mapping(plain, "Baselines", most=MAX_BASELINES)
    return {
        untrusted_values.name(title, "A baseline"): untrusted_values.numbers(metrics, "A baseline")
        for title, metrics in found.items()
    }


def _arrays(run: RunSpec, tensors: Mapping[str, Mapping[str, Array]], *, replicas: int) -> dict[str, Any]:
    record = tensors.get("record", {})
    curves = _named(record, "curves/")
    _check_curves(curves)
    weights = dict(tensors.get("weights", {}))
    check_weights(run, {name: (value.shape, value.dtype) for name, value in weights.items()})
    if not all(np.isfinite(value).all() for value in weights.values()):
        raise StoreError("Saved weights must be finite numbers.")
    _check_samples(record, replicas)
    return {
        "curves": curves,
        "weights": weights,
        "snapshots": _snapshots(run, tensors.get("snapshots", {})),
        "sample_indices": record.get("sample_indices", np.empty(0, dtype=np.int64)),
        "sample_outputs": record.get("sample_outputs", np.empty(0, dtype=np.float32)),
        "gradient_flow": _named(record, FLOW),
    }


def _check_curves(curves: Mapping[str, Array]) -> None:
    """Raise `StoreError` if columns are missing, differ in length, or hold impossible values."""
    shapes = {value.shape for value in curves.values()}
    if curves and (set(curves) != set(CURVE_COLUMNS) or len(shapes) != 1 or len(shapes.pop()) != 1):
        raise StoreError("A stored curve lacks a column or part of one.")
    for name, most in (("seed", MAX_SEED), ("update", MAX_UPDATES), ("seconds", untrusted_values.MAX_SECONDS)):
        values = curves.get(name, np.empty(0))
        sound = (values >= 0) & (values <= most) & ((values == np.floor(values)) | (name == "seconds"))
        if not sound.all():
            raise StoreError(f"A stored curve has impossible values of `{name}`.")


def _check_samples(record: Mapping[str, Array], replicas: int) -> None:
    """Raise `StoreError` if stored outputs do not match the stored samples."""
    indices, outputs = record.get("sample_indices"), record.get("sample_outputs")
    if indices is None or outputs is None or not outputs.size:
        return
    if indices.ndim != 1 or outputs.ndim not in (3, 4) or outputs.shape[:2] != (replicas, len(indices)):
        raise StoreError("Stored outputs do not match the stored samples.")


def _named(tensors: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _snapshots(run: RunSpec, tensors: Mapping[str, Array]) -> tuple[Snapshot, ...]:
    moments: dict[int, dict[str, Array]] = {}
    for key, value in tensors.items():
        update, _, name = key.partition("/")
        moments.setdefault(int(update), {})[name] = value
    for weights in moments.values():
        check_weights(run, {name: (value.shape, value.dtype) for name, value in weights.items()})
    return tuple(Snapshot(update=update, weights=moments[update]) for update in sorted(moments))


def tensors_of(result: RunResult) -> dict[str, dict[str, Array]]:
    """Return a result's arrays by kind, ready for `pack`; the snapshots are thinned to `MAX_SNAPSHOT_BYTES`."""
    record = {f"curves/{name}": np.asarray(values, dtype=np.float64) for name, values in result.curves.items()}
    record["sample_indices"] = np.asarray(result.sample_indices, dtype=np.int64)
    record["sample_outputs"] = np.asarray(result.sample_outputs, dtype=np.float32)
    record |= {FLOW + name: np.asarray(values, dtype=np.float64) for name, values in result.gradient_flow.items()}
    snapshots = {
        f"{snapshot.update}/{name}": value for snapshot in _thinned(result) for name, value in snapshot.weights.items()
    }
    return {"weights": dict(result.weights), "snapshots": snapshots, "record": record}


def _thinned(result: RunResult) -> tuple[Snapshot, ...]:
    """Drop every other snapshot, but never the first or last, until the rest is small enough."""
    kept = result.snapshots
    while len(kept) > 2 and sum(value.nbytes for one in kept for value in one.weights.values()) > MAX_SNAPSHOT_BYTES:
        kept = (*kept[:-1:2], kept[-1])
    return kept


def pack(tensors: Mapping[str, Array]) -> bytes:
    """Return tensors as safetensors."""
    return bytes(save({name: np.ascontiguousarray(value) for name, value in tensors.items()}))


def unpack(packed: bytes) -> dict[str, Array]:
    """Return the tensors of safetensors bytes.

    Raises:
        StoreError: If the header is too large, a dtype is not allowed, or the sizes do not match the bytes.
    """
    try:
        (size,) = struct.unpack_from("<Q", packed)
        if size > MAX_HEADER_BYTES:
            raise StoreError("The header of stored tensors is too large.")
        header = json.loads(packed[8 : 8 + size])
        dtypes = {entry["dtype"] for name, entry in header.items() if name != "__metadata__"}
        if not dtypes <= set(_DTYPES):
            raise StoreError("Stored tensors have an unexpected number type.")
        return dict(load(packed))
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, SafetensorError, RecursionError) as error:
        raise StoreError("Stored tensors are damaged.") from error


def digest(packed: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(packed).hexdigest()


def pack_points(points: Any) -> bytes:
    """Return rows of `CURVE_COLUMNS` as little-endian float64."""
    return bytes(np.asarray(points, dtype="<f8").tobytes())


def unpack_points(chunks: list[bytes]) -> dict[str, Array]:
    """Join stored chunks of rows and return their columns; empty if there are none.

    Raises:
        StoreError: If a chunk does not hold whole rows.
    """
    packed = b"".join(chunks)
    row = 8 * len(CURVE_COLUMNS)
    if len(packed) % row:
        raise StoreError("A stored curve is damaged.")
    if not packed:
        return {}
    rows = np.frombuffer(packed, dtype="<f8").astype(np.float64).reshape(-1, len(CURVE_COLUMNS))
    return {name: np.ascontiguousarray(rows[:, index]) for index, name in enumerate(CURVE_COLUMNS)}
