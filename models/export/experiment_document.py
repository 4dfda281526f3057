"""An experiment as JSON, and back: what one installation writes, another one can open.

It is the document of the command line with curves, weights, notes, decision and tags added. Numbers that are not finite
are the texts `nan`, `inf` and `-inf`, so that nothing is lost and every JSON reader can read it.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from data.errors import GatescopeError
from models.errors import InvalidSpecError
from models.export.dossier import Dossier
from models.export.result_document import result_document
from models.records.experiment import MAX_NOTES, Decision, ExperimentRecord, Note, clean_tags, new_id
from models.records.results import CURVE_COLUMNS, FINAL, Array, ExperimentResult, RunResult
from models.spec.experiment import ExperimentSpec
from models.store.sql import codec

FORMAT = "gatescope-experiment"
SCHEMA = 1
MAX_BYTES = 10_000_000
MAX_WEIGHT_BYTES = 5_000_000
MAX_DEPTH = 12
MAX_BASELINES = 20
MAX_METRICS = 40
_DAMAGED = "This is not a Gatescope experiment: choose a file that was made with Export as JSON."


def to_json(dossier: Dossier) -> bytes:
    """Return an experiment as JSON; weights are left out where they would make the file too large to be opened again."""
    document = result_document(dossier.result)
    with_weights = sum(_weight_bytes(run) for run in dossier.result.runs) <= MAX_WEIGHT_BYTES
    for entry, run in zip(document["results"], dossier.result.runs, strict=True):
        entry["attempt"] = run.attempt
        entry["environment"] = dict(run.environment)
        entry["curves"] = {name: np.asarray(values).tolist() for name, values in run.curves.items()}
        entry["weights"] = base64.b64encode(codec.pack(run.weights)).decode() if with_weights and run.weights else ""
    document |= {
        "format": FORMAT,
        "schema": SCHEMA,
        "created": dossier.created.isoformat(),
        "tags": list(dossier.tags),
        "notes": [_note(note) for note in dossier.notes],
        "decision": None if dossier.decision is None else _decision(dossier.decision),
    }
    return json.dumps(codec.jsonable(document), allow_nan=False, indent=1).encode()


def _weight_bytes(run: RunResult) -> int:
    return sum(value.nbytes for value in run.weights.values())


def _note(note: Note) -> dict[str, str]:
    return {"text": note.text, "author": note.author, "created": note.created.isoformat()}


def _decision(decision: Decision) -> dict[str, Any]:
    return asdict(decision) | {"decided": decision.decided.isoformat()}


def from_json(content: bytes) -> Dossier:
    """Read an exported experiment, checked like any foreign input.

    Raises:
        InvalidSpecError: With one sentence that says what is wrong.
    """
    if len(content) > MAX_BYTES:
        raise InvalidSpecError([f"The file is larger than {MAX_BYTES // 1_000_000} MB, the most that can be opened."])
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidSpecError([_DAMAGED]) from None
    if not isinstance(document, dict) or "results" not in document or not isinstance(document.get("spec"), dict):
        raise InvalidSpecError([_DAMAGED])
    if document.get("schema") != SCHEMA:
        raise InvalidSpecError(["The file was made by another version of Gatescope, which this one cannot read."])
    try:
        return _dossier(document)
    except InvalidSpecError:
        raise
    except (GatescopeError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidSpecError([f"The file cannot be opened: {str(error)[:200] or type(error).__name__}"]) from error


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _dossier(document: Mapping[str, Any]) -> Dossier:
    spec = ExperimentSpec.from_dict(document["spec"])
    runs = tuple(_run(entry, spec) for entry in document["results"][: len(spec.architectures)])
    if not runs or len({run.spec.architecture for run in runs}) != len(runs):
        raise InvalidSpecError(["The file holds no result, or one architecture twice."])
    status = document.get("status")
    if status not in FINAL:
        raise InvalidSpecError(["The file holds an experiment that has not ended."])
    result = ExperimentResult(
        spec=spec,
        status=status,
        runs=runs,
        baselines=_baselines(document.get("baselines", {})),
        repeat_baselines=tuple(_baselines(entry) for entry in document.get("repeat_baselines", [])[: spec.seeds]),
    )
    decision = document.get("decision")
    return Dossier(
        result=result,
        created=_time(document.get("created")),
        notes=tuple(_read_note(entry) for entry in document.get("notes", [])[:MAX_NOTES]),
        decision=None if decision is None else _read_decision(decision),
        tags=clean_tags(tuple(str(tag) for tag in document.get("tags", []))),
    )


def _run(entry: Mapping[str, Any], spec: ExperimentSpec) -> RunResult:
    plain = {
        "run": {name: entry[name] for name in ("architecture", "hidden_size", "updates", "learning_rate")}
        | {"tried": entry.get("rates_tried", [])},
        "attempt": entry.get("attempt", 1),
        "environment": _texts(entry.get("environment", {})),
        "cost": _numbers(entry.get("cost", {})),
    }
    plain |= {name: entry[name] for name in ("status", "parameters", "kernel", "seeds")}
    record = {f"curves/{name}": values for name, values in _curves(entry.get("curves", {}), spec).items()}
    return codec.result_from_plain(plain, spec, {"record": record, "weights": _weights(entry.get("weights", ""))})


def _curves(plain: Mapping[str, Any], spec: ExperimentSpec) -> dict[str, Array]:
    most = spec.seeds * (spec.evaluations + 2)
    if plain and any(not isinstance(plain.get(name), list) or len(plain[name]) > most for name in CURVE_COLUMNS):
        raise InvalidSpecError(["The file's curves have missing columns or more points than the settings allow."])
    columns = {name: np.array([codec.number(value) for value in plain[name]]) for name in CURVE_COLUMNS if plain}
    if columns and not all(np.isfinite(columns[name]).all() for name in ("seed", "update", "seconds")):
        raise InvalidSpecError(["The file's curves have points without a place."])
    return columns


def _weights(text: Any) -> dict[str, Array]:
    if not text:
        return {}
    try:
        return codec.unpack(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise InvalidSpecError(["The file's weights are damaged."]) from None


def _baselines(plain: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    from data.sanitise import plain as cleaned

    return {cleaned(title): _numbers(metrics) for title, metrics in list(plain.items())[:MAX_BASELINES]}


def _numbers(plain: Mapping[str, Any]) -> dict[str, float]:
    return {str(name)[:80]: codec.number(value) for name, value in list(plain.items())[:MAX_METRICS]}


def _texts(plain: Mapping[str, Any]) -> dict[str, str]:
    from data.sanitise import plain as cleaned

    return {cleaned(name): cleaned(value) for name, value in list(plain.items())[:MAX_METRICS]}


def _time(text: Any) -> datetime:
    if not isinstance(text, str):
        raise InvalidSpecError(["The file has no valid date."])
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise InvalidSpecError(["The file has a date without a time zone."])
    return time


def _read_note(plain: Mapping[str, Any]) -> Note:
    return Note(text=str(plain["text"]), author=str(plain.get("author", "")), created=_time(plain["created"]))


def _read_decision(plain: Mapping[str, Any]) -> Decision:
    options = tuple(str(option) for option in plain.get("options", []))
    texts = {name: str(plain.get(name, "")) for name in ("question", "decision", "reason", "author")}
    return Decision(options=options, decided=_time(plain["decided"]), **texts)


def imported_record(dossier: Dossier, control: str) -> ExperimentRecord:
    """Return the record under which an imported experiment is kept: a new id, owned by whoever opened the file."""
    return ExperimentRecord(
        id=new_id(),
        spec=dossier.result.spec,
        runs=tuple(run.spec for run in dossier.result.runs),
        control=control,
        baselines=dossier.result.baselines,
        repeat_baselines=dossier.result.repeat_baselines,
        created=dossier.created,
        imported=True,
    )
