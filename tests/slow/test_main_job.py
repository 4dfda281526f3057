"""The main job on its own terms: what short trainings must reach."""

import pytest
import torch

from models.records.results import RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.training.loop import train
from tests.timing import ratio

pytestmark = pytest.mark.slow


def results(**settings: object) -> dict[str, RunResult]:
    """Train every architecture of a spec, one after another."""
    spec = ExperimentSpec(**settings)
    data = spec.source().load(spec.dataset_options(), spec.seed)
    return {run.architecture: _finished(run, data) for run in plan_runs(spec)}


def _finished(run: object, data: object) -> RunResult:
    generator = train(run, data)
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


SUNSPOTS = {"dataset": "sunspots", "hidden_size": 32, "seeds": 3, "updates": 400}
BARE = 1.5  # times a bare training in PyTorch's own modules, which scores nothing and keeps nothing


def bare_training() -> None:
    """Train stock LSTMs and GRUs one after the other on the same windows, as often and with batches as large."""
    spec = ExperimentSpec(**SUNSPOTS)
    part = spec.source().load(spec.dataset_options(), spec.seed).train
    inputs, targets = torch.as_tensor(part.inputs), torch.as_tensor(part.targets).float().reshape(len(part), -1)
    for kind in (torch.nn.LSTM, torch.nn.GRU):
        for _ in range(spec.seeds):
            layer = kind(inputs.shape[2], spec.hidden_size, batch_first=True)
            head = torch.nn.Linear(spec.hidden_size, targets.shape[1])
            optimiser = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=spec.learning_rate)
            for _ in range(spec.updates):
                rows = torch.randint(len(inputs), (spec.batch_size,))
                loss = torch.nn.functional.mse_loss(head(layer(inputs[rows])[0][:, -1]), targets[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()


@pytest.mark.timing
def test_training_takes_little_longer_than_bare_loops() -> None:
    """Scores, curves, snapshots and gradient flow included, two architectures with three seeds each."""
    assert ratio(lambda: results(**SUNSPOTS), bare_training, enough=BARE, tries=3) <= BARE


def test_sunspots_beats_persistence() -> None:
    """LSTM and GRU are better than repeating the last value, on every one of three seeds."""
    trained = results(**SUNSPOTS)
    for run in trained.values():
        assert [seed.test_metrics["rmse_sunspots"] < 29.1 for seed in run.seeds] == [True] * 3


def test_gated_architectures_solve_adding() -> None:
    """At length 50 every seed of LSTM and GRU reaches the literature's criterion."""
    trained = results(dataset="adding", options=(("length", 50),), hidden_size=32, seeds=3, updates=2600)
    for run in trained.values():
        assert all(seed.solved_update is not None for seed in run.seeds), run.spec.architecture


def test_ungated_network_does_not_solve_long_adding() -> None:
    """At length 100 no seed of the tanh RNN reaches the criterion, with as many updates as the GRU needs."""
    trained = results(
        dataset="adding",
        architectures=("gru", "rnn"),
        options=(("length", 100),),
        hidden_size=32,
        seeds=3,
        updates=2600,
    )
    assert all(seed.solved_update is None for seed in trained["rnn"].seeds)
    assert any(seed.solved_update is not None for seed in trained["gru"].seeds)


def test_digits_reach_good_accuracy() -> None:
    """LSTM and GRU read digits row by row with an accuracy of at least 0.93."""
    trained = results(dataset="digits", hidden_size=32, seeds=3, updates=2000)
    for run in trained.values():
        assert min(seed.test_metrics["accuracy"] for seed in run.seeds) >= 0.93
