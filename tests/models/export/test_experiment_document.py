"""An exported experiment opens elsewhere as it was, and a forged one does not open."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import InvalidSpecError
from models.export.dossier import Dossier
from models.export.experiment_document import from_json, imported_record, to_json
from models.records.experiment import Decision, Note
from models.store.sql.in_memory import MemoryStore
from tests.models.records.samples import an_experiment_result


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    """A finished experiment with notes, tags and decision."""
    return Dossier(
        result=an_experiment_result(),
        notes=(Note(text="First\n<script>alert(1)</script>", author="Ada"),),
        decision=Decision(question="Which?", decision="GRU", options=("LSTM", "GRU"), reason="Cheaper."),
        earlier_decisions=(Decision(question="Which?", decision="LSTM"),),
        tags=("team",),
    )


@pytest.fixture(scope="module")
def document(dossier: Dossier) -> Any:
    """Its JSON, read back as plain values."""
    return json.loads(to_json(dossier))


def test_import_gives_back_what_was_exported(dossier: Dossier) -> None:
    """Settings, curves, scores, weights, notes and decision survive; numbers that are not finite too."""
    opened = from_json(to_json(dossier))
    assert opened.result.spec == dossier.result.spec
    assert (opened.tags, opened.decision) == (dossier.tags, dossier.decision)
    assert opened.earlier_decisions == dossier.earlier_decisions
    assert [(note.text, note.author) for note in opened.notes] == [(note.text, note.author) for note in dossier.notes]
    for mine, theirs in zip(opened.result.runs, dossier.result.runs, strict=True):
        np.testing.assert_equal(dict(mine.curves), dict(theirs.curves))
        np.testing.assert_equal(dict(mine.weights), dict(theirs.weights))
        np.testing.assert_equal(mine.seeds[0].final_validation_loss, theirs.seeds[0].final_validation_loss)
        assert mine.spec == theirs.spec


def test_document_is_strict_json(dossier: Dossier) -> None:
    """No NaN literal, which most readers refuse."""
    json.loads(to_json(dossier), parse_constant=lambda text: pytest.fail(text))


def test_imported_experiment_belongs_to_whoever_opened_it(dossier: Dossier) -> None:
    """It gets a new id and is never reused as if it had been trained here."""
    opened = from_json(to_json(dossier))
    record = imported_record(opened, control="t" * 22)
    store = MemoryStore()
    store.keep(record, opened.result, "Imported.")
    assert record.id != dossier.id
    assert store.find_run(record.runs[0].key()) is None


def _set(*path: Any) -> Callable[[Any], None]:
    *places, last, value = path

    def change(document: Any) -> None:
        for place in places:
            document = document[place]
        document[last] = value

    return change


FORGERIES = {
    "no object": lambda _: None,
    "other schema": _set("schema", 99),
    "unknown dataset": _set("spec", "dataset", "../../etc/passwd"),
    "too large": _set("spec", "hidden_size", 1_000_000_000),
    "unknown setting": _set("spec", "__class__", "x"),
    "run of another experiment": _set("results", 0, "architecture", "rnn"),
    "one architecture twice": _set("results", 1, "architecture", "lstm"),
    "still running": _set("status", "running"),
    "run still running": _set("results", 0, "status", "running"),
    "seeds out of nowhere": _set("results", 0, "seeds", [{}] * 3),
    "text as number": _set("results", 0, "seeds", 0, "test_loss", "1; DROP TABLE run"),
    "curve without end": _set("results", 0, "curves", "update", [1.0] * 100_000),
    "curve of another length": _set("results", 0, "curves", "update", [1.0]),
    "curve without a column": _set("results", 0, "curves", {"update": [1.0]}),
    "weights that are none": _set("results", 0, "weights", "AAAA"),
    "weights that are text": _set("results", 0, "weights", "not base64!"),
    "weights as number": _set("results", 0, "weights", 7),
    "updates as text": _set("results", 0, "updates", "20"),
    "negative rate": _set("results", 0, "learning_rate", -1),
    "no date": _set("created", "yesterday"),
    "notes that are none": _set("notes", 7),
    "note without text": _set("notes", 0, "text", ""),
    "too many tags": _set("tags", [str(index) for index in range(999)]),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_documents_get_one_sentence(document: Any, name: str) -> None:
    """Whatever is wrong, opening fails with a message and nothing else happens."""
    forged = json.loads(json.dumps(document))
    FORGERIES[name](forged)
    content = b"[1, 2]" if name == "no object" else json.dumps(forged).encode()
    with pytest.raises(InvalidSpecError) as caught:
        from_json(content)
    assert len(str(caught.value)) < 600


def test_weights_of_another_size_are_refused(document: Any, dossier: Dossier) -> None:
    """Tensors must have the names and shapes that the settings make."""
    forged = json.loads(json.dumps(document))
    forged["results"][0]["hidden_size"] += 1
    with pytest.raises(InvalidSpecError, match="names and shapes"):
        from_json(json.dumps(forged).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"results": [], "spec": {}, "schema": 1}',
        b"x" * 10_000_001,
    ],
    ids=["empty", "open", "null", "binary", "deep", "hollow", "large"],
)
def test_anything_else_gets_one_sentence(content: bytes) -> None:
    """Files that are no document are refused with a message."""
    with pytest.raises(InvalidSpecError):
        from_json(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=JSON)
def test_no_change_of_a_document_breaks_the_reader(document: Any, data: st.DataObject, value: Any) -> None:
    """A document with random changes either opens or is refused with a sentence."""
    forged = json.loads(json.dumps(document))
    holder: Any = forged
    for _ in range(data.draw(st.integers(0, 4))):
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        inner = [key for key in keys if isinstance(holder[key], (dict, list)) and holder[key]]
        if not inner:
            break
        holder = holder[data.draw(st.sampled_from(inner))]
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[data.draw(st.sampled_from(keys))] = value
    try:
        opened = from_json(json.dumps(forged).encode())
    except InvalidSpecError:
        return
    MemoryStore().keep(imported_record(opened, control=""), opened.result)
