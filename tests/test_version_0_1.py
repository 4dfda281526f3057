"""Databases, exported experiments and links of version 0.1 open in this version and show the same numbers."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from models.analysis.comparison import comparison_table
from models.analysis.comparison_columns import deciding_metric
from models.analysis.experiment_list import list_frame
from models.engine.run_here import run_experiment
from models.export.dossier import Dossier
from models.export.experiment_document import from_json, imported_record, to_json
from models.records.experiment import ExperimentQuery, new_id
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import plan_sweep
from models.store.interface import Store
from models.store.sql.startup import connect_store
from tests.version_0_1 import EXPERIMENTS, FOLDER, LINKS, SHOWN, SWEEP_QUERY, database, hashed, hashes, missing


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The database of version 0.1, opened as a server opens it."""
    opened = connect_store(database(tmp_path))
    yield opened
    opened.close()


def _numbers(run: RunResult) -> dict[str, Any]:
    """Return a run's settings and numbers as `shown.json` has them."""
    seeds = [{**asdict(seed), "test_metrics": dict(seed.test_metrics)} for seed in run.seeds]
    return {
        "architecture": run.spec.architecture,
        "hidden_size": run.spec.hidden_size,
        "updates": run.spec.updates,
        "learning_rate": run.spec.learning_rate,
        "status": run.status,
        "attempt": run.attempt,
        "parameters": run.parameters,
        "kernel": run.kernel,
        "cost": dict(run.cost),
        "environment": dict(run.environment),
        "seeds": seeds,
        "curves": hashes(run.curves),
        "weights": hashes(run.weights),
    }


def _arrays(run: RunResult) -> dict[str, Any]:
    """Return what a store keeps beside them, and an exported file leaves out."""
    return {
        "snapshots": [snapshot.update for snapshot in run.snapshots],
        "last_snapshot": hashes(run.snapshots[-1].weights),
        "sample_indices": hashed(run.sample_indices),
        "sample_outputs": hashed(run.sample_outputs),
        "gradient_flow": hashes(run.gradient_flow),
    }


def _only(names: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name in names}


def test_database_opens_without_a_complaint(store: Store) -> None:
    """Nothing is set aside, and the list has what it had, row by row."""
    assert store.notice == ""
    found = store.list_experiments(ExperimentQuery(limit=50))
    rows = [
        {**row, "created": row["created"].isoformat(), "tags": list(row["tags"])}
        for row in list_frame(found.rows).to_dict("records")
    ]
    assert missing(SHOWN["list"], rows) == []


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_stored_experiment_shows_the_same_numbers(store: Store, name: str) -> None:
    """Settings, status, baselines, per seed results, curves, weights and everything else kept of an experiment."""
    shown = EXPERIMENTS[name]
    view, record = store.view(shown["id"]), store.record(shown["id"])
    assert view is not None
    assert view.result is not None
    assert record is not None
    told = {"status": view.status, "message": view.message, "spec": view.spec.to_dict(), "baselines": record.baselines}
    assert missing(_only(told, shown), told) == []
    for run, before in zip(view.result.runs, shown["runs"], strict=True):
        numbers = _numbers(run) | _arrays(run)
        assert missing(_only(numbers, before), numbers) == []
        assert set(before) == set(numbers) | {"key"}


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_stored_experiment_keeps_its_notes(store: Store, name: str) -> None:
    """Tags, notes, decision and the uploaded file are there."""
    shown = EXPERIMENTS[name]
    identity, record = shown["id"], store.record(shown["id"])
    assert record is not None
    assert record.content == ((FOLDER / "visitors.csv").read_bytes() if shown["content_sha256"] else None)
    assert list(store.tags(identity)) == shown["tags"]
    assert [[note.text, note.author, note.created.isoformat()] for note in store.notes(identity)] == shown["notes"]
    decision = store.decision(identity)
    told = None if decision is None else {**asdict(decision), "decided": decision.decided.isoformat()}
    assert missing(shown["decision"], told) == []


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_comparison_table_of_a_stored_experiment_is_the_same(store: Store, name: str) -> None:
    """Every column of the table has the numbers that version 0.1 showed."""
    view = store.view(EXPERIMENTS[name]["id"])
    assert view is not None
    assert view.result is not None
    assert deciding_metric(view.result)[0] == EXPERIMENTS[name]["metric"]
    assert missing(EXPERIMENTS[name]["table"], comparison_table(view.result).to_dict("records")) == []


def test_runs_are_found_under_their_old_keys(store: Store) -> None:
    """A link whose runs were trained already, and a sweep, find them: a new setting's default changes no key.

    Runs on uploads are never looked up by key, so that new options of theirs may change it.
    """
    for shown in EXPERIMENTS.values():
        view = store.view(shown["id"])
        assert view is not None
        if not shown["content_sha256"]:
            assert [run.spec.key() for run in view.runs] == [run["key"] for run in shown["runs"]]
    assert SweepSpec.from_query(SWEEP_QUERY).key() == SHOWN["sweep"]["key"]


def test_sweep_shows_the_same_numbers(store: Store) -> None:
    """A sweep's link finds all its results in the old database."""
    sweep = SweepSpec.from_query(SWEEP_QUERY)
    assert missing(SHOWN["sweep"]["spec"], sweep.to_dict()) == []
    runs = plan_sweep(sweep).runs
    found = store.find_runs([run.key for run in runs])
    results = [
        {
            "values": dict(run.values),
            "architecture": run.run.architecture,
            "status": found[run.key].result.status,
            "test_metrics": dict(found[run.key].result.seeds[0].test_metrics),
        }
        for run in runs
    ]
    assert missing(SHOWN["sweep"]["outcomes"], results) == []


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_exported_file_opens_with_the_same_numbers(name: str) -> None:
    """An exported JSON has its numbers, curves, weights, notes, tags and decision."""
    shown = EXPERIMENTS[name]
    dossier = from_json((FOLDER / f"{name}.json").read_bytes())
    assert missing(shown["spec"], dossier.result.spec.to_dict()) == []
    assert missing(shown["baselines"], dossier.result.baselines) == []
    for run, before in zip(dossier.result.runs, shown["runs"], strict=True):
        numbers = _numbers(run)
        assert missing(_only(numbers, before), numbers) == []
    assert [[note.text, note.author, note.created.isoformat()] for note in dossier.notes] == shown["notes"]
    assert list(dossier.tags) == shown["tags"]
    assert (dossier.decision is None) == (shown["decision"] is None)


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_exported_file_goes_out_with_all_that_came_in(store: Store, name: str) -> None:
    """Opened, kept, read back and exported again, a file has every name and value it had; words may be new ones."""
    before = (FOLDER / f"{name}.json").read_bytes()
    kept = _keep(store, from_json(before))
    document = json.loads(before)
    for changing in ("verdict", "key"):
        document.pop(changing)
    assert missing(document, json.loads(to_json(kept))) == []


def _keep(store: Store, dossier: Dossier) -> Dossier:
    record = imported_record(dossier, new_id())
    store.keep(record, dossier.result)
    for note in dossier.notes:
        store.add_note(record.id, note)
    store.set_decision(record.id, dossier.decision)
    store.set_tags(record.id, dossier.tags)
    view = store.view(record.id)
    assert view is not None
    assert isinstance(view.result, ExperimentResult)
    extra = {"notes": store.notes(record.id), "decision": store.decision(record.id), "tags": store.tags(record.id)}
    return Dossier(result=view.result, created=record.created, **extra)


@pytest.mark.parametrize("name", list(LINKS))
def test_link_has_all_its_settings(name: str) -> None:
    """A link of version 0.1 is read whole, and what is written again says the same."""
    for link in LINKS[name]:
        spec = ExperimentSpec.from_query(link["query"])
        assert missing(link["spec"], spec.to_dict()) == []
        assert missing(dict(parse_qsl(link["query"])), dict(parse_qsl(spec.to_query()))) == []


def test_links_cover_every_dataset_of_version_0_1() -> None:
    """There were 26."""
    assert len(LINKS) == 26


@pytest.mark.parametrize("name", ["sunspots", "digits"])
def test_link_trains_to_the_numbers_of_version_0_1(name: str) -> None:
    """Trained again from its link, an experiment comes out as before: a new setting's default changes no training."""
    shown = EXPERIMENTS[name]
    result = run_experiment(ExperimentSpec.from_query(shown["query"]))
    for run, before in zip(result.runs, shown["runs"], strict=True):
        assert run.parameters == before["parameters"]
        for seed, old in zip(run.seeds, before["seeds"], strict=True):
            assert seed.test_loss == pytest.approx(old["test_loss"], rel=1e-2)
