"""Whatever a link, a document or a stored row holds is answered by a spec or by sentences, with a bounded amount of work."""

import json
import os
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import fields
from models.errors import GatescopeError, InvalidSpecError
from models.export.experiment_document import from_json
from models.records.experiment import valid_id
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import Limits
from models.spec.plan import make_plan
from tests.load.hostile import VALUES, queries
from tests.timing import calls, peak_bytes

FULL = os.environ.get("GATESCOPE_FULL") == "1"
LINKS = 5_000 if FULL else 200
CALLS = 50_000  # of functions for one link or document
_FIELDS = tuple(fields.infos(ExperimentSpec))
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.sampled_from(VALUES[:-6])
)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def answered(raw: Any) -> str:
    """Return the sentences that a spec was refused with, or an empty text; it takes no more work than it may."""
    told: list[str] = []
    assert calls(lambda: told.append(_answered(raw))) < CALLS
    return told[0]


def _answered(raw: Any) -> str:
    try:
        spec = ExperimentSpec.from_query(raw) if isinstance(raw, str) else ExperimentSpec.from_dict(raw)
        assert ExperimentSpec.from_query(spec.to_query()) == spec
        assert fields.problems(spec) == []
        problems: tuple[str, ...] = ()
    except InvalidSpecError as error:
        problems = error.problems
    assert all(problem.endswith((".", "?")) and len(problem) < 2_000 for problem in problems), problems
    return " ".join(problems)


def test_hostile_links_are_refused_or_read_exactly() -> None:
    """Nothing is clamped, nothing is cut: a value is as it stands in the link, or refused."""
    refused = 0
    for address in queries(LINKS, seed=1):
        sentence = answered(address)
        refused += bool(sentence)
        if not sentence:
            given = dict(parse_qsl(address, keep_blank_values=True))
            spec = ExperimentSpec.from_query(address).to_dict()
            for name in set(given) & set(_FIELDS):
                assert fields.coerce(fields.infos(ExperimentSpec)[name], given[name]) == spec[name]
    assert refused > LINKS / 2


@given(raw=st.dictionaries(st.sampled_from((*_FIELDS, "dataset", "options", "architectures", "x")), _JSON, max_size=8))
@settings(max_examples=5_000 if FULL else 60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_answered_by_a_spec_or_by_sentences(raw: dict[str, Any]) -> None:
    """Foreign documents and stored rows come this way."""
    answered({"dataset": "adding", **raw})


@given(raw=st.dictionaries(st.sampled_from(("format", "schema", "spec", "results", "notes", "status", "x")), _JSON))
@settings(max_examples=2_000 if FULL else 40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_is_answered_by_a_sentence(raw: dict[str, Any]) -> None:
    """A file that is no experiment is refused, never half read."""
    with pytest.raises(GatescopeError):
        from_json(json.dumps({"schema": 1, "results": [], "spec": {}, **raw}, default=str).encode())


@given(text=st.text(max_size=60) | st.sampled_from(VALUES))
@settings(max_examples=60, deadline=None)
def test_only_twenty_two_plain_characters_are_an_id(text: str) -> None:
    """Nothing else ever reaches a query or a path."""
    assert valid_id(text) == (
        len(text) == 22 and all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in text)
    )


def test_largest_allowed_settings_are_refused_before_anything_is_allocated() -> None:
    """The estimate knows sizes only: a thousand calls or so, and less memory than one column of the data."""
    from models.spec.sizes import DataShape, PartShape

    largest = {name: info.high for name, info in fields.infos(ExperimentSpec).items() if info.kind == "integer"}
    spec = ExperimentSpec.from_dict({"dataset": "adding", **largest, "patience": 0})
    part = PartShape(sequences=1_000_000, steps=1_000)
    shape = DataShape(
        input_size=500, output_size=100, tokens=False, each_step=True, train=part, validation=part, test=part
    )

    def refused() -> None:
        with pytest.raises(GatescopeError, match="allowed here"):
            make_plan(spec, shape, limits=Limits()).check()

    refused()  # what is imported late is not counted
    assert calls(refused) < 10_000
    assert peak_bytes(refused) < 1_000_000
