"""What every dataset of the catalogue keeps, read off the registry: a new dataset joins by being registered."""

import dataclasses
import json
import subprocess
import sys
from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest

from data import fields
from data.catalog import Dataset, catalogue
from data.errors import InvalidSpecError
from data.task import IGNORED, Array, Part, TaskData
from models.spec.experiment_settings import ExperimentSpec
from tests.data.digests import digest, digests

ENTRIES = {name: entry for name, entry in catalogue().items() if entry.family != "own"}
SYNTHETIC = {name: entry for name, entry in ENTRIES.items() if entry.family == "synthetic"}
WITH_LAG = {name: entry for name, entry in ENTRIES.items() if entry.lag_option}
SHARES_SEQUENCES = {"counting": "the language has one string for each n, and the test counts up from one"}
PARTS = ("train", "validation", "test")


@lru_cache(maxsize=64)
def task(name: str) -> TaskData:
    """Load a dataset with its default options once."""
    entry = ENTRIES[name]
    return entry.load(entry.Options(), 0)


def choices() -> list[tuple[str, str, fields.Value]]:
    """Return every dataset with every value of its choice and flag options."""
    found = []
    for name, entry in ENTRIES.items():
        for option, info in fields.infos(entry.Options).items():
            values = dict(info.choices) if info.kind == "choice" else (True, False) if info.kind == "flag" else ()
            found += [(name, option, value) for value in values]
    return found


def perfect_outputs(data: TaskData, part: Part) -> Array:
    """Return the outputs of a network that is always right and sure."""
    if data.kind == "regression":
        return part.targets
    if data.kind == "multi_label":
        return 120.0 * (part.targets > 0) - 60.0
    return 60.0 * np.eye(data.output_size)[np.where(part.targets == IGNORED, 0, part.targets)]


def check_inputs(data: TaskData, part: Part) -> None:
    """Hold inputs and lengths against the contract of `Part`."""
    steps = part.inputs.shape[1]
    if data.vocabulary:
        assert part.inputs.dtype == np.int64
        assert part.inputs.ndim == 2
        assert part.inputs.min() >= 0
        assert part.inputs.max() < data.input_size == len(data.vocabulary)
    else:
        assert part.inputs.dtype == np.float32
        assert part.inputs.shape[2:] == (data.input_size,)
        assert np.isfinite(part.inputs).all()
        assert len(data.feature_names) == data.input_size
    assert part.lengths.dtype == np.int64
    assert part.lengths.shape == (len(part),)
    assert part.lengths.min() >= 1
    assert part.lengths.max() <= steps


def check_targets(data: TaskData, part: Part) -> None:
    """Hold targets, scored steps and bases against the contract of `Part`."""
    count, steps = part.inputs.shape[:2]
    if data.kind == "regression":
        assert part.targets.dtype == np.float32
        assert part.targets.shape == (count, data.output_size)
        assert np.isfinite(part.targets).all()
        assert len(data.target_names) == data.output_size
        return
    if data.kind == "multi_label":
        assert part.targets.dtype == np.float32
        assert part.targets.shape == (count, steps, data.output_size) == (count, steps, len(data.class_names))
        behind = np.arange(steps) >= part.lengths[:, None]
        assert (part.targets[behind] == IGNORED).all()
        assert set(np.unique(part.targets[~behind])) == {0.0, 1.0}
        return
    each_step = data.kind in ("labelling", "next_token")
    assert part.targets.dtype == np.int64
    assert part.targets.shape == ((count, steps) if each_step else (count,))
    assert part.targets.min() >= (IGNORED if each_step else 0)
    assert part.targets.max() < data.output_size == len(data.class_names)
    if each_step:
        behind = np.arange(steps) >= part.lengths[:, None]
        assert (part.targets[behind] == IGNORED).all()
        assert (part.targets != IGNORED).any(1).all()
    if part.scored is not None:
        assert part.scored.dtype == np.bool_
        assert part.scored.shape == part.targets.shape
        assert not part.scored[part.targets == IGNORED].any()
        assert part.scored.any()


def check(data: TaskData) -> None:
    """Hold every part of a task against the contract."""
    for name in PARTS:
        part = data.part(name)
        assert len(part) > 0
        check_inputs(data, part)
        check_targets(data, part)
        for optional in (part.base, part.positions):
            assert optional is None or len(optional) == len(part)


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_default_options_keep_the_contract(name: str) -> None:
    """Shapes, types, lengths and ranges of every part are what the contract says."""
    data = task(name)
    assert data.kind == ENTRIES[name].kind
    check(data)


@pytest.mark.parametrize(("name", "option", "value"), choices())
def test_dataset_every_choice_loads_and_keeps_the_contract(name: str, option: str, value: fields.Value) -> None:
    """Each value of each choice gives a task that keeps the contract and that its own metrics can score."""
    entry = ENTRIES[name]
    options = entry.parse({option: value})
    data = entry.load(options, 0)
    check(data)
    scores = entry.metrics(data, data.test, perfect_outputs(data, data.test))
    assert entry.metric(options) in scores


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_arrays_are_contiguous(name: str) -> None:
    """Inputs and targets lie in memory as training reads them."""
    for part in PARTS:
        assert task(name).part(part).inputs.flags.c_contiguous
        assert task(name).part(part).targets.flags.c_contiguous


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_texts_are_complete_sentences(name: str) -> None:
    """Title, description, lesson, source and licence are there; description and lesson are one sentence each."""
    entry = ENTRIES[name]
    assert entry.name == name
    assert entry.title
    assert entry.source
    assert entry.licence
    for sentence in (entry.description, entry.lesson):
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".")
    assert all(claim.statement.endswith(".") and claim.source for claim in entry.claims)
    assert all(note.endswith(".") for note in task(name).notes)


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_options_have_valid_defaults_and_help(name: str) -> None:
    """Default options pass their own check, and every option is described."""
    options = ENTRIES[name].Options()
    assert fields.problems(options) == []
    described = fields.infos(type(options))
    assert set(described) == {field.name for field in dataclasses.fields(options)}
    assert all(info.label and info.help.endswith(".") for info in described.values())


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_unknown_option_is_refused(name: str) -> None:
    """An option that does not exist is named in the message."""
    with pytest.raises(InvalidSpecError, match="`no_such_option`"):
        ENTRIES[name].parse({"no_such_option": 1})


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_recommended_fields_make_a_valid_spec(name: str) -> None:
    """The recommended fields are accepted by an experiment, and the spec survives a link."""
    spec = ExperimentSpec(dataset=name, **ENTRIES[name].recommended)
    assert ExperimentSpec.from_query(spec.to_query()) == spec


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_metrics_of_a_perfect_predictor(name: str) -> None:
    """Being always right gives no error, accuracy one, or nearly no bits."""
    entry, data = ENTRIES[name], task(name)
    scores = entry.metrics(data, data.test, perfect_outputs(data, data.test))
    assert all(np.isfinite(score) for score in scores.values())
    if data.kind == "regression":
        assert all(score == pytest.approx(0.0, abs=1e-4) for score in scores.values())
    elif data.kind == "multi_label":
        assert scores["note_accuracy"] == 1.0
        assert scores["nats_per_step"] == pytest.approx(0.0, abs=1e-6)
    else:
        assert scores["accuracy"] == 1.0
    if data.kind == "next_token":
        assert scores["bits_per_character"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_baselines_use_its_metric_names(name: str) -> None:
    """Every baseline scores the deciding metric, and nothing that the metrics do not know."""
    entry, data = ENTRIES[name], task(name)
    options = entry.Options()
    known = entry.metrics(data, data.test, perfect_outputs(data, data.test))
    baselines = entry.baselines(options, data)
    assert baselines
    assert len({baseline.name for baseline in baselines}) == len(baselines)
    for baseline in baselines:
        assert entry.metric(options) in baseline.metrics
        assert set(baseline.metrics) <= set(known)
        assert all(np.isfinite(value) for value in baseline.metrics.values())


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_perfect_predictor_is_not_worse_than_baselines(name: str) -> None:
    """The deciding metric points the way that `higher_is_better` says."""
    entry, data = ENTRIES[name], task(name)
    options = entry.Options()
    sign = 1 if entry.higher_is_better(options) else -1
    if name == "embedded_reber":
        pytest.skip("knowing the one symbol that followed is not knowing which may follow")
    best = entry.metrics(data, data.test, perfect_outputs(data, data.test))[entry.metric(options)]
    assert all(sign * best > sign * b.metrics[entry.metric(options)] for b in entry.baselines(options, data))


@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_solved_criterion_is_about_the_deciding_metric(name: str) -> None:
    """The criterion can be drawn as a line in the curve of the deciding metric, and its source stands beside it."""
    entry = ENTRIES[name]
    options = entry.Options()
    solved = entry.solved(options)
    if solved is not None:
        assert solved.metric == entry.metric(options)
        assert solved.higher_is_better == entry.higher_is_better(options)
        assert solved.source


def test_datasets_same_seed_same_data_in_another_process() -> None:
    """Another process, with another hash seed, draws and reads the same bits."""
    command = [sys.executable, "-m", "tests.data.digests"]
    other = subprocess.run(command, capture_output=True, check=True, text=True, timeout=240)
    assert json.loads(other.stdout) == digests()


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_dataset_other_seed_other_data(name: str) -> None:
    """The seed decides what is drawn."""
    entry = SYNTHETIC[name]
    assert digest(entry.load(entry.Options(), 1)) != digest(task(name))


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_dataset_parts_share_no_sequence(name: str) -> None:
    """No generated sequence stands in two parts."""
    if name in SHARES_SEQUENCES:
        assert "share" in " ".join(task(name).notes)
        pytest.skip(SHARES_SEQUENCES[name])
    parts = [_sequences(task(name).part(part)) for part in PARTS]
    for first, second in combinations(parts, 2):
        assert not first & second


def _sequences(part: Part) -> set[bytes]:
    return {row[:length].tobytes() for row, length in zip(part.inputs, part.lengths, strict=True)}


@pytest.mark.parametrize("name", WITH_LAG)
def test_dataset_lags_share_inputs_outputs_and_scale(name: str) -> None:
    """Weights trained at one lag fit every other: the same symbols, outputs and scale."""
    entry: Dataset = WITH_LAG[name]
    option = str(entry.lag_option)
    info = fields.infos(entry.Options)[option]
    assert info.kind == "integer"
    data, longer = (
        task(name),
        entry.load(entry.parse({option: min(2 * getattr(entry.Options(), option), info.high)}), 0),
    )
    assert longer.test.inputs.shape[1] > data.test.inputs.shape[1]
    for attribute in ("kind", "input_size", "output_size", "vocabulary", "class_names", "unit"):
        assert getattr(longer, attribute) == getattr(data, attribute)
    if data.scaler is not None and longer.scaler is not None:
        assert (longer.scaler.mean == data.scaler.mean).all()
        assert (longer.scaler.std == data.scaler.std).all()
