"""Statistics of gates over many samples against plain NumPy."""

import math
from dataclasses import replace

import numpy as np
import pytest

from models.analysis.gate_frames import course_frame, half_life_frame, saturation_frame
from models.analysis.gate_statistics import gate_statistics, half_lives
from models.cells import recurrent_cells
from models.cells.network import run_network
from tests.models.analysis.trained import HIDDEN, STEPS, random_subject, trained


@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_statistics_equal_plain_numpy_without_padding(name: str) -> None:
    """Means, spreads and shares of steps equal those of a loop over samples that leaves padding out."""
    subject = random_subject(name)
    part = subject.part
    layer = run_network(subject.cell, subject.weights, part.inputs, part.lengths, each_step=False).layers[1]
    found = gate_statistics(subject)[1]
    for gate in subject.cell.gates:
        values = 1 - layer[gate.name] if gate.complement else layer[gate.name]
        rows = [values[sample, :length] for sample, length in enumerate(part.lengths)]
        together = np.concatenate(rows)
        np.testing.assert_allclose(found.unit_mean[gate.name], together.mean(0), rtol=1e-5, atol=1e-7)
        if gate.kind == "gate":
            np.testing.assert_allclose(found.opened[gate.name], (together > 0.9).mean(0), atol=1e-12)
            np.testing.assert_allclose(found.closed[gate.name], (together < 0.1).mean(0), atol=1e-12)
        for step in range(STEPS):
            present = np.array([row[step] for row in rows if len(row) > step])
            if len(present):
                assert found.mean[gate.name][step] == pytest.approx(present.mean(), abs=1e-6)
                assert found.spread[gate.name][step] == pytest.approx(present.std(), abs=1e-5)


def test_steps_that_no_sample_has_are_left_out() -> None:
    """Padding behind the longest of the chosen samples is no step with gates at zero."""
    subject = random_subject("gru")
    shorter = replace(subject, part=replace(subject.part, lengths=np.minimum(subject.part.lengths, 6)))
    frame = course_frame("gru", [gate_statistics(shorter)], 0)
    assert frame["step"].max() == 6
    assert frame.groupby("quantity").size().unique().tolist() == [6]


def test_statistics_do_not_depend_on_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples that pass in many small chunks give the same numbers as all at once."""
    subject = random_subject("lstm")
    whole = gate_statistics(subject)[0]
    monkeypatch.setattr("models.analysis.trained_replica.MAX_ROWS", 3)
    parts = gate_statistics(subject)[0]
    np.testing.assert_allclose(parts.mean["cell"], whole.mean["cell"], rtol=1e-6)
    np.testing.assert_allclose(parts.half_life, whole.half_life, rtol=1e-6)


def test_half_life_of_a_constant_gate_is_that_of_its_power() -> None:
    """A forget gate held at 0.5 halves in one step, at 0.5 ** (1 / 7) in seven; a perfect memory never does."""
    np.testing.assert_allclose(half_lives(np.log([0.5, 0.5 ** (1 / 7), 1.0])), [1, 7, math.inf])


@pytest.mark.parametrize(("name", "block"), [("lstm", 1), ("gru", 1), ("mgu", 0), ("gru_textbook", 1)])
def test_half_life_reads_the_gate_that_keeps(name: str, block: int) -> None:
    """With all weights zero and one bias, every architecture's kept share is 0.9, whichever way its gate points."""
    subject = random_subject(name, layers=1)
    weights = {key: np.zeros_like(value) for key, value in subject.weights.items()}
    keeps = next(gate for gate in subject.cell.gates if gate.retains is not None)
    sign = 1 if keeps.retains == "direct" else -1
    weights["recurrent.0.bias_ih"][block * HIDDEN : (block + 1) * HIDDEN] = sign * np.log(9)
    found = gate_statistics(subject.with_weights(weights))[0]
    np.testing.assert_allclose(found.half_life, np.log(2) / -np.log(0.9), rtol=1e-5)


def test_architecture_without_a_keeping_gate_has_no_half_life() -> None:
    """The tanh RNN keeps nothing by a gate, and has no saturation either."""
    found = gate_statistics(random_subject("rnn"))[0]
    assert not len(found.half_life)
    assert not found.opened


def test_frames_pool_seeds_and_name_units_from_one() -> None:
    """Courses pool the seeds with the spread of all of them; saturation and half-lives keep a row per unit and seed."""
    run, data = trained("gru", dataset="adding", options=(("length", 10),))
    subject = replace(random_subject("gru", layers=1), run=run.spec, data=data, part=data.test)
    seeds = [gate_statistics(subject.with_weights(run.replica(index))) for index in (0, 1)]
    course = course_frame("gru", seeds, 0)
    hidden = course[course["quantity"] == "hidden"]
    both = [seed[0] for seed in seeds]
    together = np.mean([one.mean["hidden"] for one in both], 0)
    np.testing.assert_allclose(hidden["mean"], together)
    second = np.mean([one.spread["hidden"] ** 2 + one.mean["hidden"] ** 2 for one in both], 0)
    np.testing.assert_allclose(hidden["spread"], np.sqrt(second - together**2), atol=1e-9)
    assert hidden["step"].tolist() == list(range(1, 11))
    saturation = saturation_frame(run, seeds, 0)
    assert set(saturation["quantity"]) == {"reset_gate", "update_gate"}
    assert saturation.groupby(["seed", "quantity"])["unit"].agg(["min", "max"]).to_numpy().tolist() == [[1, 6]] * 4
    lives = half_life_frame(run, {"initial": seeds[:1], "trained": seeds}, 0)
    assert lives.groupby("moment").size().to_dict() == {"initial": 6, "trained": 12}
