"""An experiment is copied from one store to another with all that was written about it."""

from models.records.experiment import Decision, Note
from models.store.copy_experiment import copy_experiment
from models.store.sql.in_memory import MemoryStore
from tests.models.records.samples import a_record, an_experiment_result


def test_copy_made_twice_has_everything_once() -> None:
    """Notes, tags, decisions in their order, and whether it is closed to writing."""
    source, target, result = MemoryStore(), MemoryStore(), an_experiment_result()
    record = a_record(result.spec, baselines=result.baselines)
    source.keep(record, result)
    source.add_note(record.id, Note(text="seen"))
    source.set_tags(record.id, ("team",))
    decisions = tuple(Decision(question="Which one?", decision=text) for text in ("LSTM", "GRU", "neither"))
    for decision in decisions:
        source.set_decision(record.id, decision)
    source.set_closed(record.id, closed=True)
    for _ in range(2):
        copy_experiment(source, target, record.id)
        assert [note.text for note in target.notes(record.id)] == ["seen"]
        assert target.tags(record.id) == ("team",)
        assert target.earlier_decisions(record.id) == decisions[:-1]
        assert target.decision(record.id) == decisions[-1]
        assert target.closed(record.id)
