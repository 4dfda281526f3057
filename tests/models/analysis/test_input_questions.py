"""Which inputs matter, an edited sample, and places alike: on networks whose answers are known by construction."""

from dataclasses import replace

import numpy as np
import pytest

from data.task import Part, Scaler, TaskData
from models.analysis.alike import Pattern, alike, alike_frame
from models.analysis.edited_sample import EDITED, ORIGINAL, edited_sample, prompt_tokens
from models.analysis.input_importance import (
    HELD,
    SHUFFLED,
    Removed,
    difference_p,
    importance,
    importance_frame,
    moving_together,
    removals,
    summary_frame,
    without,
)
from models.analysis.own_runs import own_run, scoring_spec
from models.analysis.traces import Place
from models.cells.network import run_network
from models.checkpoints.own_network import OwnNetwork
from models.errors import DataError
from models.records.results import RunResult

STEPS, SAMPLES = 6, 60


def reader(scale: float = 0.5) -> OwnNetwork:
    """Return an RNN of one unit that sees the second of three columns alone and forgets at once."""
    weights = {
        "recurrent.0.weight_ih": np.array([[0.0, scale, 0.0]], np.float32),
        "recurrent.0.weight_hh": np.zeros((1, 1), np.float32),
        "recurrent.0.bias_ih": np.zeros(1, np.float32),
        "recurrent.0.bias_hh": np.zeros(1, np.float32),
        "head.weight": np.ones((1, 1), np.float32),
        "head.bias": np.zeros(1, np.float32),
    }
    return OwnNetwork(name="reader", architecture="rnn", weights=weights, layer_names=("1",), form="module")


def task() -> TaskData:
    """Return a task whose answers the reader gives exactly; the third column follows the second."""
    inputs = np.random.default_rng(4).normal(size=(SAMPLES, STEPS, 3)).astype(np.float32)
    inputs[:, :, 2] = inputs[:, :, 1] * 2 + 0.01 * inputs[:, :, 0]
    lengths = np.full(SAMPLES, STEPS)
    lengths[::3] = STEPS - 2
    last = inputs[np.arange(SAMPLES), lengths - 1, 1]
    part = Part(
        inputs=inputs, targets=np.tanh(0.5 * last)[:, None], lengths=lengths, positions=np.arange(2000, 2000 + SAMPLES)
    )
    return TaskData(
        kind="regression",
        train=part,
        validation=part,
        test=part,
        input_size=3,
        output_size=1,
        feature_names=("a", "b", "c"),
        target_names=("y",),
        scaler=Scaler(mean=np.zeros(1), std=np.ones(1)),
    )


def run_of(network: OwnNetwork, data: TaskData) -> RunResult:
    """Return the network as a run."""
    return own_run(network, data, scoring_spec(data))


def test_the_column_and_the_lag_that_are_read_are_the_only_ones_that_matter() -> None:
    """Shuffled and held alike; lag 0 is the last valid step, not the last of the padding."""
    data, run = task(), run_of(reader(), task())
    _, found = importance(run.spec.to_dict(), data, run.weights)
    frame = importance_frame("rnn", data, [0], found, "rmse", higher_is_better=False)
    assert (frame["before"] < 1e-6).all()
    for how in (SHUFFLED, HELD):
        own = frame[frame["how"] == how].set_index("input")["damage"]
        assert own["b"] > 0.2
        assert own["last step"] > 0.2
        assert own.drop(["b", "last step"]).abs().max() < 1e-6


def test_nothing_but_what_is_removed_changes() -> None:
    """Other columns, other steps, and padding stay; the shuffled values are another sample's."""
    part = task().test
    column = without(part, Removed(kind="column", place=1, how=SHUFFLED)).inputs
    assert np.array_equal(column[:, :, [0, 2]], part.inputs[:, :, [0, 2]])
    assert not (column[:, :, 1] == part.inputs[:, :, 1]).all(axis=1).any()
    assert sorted(column[:, 0, 1]) == sorted(part.inputs[:, 0, 1])
    lag = without(part, Removed(kind="lag", place=5, how=HELD)).inputs
    short = part.lengths < STEPS
    assert np.array_equal(lag[short], part.inputs[short])
    assert np.array_equal(lag[~short, 1:], part.inputs[~short, 1:])
    np.testing.assert_allclose(
        lag[~short, 0], np.broadcast_to(part.inputs[~short, 0].mean(0), lag[~short, 0].shape), atol=1e-6
    )


def test_repeats_are_tested_with_the_verdicts_test() -> None:
    """Eight repeats that all lose are clear; eight without damage are not; one repeat has no p."""
    data = task()
    asked = removals(data)
    draw = np.random.default_rng(1)
    scores = [
        [{"rmse": 1.0}, *({"rmse": 1 + (1.0 if one.place == 1 else 0.0) * draw.uniform(0.5, 1)} for one in asked)]
        for _ in range(8)
    ]
    frame = importance_frame("lstm", data, range(8), scores, "rmse", higher_is_better=False)
    summary = summary_frame(frame[frame["how"] == HELD]).set_index("input")
    assert summary.loc["b", "p"] == pytest.approx(2 / 2**8 * 9)
    assert summary.loc["a", "p"] == 1
    alone = summary_frame(importance_frame("lstm", data, [0], scores[:1], "rmse", higher_is_better=False))
    assert alone["p"].isna().all()
    both = importance_frame(
        "gru", data, range(8), [[one[0]] * len(one) for one in scores], "rmse", higher_is_better=False
    )
    import pandas as pd

    tested = difference_p(pd.concat([frame, both], ignore_index=True), "lstm", "gru", how=HELD)
    assert tested["column", "b"] < 0.1
    assert tested["column", "a"] == 1


def test_columns_that_move_together_are_found() -> None:
    """The third follows the second; the first is on its own."""
    assert [(one, other) for one, other, _ in moving_together(task())] == [("b", "c")]


def test_an_edited_sample_answers_as_the_network_itself_would() -> None:
    """The answer after every step, and no difference where nothing was changed."""
    data, run = task(), run_of(reader(), task())
    place = Place(sample=1)
    original = data.test.inputs[1, : data.test.lengths[1]]
    same = edited_sample(run, data, place, original)
    assert all(not panel.values.any() for panel in same.difference())
    changed = original.copy()
    changed[2, 1] += 1
    found = edited_sample(run, data, place, changed)
    hidden = next(panel for panel in found.difference() if panel.name == "hidden").values
    assert np.flatnonzero(np.abs(hidden[0]) > 1e-6).tolist() == [2]
    answers = found.answers.set_index(["which", "step"])["value"]
    network = reader()
    expected = run_network(network.cell, network.weights, changed[None], np.array([3]), each_step=False).outputs[0, 0]
    assert answers[EDITED, 3] == pytest.approx(expected, abs=1e-6)
    assert answers[ORIGINAL, 3] != pytest.approx(expected, abs=1e-3)


def test_an_edited_sample_must_hold_numbers() -> None:
    """An emptied cell is refused in one sentence."""
    data, run = task(), run_of(reader(), task())
    with pytest.raises(DataError, match="must be a number"):
        edited_sample(run, data, Place(sample=0), np.full((3, 3), np.nan))


def test_a_prompt_is_read_letter_by_letter() -> None:
    """A letter that the task does not have is named."""
    data = replace(task(), vocabulary=("a", "b", " "))
    assert prompt_tokens(data, "ab a").tolist() == [0, 1, 2, 0]
    with pytest.raises(DataError, match="`x` is no token"):
        prompt_tokens(data, "abx")
    with pytest.raises(DataError, match="at least one"):
        prompt_tokens(data, "")


def test_places_alike_are_those_where_the_same_unit_is_on() -> None:
    """Planted spans are found with their dates, the chosen span itself is not, and padding does not count."""
    data = task()
    inputs = np.full_like(data.test.inputs, -1)
    for sample, first in ((0, 1), (7, 2), (20, 0)):
        inputs[sample, first : first + 2, 1] = 3
    inputs[30, STEPS - 2 :, 1] = 3  # padding of a short sample
    data = replace(data, test=replace(data.test, inputs=inputs))
    run = run_of(reader(), data)
    pattern = Pattern(sample=0, first=1, last=2, quantity="hidden", layer=0, threshold=0.5)
    found = alike(run.spec.to_dict(), data, run.weights, pattern)
    assert found.units == (0,)
    frame = alike_frame(found, data)
    assert [tuple(row) for row in frame[["sample", "first", "last"]].to_numpy()] == [(7, 3, 4), (20, 1, 2)]
    assert frame["where"].tolist() == ["2007", "2020"]
    none = alike(run.spec.to_dict(), data, run.weights, replace(pattern, threshold=0.999))
    assert none.units == ()
    assert alike_frame(none, data).empty
