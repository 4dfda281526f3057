"""Convert an experiment to JSON and back, so that another installation can open it.

It is the command line's document plus curves, weights, notes, decision and tags. Non-finite numbers
become the strings `nan`, `inf` and `-inf`, so that nothing is lost and every JSON reader can read it.
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
from models.records import untrusted_values
from models.records.experiment import (
    MAX_EARLIER_DECISIONS,
    MAX_NOTES,
    MAX_OPTIONS,
    MAX_TAGS,
    Decision,
    ExperimentRecord,
    Note,
    clean_tags,
    new_id,
)
from models.records.results import CURVE_COLUMNS, FINAL, Array, ExperimentResult, RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.store.sql import codec

FORMAT = "gatescope-experiment"
SCHEMA = 1
MAX_BYTES = 10_000_000
MAX_WEIGHT_BYTES = 5_000_000
MAX_PROBLEM, MAX_PROBLEMS = 300, 5  # characters of a sentence, and number of sentences
_DAMAGED = "This is not a Gatescope experiment: choose a file that was made with Export as JSON."


def to_json(dossier: Dossier) -> bytes:
    """Return an experiment as JSON, without weights if they would make the file too large to open again."""
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
        "earlier_decisions": [_decision(decision) for decision in dossier.earlier_decisions],
    }
    return json.dumps(codec.jsonable(document), allow_nan=False, indent=1).encode()


def _weight_bytes(run: RunResult) -> int:
    return sum(value.nbytes for value in run.weights.values())


def _note(note: Note) -> dict[str, str]:
    return {"text": note.text, "author": note.author, "created": note.created.isoformat()}


def _decision(decision: Decision) -> dict[str, Any]:
    return asdict(decision) | {"decided": decision.decided.isoformat()}


def from_json(content: bytes) -> Dossier:
    """Read an exported experiment and validate it like any untrusted input.

    Raises:
        InvalidSpecError: With one sentence that says what is wrong.
    """
    if len(content) > MAX_BYTES:
        raise InvalidSpecError(
            [f"The file is larger than {MAX_BYTES // 1_000_000} MB, the largest that can be opened."]
        )
    try:
        document = untrusted_values.load_json(content)
    except InvalidSpecError as error:
        raise InvalidSpecError([f"{_DAMAGED} {error}"]) from None
    if not isinstance(document, dict) or "results" not in document or not isinstance(document.get("spec"), dict):
        raise InvalidSpecError([_DAMAGED])
    if document.get("schema") != SCHEMA:
        raise InvalidSpecError(["The file was written by another version of Gatescope; this one cannot read it."])
    try:
        return _dossier(document)
    except InvalidSpecError as error:
        raise InvalidSpecError([problem[:MAX_PROBLEM] for problem in error.problems[:MAX_PROBLEMS]]) from None
    except (GatescopeError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise InvalidSpecError([f"The file cannot be opened: {str(error)[:200] or type(error).__name__}"]) from error


def _dossier(document: Mapping[str, Any]) -> Dossier:
    spec = ExperimentSpec.from_dict(document["spec"])
    given = untrusted_values.sequence(document["results"], "The file's results", least=1, most=len(spec.architectures))
    runs = tuple(_run(untrusted_values.mapping(entry, "A result"), spec) for entry in given)
    if len({run.spec.architecture for run in runs}) != len(runs):
        raise InvalidSpecError(["The file has the same architecture twice."])
    status = document.get("status")
    if not isinstance(status, str) or status not in FINAL:
        raise InvalidSpecError(["The experiment in the file has not ended."])
    repeats = untrusted_values.sequence(
        document.get("repeat_baselines", []), "The baselines of repeats", most=spec.seeds
    )
    result = ExperimentResult(
        spec=spec,
        status=status,
        runs=runs,
        baselines=codec.baselines_from_plain(document.get("baselines", {})),
        repeat_baselines=tuple(codec.baselines_from_plain(entry) for entry in repeats),
    )
    decision = document.get("decision")
    earlier = untrusted_values.sequence(
        document.get("earlier_decisions", []), "The earlier decisions", most=MAX_EARLIER_DECISIONS
    )
    notes = untrusted_values.sequence(document.get("notes", []), "The notes", most=MAX_NOTES)
    tags = untrusted_values.sequence(document.get("tags", []), "The tags", most=MAX_TAGS)
    return Dossier(
        result=result,
        created=untrusted_values.moment(document.get("created"), "The file's date"),
        notes=tuple(_read_note(entry) for entry in notes),
        decision=None if decision is None else _read_decision(decision),
        earlier_decisions=tuple(_read_decision(entry) for entry in earlier),
        tags=clean_tags(tuple(untrusted_values.name(tag, "A tag") for tag in tags)),
    )


def _run(entry: Mapping[str, Any], spec: ExperimentSpec) -> RunResult:
    plain = {
        "run": {name: entry[name] for name in ("architecture", "hidden_size", "updates", "learning_rate")}
        | {"tried": entry.get("rates_tried", [])},
        "attempt": entry.get("attempt", 1),
        "environment": entry.get("environment", {}),
        "cost": entry.get("cost", {}),
    }
    plain |= {name: entry[name] for name in ("status", "parameters", "kernel", "seeds")}
    record = {f"curves/{name}": values for name, values in _curves(entry.get("curves", {}), spec).items()}
    return codec.result_from_plain(plain, spec, {"record": record, "weights": _weights(entry.get("weights", ""))})


def _curves(plain: Any, spec: ExperimentSpec) -> dict[str, Array]:
    columns = untrusted_values.mapping(plain, "The curves")
    most = spec.seeds * (spec.evaluations + 2)
    if columns and any(not isinstance(columns.get(name), list) or len(columns[name]) > most for name in CURVE_COLUMNS):
        raise InvalidSpecError(["The file's curves have missing columns or more points than the settings allow."])
    return {
        name: np.array([untrusted_values.number(v, "A point") for v in columns[name]])
        for name in CURVE_COLUMNS
        if columns
    }


def _weights(text: Any) -> dict[str, Array]:
    if not text:
        return {}
    try:
        return codec.unpack(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise InvalidSpecError(["The file's weights are damaged."]) from None


def _read_note(plain: Any) -> Note:
    note = untrusted_values.mapping(plain, "A note")
    return Note(text=_text(note["text"]), author=_text(note.get("author", "")), created=_time(note["created"]))


def _read_decision(plain: Any) -> Decision:
    decision = untrusted_values.mapping(plain, "The decision")
    options = untrusted_values.sequence(decision.get("options", []), "The options", most=MAX_OPTIONS)
    texts = {name: _text(decision.get(name, "")) for name in ("question", "decision", "reason", "author")}
    return Decision(options=tuple(_text(option) for option in options), decided=_time(decision["decided"]), **texts)


def _text(value: Any) -> str:
    """Return a text of several lines; notes and decisions clean and truncate it themselves."""
    if not isinstance(value, str):
        raise InvalidSpecError(["Notes and decisions must be texts."])
    return value


def _time(value: Any) -> datetime:
    return untrusted_values.moment(value, "The date of a note or a decision")


def imported_record(dossier: Dossier, control: str) -> ExperimentRecord:
    """Return the record of an imported experiment: it gets a new id and belongs to whoever opened the file."""
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
