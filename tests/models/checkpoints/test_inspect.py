"""A network that was trained elsewhere, looked into from the command line, from Python, and by gradients."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from models.analysis.ablation import without_unit
from models.analysis.own_runs import own_run, scoring_spec
from models.api import inspect
from models.cells import get_cell
from models.cells.network import run_network
from models.checkpoints.live_module import recognise_module
from models.checkpoints.own_data import CHANGE, DataChoice, task_of_file
from models.checkpoints.own_network import OwnNetwork, Parts, assemble, propose
from models.cli.main import main
from models.errors import CheckpointError, UnknownNameError
from models.spec.experiment_settings import ExperimentSpec
from models.training.input_gradients import attributions, gradient_horizon


class Net(nn.Module):
    """A bidirectional GRU of two layers with a head."""

    def __init__(self, features: int = 2) -> None:
        super().__init__()
        self.rnn = nn.GRU(features, 5, 2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(10, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return what the final states of both directions say."""
        ends = self.rnn(inputs)[1][-2:]
        return self.fc(torch.cat([ends[0], ends[1]], dim=-1))


@pytest.fixture
def net() -> Net:
    """Return a network with fixed weights."""
    torch.manual_seed(3)
    return Net().eval()


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return a table of dates and two columns."""
    steps = np.arange(60)
    dates = pd.date_range("2020-01-01", periods=60).strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "wind": np.sin(steps / 5) + 4, "rain": np.cos(steps / 3) * 2})


def network_of(net: nn.Module) -> OwnNetwork:
    """Convert a module with the proposal for its parts."""
    found = recognise_module(net)
    return assemble(found, propose(found), name="Our net")


def test_python_and_command_line_find_the_same(
    net: Net, frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A live module in a notebook, and its state_dict in a file; the score is that of the module itself."""
    frame.to_csv(tmp_path / "data.csv", index=False)
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    view = inspect(net, frame, targets=("wind",), window=12)
    arguments = ["inspect", str(tmp_path / "weights.pt"), "--csv", str(tmp_path / "data.csv"), "--target", "wind"]
    assert main([*arguments, "--window", "12", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["score"]["rmse"] == pytest.approx(view.score["rmse"])
    assert [layer["layer"] for layer in document["layers"]] == list(view.network.layer_names)
    values = (
        (frame[["wind", "rain"]] - frame[["wind", "rain"]].mean()) / frame[["wind", "rain"]].std(ddof=0)
    ).to_numpy()
    windows = torch.tensor(np.stack([values[start : start + 12] for start in range(48)]), dtype=torch.float32)
    with torch.no_grad():
        answers = net(windows).numpy() * frame["wind"].std(ddof=0) + frame["wind"].mean()
    np.testing.assert_allclose(view.outputs, answers, atol=1e-4)
    error = np.sqrt(np.mean((answers[:, 0] - frame["wind"].to_numpy()[12:]) ** 2))
    assert view.score["rmse"] == pytest.approx(error, rel=1e-4)
    heatmap = document["layers"][0]["heatmaps"]["update_gate"]["values"]
    assert np.shape(heatmap) == (5, 12)


def test_layers_are_listed_without_data(net: Net, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per layer."""
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    assert main(["inspect", str(tmp_path / "weights.pt")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "rnn 1  GRU  2  10  2",
        "rnn 2  GRU  10  10  2",
        "fc  linear  10  1  ",
    ]


def test_horizon_and_attributions_are_those_of_autograd(net: Net) -> None:
    """The module's own gradient, and integrated gradients that add up to the output's difference from the baseline."""
    network = network_of(net)
    inputs = np.random.default_rng(1).normal(size=(1, 9, 2)).astype(np.float32)
    tensor = torch.from_numpy(inputs).requires_grad_()
    net(tensor).sum().backward()
    assert tensor.grad is not None
    found = attributions(network.architecture, network.weights, inputs[0], 0)
    np.testing.assert_allclose(found["gradient"], tensor.grad[0].numpy(), atol=1e-5)
    with torch.no_grad():
        change = float(net(torch.from_numpy(inputs)) - net(torch.zeros(1, 9, 2)))
    assert float(found["integrated"].sum()) == pytest.approx(change, abs=2e-3)
    norms, _ = gradient_horizon(network.architecture, network.weights, inputs)
    np.testing.assert_allclose(norms, np.linalg.norm(tensor.grad[0].numpy(), axis=-1), atol=1e-5)


def test_a_silenced_unit_of_one_direction_is_heard_by_nobody(net: Net) -> None:
    """Columns of the next layer and of the head that belong to the unit are zero, and nothing else changes."""
    weights = network_of(net).weights
    changed = without_unit(weights, 3, 2)
    assert (changed["head.weight"][:, 7] == 0).all()
    assert (changed["head.weight"] != 0).sum() == weights["head.weight"].size - 1
    lower = without_unit(weights, 1, 4)
    assert (lower["recurrent.2.weight_ih"][:, 9] == 0).all()
    assert (lower["recurrent.3.weight_ih"][:, 9] == 0).all()


def test_padding_of_a_backward_layer_does_not_reach_the_output(net: Net) -> None:
    """A short sequence answers the same, whatever follows it."""
    network = network_of(net)
    short = np.random.default_rng(2).normal(size=(1, 6, 2)).astype(np.float32)
    padded = np.concatenate([short, np.full((1, 4, 2), 9, np.float32)], axis=1)
    lengths = np.array([6])
    outputs = [
        run_network(network.cell, network.weights, values, lengths, each_step=False).outputs
        for values in (short, padded)
    ]
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-6)


def test_without_targets_scores_say_how_far_outputs_move(net: Net, frame: pd.DataFrame) -> None:
    """The untouched network scores 0, and the unit of the score says what it is."""
    network = network_of(net)
    data = task_of_file(network, frame.to_csv(index=False).encode(), "d.csv", DataChoice(window=10))
    assert data.unit == CHANGE
    run = own_run(network, data, scoring_spec(data))
    metric = run.spec.experiment.source().metric(run.spec.experiment.dataset_options())
    assert run.spec.experiment.source().metrics(data, data.test, data.test.targets)[metric] == 0
    assert get_cell(run.spec.architecture).title == "Our net"


def test_a_label_is_no_architecture_of_an_experiment() -> None:
    """Links cannot bring in names: only the registered architectures are accepted."""
    with pytest.raises(Exception, match="There is no architecture"):
        ExperimentSpec(dataset="adding", architectures=("lstm@x",))
    with pytest.raises(UnknownNameError):
        get_cell("lstn@Our net")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (DataChoice(columns=("wind",)), "takes 2 columns"),
        (DataChoice(window=61), "fit into the file"),
        (DataChoice(window=59, targets=("wind",), horizon=5), "fit into the file"),
        (DataChoice(scaling="given", mean=(1.0,), deviation=(1.0,)), "Give 2 means"),
        (DataChoice(targets=("wind", "rain")), "choose one target"),
    ],
)
def test_data_that_do_not_fit_are_refused_in_one_sentence(
    net: Net, frame: pd.DataFrame, choice: DataChoice, message: str
) -> None:
    """The sentence names what the network takes."""
    with pytest.raises(CheckpointError, match=message):
        task_of_file(network_of(net), frame.to_csv(index=False).encode(), "d.csv", choice)


def test_parts_that_do_not_fit_are_refused(net: Net) -> None:
    """A head of another width, a layer that is not there."""
    found = recognise_module(net)
    with pytest.raises(CheckpointError, match="no recurrent layer"):
        assemble(found, Parts(stack=("rnn 9",)), name="n")
    with pytest.raises(CheckpointError, match="takes 10 values, but the stack gives"):
        assemble(
            recognise_module(nn.ModuleDict({"a": nn.LSTM(2, 3), "fc": nn.Linear(10, 1)})),
            Parts(stack=("a 1",), head="fc"),
            name="n",
        )


def test_an_embedding_takes_tokens() -> None:
    """A language model of letters: the table is found, the inputs are whole numbers."""
    net = nn.ModuleDict({"embed": nn.Embedding(5, 3), "rnn": nn.LSTM(3, 4, batch_first=True), "out": nn.Linear(4, 5)})
    buffer = io.BytesIO()
    torch.save(net.state_dict(), buffer)
    network = network_of(net)
    assert network.tokens
    assert network.input_size == 5
    content = b"token\n" + b"\n".join(b"%d" % (index % 5) for index in range(30))
    data = task_of_file(network, content, "d.csv", DataChoice(window=8))
    with torch.no_grad():
        expected = net["out"](net["rnn"](net["embed"](torch.from_numpy(data.test.inputs)))[0][:, -1]).numpy()
    np.testing.assert_allclose(data.test.targets, expected, atol=1e-5)
    with pytest.raises(CheckpointError, match="whole numbers from 0 to 4"):
        task_of_file(network, b"token\n7\n7\n7\n", "d.csv", DataChoice(window=2))
