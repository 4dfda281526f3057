"""Interventions and ablation: no change keeps every score, and each change does what it says."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.ablation import ablate, without_unit
from models.analysis.gate_frames import ablation_frame, damage_frame
from models.analysis.gate_jobs import ablation, standard_interventions, statistics
from models.analysis.interventions import (
    NO_CHANGE,
    Clamp,
    Intervention,
    clamping,
    gate_clamps,
    gate_means,
    intervene,
    questions,
    shuffled_steps,
    without_recurrence,
)
from models.analysis.trained_replica import TrainedReplica, affordable, subject
from models.cells import get_cell, recurrent_cells
from models.cells.base import Override
from models.cells.network import answer_network
from models.networks.answers import variant_answers
from tests.models.analysis.trained import HIDDEN, random_subject, random_task, trained

ALL = list(recurrent_cells())


def outputs(of: TrainedReplica, *overrides: dict[str, Override]) -> np.ndarray:
    """Return the answers under overrides in the cell's own convention, one mapping per layer."""
    answers: np.ndarray = answer_network(
        of.cell, of.weights, of.part.inputs, of.part.lengths, each_step=False, overrides=list(overrides) or None
    )
    return answers


def score(of: TrainedReplica, asked: Intervention) -> dict[str, float]:
    """Return the metrics under one intervention."""
    return dict(intervene(of, [asked])[0].metrics)


@pytest.mark.parametrize("name", ALL)
def test_no_change_gives_exactly_the_original_score(name: str) -> None:
    """Nothing done gives every bit of the original score, also beside interventions that ask for means and shuffles."""
    of = random_subject(name)
    found = intervene(of, [NO_CHANGE, *gate_clamps(of.cell)])
    assert dict(found[0].metrics) == of.score(of.outputs())


@pytest.mark.parametrize(
    ("architecture", "settings"),
    [
        ("lstm", {"dataset": "adding", "options": (("length", 10),), "layers": 2}),
        ("gru", {"dataset": "adding", "options": (("length", 10),)}),
        ("rnn", {"dataset": "digits"}),
        ("gru", {"dataset": "embedded_reber"}),
        ("lstm", {"dataset": "first_names"}),
        ("mgu", {"dataset": "sunspots"}),
    ],
)
def test_metric_recomputed_in_numpy_equals_training(architecture: str, settings: dict[str, object]) -> None:
    """Every test metric of every seed, computed from the saved weights in NumPy, equals training's to 1e-5."""
    run, data = trained(architecture, **settings)
    for index, seed in enumerate(run.seeds):
        of = subject(run.spec, run.replica(index), data)
        found = of.score(of.outputs())
        assert found.keys() == seed.test_metrics.keys()
        for name, value in seed.test_metrics.items():
            assert found[name] == pytest.approx(value, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_every_architecture_answers_its_questions(name: str) -> None:
    """Each question that an architecture's gates allow runs, changes the score, and has a name of its own."""
    of = random_subject(name)
    asked = questions(of.cell)
    before = of.score(of.outputs())
    assert len({each.name for each in asked}) == len(asked)
    assert ("no_recurrence" in {each.name for each in asked}) == ("weight_hh" in of.cell.weight_shapes(1, 1))
    for found in intervene(of, asked):
        assert np.isfinite(list(found.metrics.values())).all()
        unchanged = found.intervention.name == "coupled" and name in {"cifg", "min_lstm"}  # coupled by construction
        assert (dict(found.metrics) == before) == unchanged


def test_questions_follow_from_the_gates() -> None:
    """LSTM and GRU are asked what their gates allow; the tanh RNN only whether it needs recurrence."""
    names = {name: [each.name for each in questions(get_cell(name))] for name in ("lstm", "gru", "rnn")}
    assert names == {
        "lstm": ["never_forget", "output_open", "coupled", "no_recurrence"],
        "gru": ["never_forget", "never_reset", "no_recurrence"],
        "rnn": ["no_recurrence"],
    }


@pytest.mark.parametrize("name", [name for name in ALL if any(gate.retains for gate in get_cell(name).gates)])
def test_never_forgetting_keeps_everything(name: str) -> None:
    """The question holds the keeping gate so that the old memory is kept in full, whichever way the gate points."""
    of = random_subject(name, layers=1)
    keeps = next(gate for gate in of.cell.gates if gate.retains is not None)
    asked = next(each for each in questions(of.cell) if each.name == "never_forget")
    expected = outputs(of, {keeps.name: 1.0 if keeps.retains == "direct" else 0.0})
    assert score(of, asked) == of.score(expected)


def test_values_are_asked_in_the_shown_convention() -> None:
    """An update gate held at 1 writes: the state becomes the candidate, which is PyTorch's gate at 0."""
    of = random_subject("gru", layers=1)
    assert score(of, clamping(of.cell, "update_gate", "one")) == of.score(outputs(of, {"update_gate": 0.0}))
    assert score(of, clamping(of.cell, "reset_gate", "one")) == of.score(outputs(of, {"reset_gate": 1.0}))


def test_clamp_of_chosen_units_and_layer_leaves_the_others() -> None:
    """Only the named units of the named layer are held; NaN leaves the rest to the network."""
    of = random_subject("lstm", layers=2)
    held = np.full((1, 1, HIDDEN), np.nan, dtype=np.float32)
    held[..., [1, 3]] = 0
    asked = clamping(of.cell, "output_gate", "zero", layer=1, units=(1, 3))
    assert score(of, asked) == of.score(outputs(of, {}, {"output_gate": held}))


def test_mean_is_each_unit_own_over_valid_steps() -> None:
    """The mean clamp holds each unit at its own average over the steps that samples have."""
    of = random_subject("lstm", layers=1)
    trace = of.trace(slice(0, len(of.part)))
    values = [trace.layers[0]["forget_gate"][i, :n] for i, n in enumerate(of.part.lengths)]
    mean = np.concatenate(values).mean(0)
    np.testing.assert_allclose(gate_means(of)[0]["forget_gate"], mean, rtol=1e-5)
    expected = of.score(outputs(of, {"forget_gate": mean[None, None].astype(np.float32)}))
    found = score(of, clamping(of.cell, "forget_gate", "mean"))
    assert found == pytest.approx(expected, rel=1e-5)


def test_shuffle_permutes_valid_steps_the_same_way_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample's valid steps are permuted, padding stays, and chunks do not matter."""
    of = random_subject("gru")
    order = shuffled_steps(of, slice(0, len(of.part)))
    for row, length in zip(order, of.part.lengths, strict=True):
        assert sorted(row[:length]) == list(range(length))
        assert row[length:].tolist() == list(range(length, len(row)))
    assert any(row[:length].tolist() != list(range(length)) for row, length in zip(order, of.part.lengths, strict=True))
    asked = clamping(of.cell, "reset_gate", "shuffled")
    whole = score(of, asked)
    monkeypatch.setattr("models.analysis.trained_replica.MAX_ROWS", 4)
    np.testing.assert_array_equal(shuffled_steps(of, slice(4, 8)), order[4:8])
    assert score(of, asked) == pytest.approx(whole, rel=1e-5)


def test_shuffle_replays_the_undisturbed_gates() -> None:
    """The shuffled gate has the undisturbed values in the new order, not what the disturbed network would compute."""
    of = random_subject("lstm", layers=1)
    order = shuffled_steps(of, slice(0, len(of.part)))
    computed = of.trace(slice(0, len(of.part))).layers[0]["input_gate"]
    moved = np.take_along_axis(computed, order[..., None], axis=1)
    asked = clamping(of.cell, "input_gate", "shuffled")
    assert score(of, asked) == of.score(outputs(of, {"input_gate": moved}))


def test_coupling_writes_what_is_forgotten() -> None:
    """Input = 1 - forget makes an LSTM of a CIFG LSTM's weights, and the other way round."""
    of = random_subject("lstm", layers=1)
    coupled = Intervention(name="coupled", title="", done="", coupled=True)
    cifg = {}
    for key, value in of.weights.items():
        parts = np.split(value, 4) if key.startswith("recurrent") else [value]
        cifg[key] = np.concatenate(parts[1:]) if len(parts) > 1 else value
    run = replace(of.run, experiment=replace(of.run.experiment, architectures=("cifg",)), architecture="cifg")
    same = TrainedReplica(run=run, weights=cifg, data=of.data, part=of.part)
    assert score(of, coupled) == pytest.approx(same.score(same.outputs()), rel=1e-6)


def test_without_recurrence_zeroes_only_recurrent_weights() -> None:
    """The weights from the previous hidden state are zero in every layer; everything else is what it was."""
    of = random_subject("gru", layers=2)
    changed = without_recurrence(of.weights)
    for name, value in of.weights.items():
        if name.endswith("weight_hh"):
            assert not changed[name].any()
        else:
            np.testing.assert_array_equal(changed[name], value)


@pytest.mark.parametrize("name", [name for name in ALL if name not in {"layer_norm_lstm", "lru"}])  # these mix units
@pytest.mark.parametrize("layer", [0, 1])
def test_silenced_unit_is_the_same_as_one_that_never_writes(name: str, layer: int) -> None:
    """Cutting a unit's outgoing weights gives the answers of a network in which its candidate is always zero."""
    of = random_subject(name, layers=2)
    held = np.full((1, 1, HIDDEN), np.nan, dtype=np.float32)
    held[..., 2] = 0
    overrides: list[dict[str, Override]] = [{}, {}]
    overrides[layer] = {gate.name: held for gate in of.cell.gates if gate.kind == "candidate"}
    cut = of.with_weights(without_unit(of.weights, layer, 2))
    np.testing.assert_allclose(cut.outputs(), outputs(of, *overrides), rtol=1e-5, atol=1e-6)


def test_ablation_ranks_the_unit_that_the_answer_reads_first() -> None:
    """If the head reads only one unit, silencing it does the most damage, and silencing an unused unit does none."""
    of = random_subject("gru", layers=1)
    weights = {name: value.copy() for name, value in of.weights.items()}
    weights["head.weight"][:, [0, 1, 2, 4]] = 0
    weights["head.weight"][:, 3] = 5
    weights["recurrent.0.weight_hh"][:, 1] = 0
    alone = of.with_weights(weights)
    exact = replace(
        alone, part=replace(alone.part, targets=alone.outputs())
    )  # a perfect network: only worse is possible
    found = ablate(exact, 0)
    frame = ablation_frame("gru", found.before["mae"], found.after["mae"], higher_is_better=False)
    assert frame["unit"].iloc[0] == 4
    assert frame["damage"].iloc[-1] == pytest.approx(0, abs=1e-7)
    assert frame["unit"].iloc[-1] == 2
    assert frame["rank"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("name", "kind"), [("lstm", "regression"), ("gru", "labelling"), ("mgu", "regression")])
def test_ablation_by_replicas_equals_numpy(name: str, kind: str) -> None:
    """All variants of a network as replicas of one give the answers of one after the other in NumPy."""
    of = random_subject(name, kind)
    variants = [of.weights, *(without_unit(of.weights, 1, unit) for unit in range(HIDDEN))] * 2
    together = variant_answers(of.run, of.data, of.part, variants)
    one_by_one = np.stack([of.with_weights(weights).outputs() for weights in variants])
    if kind == "labelling":  # behind a sequence's end there is nothing to compare
        valid = np.arange(one_by_one.shape[2]) < of.part.lengths[:, None]
        together, one_by_one = together[:, valid], one_by_one[:, valid]
    np.testing.assert_allclose(together, one_by_one, rtol=1e-5, atol=1e-6)


def test_damage_is_positive_where_the_metric_gets_worse() -> None:
    """Damage counts in the direction of the metric, and rows carry gate and value of single clamps."""
    run, data = trained("gru", dataset="digits")
    of = subject(run.spec, run.replica(0), data)
    asked = [NO_CHANGE, *questions(of.cell), *gate_clamps(of.cell)]
    found = [intervene(of, asked)]
    frame = damage_frame(run, found, "accuracy", higher_is_better=True)
    np.testing.assert_allclose(frame["damage"], frame["before"] - frame["after"])
    assert frame.loc[frame["name"] == "never_reset", "gate"].tolist() == [""]
    assert frame.loc[frame["name"] == "update_gate:mean", ["gate", "value"]].to_numpy().tolist() == [
        ["update_gate", "its mean"]
    ]
    worse = damage_frame(run, found, "accuracy", higher_is_better=False)
    np.testing.assert_allclose(worse["damage"], -frame["damage"])


def test_jobs_answer_from_plain_arguments() -> None:
    """What a worker calls takes a packed run and arrays, and gives one entry per replica on all affordable samples."""
    run, _ = trained("lstm", dataset="adding", options=(("length", 10),))
    samples, found = standard_interventions(run.spec.to_dict(), None, run.weights)
    assert samples == 1000
    assert len(found) == 2
    assert found[0][0].intervention == NO_CHANGE
    assert [len(each) for each in statistics(run.spec.to_dict(), None, run.weights)] == [1, 1]
    one = {name: value[1:] for name, value in run.weights.items()}
    assert ablation(run.spec.to_dict(), None, one, 0).samples == 200


def test_affordable_samples_are_spread_and_bounded() -> None:
    """Samples reach from the first to the last test sample, at least 20 where there are so many."""
    data = random_task()
    assert affordable(data, seconds=1, each=1e-6).tolist() == list(range(11))
    assert affordable(data, seconds=1, each=1e-6, most=3).tolist() == [0, 5, 10]
    assert len(affordable(data, seconds=0, each=1)) == 11


def test_clamp_is_a_plain_value() -> None:
    """Equal clamps are equal keys of what was computed already."""
    assert hash(Clamp(gate="x", value="zero", units=(1,))) == hash(Clamp(gate="x", value="zero", units=(1,)))
