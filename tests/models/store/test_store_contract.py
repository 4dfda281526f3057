"""What every store promises, in memory and in SQL alike."""

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np
import pytest

from data.fields import infos
from models.errors import InvalidSpecError, StoreError
from models.records.experiment import (
    MAX_EARLIER_DECISIONS,
    MAX_TAGS,
    Decision,
    ExperimentQuery,
    Note,
    SortBy,
    may_control,
    new_id,
)
from models.records.results import FINAL, RunResult, mean_baselines
from models.spec.experiment_settings import ExperimentSpec
from models.store.interface import Store
from tests.models.records.samples import a_record, a_result, a_spec, an_experiment_result, points, the_runs


def same_result(one: RunResult, other: RunResult) -> bool:
    """Compare two results to the last bit; NaN equals NaN."""
    np.testing.assert_equal(_parts(one), _parts(other))
    return True


def _parts(result: RunResult) -> dict[str, object]:
    """Return every field in a form that `assert_equal` looks into."""
    parts = {field.name: getattr(result, field.name) for field in fields(result)}
    parts["snapshots"] = [(snapshot.update, dict(snapshot.weights)) for snapshot in result.snapshots]
    parts["seeds"] = [{field.name: getattr(seed, field.name) for field in fields(seed)} for seed in result.seeds]
    return {name: dict(part) if isinstance(part, Mapping) else part for name, part in parts.items()}


def test_create_shows_a_queued_experiment(store: Store) -> None:
    """What was accepted is there, with its runs, before anything ran."""
    record = a_record()
    store.create(record)
    view = store.view(record.id)
    assert view is not None
    assert (view.status, view.result, view.spec) == ("queued", None, record.spec)
    assert [(run.spec, run.status, run.update) for run in view.runs] == [(run, "queued", 0) for run in record.runs]


def test_record_gives_back_what_was_accepted(store: Store) -> None:
    """Control token, baselines with infinities and uploaded bytes survive."""
    record = a_record(content=b"a,b\n1,2\n\x00\xff")
    store.create(record)
    kept = store.record(record.id)
    assert kept is not None
    for name in ("id", "spec", "runs", "control", "content", "created", "imported"):
        assert getattr(kept, name) == getattr(record, name)
    assert kept.baselines == record.baselines
    assert may_control(kept, record.control)
    assert not may_control(kept, new_id())


def test_unknown_ids_find_nothing(store: Store) -> None:
    """Reading anything that is not an id of an experiment gives nothing; writing gives one sentence."""
    for odd in ("", "x", "../../secrets", "1 OR 1=1", "\0" * 22, "a" * 1_000_000, "é" * 22, new_id()):
        assert store.view(odd) is None
        assert store.record(odd) is None
        assert store.notes(odd) == ()
        assert not store.delete(odd)
        assert not store.undelete(odd)
        with pytest.raises(StoreError):
            store.set_status(odd, "running")
        with pytest.raises(StoreError):
            store.append_curve(odd, "lstm", points(a_spec()))


def test_curves_grow_in_order(store: Store) -> None:
    """Rows come back in the order in which they were added, and the last update is known."""
    record = a_record()
    store.create(record)
    for first in range(3):
        store.append_curve(record.id, "gru", points(record.spec, first, 1))
    store.append_curve(record.id, "gru", [])
    run = store.view(record.id).runs[1]
    assert list(run.curves["update"]) == [5, 5, 10, 10, 15, 15]
    assert run.update == 15
    assert store.view(record.id).runs[0].curves == {}


def test_higher_attempt_empties_the_curve(store: Store) -> None:
    """A run taken up again starts its curve over."""
    record = a_record()
    store.create(record)
    store.append_curve(record.id, "lstm", points(record.spec))
    assert store.set_run_status(record.id, "lstm", "running", attempt=2)
    run = store.view(record.id).runs[0]
    assert (run.attempt, run.update, run.curves) == (2, 0, {})


def test_saved_result_comes_back_bit_for_bit(store: Store) -> None:
    """A result survives with every number, also those that are not finite."""
    record = a_record()
    store.create(record)
    result = a_result(record.runs[0])
    assert store.save_result(record.id, "lstm", result)
    run = store.view(record.id).runs[0]
    assert run.status == "finished"
    assert same_result(run.result, result)
    assert store.view(record.id).result is None


def test_result_of_the_experiment_appears_with_its_final_status(store: Store) -> None:
    """Only a final experiment has a result, with what its runs brought and the baselines."""
    record = a_record()
    store.create(record)
    store.save_result(record.id, "lstm", a_result(record.runs[0]))
    assert store.set_run_status(record.id, "gru", "failed", message="The worker ran out of memory.")
    assert store.set_status(record.id, "failed", "One run failed.")
    view = store.view(record.id)
    assert view.final
    assert view.message == "One run failed."
    assert [run.spec.architecture for run in view.result.runs] == ["lstm"]
    assert view.result.baselines == record.baselines
    assert view.runs[1].message == "The worker ran out of memory."


def test_final_states_are_set_once(store: Store) -> None:
    """Nothing changes a final state, and the call says so."""
    for final in sorted(FINAL):
        record = a_record()
        store.create(record)
        assert store.set_status(record.id, final)
        assert store.set_run_status(record.id, "lstm", final)
        for late in ("running", "stopped", "finished"):
            assert not store.set_status(record.id, late)
            assert not store.set_run_status(record.id, "lstm", late)
        assert not store.save_result(record.id, "lstm", a_result(record.runs[0]))
        store.append_curve(record.id, "lstm", points(record.spec))
        view = store.view(record.id)
        assert (view.status, view.runs[0].status, view.runs[0].curves, view.result) == (final, final, {}, None)


def test_save_result_keeps_the_spec_that_was_run(store: Store) -> None:
    """A learning rate found by search is what is kept and found again."""
    record = a_record()
    store.create(record)
    searched = replace(record.runs[0], learning_rate=0.01, tried=((0.003, 0.5), (0.01, 0.25)))
    store.save_result(record.id, "lstm", a_result(searched))
    assert store.view(record.id).runs[0].spec == searched
    other = replace(record.spec, rate_search=0)
    assert store.find_run(replace(record.runs[0], experiment=other).key()) is None
    assert store.find_run(searched.key()) is not None


def test_find_run_skips_private_unfinished_imported_and_deleted_runs(store: Store) -> None:
    """A result is reused only if it is finished, made here of public data, and not deleted."""
    spec = a_spec()
    key = the_runs(spec)[0].key()
    private, stopped, good = a_record(spec, content=b"mine"), a_record(spec), a_record(spec)
    foreign = a_record(spec, imported=True)
    for record, status in ((private, "finished"), (stopped, "stopped"), (foreign, "finished")):
        store.create(record)
        store.save_result(record.id, "lstm", a_result(record.runs[0], status=status))
    assert store.find_run(key) is None
    store.create(good)
    store.save_result(good.id, "lstm", a_result(good.runs[0], draw=7))
    assert same_result(store.find_run(key), a_result(good.runs[0], draw=7))
    store.delete(good.id)
    assert store.find_run(key) is None


def test_baselines_of_each_repeat_are_kept_with_their_means(store: Store) -> None:
    """Every repeat has its own baselines; the experiment's are their means, infinities included."""
    record = a_record(baselines={})
    store.create(record)
    repeats = ({"Mean": {"rmse": 0.4}}, {"Mean": {"rmse": 0.6}}, {"Mean": {"rmse": float("inf")}})
    store.set_baselines(record.id, mean_baselines(repeats[:2]), repeats[:2])
    kept = store.record(record.id)
    assert kept is not None
    assert kept.baselines == {"Mean": {"rmse": pytest.approx(0.5)}}
    assert kept.repeat_baselines == repeats[:2]
    store.set_baselines(record.id, mean_baselines(repeats), repeats)
    changed = store.record(record.id)
    assert changed is not None
    assert changed.baselines == {"Mean": {"rmse": float("inf")}}
    assert changed.repeat_baselines == repeats


def test_baselines_can_follow_later(store: Store) -> None:
    """Baselines computed after acceptance are part of record and result."""
    record = a_record(baselines={})
    store.create(record)
    store.set_baselines(record.id, {"Persistence": {"rmse": 29.1, "mae": 20.0}})
    store.save_result(record.id, "lstm", a_result(record.runs[0]))
    store.set_status(record.id, "finished")
    assert store.record(record.id).baselines == {"Persistence": {"rmse": 29.1, "mae": 20.0}}
    assert store.view(record.id).result.baselines == {"Persistence": {"rmse": 29.1, "mae": 20.0}}


def test_keep_takes_a_final_experiment_whole(store: Store) -> None:
    """An imported experiment is final at once, and keeping it twice is keeping it once."""
    result = an_experiment_result()
    record = a_record(result.spec, baselines=result.baselines)
    store.keep(record, result, "Imported.")
    view = store.view(record.id)
    assert (view.status, view.message) == ("finished", "Imported.")
    for kept, given in zip(view.result.runs, result.runs, strict=True):
        assert same_result(kept, given)


def test_notes_form_a_thread(store: Store) -> None:
    """Notes keep order, author, time and line breaks; markup is only text."""
    record = a_record()
    store.create(record)
    given = [Note(text="First\n<img src=x onerror=alert(1)>", author=" Ada\u202e "), Note(text="=HYPERLINK(1)")]
    for note in given:
        store.add_note(record.id, note)
    assert store.notes(record.id) == tuple(given)
    assert store.notes(record.id)[0].author == "Ada"


def test_decision_is_replaced_and_taken_back(store: Store) -> None:
    """There is one decision, the latest."""
    record = a_record()
    store.create(record)
    assert store.decision(record.id) is None
    for text in ("LSTM", "GRU"):
        decision = Decision(question="Which one?", decision=text, options=("LSTM", "GRU"), reason="Cheaper.")
        store.set_decision(record.id, decision)
        assert store.decision(record.id) == decision
    store.set_decision(record.id, None)
    assert store.decision(record.id) is None


def test_decisions_that_were_replaced_or_taken_back_are_kept(store: Store) -> None:
    """In order, each once: the same decision saved again is no change."""
    record = a_record()
    store.create(record)
    first, second = (Decision(question="Which one?", decision=text) for text in ("LSTM", "GRU"))
    for decision in (first, first, second, None, None):
        store.set_decision(record.id, decision)
    assert store.earlier_decisions(record.id) == (first, second)
    assert store.earlier_decisions(new_id()) == ()


def test_history_of_decisions_is_bounded(store: Store) -> None:
    """One more is refused, and the decision stays."""
    record = a_record()
    store.create(record)
    decisions = [Decision(question="?", decision=str(number)) for number in range(MAX_EARLIER_DECISIONS + 2)]
    for decision in decisions[:-1]:
        store.set_decision(record.id, decision)
    with pytest.raises(StoreError, match="already changed"):
        store.set_decision(record.id, decisions[-1])
    assert store.decision(record.id) == decisions[-2]
    assert len(store.earlier_decisions(record.id)) == MAX_EARLIER_DECISIONS


def test_experiment_is_closed_and_opened_again(store: Store) -> None:
    """It starts open; one that does not exist is not closed and cannot be."""
    record = a_record()
    store.create(record)
    assert not store.closed(record.id)
    for closed in (True, True, False):
        store.set_closed(record.id, closed=closed)
        assert store.closed(record.id) is closed
    assert not store.closed(new_id())
    with pytest.raises(StoreError):
        store.set_closed(new_id(), closed=True)


def test_tags_are_cleaned_and_bounded(store: Store) -> None:
    """Tags are short, lower case, each once; too many are refused and change nothing."""
    record = a_record()
    store.create(record)
    store.set_tags(record.id, ("Team B", "team b", " ", "a\0b"))
    assert store.tags(record.id) == ("ab", "team b")
    with pytest.raises(InvalidSpecError, match="at most"):
        store.set_tags(record.id, tuple(str(index) for index in range(MAX_TAGS + 1)))
    assert store.tags(record.id) == ("ab", "team b")


def test_delete_hides_and_undo_brings_back(store: Store) -> None:
    """A deleted experiment is gone everywhere until the deletion is undone, then all of it is back."""
    record = a_record()
    store.create(record)
    store.add_note(record.id, Note(text="keep me"))
    assert not store.undelete(record.id)
    assert store.delete(record.id)
    assert not store.delete(record.id)
    assert store.view(record.id) is None
    assert store.record(record.id) is None
    assert store.notes(record.id) == ()
    assert store.list_experiments(ExperimentQuery()).total == 0
    assert store.purge() == 0
    assert store.undelete(record.id)
    assert store.view(record.id).status == "queued"
    assert [note.text for note in store.notes(record.id)] == ["keep me"]


def test_purge_removes_what_can_no_longer_be_undone(store: Store) -> None:
    """After the time for undoing nothing is left, and only of that experiment."""
    gone, stays = a_record(), a_record()
    for record in (gone, stays):
        store.create(record)
        store.add_note(record.id, Note(text="note"))
    store.delete(gone.id, undo_seconds=-1.0)
    assert store.purge() == 1
    assert store.purge() == 0
    assert not store.undelete(gone.id)
    assert len(store.notes(stays.id)) == 1
    with pytest.raises(StoreError):
        store.add_note(gone.id, Note(text="late"))


def test_running_experiment_ends_although_deleted(store: Store) -> None:
    """Deletion does not disturb an engine that still writes, and an undo shows the end."""
    record = a_record()
    store.create(record)
    store.delete(record.id)
    assert store.save_result(record.id, "lstm", a_result(record.runs[0]))
    assert store.set_status(record.id, "finished")
    store.undelete(record.id)
    assert store.view(record.id).status == "finished"


def listed(store: Store, **query: object) -> list[str]:
    """Return the ids of a list."""
    return [row.view.id for row in store.list_experiments(ExperimentQuery(**query)).rows]


def test_list_pages_through_all_newest_first(store: Store) -> None:
    """Pages join to the whole list, and the total says how long it is."""
    records = [a_record() for _ in range(5)]
    for record in records:
        store.create(record)
    newest_first = [record.id for record in reversed(records)]
    pages = [listed(store, offset=offset, limit=2) for offset in (0, 2, 4)]
    assert [name for page in pages for name in page] == newest_first
    assert store.list_experiments(ExperimentQuery(limit=2)).total == 5
    assert listed(store, descending=False) == newest_first[::-1]


def test_list_filters(store: Store) -> None:
    """Status, dataset, architecture, tag and starter narrow the list."""
    adding = a_record(a_spec(architectures=("lstm",)))
    other = a_record(a_spec(dataset="sunspots"), control="")
    for record in (adding, other):
        store.create(record)
    store.set_status(other.id, "stopped")
    store.set_tags(adding.id, ("team",))
    both = {adding.id, other.id}
    assert set(listed(store)) == both
    assert listed(store, status=("stopped", "failed")) == [other.id]
    assert listed(store, datasets=("adding",)) == [adding.id]
    assert listed(store, architecture="gru") == [other.id]
    assert listed(store, tag="Team") == [adding.id]
    assert listed(store, control=new_id()) == [other.id]
    assert set(listed(store, control=adding.control)) == both


def test_list_sorts_by_a_column_and_then_newest(store: Store) -> None:
    """Every column sorts the same way on every store; a column that does not exist is refused."""
    specs = [a_spec(dataset="sunspots"), a_spec(), a_spec(architectures=("gru",)), a_spec(dataset="sunspots")]
    records = [a_record(spec) for spec in specs]
    for record in records:
        store.create(record)
    ids = [record.id for record in records]
    order = {
        (SortBy.DATASET, False): [2, 1, 3, 0],
        (SortBy.DATASET, True): [3, 0, 2, 1],
        (SortBy.ARCHITECTURES, False): [2, 3, 1, 0],
        (SortBy.STATUS, True): [3, 2, 1, 0],
    }
    for (column, descending), expected in order.items():
        assert listed(store, sort=column, descending=descending) == [ids[index] for index in expected]
    with pytest.raises(ValueError, match="spec; DROP TABLE"):
        ExperimentQuery(sort="spec; DROP TABLE run")


SEARCHES = {
    "ADDING lstm": True,
    "straße": True,
    "STRASSE": True,
    "100%": True,
    "a_b": True,
    "100_": False,
    "%": True,
    "1%0": False,
    "'; DROP TABLE run; --": False,
    "gewonnen": True,
    "besprechung": True,
    "lstm nowhere": False,
    "\\": False,
    "x" * 5000: False,
}


def test_search_takes_words_literally(store: Store) -> None:
    """All words must occur somewhere; wildcards, quotes and case have no meaning."""
    record = a_record()
    store.create(record)
    store.create(a_record(a_spec(dataset="sunspots", architectures=("rnn",))))
    store.add_note(record.id, Note(text="100% on the Straße, a_b"))
    store.set_decision(record.id, Decision(question="Wer?", decision="GRU hat gewonnen"))
    store.set_tags(record.id, ("Besprechung",))
    for search, hits in SEARCHES.items():
        assert listed(store, search=search) == ([record.id] if hits else []), search


def test_summary_holds_results_without_arrays(store: Store) -> None:
    """A row has scores, cost, a line of losses, notes and decision, and nothing heavy."""
    result = an_experiment_result()
    record = a_record(result.spec, baselines=result.baselines)
    store.keep(record, result)
    store.add_note(record.id, Note(text="one"))
    (row,) = store.list_experiments(ExperimentQuery()).rows
    assert (row.notes, row.control, row.created) == (1, record.control, record.created)
    run = row.view.result.runs[0]
    assert run.seeds[0].test_metrics == result.runs[0].seeds[0].test_metrics
    assert run.cost == result.runs[0].cost
    assert (run.weights, run.curves, run.snapshots) == ({}, {}, ())
    losses = result.runs[0].curves["validation_loss"].reshape(-1, 2).mean(axis=1)
    np.testing.assert_allclose(row.losses["lstm"], losses)


def test_as_many_repeats_as_are_allowed_are_read_back(store: Store) -> None:
    """The naive predictors' scores of each of 32 repeats."""
    most = int(infos(ExperimentSpec)["seeds"].high)
    record = a_record(a_spec(seeds=most))
    store.create(record)
    scores = tuple({"Persistence": {"rmse": float(repeat)}} for repeat in range(most))
    store.set_baselines(record.id, mean_baselines(scores), scores)
    kept = store.record(record.id)
    assert kept is not None
    assert kept.repeat_baselines == scores
    assert store.view(record.id) is not None
