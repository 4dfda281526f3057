"""Traces against torch's own cell modules, and what is derived from one sample's trace."""

from io import BytesIO

import numpy as np
import pytest
import torch

from data.task import IGNORED
from models.analysis.answers import ANSWER_COLUMNS, answer_frame
from models.analysis.gate_frames import npz_bytes
from models.analysis.snapshot_traces import film, snapshot_replicas
from models.analysis.traces import Panel, Place, panels_of, trace_with
from models.analysis.unit_order import unit_order
from models.cells.network import answer_network, run_network
from tests.models.analysis.trained import HIDDEN, random_subject, random_task, random_weights, trained

EXACT = {"rtol": 0, "atol": 1e-6}


def torch_lstm(weights: dict[str, torch.Tensor], inputs: torch.Tensor) -> dict[str, list[torch.Tensor]]:
    """Step torch.nn.LSTMCell, and compute its gates from the documented equations."""
    cell = torch.nn.LSTMCell(inputs.shape[-1], HIDDEN)
    cell.load_state_dict(weights)
    hidden = memory = torch.zeros(len(inputs), HIDDEN)
    found: dict[str, list[torch.Tensor]] = {}
    for values in inputs.unbind(1):
        stacked = values @ cell.weight_ih.T + cell.bias_ih + hidden @ cell.weight_hh.T + cell.bias_hh
        parts = dict(zip(("input_gate", "forget_gate", "candidate", "output_gate"), stacked.chunk(4, 1), strict=True))
        hidden, memory = cell(values, (hidden, memory))
        gates = {name: part.tanh() if name == "candidate" else part.sigmoid() for name, part in parts.items()}
        for name, value in (gates | {"hidden": hidden, "cell": memory}).items():
            found.setdefault(name, []).append(value)
    return found


def torch_gru(weights: dict[str, torch.Tensor], inputs: torch.Tensor) -> dict[str, list[torch.Tensor]]:
    """Step torch.nn.GRUCell, and compute its gates from the documented equations."""
    cell = torch.nn.GRUCell(inputs.shape[-1], HIDDEN)
    cell.load_state_dict(weights)
    hidden = torch.zeros(len(inputs), HIDDEN)
    found: dict[str, list[torch.Tensor]] = {}
    for values in inputs.unbind(1):
        below = (values @ cell.weight_ih.T + cell.bias_ih).chunk(3, 1)
        before = (hidden @ cell.weight_hh.T + cell.bias_hh).chunk(3, 1)
        reset, update = (below[0] + before[0]).sigmoid(), (below[1] + before[1]).sigmoid()
        gates = {"reset_gate": reset, "update_gate": update, "candidate": (below[2] + reset * before[2]).tanh()}
        hidden = cell(values, hidden)
        for name, value in (gates | {"hidden": hidden}).items():
            found.setdefault(name, []).append(value)
    return found


def torch_rnn(weights: dict[str, torch.Tensor], inputs: torch.Tensor) -> dict[str, list[torch.Tensor]]:
    """Step torch.nn.RNNCell."""
    cell = torch.nn.RNNCell(inputs.shape[-1], HIDDEN)
    cell.load_state_dict(weights)
    hidden, found = torch.zeros(len(inputs), HIDDEN), []
    for values in inputs.unbind(1):
        hidden = cell(values, hidden)
        found.append(hidden)
    return {"hidden": found, "candidate": found}


@pytest.mark.parametrize(("name", "steps"), [("lstm", torch_lstm), ("gru", torch_gru), ("rnn", torch_rnn)])
@torch.no_grad()
def test_trace_equals_torch_cells_step_by_step(name: str, steps: object) -> None:
    """Every gate, candidate and state of every layer equals torch's cell modules to 1e-6."""
    weights, data = random_weights(name, layers=3), random_task(ragged=False)
    trace = run_network(random_subject(name).cell, weights, data.test.inputs, data.test.lengths, each_step=False)
    below = torch.from_numpy(data.test.inputs)
    for layer, traced in enumerate(trace.layers):
        prefix = f"recurrent.{layer}."
        own = {key.removeprefix(prefix): torch.from_numpy(v) for key, v in weights.items() if key.startswith(prefix)}
        expected = steps(own, below)  # type: ignore[operator]
        assert set(traced) == set(expected)
        for quantity, values in expected.items():
            np.testing.assert_allclose(traced[quantity], torch.stack(values, 1).numpy(), **EXACT)
        below = torch.stack(expected["hidden"], 1)
    outputs = below[:, -1] @ torch.from_numpy(weights["head.weight"]).T + torch.from_numpy(weights["head.bias"])
    np.testing.assert_allclose(trace.outputs, outputs.numpy(), **EXACT)


@pytest.mark.parametrize("kind", ["regression", "labelling"])
def test_answers_without_a_trace_are_the_same(kind: str) -> None:
    """The quick way to a network's outputs gives exactly those of the full trace, ragged sequences included."""
    subject = random_subject("gru", kind)
    part, each_step = subject.part, kind == "labelling"
    traced = run_network(subject.cell, subject.weights, part.inputs, part.lengths, each_step=each_step)
    quick = answer_network(subject.cell, subject.weights, part.inputs, part.lengths, each_step=each_step)
    np.testing.assert_array_equal(quick, traced.outputs)


def test_update_gate_is_shown_as_the_textbook_has_it() -> None:
    """The GRU's update gate is drawn as one minus PyTorch's, and its title says so; other gates are drawn as they are."""
    subject = random_subject("gru")
    trace = trace_with("gru", subject.weights, subject.data, Place(sample=2))
    panels = {panel.name: panel for panel in panels_of("gru", trace.layers[1], 3)}
    np.testing.assert_allclose(panels["update_gate"].values, 1 - trace.layers[1]["update_gate"][0, :3].T)
    np.testing.assert_allclose(panels["reset_gate"].values, trace.layers[1]["reset_gate"][0, :3].T)
    assert "1 = write" in panels["update_gate"].title


def test_last_answer_is_the_network_answer() -> None:
    """The answer after the last step is what the network is scored on; padding has no answer."""
    subject = random_subject("lstm")
    for sample in range(3):
        place = Place(sample=sample)
        trace = trace_with("lstm", subject.weights, subject.data, place)
        frame = answer_frame(subject.weights, trace, subject.data, place)
        steps = int(subject.part.lengths[sample])
        assert list(frame.columns) == list(ANSWER_COLUMNS)
        assert frame["step"].max() == steps
        last = frame[frame["step"] == steps]
        np.testing.assert_allclose(last["value"], trace.outputs[0], **EXACT)
        np.testing.assert_allclose(last["target"], subject.part.targets[sample])


@pytest.mark.parametrize("kind", ["classification", "labelling"])
def test_answers_in_classes_are_probabilities_of_the_right_one(kind: str) -> None:
    """Probabilities are those of a softmax at the target; steps that do not count have no target."""
    subject = random_subject("gru", kind)
    place = Place(sample=4)
    trace = trace_with("gru", subject.weights, subject.data, place)
    frame = answer_frame(subject.weights, trace, subject.data, place)
    steps = int(subject.part.lengths[4])
    logits = trace.layers[-1]["hidden"][0, :steps] @ subject.weights["head.weight"].T + subject.weights["head.bias"]
    shares = torch.softmax(torch.from_numpy(logits.astype(float)), -1).numpy()
    targets = np.broadcast_to(subject.part.targets[4], (subject.part.inputs.shape[1],))[:steps]
    for step, target in enumerate(targets):
        row = frame.iloc[step]
        assert np.isnan(row["target"]) == (target == IGNORED)
        expected = shares[step].max() if target == IGNORED else shares[step, target]
        assert row["value"] == pytest.approx(expected, abs=1e-6)
        assert row["right"] == (shares[step].argmax() == target)


def ordered_panel(values: np.ndarray) -> Panel:
    """Return a panel of an LSTM's forget gate."""
    return Panel(architecture="lstm", name="forget_gate", title="Forget gate", kind="gate", values=values)


def test_units_are_ordered_by_number_mean_and_similarity() -> None:
    """Mean puts the highest first; similarity puts the two that run alike side by side."""
    random = np.random.default_rng(0)
    values = random.uniform(0, 1, (6, 30))
    values[4] = values[1] + 0.001
    values[2] = 0.999
    panel = ordered_panel(values)
    assert unit_order([panel], "index").tolist() == list(range(6))
    assert unit_order([panel], "mean")[0] == 2
    places = unit_order([panel], "similarity").tolist()
    assert sorted(places) == list(range(6))
    assert abs(places.index(1) - places.index(4)) == 1


def test_mean_order_follows_the_gate_that_keeps() -> None:
    """Units are ordered by the memory gate, whichever panel comes first."""
    rising = np.linspace(0, 1, 5)[:, None].repeat(3, 1)
    first = Panel(architecture="lstm", name="input_gate", title="", kind="gate", values=rising)
    assert unit_order([first, ordered_panel(rising[::-1])], "mean").tolist() == [0, 1, 2, 3, 4]


def test_archive_loads_without_pickle_and_names_its_axes() -> None:
    """An archive of traces holds numbers and texts, with both axes named and counted from 1."""
    panel = ordered_panel(np.arange(6, dtype=np.float32).reshape(2, 3))
    loaded = np.load(BytesIO(npz_bytes({"lstm.layer1": (panel,)}, {"seed": "7"})), allow_pickle=False)
    assert loaded["axes"].tolist() == ["unit", "step"]
    assert loaded["lstm.layer1.unit"].tolist() == [1, 2]
    assert loaded["lstm.layer1.step"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(loaded["lstm.layer1.forget_gate"], panel.values)
    assert str(loaded["seed"]) == "7"


def test_film_has_a_frame_per_snapshot_and_ends_at_the_last_one() -> None:
    """A film traces the chosen sample with the weights of every snapshot, at least twelve for a long training."""
    run, data = trained("gru", dataset="adding", options=(("length", 10),), updates=30, evaluations=1)
    made = film(run, data, Place(sample=3, replica=1))
    assert made is not None
    assert len(made.frames) == len(run.snapshots) >= 12
    assert made.updates[0] == 0
    assert made.updates[-1] == 30
    weights = {name: value[1] for name, value in run.snapshots[-1].weights.items()}
    trace = trace_with("gru", weights, data, Place(sample=3))
    np.testing.assert_array_equal(made.frames[-1][0].values, trace.layers[0]["reset_gate"][0].T)
    assert made.units.tolist() == [1, 2, 3, 4, 5, 6]
    assert film(run, data, Place(replica=snapshot_replicas(run))) is None
